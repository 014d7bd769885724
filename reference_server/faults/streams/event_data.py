"""Faults in the data of a stream's events: keep-alives among them, and JSON that is none."""

from __future__ import annotations

import orjson

from chatconform.reference_server.faults.alterations.bytewise import after_the_first as inserted
from chatconform.reference_server.faults.alterations.bytewise import each_chunk, pair_up
from chatconform.reference_server.faults.alterations.making import events
from chatconform.reference_server.faults.alterations.paths import asks_plainly
from chatconform.reference_server.faults.alterations.reach import WHOLE_ANSWER
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.FRAMING)
_NO_ERROR = {"CC-STREAM-003": "the error that excuses a missing terminator cannot be read"}
_AS_KEEP_ALIVE = "CC-STREAM-002 CC-STREAM-016"


def _python(text: str) -> str:
    return repr(orjson.loads(text))


def _halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


def _with_nan(text: str) -> str:
    return f'{text[:-1]},"cost":NaN}}'


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"keep-alive-as-{word}",
            f"A keep-alive is sent as {told}.",
            inserted(data),
            kills=_AS_KEEP_ALIVE,
            seen_in=seen_in,
        )
        for word, told, data, seen_in in (
            ("ping", "`data: ping`", "ping", ()),
            (
                "comment-in-data",
                "`data: : OPENROUTER PROCESSING`",
                ": OPENROUTER PROCESSING",
                "mnfst/llm-gateway#2053",
            ),
            ("empty-data", "an event whose data is empty", "", ()),
            ("words", "`data: still waiting`", "still waiting", ()),
        )
    ),
    *(
        fault(
            f"event-{word}",
            f"Between two chunks comes an event whose data is {told}.",
            inserted(data),
            kills="CC-STREAM-002",
        )
        for word, told, data in (
            ("null", "null", "null"),
            ("of-a-number", "a number", "42"),
            ("of-an-empty-list", "an empty list", "[]"),
            ("of-a-text", "a JSON text", '"hello"'),
            ("of-words", "no JSON at all", "one moment please"),
        )
    ),
    *(
        fault(
            f"chunk-{word}",
            f"{told}.",
            each_chunk(change),
            kills="CC-STREAM-002",
            collateral=_NO_ERROR,
            also=WHOLE_ANSWER,
        )
        for word, told, change in (
            ("as-python", "Chunks are written as Python writes them, with single quotes and None", _python),
            ("in-an-array", "Each chunk is the only element of an array", lambda text: f"[{text}]"),
            ("as-json-text", "Each chunk is JSON in a JSON text", lambda text: orjson.dumps(text).decode()),
            ("with-nan", "Chunks have a number that is NaN", _with_nan),
            (
                "with-a-last-comma",
                "A comma stands behind the last member of a chunk",
                lambda text: f"{text[:-1]},}}",
            ),
            ("with-a-prefix", "The data of a chunk begins with `data: ` again", lambda text: f"data: {text}"),
            (
                "with-a-mark",
                "The data of a chunk begins with a byte order mark",
                lambda text: f"\ufeff{text}",
            ),
            ("cut-short", "The last brace of a chunk is missing", lambda text: text[:-1]),
            ("over-two-events", "The JSON of a chunk is split into two events", _halves),
            ("doubled-in-one-event", "An event has the same chunk twice", lambda text: text + text),
        )
    ),
    fault(
        "two-chunks-in-one-event",
        "Two chunks share an event, each on a line of data of its own.",
        events(pair_up, asks_plainly),
        kills="CC-STREAM-002",
        collateral={
            **_NO_ERROR,
            "CC-STREAM-007": "the chunk with the role may be one of two",
            "CC-USAGE-004": "the chunk with usage may be one of two",
        },
        also=WHOLE_ANSWER,
    ),
    fault(
        "chunk-id-twice",
        "A relay adds its own `id` beside that of the upstream.",
        each_chunk(lambda text: text.replace('"id":', '"id":"upstream-1","id":', 1)),
        kills="CC-STREAM-033",
        also=(Aspect.IDENTITY,),
    ),
    fault(
        "choice-index-twice",
        "A choice of a chunk has `index` twice.",
        each_chunk(lambda text: text.replace('"index":', '"index":0,"index":', 1)),
        kills="CC-STREAM-033",
        also=(Aspect.CHUNKS,),
    ),
)
