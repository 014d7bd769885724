"""The forms of an exchange over which invariants hold."""

from __future__ import annotations

from hashlib import sha256

from chatconform.contract import load_contract
from chatconform.suite import Exchange, FailureKind, Json, NotJson, StreamEvent, parse

# Answers that are made to fail or to break off may end as no other ones; rules of their own judge them.
MADE_TO_FAIL = ("stream.failures.", "gate.failures.")
# What ended an exchange on our side, before the target could be judged.
OURS = frozenset({FailureKind.CONNECT, FailureKind.TLS, FailureKind.ABORTED, FailureKind.NOT_SENT})
# Verdicts of the schema by the digest of the body; a body alone may be as large as a file.
_VALID: dict[bytes, bool] = {}
_KEPT = 4096


def answered(exchange: Exchange) -> bool:
    """Every exchange that has a response at all, of a target that was well."""
    return exchange.response is not None and exchange.response.complete and not exchange.illness


def asked_chat(exchange: Exchange) -> bool:
    """Every POST to the chat endpoint, answered or not."""
    path = exchange.request.url.partition("?")[0]
    return exchange.request.method == "POST" and path.endswith("/chat/completions")


def asked_api(exchange: Exchange) -> bool:
    """Every POST to the chat endpoint and every GET of the model list, answered or not."""
    return asked_chat(exchange) or _asked_for_models(exchange)


def on_chat(exchange: Exchange) -> bool:
    """Every response of the chat endpoint to a POST."""
    return answered(exchange) and asked_chat(exchange)


def plain_successes(exchange: Exchange) -> bool:
    """Every 200 to a legal chat request whose body, and whose Accept header, ask for no stream."""
    return (
        on_chat(exchange)
        and status(exchange) == 200
        and allowed(exchange)
        and request_body(exchange).get("stream") in (None, False)
        and "event-stream" not in request_header(exchange, "accept")
    )


def streamed_successes(exchange: Exchange) -> bool:
    """Every 2xx to a chat request whose body asks for a stream, whatever form the answer has."""
    return (
        on_chat(exchange)
        and 200 <= status(exchange) < 300
        and request_body(exchange).get("stream") is True
        and "application/json" not in request_header(exchange, "accept")
    )


def completions(exchange: Exchange) -> bool:
    """Every plain 200 to a legal chat request that does not report an error instead of an answer."""
    return (
        whole_successes(exchange)
        and _is_owed_an_answer(exchange)
        and request_body(exchange).get("stream") is not True
        and not response_body(exchange).get("error")
        and response_body(exchange).get("object") != "error"
    )


def whole_successes(exchange: Exchange) -> bool:
    """Every 200 of the chat endpoint that is not an event stream, whatever was asked."""
    return on_chat(exchange) and status(exchange) == 200 and not exchange.is_stream


def streams(exchange: Exchange) -> bool:
    """Every 200 to a legal chat request that is an event stream."""
    return (
        on_chat(exchange) and status(exchange) == 200 and exchange.is_stream and _is_owed_an_answer(exchange)
    )


def sound_streams(exchange: Exchange) -> bool:
    """Every event stream that carries no error: what a failure in mid-stream must do is judged elsewhere."""
    return (
        streams(exchange)
        and not made_to_fail(exchange)
        and not any(error_of(e.chunk) for e in _events(exchange))
    )


def made_to_fail(exchange: Exchange) -> bool:
    """Every exchange that was sent to see how the target fails."""
    return exchange.scenario.startswith(MADE_TO_FAIL)


def answers(exchange: Exchange) -> bool:
    """Every completion and every stream."""
    return completions(exchange) or streams(exchange)


def refusals(exchange: Exchange) -> bool:
    """Every 4xx, wherever it came from."""
    return answered(exchange) and 400 <= status(exchange) < 500 and exchange.request.method != "HEAD"


def errors(exchange: Exchange) -> bool:
    """Every response of chat and of the model list with a status of 400 or above.

    Paths and methods that the API does not have, and single models, which many servers do not serve, meet the
    framework's own errors: what those must be is the affair of rules of their own.
    """
    known = asked_chat(exchange) or _asked_for_models(exchange)
    return answered(exchange) and status(exchange) >= 400 and known


def model_lists(exchange: Exchange) -> bool:
    """Every 200 of the model list."""
    return answered(exchange) and status(exchange) == 200 and _asked_for_models(exchange)


def json_objects(exchange: Exchange) -> bool:
    """Every response whose body is a JSON object."""
    return answered(exchange) and bool(response_body(exchange))


def allowed(exchange: Exchange) -> bool:
    """Every chat request whose body the contract's schema allows."""
    return asked_chat(exchange) and _is_valid(exchange.request.content)


def defective(exchange: Exchange) -> bool:
    """Every chat request whose body the contract's schema forbids, and whose outcome is the target's."""
    ours = exchange.failure is not None and exchange.failure.kind in OURS
    return (
        asked_chat(exchange)
        and not ours
        and not exchange.sent_again
        and not met_a_closed_connection(exchange)
        and not _is_valid(exchange.request.content)
    )


def met_a_closed_connection(exchange: Exchange) -> bool:
    """Every request that found a kept connection closed: it was sent again on a new one, and that counts."""
    died = exchange.failure is not None and exchange.failure.kind is FailureKind.CLOSED
    return exchange.reused and died and exchange.response is None


def status(exchange: Exchange) -> int:
    """The status, or 0 where there is no response."""
    return exchange.response.status if exchange.response else 0


def request_body(exchange: Exchange) -> dict[str, Json]:
    """The body that was sent, where it is a JSON object; empty otherwise."""
    try:
        value = exchange.request.json
    except NotJson:
        return {}
    return value if isinstance(value, dict) else {}


def request_header(exchange: Exchange, name: str) -> str:
    """The value of a request header; empty where it was not sent."""
    return next((value for key, value in exchange.request.fields if key.lower() == name), "")


def response_body(exchange: Exchange) -> dict[str, Json]:
    """The body that came, where it is a JSON object; empty otherwise."""
    try:
        value = exchange.response.json if exchange.response else None
    except NotJson:
        return {}
    return value if isinstance(value, dict) else {}


def error_of(chunk: dict[str, Json] | None) -> Json:
    """What stands in the member `error` of an event or a body; nothing where it is missing, null or empty."""
    return (chunk or {}).get("error") or None


def _asked_for_models(exchange: Exchange) -> bool:
    path = exchange.request.url.partition("?")[0]
    return exchange.request.method == "GET" and path.endswith("/models")


def _is_owed_an_answer(exchange: Exchange) -> bool:
    # What a server makes of `n: 0` is no completion to be judged; traffic without its bodies is.
    request = exchange.request
    return bool(request.withheld) or not request.body or _is_valid(request.body)


def _events(exchange: Exchange) -> tuple[StreamEvent, ...]:
    return exchange.response.stream.events if exchange.response else ()


def _is_valid(body: bytes) -> bool:
    # A cache of bodies would hold on to whatever a recording is full of.
    digest = sha256(body).digest()
    if digest not in _VALID:
        if len(_VALID) >= _KEPT:
            _VALID.clear()
        _VALID[digest] = _validity(body)
    return _VALID[digest]


def _validity(body: bytes) -> bool:
    try:
        value = parse(body)
    except NotJson:
        return False
    return load_contract().validator("CreateChatCompletionRequest").is_valid(value)
