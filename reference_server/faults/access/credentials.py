"""Faults in how an Authorization header is read, when, and what its refusal tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.alterations.conditions import (
    credentials,
    every,
    has_no_key,
    has_scheme,
    is_scheme_alone,
    is_without_messages,
    token,
)
from chatconform.reference_server.faults.alterations.making import (
    When,
    always,
    chats,
    crash,
    header,
    reply,
    request,
    trust,
)
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.alterations.responses import (
    Redo,
    answers,
    both,
    error,
    status,
    text,
    with_status,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import error_document
from chatconform.reference_server.seams import Alteration, Asked, Chunks, Response

fault = family(Aspect.KEYS)
refusing = family(Aspect.KEYS, Aspect.ERRORS, Aspect.REFUSALS)
Tell = Callable[[Response, str], Response]


def _refused(change: Redo, when: When) -> Alteration:
    return answers(change, when, with_status(401))


def _adding(**members: Any) -> Redo:
    return error(lambda found: found.update(members))


def _about_body(response: Response) -> Response:
    return error(lambda found: found.update(message=f"{found['message']} messages: Field required"))(response)


def _validated(response: Response) -> Response:
    document = error_document("messages is missing", kind="invalid_request_error", param="messages")
    return replace(response, status=400, document=document)


def _telling_key(tell: Tell, when: When = always) -> Alteration:
    """Responses tell the key that was sent."""
    return reply(lambda response, asked: tell(response, token(asked)), when)


def _in_message(response: Response, key: str) -> Response:
    return error(lambda found: found.update(message=f"Incorrect API key provided: {key}"))(response)


def _in_header(name: str, before: str) -> Tell:
    def tell(response: Response, key: str) -> Response:
        return replace(response, headers=(*response.headers, (name, f"{before}{key}")))

    return tell


def _in_chunks(response: Response, key: str) -> Response:
    async def told(chunks: Chunks) -> Chunks:
        async for chunk in chunks:
            yield {**chunk, "x_debug": {"authorization": key}}

    return response if response.chunks is None else replace(response, chunks=told(response.chunks))


_EVENT = text('data: {"error": {"message": "The key is wrong."}}\n\n', "text/event-stream")
_BASIC = every(chats, has_scheme("Basic"))
_ALONE = every(chats, is_scheme_alone)

_MALFORMED: dict[str, tuple[str, Alteration]] = {
    "scheme-alone-crashes": (
        "`Authorization: Bearer` without a token answers 500.",
        _refused(status(500), _ALONE),
    ),
    "scheme-alone-served": ("`Authorization: Bearer` without a token is served.", trust(_ALONE)),
    "scheme-alone-redirected": (
        "`Authorization: Bearer` without a token is redirected.",
        _refused(both(status(302), text("", None)), _ALONE),
    ),
    "basic-scheme-crashes": (
        "`Authorization: Basic` answers 500.",
        _refused(status(500), _BASIC),
    ),
    "basic-scheme-served": ("`Authorization: Basic` is served.", trust(_BASIC)),
    "basic-scheme-404": ("`Authorization: Basic` answers 404.", _refused(status(404), _BASIC)),
}
_LATE: dict[str, tuple[str, Alteration]] = {
    "body-validated-before-key": (
        "The body is validated first, so a wrong key with a bad body answers 400.",
        _refused(_validated, is_without_messages),
    ),
    "wrong-key-and-bad-body-422": (
        "A wrong key with a bad body answers 422, though the error blames the key.",
        _refused(status(422), is_without_messages),
    ),
    "wrong-key-and-bad-body-500": (
        "A wrong key with a bad body answers 500.",
        _refused(status(500), is_without_messages),
    ),
    "wrong-key-as-event-stream": (
        "A wrong key is told as an event stream to who asks for one.",
        _refused(_EVENT, is_streamed),
    ),
    "wrong-key-as-event-in-200": (
        "A wrong key is told by an event of a stream with status 200.",
        _refused(both(status(200), _EVENT), is_streamed),
    ),
    "wrong-key-tells-of-body": (
        "The 401 for a wrong key says what is wrong with the body.",
        _refused(_about_body, is_without_messages),
    ),
    "wrong-key-blames-model": (
        "The 401 for a wrong key with a bad body blames the model.",
        _refused(_adding(param="model"), is_without_messages),
    ),
}
_LEAKS: dict[str, tuple[str, Alteration]] = {
    "key-in-error-message": ("The 401 message quotes the key that was sent.", _telling_key(_in_message)),
    "key-in-header": ("A header repeats the key.", _telling_key(_in_header("x-debug", "Bearer "))),
    "key-in-cookie": ("A cookie holds the key.", _telling_key(_in_header("set-cookie", "session="))),
    "key-in-stream": ("The chunks of a stream hold the key.", _telling_key(_in_chunks, is_streamed)),
}
_CHALLENGES: dict[str, tuple[str, Alteration]] = {
    "challenge-missing": ("401 comes without WWW-Authenticate.", header("www-authenticate", None)),
    "challenge-empty": ("The WWW-Authenticate of a 401 is blank.", header("www-authenticate", " ")),
    "challenge-missing-without-key": (
        "The 401 for a missing key comes without WWW-Authenticate.",
        header("www-authenticate", None, has_no_key),
    ),
}


def _is_spelled_otherwise(asked: Asked) -> bool:
    return credentials(asked).lower().startswith("bearer ") and not credentials(asked).startswith("Bearer ")


def unreadable(asked: Asked) -> Asked:
    """The same request with credentials that nobody can read."""
    return replace(asked, headers={**asked.headers, "authorization": "-"})


_TABLES = (
    (refusing, "CC-AUTH-003", _MALFORMED),
    (refusing, "CC-AUTH-005", _LATE),
    (refusing, "CC-AUTH-007", _LEAKS),
    (family(Aspect.KEYS, Aspect.HEADERS), "CC-AUTH-008", _CHALLENGES),
)
ALL: tuple[Fault, ...] = (
    *(
        declare(name, defect, change, kills=kills)
        for declare, kills, table in _TABLES
        for name, (defect, change) in table.items()
    ),
    fault(
        "scheme-matched-by-case",
        "The scheme is compared as 'Bearer ' exactly, so `bearer <key>` answers 401.",
        request(unreadable, _is_spelled_otherwise),
        kills="CC-AUTH-004",
    ),
    fault(
        "scheme-in-lower-case-crashes",
        "`Authorization: bearer <key>` answers 500.",
        crash(_is_spelled_otherwise),
        kills="CC-AUTH-004",
    ),
)
