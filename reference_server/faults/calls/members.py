"""Faults in the members of a tool call: missing, null, of the wrong type, or in the wrong place."""

from __future__ import annotations

from typing import Any

import orjson

from chatconform.reference_server.faults.alterations.asks import FORMS
from chatconform.reference_server.faults.alterations.calls import (
    at_start,
    calls_in,
    in_first_function,
    in_function,
)
from chatconform.reference_server.faults.alterations.making import Edit, dropping, setting
from chatconform.reference_server.faults.consequences.calls import (
    AGAINST_SCHEMA,
    NO_HEAD,
    REFUSED_BACK,
    of,
    without,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.CALLS, Aspect.SHAPE)
_NO_ID, _NO_NAME = "CC-TOOLS-001 CC-TOOLS-005", "CC-TOOLS-001 CC-TOOLS-015"
_NO_ARGUMENTS = "CC-TOOLS-001 CC-TOOLS-002"


def _flat(call: Any) -> dict[str, Any]:
    function = call.pop("function")
    return {**call, **function}


def _parsed(function: Any) -> None:
    function["arguments"] = orjson.loads(function["arguments"] or "{}")


# In both forms of an answer.
_IN_BOTH: tuple[tuple[str, str, Edit, str], ...] = (
    ("call-id-missing", "A tool call has no id", at_start(dropping("id")), _NO_ID),
    ("call-id-null", "The id of a tool call is null", at_start(setting(id=None)), _NO_ID),
    ("call-id-a-number", "The id of a tool call is a number", at_start(setting(id=1)), _NO_ID),
    ("call-name-missing", "A tool call has no name", in_first_function(dropping("name")), _NO_NAME),
    ("call-name-null", "The name of a tool call is null", in_first_function(setting(name=None)), _NO_NAME),
    ("call-flat", "A tool call has name and arguments outside of `function`", at_start(_flat), _NO_NAME),
    (
        "call-type-wrong",
        "The type of a tool call is `tool_call`",
        at_start(setting(type="tool_call")),
        "CC-TOOLS-001",
    ),
)
# A stream may leave them out of its fragments.
_IN_PLAIN_ANSWERS: tuple[tuple[str, str, Edit, str], ...] = (
    ("call-type-missing", "A tool call has no type", at_start(dropping("type")), "CC-TOOLS-001"),
    ("call-type-null", "The type of a tool call is null", at_start(setting(type=None)), "CC-TOOLS-001"),
    (
        "call-a-string",
        "A tool call is nothing but the name of the tool",
        at_start(lambda call: call["function"]["name"]),
        _NO_ID,
    ),
    (
        "call-arguments-object",
        "The arguments of a tool call are an object",
        in_function(_parsed),
        _NO_ARGUMENTS,
    ),
    (
        "call-arguments-missing",
        "A tool call has no arguments",
        in_function(dropping("arguments")),
        _NO_ARGUMENTS,
    ),
    (
        "call-arguments-null",
        "The arguments of a tool call are null",
        in_function(setting(arguments=None)),
        _NO_ARGUMENTS,
    ),
)
_COLLATERAL = {
    "plain": of(
        AGAINST_SCHEMA["plain"], REFUSED_BACK, {"CC-TOOLS-015": "a call that is no object has no name"}
    ),
    "streamed": of(AGAINST_SCHEMA["streamed"], NO_HEAD),
}
_SEEN_IN = {
    "call-arguments-object": (
        "ggml-org/llama.cpp#20198",
        "huggingface/text-generation-inference#2136",
    )
}

ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"{name}-{form}",
            f"{defect}, in {form} answers.",
            calls_in(form, change),
            kills=kills,
            collateral=without(_COLLATERAL[form], kills.split()),
        )
        for name, defect, change, kills in _IN_BOTH
        for form in FORMS
    ),
    *(
        fault(
            name,
            f"{defect}.",
            calls_in("plain", change),
            kills=kills,
            collateral=without(_COLLATERAL["plain"], kills.split()),
            seen_in=_SEEN_IN.get(name, ()),
        )
        for name, defect, change, kills in _IN_PLAIN_ANSWERS
    ),
    fault(
        "call-arguments-object-streamed",
        "The first fragment of a tool call has an empty object in the place of arguments.",
        calls_in("streamed", in_first_function(setting(arguments={}))),
        kills="CC-TOOLS-001",
        collateral=AGAINST_SCHEMA["streamed"],
        seen_in=_SEEN_IN["call-arguments-object"],
    ),
)
