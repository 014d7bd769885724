"""Faults in what a stream says when its generation fails, breaks off, or ought not to begin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.alterations.bytewise import TERMINATOR
from chatconform.reference_server.faults.alterations.chunkwise import Chunk, finishing, like, saying
from chatconform.reference_server.faults.alterations.making import events, reply, stream
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.interruption import ConnectionCut
from chatconform.reference_server.seams import Alteration, Asked, Chunks, Head, Response, Texts
from chatconform.reference_server.writing import in_turn

fault = family(Aspect.UPSTREAM)
# A stream whose failure cannot be told is judged as one that ought to be whole.
_UNTOLD = {
    "CC-STREAM-003": "nothing excuses that there is no terminator",
    "CC-STREAM-004": "what tells of the failure is no chunk",
    "CC-STREAM-011": "nothing excuses that there is no finish reason",
    "CC-USAGE-006": "what tells of the failure has no choices",
}
_LATE = {
    "CC-ERR-004": "the refusal does not name its parameter as it should",
    "CC-ERR-008": "the plain form is refused otherwise",
    "CC-ERR-017": "the refusal does not tell what is wrong as it should",
    "CC-REQ-003": "the request is not refused as it should",
    "CC-REQ-004": "the request is not refused as it should",
}
_TERMINATED = {"CC-STREAM-015": "a stream that breaks off has the terminator as well"}
_WRONG_END = {
    "length": {"CC-LIMIT-008": "no limit cut the answer"},
    "tool-calls": {"CC-TOOLS-016": "no call was made"},
}
_EVENT_STREAM = ("content-type", "text/event-stream")


def _instead_of_the_error(*make: Any) -> Alteration:
    """In the place of the error that ends a stream come chunks, made of the last one and of the error."""

    async def change(chunks: Chunks) -> Chunks:
        last: Chunk | None = None
        async for each in chunks:
            if "error" not in each or last is None:
                last = each
                yield each
                continue
            for one in make:
                yield one(last, each)

    return stream(change)


def _at_the_break(make: Any) -> Alteration:
    """A stream that breaks off without a finish reason and without an error goes on with other chunks."""

    async def change(chunks: Chunks) -> Chunks:
        last: Chunk | None = None
        ended = False
        async for each in chunks:
            ended = ended or "error" in each or any(part["finish_reason"] for part in each["choices"])
            last = each
            yield each
        if last is not None and not ended:
            for each in make(last):
                yield each

    return stream(change)


async def _always_terminated(texts: Texts) -> Texts:
    text = ""
    async for text in texts:
        yield text
    if text != TERMINATOR:
        yield TERMINATOR


async def _cut(chunks: Chunks) -> Chunks:
    async for each in chunks:
        if "error" in each:
            raise ConnectionCut
        yield each


def _stop(last: Chunk, _: Any = None) -> Chunk:
    return finishing(last)


def _nothing_more(last: Chunk) -> Iterable[Chunk]:  # noqa: ARG001 - only the terminator follows
    return ()


def _error(last: Chunk, error: Chunk) -> Chunk:  # noqa: ARG001 - it stays as it is
    return error


def _more_text(last: Chunk, _: Any) -> Chunk:
    return saying(last, " And so it ended.")


def _apology(last: Chunk, error: Chunk) -> Chunk:
    return saying(last, f"Error: {error['error']['message']}")


def _as_text(_: Chunk, error: Chunk) -> Chunk:
    return {"error": error["error"]["message"]}


def _without_message(_: Chunk, error: Chunk) -> Chunk:
    return {"error": {"code": 500, "type": error["error"]["type"]}}


def _empty_message(_: Chunk, error: Chunk) -> Chunk:
    return {"error": {**error["error"], "message": ""}}


def _flat(_: Chunk, error: Chunk) -> Chunk:
    return {"object": "error", **error["error"]}


def _beside_a_choice(last: Chunk, error: Chunk) -> Chunk:
    return like(last, choices=[], error=None, detail=error["error"]["message"])


def _says_nothing(asked: Asked) -> bool:
    """A stream is asked for, without any message."""
    return is_streamed(asked) and not asked.body.get("messages")


def _as_a_stream(response: Response, status: int) -> Response:
    kept: Head = tuple(pair for pair in response.headers if pair[0] != "content-type")
    chunks = in_turn([response.document])
    return Response(status=status, headers=(*kept, _EVENT_STREAM), chunks=chunks)


def _late_refusal(status: int) -> Alteration:
    def change(response: Response, _: Asked) -> Response:
        refused = response.status == 400 and isinstance(response.document, dict)
        return _as_a_stream(response, status or response.status) if refused else response

    return reply(change, _says_nothing)


def _crashed(response: Response, _: Asked) -> Response:
    return replace(response, status=500) if response.status == 400 else response


ALL: tuple[Fault, ...] = (
    fault(
        "refusal-in-the-stream",
        "Messages are looked at after the 200 was sent, so that a refusal arrives as an error event.",
        _late_refusal(200),
        kills="CC-STREAM-013",
        collateral=_LATE,
        also=(Aspect.REFUSALS, Aspect.ERRORS),
        seen_in=("sgl-project/sglang#21900", "miruamel/xuan#215", "vllm-project/vllm#21052"),
    ),
    fault(
        "refusal-labelled-as-stream",
        "A refusal of a streamed request without messages is an event stream with the status 400.",
        _late_refusal(0),
        kills="CC-STREAM-013",
        collateral={
            "CC-ERR-001": "an event is no error object",
            "CC-ERR-012": "an error is not sent as an event",
            **_LATE,
        },
        also=(Aspect.REFUSALS, Aspect.ERRORS, Aspect.HEADERS),
    ),
    fault(
        "refusal-of-a-stream-crashes",
        "A streamed request without messages, which is refused plain, is answered 500.",
        reply(_crashed, _says_nothing),
        kills="CC-STREAM-013 CC-REQ-001",
        collateral={
            "CC-ERR-006": "a bad request is answered as if it could be sent again",
            "CC-ERR-007": "some of these requests are legal",
            "CC-ERR-016": "the error still blames the request",
            **_LATE,
        },
        also=(Aspect.REFUSALS, Aspect.ERRORS),
    ),
    fault(
        "failure-as-stop",
        "A failure in mid-stream is followed by the finish_reason `stop` and the terminator.",
        _instead_of_the_error(_error, _stop),
        events(_always_terminated),
        kills="CC-STREAM-014",
        collateral=_TERMINATED,
    ),
    fault(
        "failure-hidden-by-stop",
        "A failure in mid-stream is told as the finish_reason `stop` and the terminator.",
        _instead_of_the_error(_stop),
        events(_always_terminated),
        kills="CC-STREAM-014",
        collateral=_TERMINATED,
        seen_in="MAXeaglet/commandcode-proxy#39",
    ),
    fault(
        "failure-silent",
        "A stream that fails just ends.",
        _instead_of_the_error(),
        kills="CC-STREAM-014",
        collateral=_UNTOLD,
        seen_in="ENTERPILOT/GoModel#1017",
    ),
    fault(
        "failure-cuts-the-connection",
        "A stream that fails breaks the connection off, without a word.",
        stream(_cut),
        kills="CC-STREAM-014",
        also=(Aspect.CONNECTION,),
    ),
    *(
        fault(
            f"failure-{word}",
            f"A failure in mid-stream is {told}.",
            _instead_of_the_error(*make),
            kills="CC-STREAM-014",
            collateral=_UNTOLD,
        )
        for word, told, make in (
            ("as-text-of-the-answer", "told in the text of the answer", (_apology, _stop)),
            ("as-a-word", "an `error` that is a text, not an object", (_as_text,)),
            ("without-a-message", "an error object without a message", (_without_message,)),
            ("with-an-empty-message", "an error object with an empty message", (_empty_message,)),
            ("flat", "an object whose message does not stand in `error`", (_flat,)),
            ("as-a-detail", "told as a `detail` beside an `error` that is null", (_beside_a_choice,)),
            ("followed-by-text", "followed by more text", (_error, _more_text)),
        )
    ),
    *(
        fault(
            f"break-as-{word}",
            f"A stream whose generation breaks off {told}.",
            _at_the_break(make),
            *([events(_always_terminated)] if terminated else []),
            kills="CC-STREAM-015 CC-GATE-010",
            collateral=_WRONG_END.get(word),
            seen_in=seen_in,
        )
        for word, told, make, terminated, seen_in in (
            (
                "stop",
                "reports the finish_reason `stop` and the terminator",
                lambda last: [finishing(last)],
                True,
                (
                    "NVIDIA/TensorRT-LLM#18289",
                    "theopenco/llmgateway#1901",
                    "vercel/ai#19165",
                    "ranxianglei/billion-context#239",
                ),
            ),
            (
                "stop-without-done",
                "reports the finish_reason `stop`, without the terminator",
                lambda last: [finishing(last)],
                False,
                (),
            ),
            ("done", "ends with the terminator alone", _nothing_more, True, ()),
            (
                "length",
                "reports the finish_reason `length` and the terminator",
                lambda last: [finishing(last, "length")],
                True,
                (),
            ),
            (
                "tool-calls",
                "reports the finish_reason `tool_calls` and the terminator",
                lambda last: [finishing(last, "tool_calls")],
                True,
                (),
            ),
        )
    ),
)
