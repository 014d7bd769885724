"""Faults in the date of an answer, and in that of its chunks."""

from __future__ import annotations

from typing import Any

from chatconform.reference_server.faults.alterations.chunkwise import where, with_finish
from chatconform.reference_server.faults.alterations.making import chunk, completion, setting, stream
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Chunks

fault = family(Aspect.IDENTITY)
_LONG_AGO = 1_686_935_002  # the date of a model, in June 2023


def _milliseconds(holder: Any) -> None:
    holder["created"] *= 1000


async def _counting_seconds(chunks: Chunks) -> Chunks:
    seconds = 0
    async for each in chunks:
        yield each if "error" in each else {**each, "created": each["created"] + seconds}
        seconds += 1


ALL: tuple[Fault, ...] = (
    fault(
        "completion-created-in-milliseconds",
        "The `created` of a completion is in milliseconds.",
        completion(_milliseconds),
        kills="CC-RESP-014",
        seen_in=("mlc-ai/web-llm#829", "microsoft/autogen#2988"),
    ),
    fault(
        "chunk-created-in-milliseconds",
        "The `created` of chunks is in milliseconds.",
        chunk(_milliseconds),
        kills="CC-STREAM-026",
        seen_in=("EricLBuehler/mistral.rs#1805", "mlc-ai/web-llm#829"),
    ),
    *(
        fault(
            f"{kind}-created-{word}",
            f"The `created` of every {kind} is {told}.",
            alter(setting(created=value)),
            kills=kills,
        )
        for kind, alter, kills in (
            ("completion", completion, "CC-RESP-014"),
            ("chunk", chunk, "CC-STREAM-026"),
        )
        for word, told, value in (("zero", "zero", 0), ("of-the-model", "that of the model", _LONG_AGO))
    ),
    fault(
        "chunk-created-grows",
        "`created` grows by one with every chunk.",
        stream(_counting_seconds),
        kills="CC-STREAM-006",
        seen_in=("sgl-project/sglang#39864", "NVIDIA/TensorRT-LLM#14708"),
    ),
    fault(
        "chunk-created-late-at-the-end",
        "The chunk with the finish reason is dated when it is sent.",
        where(with_finish, lambda each: setting(created=each["created"] + 2)(each)),
        kills="CC-STREAM-006",
    ),
)
