"""Faults in the entries of the list of models: each member missing, null, of another type, or untrue."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from chatconform.reference_server.faults.alterations.conditions import is_list
from chatconform.reference_server.faults.alterations.making import Edit, document, dropping, setting
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration

fault = family(Aspect.MODELS)


def each_list(change: Edit) -> Alteration:
    """The document of the list is another one."""

    def edit(found: Any) -> Any:
        return change(found) if isinstance(found, dict) and found.get("object") == "list" else found

    return document(edit, is_list)


def each_entry(change: Edit) -> Alteration:
    """Every entry is another one."""

    def edit(found: Any) -> Any:
        changed = [_changed(change, entry) for entry in found["data"]]
        return {**found, "data": changed}

    return each_list(edit)


def _changed(change: Edit, entry: Any) -> Any:
    own = dict(entry)
    made = change(own)
    return own if made is None else made


_MISSING = object()
_MEMBERS: Mapping[str, Mapping[str, Any]] = {
    "id": {"missing": _MISSING, "null": None, "empty": "", "number": 7, "list": ["reference-1"]},
    "object": {"missing": _MISSING, "null": None, "plural": "models", "other": "engine", "number": 1},
    "created": {
        "missing": _MISSING,
        "null": None,
        "string": "1767225600",
        "date": "2026-01-01",
        "boolean": True,
    },
    "owned-by": {
        "missing": _MISSING,
        "null": None,
        "number": 1,
        "list": ["chatconform"],
        "object": {"name": "us"},
    },
}
_DATES: Mapping[str, tuple[str, float]] = {
    "in-milliseconds": ("in milliseconds", 1_767_225_600_000),
    "in-microseconds": ("in microseconds", 1_767_225_600_000_000),
    "fraction": ("a fraction", 1_767_225_600.25),
    "negative": ("below zero", -1),
}
_SEEN = {"entry-created-missing": "webai-at-home/webai-at-home#208"}


def _member(member: str, value: Any) -> Edit:
    name = member.replace("-", "_")
    return dropping(name) if value is _MISSING else setting(**{name: value})


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"entry-{member}-{what}",
            f"`{member.replace('-', '_')}` of a listed model is {'wrong: ' if value else ''}{what}.",
            each_entry(_member(member, value)),
            kills="CC-MODELS-002",
            seen_in=_SEEN.get(f"entry-{member}-{what}", ()),
        )
        for member, values in _MEMBERS.items()
        for what, value in values.items()
    ),
    fault(
        "entries-as-names",
        "The entries of the list are names alone.",
        each_entry(lambda entry: entry["id"]),
        kills="CC-MODELS-002",
    ),
    fault(
        "entry-created-now",
        "`created` is the time of the request.",
        each_entry(lambda entry: entry.update(created=int(time.time()))),
        kills="CC-MODELS-004",
        seen_in="pollinations/pollinations#13875",
    ),
    *(
        fault(
            f"entry-created-{name}",
            f"`created` of a listed model is {what}.",
            each_entry(setting(created=value)),
            kills="CC-MODELS-008",
        )
        for name, (what, value) in _DATES.items()
    ),
    *(
        fault(
            f"entry-shutdown-date-{what}",
            f"`shutdown_date` of a listed model is a {what}.",
            each_entry(setting(shutdown_date=value)),
            kills="CC-MODELS-009",
        )
        for what, value in (("number", 1_767_225_600), ("boolean", False), ("list", []))
    ),
)
