"""Faults in single models: missing routes, other models than were listed, and ids that nobody has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatconform.reference_server.faults.alterations.conditions import is_single
from chatconform.reference_server.faults.alterations.making import Edit, When, document, dropping, setting
from chatconform.reference_server.faults.alterations.responses import (
    PAGE,
    Redo,
    answers,
    both,
    error,
    json,
    status,
    text,
    with_code,
    with_status,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked

fault = family(Aspect.MODELS)
# The refusals of a route are spoilt as well.
refusing = family(Aspect.MODELS, Aspect.ERRORS, Aspect.REFUSALS)
_NO_ROUTE = both(status(404), text(PAGE, "text/html"))
_MODEL = {"id": "reference-1", "object": "model", "created": 1_767_225_600, "owned_by": "chatconform"}


def _single(change: Edit, when: When = is_single) -> Alteration:
    """The document of a single model is another one."""

    def edit(found: Any) -> Any:
        if not (isinstance(found, dict) and found.get("object") == "model"):
            return found
        own = dict(found)
        changed = change(own)
        return own if changed is None else changed

    return document(edit, when)


def _has_slash(asked: Asked) -> bool:
    return is_single(asked) and "/" in asked.path.partition("/models/")[2]


def _served(change: Redo, when: When = is_single) -> Alteration:
    return answers(change, when, with_status(200))


def _unknown(change: Redo) -> Alteration:
    return answers(change, is_single, with_code("model_not_found"))


def _adding(**members: Any) -> Redo:
    return error(setting(**members))


_SINGLES: Mapping[str, tuple[str, Alteration]] = {
    "single-route-missing": ("The route of a single model does not exist.", _served(_NO_ROUTE)),
    "single-500": ("A single model answers 500.", _served(both(status(500), text(PAGE, "text/html")))),
    "single-as-list": (
        "A single model is sent as a list of one.",
        _single(lambda found: {"object": "list", "data": [found]}),
    ),
    "single-in-array": ("A single model is sent in an array.", _single(lambda found: [found])),
    "single-of-other-object": (
        "The object of a single model is `engine`.",
        _single(setting(object="engine")),
    ),
    "single-without-object": ("A single model has no `object`.", _single(dropping("object"))),
    "single-constant": (
        "The first model is served for every id.",
        _single(lambda _: dict(_MODEL, id="first")),
    ),
    "single-without-id": ("A single model has no `id`.", _single(dropping("id"))),
    "single-of-other-owner": (
        "A single model has another owner than is listed.",
        _single(setting(owned_by="them")),
    ),
    "single-without-owner": ("A single model has no owner.", _single(dropping("owned_by"))),
    "single-of-other-date": ("A single model has another date than is listed.", _single(setting(created=0))),
    "single-without-date": ("A single model has no date.", _single(dropping("created"))),
}


def _last_part(found: Any) -> None:
    found["id"] = found["id"].rpartition("/")[2]


def _is_encoded(asked: Asked) -> bool:
    return is_single(asked) and "%2f" in asked.raw_path.lower()


def _is_raw(asked: Asked) -> bool:
    return _has_slash(asked) and not _is_encoded(asked)


def _encoded(found: Any) -> None:
    found["id"] = found["id"].replace("/", "%2F")


_SLASHES: Mapping[str, tuple[str, Alteration]] = {
    "slash-id-missing": (
        "The route takes one path segment, so an id with a slash answers 404.",
        _served(_NO_ROUTE, _has_slash),
    ),
    "slash-id-missing-raw": ("A raw slash in an id answers 404.", _served(_NO_ROUTE, _is_raw)),
    "slash-id-missing-encoded": (
        "A percent-encoded slash in an id answers 404.",
        _served(_NO_ROUTE, _is_encoded),
    ),
    "slash-id-cut": ("Of an id with a slash only its last part comes back.", _single(_last_part, _has_slash)),
    "slash-id-encoded": ("An id with a slash comes back encoded.", _single(_encoded, _has_slash)),
}
_UNKNOWN: Mapping[str, tuple[str, Alteration]] = {
    "unknown-id-made-up": (
        "Any id answers 200 with a made-up model.",
        _unknown(both(status(200), json(_MODEL))),
    ),
    "unknown-id-200": ("An unknown id answers 200 with an error object.", _unknown(status(200))),
    "unknown-id-400": ("An unknown id answers 400.", _unknown(status(400))),
    "unknown-id-500": ("An unknown id answers 500.", _unknown(status(500))),
    "unknown-id-page": ("An unknown id answers 404 with a page.", _unknown(text(PAGE, "text/html"))),
    "unknown-id-empty": ("An unknown id answers 404 without a body.", _unknown(text("", None))),
    "unknown-id-detail": (
        "An unknown id answers {detail: ...}.",
        _unknown(json({"detail": "The model does not exist."})),
    ),
    "unknown-id-told-as-object": (
        "The message to an unknown id is an object.",
        _unknown(_adding(message={"text": "The model does not exist."})),
    ),
    "unknown-id-not-found": (
        "An unknown id answers Not Found, as an unknown path does.",
        _unknown(_adding(message="Not Found")),
    ),
}

ALL: tuple[Fault, ...] = (
    *(
        fault(
            name,
            defect,
            change,
            kills="CC-MODELS-005",
            seen_in="ENTERPILOT/GoModel#959" if name == "single-route-missing" else (),
        )
        for name, (defect, change) in _SINGLES.items()
    ),
    *(
        fault(
            name,
            defect,
            change,
            kills="CC-MODELS-006",
            seen_in="ENTERPILOT/GoModel#959" if name == "slash-id-missing" else (),
        )
        for name, (defect, change) in _SLASHES.items()
    ),
    *(refusing(name, defect, change, kills="CC-MODELS-007") for name, (defect, change) in _UNKNOWN.items()),
)
