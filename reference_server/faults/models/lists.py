"""Faults in the list of models: its shape, and what its ids are good for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chatconform.reference_server.faults.alterations.conditions import is_list
from chatconform.reference_server.faults.alterations.making import dropping, setting
from chatconform.reference_server.faults.alterations.responses import (
    PAGE,
    Redo,
    answers,
    both,
    status,
    text,
    typed,
    with_status,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.models.entries import each_entry, each_list
from chatconform.reference_server.seams import Alteration

fault = family(Aspect.MODELS)


def _served(change: Redo) -> Alteration:
    return answers(change, is_list, with_status(200))


_SHAPES: Mapping[str, tuple[str, Alteration]] = {
    "list-as-models": (
        "The list is sent as {models: [...]}.",
        each_list(lambda found: {"models": found["data"]}),
    ),
    "list-bare": ("The list is sent as a bare array.", each_list(lambda found: found["data"])),
    "list-without-object": ("The list has no `object`.", each_list(dropping("object"))),
    "list-of-other-object": ("The `object` of the list is `models`.", each_list(setting(object="models"))),
    "list-object-null": ("The `object` of the list is null.", each_list(setting(object=None))),
    "list-data-null": ("The `data` of the list is null.", each_list(setting(data=None))),
    "list-data-missing": ("The list has no `data`.", each_list(dropping("data"))),
    "list-data-by-id": (
        "The `data` of the list is an object with an entry for each id.",
        each_list(lambda found: {**found, "data": {entry["id"]: entry for entry in found["data"]}}),
    ),
    "list-data-single": (
        "The `data` of the list is one model.",
        each_list(lambda found: {**found, "data": found["data"][0]}),
    ),
    "list-as-page": ("The list is a page.", _served(text(PAGE, "text/html"))),
    "list-cut": (
        "The JSON of the list ends in its middle.",
        _served(text('{"object": "list", "data": [{', "application/json")),
    ),
    "list-as-text": ("The JSON of the list is declared as text/plain.", _served(typed("text/plain"))),
    "list-404": (
        "The route of the list does not exist.",
        _served(both(status(404), text(PAGE, "text/html"))),
    ),
    "list-500": ("The list answers 500.", _served(status(500))),
    "list-202": ("The list answers 202.", _served(status(202))),
}
_SEEN: Mapping[str, str] = {
    "list-without-object": "mostlygeek/llama-swap#154",
    "list-bare": "exo-explore/exo#590",
    "list-as-models": "vllm-project/router#134",
}


def _twice(found: Any) -> Any:
    return {**found, "data": [entry for entry in found["data"] for _ in range(2)]}


def _ids(change: Callable[[str], str]) -> Alteration:
    return each_entry(lambda entry: entry.update(id=change(entry["id"])))


_IDS: Mapping[str, tuple[str, str, Alteration]] = {
    "list-twice": ("CC-MODELS-003", "Every model is listed twice.", each_list(_twice)),
    "list-ids-constant": (
        "CC-MODELS-003",
        "Every model is listed under the id of the first.",
        _ids(lambda _: "reference-1"),
    ),
    "list-ids-prefixed": (
        "CC-MODELS-010",
        "The list shows ids with a prefix that the chat route does not accept.",
        _ids(lambda name: f"models/{name}"),
    ),
    "list-without-model": (
        "CC-MODELS-010",
        "The list has others than the model that chats.",
        each_list(lambda found: {**found, "data": found["data"][2:]}),
    ),
}

ALL: tuple[Fault, ...] = (
    *(
        fault(name, defect, change, kills="CC-MODELS-001", seen_in=_SEEN.get(name, ()))
        for name, (defect, change) in _SHAPES.items()
    ),
    *(fault(name, defect, change, kills=kills) for name, (kills, defect, change) in _IDS.items()),
)
