"""Labels, unknown parameters and options of streams that are handled by the wrong policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import (
    both,
    given,
    refused_by_name,
    refused_without_a_word,
    streamed,
)
from chatconform.reference_server.faults.alterations.making import (
    crash,
    is_completion,
    model_body,
    refusal,
    reply,
    request_body,
    setting,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Alteration, Asked, Document, Response

fault = family(Aspect.PARAMETERS)
_LONG = 64


class _Repeated(Alteration):
    """Completions bear the metadata of their request, with long values cut."""

    def plain(self, document: Document, asked: Asked) -> Document:
        labels = asked.body.get("metadata")
        if not (is_completion(document) and isinstance(labels, dict)):
            return document
        return {**document, "metadata": {name: str(value)[:_LONG] for name, value in labels.items()}}


def _labels_in_the_prompt(body: Any) -> None:
    told = "\n".join(f"{name}: {value}" for name, value in body["metadata"].items())
    body["messages"].insert(0, {"role": "system", "content": told})


def _unknown(name: str) -> bool:
    return name.startswith("x_")


def _with_unknown(asked: Asked) -> bool:
    return asked.is_chat and any(map(_unknown, asked.body))


def _unexpected(asked: Asked) -> Refusal:
    name = min(filter(_unknown, asked.body))
    return Refusal(500, f"create() got an unexpected keyword argument {name!r}", kind="server_error")


def _without_unknown(body: Any) -> Any:
    return {name: value for name, value in body.items() if not _unknown(name)}


def _unnamed_type(response: Response, asked: Asked) -> Response:  # noqa: ARG001 - the form of a change
    others = tuple(pair for pair in response.headers if pair[0] != "content-type")
    return replace(response, headers=(*others, ("content-type", "application/json")))


_OPTIONS_ALONE = both(given("stream_options"), lambda asked: asked.body.get("stream") is not True)

ALL: tuple[Fault, ...] = (
    fault(
        "metadata-repeated-cut",
        "The answer repeats the metadata with long values cut.",
        _Repeated(),
        kills="CC-REQ-041",
    ),
    fault(
        "metadata-in-the-prompt",
        "The labels of `metadata` are rendered into the prompt.",
        model_body(_labels_in_the_prompt, given("metadata")),
        kills="CC-REQ-050",
    ),
    fault(
        "unknown-parameter-crashes",
        "Unknown keys reach the engine as keyword arguments and answer 500.",
        refusal(_unexpected, _with_unknown),
        kills="CC-REQ-013 CC-ERR-007",
    ),
    fault(
        "unknown-parameter-refused-without-a-word",
        "An unknown parameter is refused, and nothing tells which.",
        refused_without_a_word(_with_unknown),
        kills="CC-REQ-013",
        seen_in="voideditor/void#128",
    ),
    fault(
        "unknown-parameter-ignored-in-streams",
        "An unknown parameter is refused, but ignored where a stream is asked for.",
        request_body(_without_unknown, streamed(_with_unknown)),
        kills="CC-REQ-013",
        collateral={
            "CC-STREAM-013": "the plain form of the stream is refused",
        },
    ),
    fault(
        "stream-options-alone-start-a-stream",
        "`stream_options` alone turn the answer into an event stream.",
        request_body(setting(stream=True), _OPTIONS_ALONE),
        kills="CC-REQ-015",
    ),
    fault(
        "stream-options-alone-send-events-as-json",
        "`stream_options` alone turn the answer into events that call themselves JSON.",
        request_body(setting(stream=True), _OPTIONS_ALONE),
        reply(_unnamed_type, _OPTIONS_ALONE),
        kills="CC-REQ-015",
    ),
    fault(
        "stream-options-alone-crash",
        "`stream_options` without a stream answer 500.",
        crash(_OPTIONS_ALONE),
        kills="CC-REQ-015 CC-REQ-001",
        collateral={"CC-ERR-006": "a status of 500 is retried"},
    ),
    fault(
        "stream-options-alone-forbidden",
        "`stream_options` without a stream answer 403.",
        refused_by_name("stream_options", _OPTIONS_ALONE, status=403),
        kills="CC-REQ-015",
    ),
)
