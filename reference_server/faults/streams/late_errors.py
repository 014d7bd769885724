"""Faults in which an error comes as an event of a stream, where a status would have told of it."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.asks import both
from chatconform.reference_server.faults.alterations.making import When, dropping, request_body, stream
from chatconform.reference_server.faults.alterations.paths import follows_tool_result, is_streamed
from chatconform.reference_server.faults.calls.broken_choices import is_malformed, is_without_tools
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import error_document
from chatconform.reference_server.seams import Alteration, Chunks

fault = family(Aspect.ERRORS, Aspect.CHUNKS, Aspect.TEXT, Aspect.CALLS, Aspect.FINISH)


def _late_error(when: When) -> Alteration:
    async def failing(chunks: Chunks) -> Chunks:
        async for _ in chunks:
            yield error_document("The request is invalid.", kind="invalid_request_error")
            return

    return stream(failing, both(is_streamed, when))


ALL: tuple[Fault, ...] = (
    fault(
        "malformed-choice-refused-within-the-stream",
        "A malformed tool_choice is refused by an event of a stream with status 200.",
        request_body(dropping("tool_choice"), is_malformed),
        _late_error(is_malformed),
        kills="CC-CHOICE-006",
        collateral={"CC-STREAM-013": "a refusal comes within the stream"},
    ),
    fault(
        "choice-without-tools-refused-within-the-stream",
        "`tool_choice: required` without tools is refused by an event of a stream with status 200.",
        request_body(dropping("tool_choice"), is_without_tools),
        _late_error(is_without_tools),
        kills="CC-CHOICE-005",
        collateral={"CC-STREAM-013": "a refusal comes within the stream"},
        seen_in="vllm-project/vllm#21052",
    ),
    fault(
        "tool-results-refused-within-the-stream",
        "A conversation with a tool result is refused by an event of a stream with status 200.",
        _late_error(follows_tool_result),
        kills="CC-CONT-001@streamed",
        collateral={"CC-CONT-014": "results in text parts are refused as well"},
    ),
)
