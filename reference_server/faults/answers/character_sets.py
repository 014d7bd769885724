"""Faults in how text beyond ASCII is read and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import orjson

from chatconform.reference_server.faults.alterations.making import (
    completion,
    each_message,
    packets,
    refusal,
    request,
)
from chatconform.reference_server.faults.alterations.responses import (
    PAGE,
    UNREADABLE,
    answers,
    both,
    status,
    text,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Alteration, Asked, Bytes

fault = family(Aspect.PROMPT, Aspect.TEXT, Aspect.USAGE)


def _read(change: Callable[[bytes], bytes]) -> Alteration:
    """The bytes of bodies with text beyond ASCII are read otherwise."""

    def reread(asked: Asked) -> Asked:
        content = change(asked.content)
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError:
            body = {}
        return replace(asked, content=content, body=body if isinstance(body, dict) else {})

    return request(reread, _is_wide)


def _is_wide(asked: Asked) -> bool:
    return asked.is_chat and not asked.content.isascii()


def _has_astral(asked: Asked) -> bool:
    return _is_wide(asked) and max(asked.content.decode(errors="ignore")) > "\uffff"


def _is_escaped(asked: Asked) -> bool:
    return asked.is_chat and rb"\u" in asked.content


def _unescaped(asked: Asked) -> Asked:
    """Escapes are taken for the characters that they are written with."""
    content = asked.content.replace(rb"\u", rb"\\u")
    return replace(asked, content=content, body=orjson.loads(content))


async def _latin(pieces: Bytes) -> Bytes:
    async for piece in pieces:
        yield piece.decode(errors="replace").encode("latin-1", "replace")


ALL: tuple[Fault, ...] = (
    fault(
        "body-read-as-latin-1",
        "The request body is decoded as Latin-1.",
        _read(lambda content: content.decode("latin-1").encode()),
        kills="CC-HTTP-008",
    ),
    fault(
        "wide-characters-dropped",
        "Characters beyond ASCII are left out of the request body.",
        _read(lambda content: content.decode(errors="ignore").encode("ascii", "ignore")),
        kills="CC-HTTP-008",
    ),
    fault(
        "escapes-taken-literally",
        r"`\u00e9` in a request is read as these six characters.",
        request(_unescaped, _is_escaped),
        kills="CC-HTTP-008",
    ),
    fault(
        "raw-text-refused",
        "A body with raw characters beyond the basic plane is refused with 400.",
        refusal(lambda _: Refusal(400, "The body is not ASCII."), _has_astral),
        kills="CC-HTTP-008",
        also=(Aspect.REFUSALS,),
    ),
    fault(
        "escaped-text-refused",
        r"A body with `\u` escapes is answered with the page of a 400.",
        answers(both(status(400), text(PAGE, "text/html")), _is_escaped),
        kills="CC-HTTP-008",
        also=(Aspect.REFUSALS,),
    ),
    fault(
        "answer-in-latin-1",
        "An answer with characters beyond ASCII is encoded as Latin-1.",
        completion(each_message(lambda message: message.update(content="café")), _is_wide),
        packets(_latin, _is_wide),
        kills="CC-HTTP-008",
        also=(*UNREADABLE, Aspect.FRAMING),
    ),
)
