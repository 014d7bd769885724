"""The error object: its members, its form, and what it must not tell."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from chatconform.suite import (
    Exchange,
    Json,
    NotJson,
    Observation,
    at_body,
    at_header,
    at_json,
    expect,
    invariant,
    provoked,
)
from chatconform.suites.forms import answered, error_of, errors, response_body, status
from chatconform.suites.req.scenarios import defects, not_json
from chatconform.suites.stream.failures import failing
from chatconform.suites.texts import strings_in
from chatconform.suites.wire import as_object, error_in, response_of

# A trace of Python, JavaScript, Java or Go, or a path into an installation.
INTERNALS = re.compile(
    r"Traceback \(most recent|File \"[^\"]+\", line \d+|\bat .{1,200}\.(py|js|ts|go|rs|java|rb):\d+"
    r"|site-packages/|node_modules/|goroutine \d+ \[|panic: "
)
# Hosts that nobody outside can reach: loopback, private networks, names of a cluster.
PRIVATE_HOST = re.compile(
    r"https?://((?:localhost|127\.\d+\.\d+\.\d+|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+"
    r"|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+|[\w.-]{1,200}\.(?:internal|local|svc))(?::\d+)?)\b",
    re.IGNORECASE,
)
MARKUP = re.compile(r"<\s*(!doctype|html|head|body|center|title|h1)\b", re.IGNORECASE)
# What becomes of null where a value is made a string before anybody looks whether there is one.
SPELLED_NULLS = ("None", "null", "nil", "undefined")
BAD = (defects, not_json)


@invariant("CC-ERR-001", errors, provoked_by=BAD)
def test_an_error_is_the_nested_object(exchange: Exchange) -> Observation:
    """Every response of 400 or above is {"error": {...}} with a message."""
    try:
        body = response_of(exchange).json
    except NotJson as problem:
        expect(False, "a JSON body", came=str(problem), at=at_body(exchange))
        raise
    told = as_object(as_object(body).get("error"))
    message = told.get("message")
    is_told = isinstance(message, str) and message
    expect(is_told, "an object error with a message", came=body, at=at_body(exchange))
    return Observation(topic="error-object", camp=_camp(told))


def _camp(error: dict[str, Json]) -> str:
    if isinstance(error.get("code"), int):
        return "integer-code"
    if error.get("param") in SPELLED_NULLS or error.get("code") in SPELLED_NULLS:
        return "null-as-a-word"
    missing = [name for name in ("param", "code") if name not in error]
    return f"{'-and-'.join(missing)}-missing" if missing else "nested"


@invariant("CC-ERR-009", errors, provoked_by=BAD)
def test_the_type_of_an_error_is_a_word(exchange: Exchange) -> None:
    """Every error object has a type that is a string and not empty."""
    kind = _error_of(exchange).get("type")
    expect(isinstance(kind, str) and kind, "a string type", came=kind, at=at_json(exchange, "/error/type"))


@invariant("CC-ERR-010", errors, provoked_by=BAD)
def test_the_param_of_an_error_is_a_string_or_null(exchange: Exchange) -> None:
    """`error.param` is a string or null, if it is there."""
    param, at = _error_of(exchange).get("param"), at_json(exchange, "/error/param")
    expect(param is None or isinstance(param, str), "param as a string or null", came=param, at=at)


@invariant("CC-ERR-011", errors, provoked_by=BAD)
def test_the_code_of_an_error_is_a_string_or_null(exchange: Exchange) -> None:
    """`error.code` is a string or null, if it is there; an integer is recorded with the error object."""
    code, at = _error_of(exchange).get("code"), at_json(exchange, "/error/code")
    scalar = code is None or (isinstance(code, str | int) and not isinstance(code, bool))
    expect(scalar, "code as a string or null", came=code, at=at)


@invariant("CC-ERR-012", errors, provoked_by=BAD)
def test_an_error_is_sent_as_json(exchange: Exchange) -> None:
    """Every response of 400 or above has the media type application/json."""
    came = response_of(exchange).media_type
    told = "media type application/json"
    expect(came == "application/json", told, came=came or "none", at=at_header(exchange, "content-type"))


@invariant("CC-ERR-013", errors, provoked_by=BAD)
def test_an_error_bears_no_answer(exchange: Exchange) -> None:
    """No error body has choices or usage beside the error: it is one or the other."""
    body = response_body(exchange)
    provoked(body, "the body is no JSON object")
    found = [name for name in ("choices", "usage") if body.get(name)]
    expect(not found, "an error alone", came=f"{' and '.join(found)} beside it", at=at_body(exchange))


@invariant("CC-ERR-014", errors, provoked_by=BAD)
def test_an_error_is_told_in_plain_text(exchange: Exchange) -> None:
    """The message of an error is text for people, and not the HTML page of somebody else."""
    message = _error_of(exchange).get("message")
    markup = MARKUP.search(message) if isinstance(message, str) else None
    told = "a message without HTML"
    expect(markup is None, told, came=message, at=at_json(exchange, "/error/message"))


@invariant("CC-ERR-005", answered, provoked_by=(*BAD, failing))
def test_errors_tell_nothing_of_the_inside(exchange: Exchange) -> None:
    """No error body or error event has a stack trace or a path into an installation."""
    texts = list(_error_texts(exchange))
    provoked(texts, "no error was sent")
    for text in texts:
        leak = INTERNALS.search(text)
        expect(leak is None, "an error without internals", came=leak[0] if leak else "", at=at_body(exchange))


@invariant("CC-ERR-018", answered, provoked_by=(*BAD, failing))
def test_errors_name_no_private_address(exchange: Exchange) -> None:
    """No error body or error event has the URL of a host behind the target."""
    texts = list(_error_texts(exchange))
    provoked(texts, "no error was sent")
    own = urlsplit(exchange.request.address).netloc.lower()
    for text in texts:
        found = next((each[0] for each in PRIVATE_HOST.finditer(text) if each[1].lower() != own), "")
        expect(not found, "no address of a private host", came=found, at=at_body(exchange))


def _error_of(exchange: Exchange) -> dict[str, Json]:
    """The error object; leaves the rule unjudged where there is none, which is a rule of its own."""
    error = error_in(exchange)
    provoked(error, "the body has no error object", at=at_body(exchange))
    return error


def _error_texts(exchange: Exchange) -> list[str]:
    if status(exchange) >= 400:
        # A JSON text escapes the quotes that the pattern looks for.
        return [response_of(exchange).text, *strings_in(response_body(exchange))]
    if not exchange.is_stream:
        return []
    failed = [error_of(event.chunk) for event in response_of(exchange).stream.chunks]
    return [" ".join(strings_in(error)) for error in failed if error]
