"""Bad requests that are answered wrongly: not at all, for another reason, or in the middle of a stream."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import (
    above,
    is_text,
    lacks,
    member,
    refused_without_a_word,
    streamed,
)
from chatconform.reference_server.faults.alterations.making import (
    chunk,
    completion,
    dropping,
    packets,
    refusal,
    reply,
    request_body,
    setting,
    stream,
    waiting,
)
from chatconform.reference_server.faults.alterations.paths import When
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.requests.bad_requests import (
    RETRIED,
    has_invented_role,
    is_array,
    is_cut,
)
from chatconform.reference_server.interruption import ConnectionCut
from chatconform.reference_server.refusal import Refusal, error_document
from chatconform.reference_server.reply import STREAM_HEADERS
from chatconform.reference_server.seams import Asked, Bytes, Chunks, Response
from chatconform.reference_server.writing import in_turn

fault = family(Aspect.REFUSALS)
hung = family(Aspect.REFUSALS, Aspect.TIME, Aspect.CONNECTION)
# Longer than anybody waits: a client that leaves ends it.
NEVER = 3600.0
_IN_THE_STREAM = {"CC-STREAM-013": "the refusal comes in the stream"}
_EMPTY_MESSAGES = member("messages", lambda value: value == [])
_BEFORE_THE_KEY = {"CC-AUTH-005": "it is refused before the key is looked at"}


async def _dropped(pieces: Bytes) -> Bytes:
    """Nothing of the body is sent, and the connection ends."""
    async for _ in pieces:
        raise ConnectionCut
    yield b""


def failing_in_the_stream(when: When, **error: str) -> Any:
    """Streams are begun before the request is looked at: a refusal comes as an event."""

    def change(response: Response, asked: Asked) -> Response:  # noqa: ARG001 - the form of a change
        if response.status < 400:
            return response
        others = tuple(pair for pair in response.headers if pair[0] not in dict(STREAM_HEADERS))
        document = error_document("The request could not be processed.", kind=error["kind"])
        document["error"]["code"] = error.get("code")
        return replace(
            response,
            status=200,
            headers=(*others, *STREAM_HEADERS),
            document=None,
            chunks=in_turn([document]),
        )

    return reply(change, streamed(when))


def _choiceless(choice_holder: Any) -> None:
    choice_holder["choices"] = []


async def _without_choices(chunks: Chunks) -> Chunks:
    async for each in chunks:
        if not each.get("choices"):
            yield each


def _is_integer(value: Any) -> bool:
    return isinstance(value, int)


def _loaded_model(when: When) -> Any:
    return request_body(setting(model="reference-1"), when)


_NO_MODEL, _NO_MESSAGES = lacks("model"), lacks("messages")
_N_ZERO = member("n", lambda value: value == 0)

ALL: tuple[Fault, ...] = (
    hung(
        "empty-messages-hang",
        "A request with an empty array of messages is never answered.",
        waiting(NEVER, _EMPTY_MESSAGES),
        kills="CC-REQ-022",
    ),
    hung(
        "word-for-temperature-drops-the-connection",
        "An exception in the validation of a type ends the connection.",
        packets(_dropped, member("temperature", is_text)),
        kills="CC-REQ-022",
        collateral={"CC-ERR-017": "of the refusal only the head comes"},
    ),
    hung(
        "cut-body-drops-the-connection",
        "A body that is no JSON ends the connection in the middle of the answer.",
        packets(_dropped, is_cut),
        kills="CC-REQ-022",
    ),
    fault(
        "bad-stream-fails-in-the-stream",
        "A stream is begun before the request is looked at, and a bad one ends in a server error.",
        failing_in_the_stream(_EMPTY_MESSAGES, kind="server_error"),
        kills="CC-REQ-001 CC-REQ-004",
        collateral=_IN_THE_STREAM,
    ),
    fault(
        "bad-stream-fails-with-the-code-of-a-gateway",
        "A stream is begun before the request is looked at, and a bad one ends in an error of code 502.",
        failing_in_the_stream(_EMPTY_MESSAGES, kind="upstream_failure", code="502"),
        kills="CC-REQ-001 CC-REQ-004",
        collateral=_IN_THE_STREAM,
    ),
    fault(
        "missing-messages-blame-the-model",
        "The model is looked up before the messages: a request without them answers 404.",
        refusal(
            lambda _: Refusal(404, "The model does not exist.", param="model", code="model_not_found"),
            _NO_MESSAGES,
        ),
        kills="CC-REQ-003",
        collateral=_BEFORE_THE_KEY,
        seen_in="diegosouzapw/OmniRoute#6515",
    ),
    fault(
        "missing-messages-crash-by-name",
        "A request without `messages` answers 500, by an error that names them.",
        refusal(lambda _: Refusal(500, "The messages cannot be read.", kind="server_error"), _NO_MESSAGES),
        kills="CC-REQ-003 CC-REQ-001",
        collateral={**_BEFORE_THE_KEY, **RETRIED},
    ),
    *(
        fault(
            f"missing-{name}-refused-without-a-word",
            f"A request without `{name}` is refused, and nothing tells what it lacks.",
            refused_without_a_word(lacks(name)),
            kills=breaks,
            collateral=_BEFORE_THE_KEY if name == "messages" else {},
        )
        for name, breaks in (("messages", "CC-REQ-003"), ("model", "CC-REQ-023"))
    ),
    fault(
        "missing-model-answered-without-a-name",
        "A request without `model` is answered, and the answer names no model.",
        _loaded_model(_NO_MODEL),
        completion(dropping("model"), _NO_MODEL),
        chunk(dropping("model"), _NO_MODEL),
        kills="CC-REQ-023",
    ),
    fault(
        "missing-model-answered-with-an-empty-name",
        "A request without `model` is answered by a model whose name is empty.",
        _loaded_model(_NO_MODEL),
        completion(setting(model=""), _NO_MODEL),
        chunk(setting(model=""), _NO_MODEL),
        kills="CC-REQ-023",
    ),
    fault(
        "missing-model-answers-409",
        "A request without `model` conflicts with the models that are loaded.",
        refusal(lambda _: Refusal(409, "No model is loaded.", param="model"), _NO_MODEL),
        kills="CC-REQ-023",
        collateral={"CC-ERR-006": "a status of 409 is retried"},
    ),
    fault(
        "n-zero-answered-without-choices",
        "`n: 0` is answered with no choice at all.",
        request_body(setting(n=1), _N_ZERO),
        completion(_choiceless, _N_ZERO),
        stream(_without_choices, _N_ZERO),
        kills="CC-REQ-031",
    ),
    fault(
        "invented-role-not-found",
        "A role that does not exist answers 404.",
        refusal(
            lambda _: Refusal(404, "There is no such role.", param="messages[0].role"),
            member("messages", lambda value: isinstance(value, list) and any(map(has_invented_role, value))),
        ),
        kills="CC-REQ-005",
    ),
    fault(
        "bad-types-not-implemented",
        "A value of the wrong type answers 501.",
        refusal(lambda _: Refusal(501, "Not implemented.", kind="server_error"), member("stop", _is_integer)),
        kills="CC-REQ-028 CC-REQ-001",
        collateral={"CC-ERR-006": "every 5xx is retried"},
    ),
    fault(
        "numbers-out-of-range-forbidden",
        "A temperature that is too high answers 403.",
        refusal(lambda _: Refusal(403, "Forbidden.", param="temperature"), member("temperature", above(2))),
        kills="CC-REQ-012",
    ),
    fault(
        "array-body-not-found",
        "A body that is an array answers 404.",
        refusal(lambda _: Refusal(404, "Not Found"), is_array),
        kills="CC-REQ-024",
    ),
    fault(
        "cut-body-too-large",
        "A body that is no JSON answers 413.",
        refusal(lambda _: Refusal(413, "The body cannot be read."), is_cut),
        kills="CC-REQ-002",
    ),
)
