"""Edits of whole responses: their status, media type and body, for faults that are about the envelope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chatconform.reference_server.answer import new_id, now
from chatconform.reference_server.faults.alterations.making import Edit, When, always, reply
from chatconform.reference_server.faults.fault import Aspect
from chatconform.reference_server.seams import Alteration, Document, Response

Redo = Callable[[Response], Response]
Kind = Callable[[Response], bool]

# What is spoilt where nobody can read an answer any more.
UNREADABLE = (
    Aspect.PROMPT,
    Aspect.PARAMETERS,
    Aspect.TEXT,
    Aspect.CALLS,
    Aspect.FINISH,
    Aspect.USAGE,
    Aspect.LOGPROBS,
    Aspect.IDENTITY,
    Aspect.SHAPE,
)
# As an upstream server, or a proxy on the way, would send it.
PAGE = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"


def answers(change: Redo, when: When = always, of: Kind = lambda _: True) -> Alteration:
    """Responses of a kind are others."""
    return reply(lambda response, _: change(response) if of(response) else response, when)


def refusals(change: Redo, when: When = always) -> Alteration:
    """Responses of 400 or above are others."""
    return answers(change, when, lambda response: response.status >= 400)


def with_status(status: int) -> Kind:
    """Responses of this status."""
    return lambda response: response.status == status


def with_code(code: str) -> Kind:
    """Errors with this code."""
    return lambda response: error_in(response).get("code") == code


def error_in(response: Response) -> dict[str, Any]:
    """The error object of a response; empty where it has none."""
    document = response.document
    found = document.get("error") if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def status(code: int) -> Redo:
    """The same response with another status."""
    return lambda response: replace(response, status=code)


def typed(media_type: str | None) -> Redo:
    """The same body under another media type, or under none."""

    def retype(response: Response) -> Response:
        others = tuple(pair for pair in response.headers if pair[0] != "content-type")
        own = () if media_type is None else (("content-type", media_type),)
        return replace(response, headers=(*others, *own))

    return retype


def text(body: str, media_type: str | None = "text/plain") -> Redo:
    """A body that is no JSON."""
    retype = typed(media_type)
    return lambda response: replace(retype(response), document=None, content=body.encode(), chunks=None)


def json(document: Document) -> Redo:
    """Another JSON body."""
    retype = typed("application/json")
    return lambda response: replace(retype(response), document=document, chunks=None)


def error(change: Edit) -> Redo:
    """Another error object; what has none is left alone."""

    def edit(response: Response) -> Response:
        found = dict(error_in(response))
        if not found:
            return response
        changed = change(found)
        return replace(response, document={"error": found if changed is None else changed})

    return edit


def both(first: Redo, second: Redo) -> Redo:
    """One edit after the other."""
    return lambda response: second(first(response))


# What else turns red where an answer is made up by `completion`.
INVENTED_COUNTS: Mapping[str, str] = dict.fromkeys(
    ("CC-USAGE-011", "CC-USAGE-013"), "its token counts are invented"
)


def completion(says: str) -> Redo:
    """A completion in the place of an error, as if the model had said what is wrong."""
    message = {"role": "assistant", "content": says, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
    rest = {"object": "chat.completion", "model": "reference-1", "choices": [choice], "usage": usage}

    def redo(response: Response) -> Response:
        return both(status(200), json({"id": new_id(), "created": now(), **rest}))(response)

    return redo
