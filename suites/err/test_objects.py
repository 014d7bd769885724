"""Errors, whatever caused them: their shape, what they must not tell, and their status."""

from __future__ import annotations

import re

from chatconform.suite import (
    Exchange,
    Json,
    NotJson,
    Observation,
    Play,
    Unmeasured,
    at_body,
    at_status,
    check,
    expect,
    invariant,
    provoked,
)
from chatconform.suites.auth.scenarios import keys
from chatconform.suites.forms import (
    allowed,
    answered,
    defective,
    error_of,
    errors,
    response_body,
    status,
    whole_successes,
)
from chatconform.suites.req.defects import FOREIGN_MODEL
from chatconform.suites.req.scenarios import defects, no_user_message, not_json, nulls, optional
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.wire import as_object, body_of, error_in, response_of

# A trace of Python, JavaScript, Java or Go, or a path into an installation.
INTERNALS = re.compile(
    r"Traceback \(most recent|File \"[^\"]+\", line \d+|\bat .{1,200}\.(py|js|ts|go|rs|java|rb):\d+"
    r"|site-packages/|node_modules/|goroutine \d+ \[|panic: "
)
# What becomes of null where a value is made a string before anybody looks whether there is one.
SPELLED_NULLS = ("None", "null", "nil", "undefined")
# What the official client tries again, besides every 5xx.
RETRIED = frozenset({408, 409, 429})


@invariant("CC-ERR-001", errors, provoked_by=(defects, not_json))
def test_an_error_is_the_nested_object(exchange: Exchange) -> Observation:
    """Every response of 400 or above is {"error": {...}} with a message and a type that are strings."""
    try:
        body = body_of(exchange)
    except NotJson as problem:
        expect(False, "a JSON body", came=str(problem), at=at_body(exchange))
        raise
    error, at = body.get("error"), at_body(exchange)
    expect(isinstance(error, dict), "an object error", came=body, at=at)
    told = as_object(error)
    message, kind = told.get("message"), told.get("type")
    expect(isinstance(message, str) and message, "a message", came=message, at=at)
    expect(isinstance(kind, str), "a string type", came=kind, at=at)
    param, code = told.get("param"), told.get("code")
    expect(param is None or isinstance(param, str), "param as a string or null", came=param, at=at)
    expect(code is None or isinstance(code, str | int), "code as a string or null", came=code, at=at)
    return Observation(topic="error-object", camp=_camp(told))


def _camp(error: dict[str, Json]) -> str:
    if isinstance(error.get("code"), int):
        return "integer-code"
    if error.get("param") in SPELLED_NULLS or error.get("code") in SPELLED_NULLS:
        return "null-as-a-word"
    missing = [name for name in ("param", "code") if name not in error]
    return f"{'-and-'.join(missing)}-missing" if missing else "nested"


@invariant("CC-ERR-002", whole_successes, provoked_by=(greeting, defects))
def test_no_error_is_sent_with_200(exchange: Exchange) -> None:
    """No plain 200 has an error at its top, or calls itself one."""
    body = response_body(exchange)
    provoked(body, "the body is no JSON object")
    failed = error_of(body) is not None or body.get("object") == "error"
    expect(not failed, "an answer, or a status of 400 or above", came=body, at=at_body(exchange))


@invariant("CC-ERR-005", answered, provoked_by=(defects, not_json))
def test_errors_tell_nothing_of_the_inside(exchange: Exchange) -> None:
    """No error body or error event has a stack trace or a path into an installation."""
    texts = list(_error_texts(exchange))
    provoked(texts, "no error was sent")
    for text in texts:
        leak = INTERNALS.search(text)
        expect(leak is None, "an error without internals", came=leak[0] if leak else "", at=at_body(exchange))


def _error_texts(exchange: Exchange) -> list[str]:
    if status(exchange) >= 400:
        # A JSON text escapes the quotes that the pattern looks for.
        return [response_of(exchange).text, str(error_in(exchange).get("message"))]
    if not exchange.is_stream:
        return []
    failed = [event.chunk for event in response_of(exchange).stream.chunks if error_of(event.chunk)]
    return [str(as_object(error_of(chunk)).get("message", chunk)) for chunk in failed]


@invariant("CC-ERR-006", defective, provoked_by=(defects, not_json))
def test_a_bad_request_has_no_status_that_is_retried(exchange: Exchange) -> None:
    """A request that can never succeed is not answered 408, 409, 429 or 5xx."""
    _expect_final(exchange, "the bad request")


@check("CC-ERR-006", defects)
def test_an_unknown_model_has_no_status_that_is_retried(play: Play) -> None:
    """An unknown model is not answered 408, 409, 429 or 5xx."""
    provoked(play.response("control").status == 200, "the known model is not served either")
    _expect_final(play[FOREIGN_MODEL.name], "an unknown model")


@check("CC-ERR-006", keys)
def test_a_wrong_key_has_no_status_that_is_retried(play: Play) -> None:
    """A wrong key is not answered 408, 409, 429 or 5xx."""
    provoked(play.response("with-key").status == 200, "the request is not served with the key either")
    _expect_final(play["wrong-key"], "a wrong key")


def _expect_final(exchange: Exchange, what: str) -> None:
    came = status(exchange)
    provoked(came, "no response came")
    provoked(came >= 400, f"{what} is not refused", at=at_status(exchange))
    if came == 429 and response_of(exchange).header("retry-after"):
        raise Unmeasured(
            "a rate limit answered before the request was looked at", evidence=(at_status(exchange),)
        )
    expect(
        came not in RETRIED and came < 500,
        f"a status that no client retries, to {what}",
        came=str(came),
        at=at_status(exchange),
    )


@invariant("CC-ERR-007", allowed, provoked_by=(greeting, nulls, optional, no_user_message))
def test_a_legal_request_never_answers_500(exchange: Exchange) -> Observation | None:
    """A request that the contract allows is answered or refused, but never with 500."""
    came = status(exchange)
    provoked(came, "no response came")
    provoked(came not in {429, 503}, f"the target was too busy ({came})")
    expect(came != 500, "an answer or a refusal", came=str(came), at=at_status(exchange))
    return Observation(topic="server-error", camp=str(came)) if came > 500 else None
