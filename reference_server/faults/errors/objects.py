"""Faults in the error object: its envelope, its type, and each of its members."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.alterations.conditions import is_api
from chatconform.reference_server.faults.alterations.making import Edit, dropping, setting
from chatconform.reference_server.faults.alterations.making import error as each_error
from chatconform.reference_server.faults.alterations.responses import (
    PAGE,
    Redo,
    error_in,
    json,
    refusals,
    text,
    typed,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Response

fault = family(Aspect.ERRORS)
_USAGE = {"prompt_tokens": 7, "completion_tokens": 0, "total_tokens": 7}
_CHOICE = {"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "stop"}


def _made_of(make: Callable[[dict[str, Any]], Any]) -> Redo:
    """The document is made of the error object."""
    return lambda response: json(make(error_in(response)))(response)


def _in_text(make: Callable[[str], str], media_type: str | None = "application/json") -> Redo:
    return lambda response: text(make(str(error_in(response).get("message"))), media_type)(response)


def _beside(**members: Any) -> Redo:
    def add(response: Response) -> Response:
        return replace(response, document={**(response.document or {}), **members})

    return add


# An error that is not the nested object, and what of it no other rule can be seen in.
_ENVELOPES: Mapping[str, tuple[str, Redo]] = {
    "error-as-detail": (
        "Errors are sent as {detail: ...}.",
        _made_of(lambda e: {"detail": e.get("message")}),
    ),
    "error-as-detail-list": (
        "Errors are sent as {detail: [{loc, msg}]}.",
        _made_of(lambda e: {"detail": [{"loc": ["body", e.get("param")], "msg": e.get("message")}]}),
    ),
    "error-flat": (
        "The members of an error stand at the top of the body.",
        _made_of(lambda e: {"object": "error", **e}),
    ),
    "error-as-string": (
        "Errors are sent as {error: '...'}.",
        _made_of(lambda e: {"error": e.get("message")}),
    ),
    "error-as-list": ("Errors are sent as {error: [{...}]}.", _made_of(lambda e: {"error": [e]})),
    "error-in-array": ("Errors are sent as [{error: {...}}].", _made_of(lambda e: [{"error": e}])),
    "error-null": ("Errors are sent as {error: null}.", _made_of(lambda _: {"error": None})),
    "error-plural": ("Errors are sent as {errors: [{...}]}.", _made_of(lambda e: {"errors": [e]})),
    "error-object-empty": ("Errors are sent as {error: {}}.", _made_of(lambda _: {"error": {}})),
    "error-nested-twice": (
        "Errors are sent as {error: {error: {...}}}.",
        _made_of(lambda e: {"error": {"error": e}}),
    ),
    "error-in-json-string": ("Errors are sent as a JSON string.", _made_of(lambda e: str(e.get("message")))),
    "error-as-words-of-json": ("Errors are plain words declared as JSON.", _in_text(str)),
    "error-page-as-json": ("Errors are pages declared as JSON.", _in_text(lambda _: PAGE)),
    "error-cut": (
        "The JSON of an error ends in its middle.",
        _in_text(lambda told: f'{{"error": {{"message": "{told[:9]}'),
    ),
    "error-empty": ("Errors have no body.", _in_text(lambda _: "", None)),
}
_PAGES: Mapping[str, tuple[str, Redo]] = {
    "error-page": ("Errors are sent as HTML.", _in_text(lambda _: PAGE, "text/html")),
    "error-as-text": ("Errors are sent as plain text.", _in_text(str, "text/plain")),
    "error-as-event": (
        "Errors are sent as an event of a stream.",
        _in_text(lambda told: f"data: {told}\n\n", "text/event-stream"),
    ),
}
_TYPES: Mapping[str, tuple[str, Redo]] = {
    "error-typed-text": ("The JSON of errors is declared as text/plain.", typed("text/plain; charset=utf-8")),
    "error-typed-page": ("The JSON of errors is declared as text/html.", typed("text/html")),
    "error-typed-problem": (
        "The JSON of errors is declared as application/problem+json.",
        typed("application/problem+json"),
    ),
    "error-untyped": ("Errors have no Content-Type.", typed(None)),
}
_BESIDE: Mapping[str, tuple[str, Redo]] = {
    "error-inside-completion": (
        "An error is sent inside a completion with empty text.",
        _beside(id="chatcmpl-0", object="chat.completion", choices=[_CHOICE], usage=_USAGE),
    ),
    "error-beside-choices": ("An error is sent beside an empty choice.", _beside(choices=[_CHOICE])),
    "error-beside-usage": ("An error is sent beside usage.", _beside(usage=_USAGE)),
}
_SEEN: Mapping[str, tuple[str, ...]] = {
    "error-flat": ("vllm-project/vllm#12886",),
    "error-as-detail": ("ogx-ai/ogx#2990",),
    "error-as-detail-list": ("earendil-works/pi#6238",),
    "error-as-string": ("qualcomm/GenieX#683",),
    "error-type-null": ("stanford-crfm/helm#3327",),
}
_MISSING = object()
_MEMBERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "message": (
        "CC-ERR-001",
        {
            "missing": _MISSING,
            "null": None,
            "empty": "",
            "number": 400,
            "boolean": True,
            "list": ["The request is wrong."],
            "object": {"text": "The request, the key or the model is wrong."},
        },
    ),
    "type": (
        "CC-ERR-009",
        {
            "missing": _MISSING,
            "null": None,
            "empty": "",
            "number": 400,
            "list": ["error"],
            "object": {"name": "error"},
        },
    ),
    "param": ("CC-ERR-010", {"list": ["body", "n"], "number": 0, "boolean": False, "object": {"name": "n"}}),
    "code": (
        "CC-ERR-011",
        {"list": ["wrong"], "boolean": True, "fraction": 400.5, "object": {"name": "wrong"}},
    ),
}


def _edit(member: str, value: Any) -> Edit:
    return dropping(member) if value is _MISSING else setting(**{member: value})


def _of_members() -> tuple[Fault, ...]:
    return tuple(
        fault(
            f"error-{member}-{what}",
            f"`error.{member}` is {what}."
            if what in ("missing", "null", "empty")
            else f"`error.{member}` is of the type {what}.",
            each_error(_edit(member, value), is_api),
            kills=kills,
            seen_in=_SEEN.get(f"error-{member}-{what}", ()),
        )
        for member, (kills, values) in _MEMBERS.items()
        for what, value in values.items()
    )


_TABLES = (
    ("CC-ERR-001", _ENVELOPES),
    ("CC-ERR-001 CC-ERR-012", _PAGES),
    ("CC-ERR-012", _TYPES),
    ("CC-ERR-013", _BESIDE),
)
ALL: tuple[Fault, ...] = (
    *(
        fault(name, defect, refusals(change, is_api), kills=kills, seen_in=_SEEN.get(name, ()))
        for kills, table in _TABLES
        for name, (defect, change) in table.items()
    ),
    *_of_members(),
)
