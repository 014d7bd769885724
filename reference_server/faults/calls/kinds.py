"""Faults of calls that are no tool calls of functions: of custom tools, and the deprecated function_call."""

from __future__ import annotations

from typing import Any

import orjson

from chatconform.reference_server.faults.alterations.asks import FORMS, offers_functions, offers_tools
from chatconform.reference_server.faults.alterations.calls import calls_in
from chatconform.reference_server.faults.alterations.making import (
    Edit,
    chats,
    chunk,
    completion,
    dropping,
    each_message,
    model_body,
    setting,
)
from chatconform.reference_server.faults.consequences.calls import (
    AGAINST_SCHEMA,
    TOOLS_NOT_FORWARDED,
    WRONG_NAME,
    of,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration

fault = family(Aspect.CALLS, Aspect.SHAPE)


def _custom(change: Edit) -> Alteration:
    """Every whole call of a custom tool is another one."""
    return calls_in("plain", lambda call: change(call) if "custom" in call else None)


def _in_custom(change: Edit) -> Alteration:
    def edit(call: Any) -> None:
        call["custom"] = change(call["custom"]) or call["custom"]

    return _custom(edit)


def _as_function(call: Any) -> dict[str, Any]:
    written = {"name": call["custom"]["name"], "arguments": call["custom"]["input"]}
    return {"id": call["id"], "type": "function", "function": written}


def _legacy(change: Edit) -> Alteration:
    """Every whole function_call is another one."""

    def edit(message: Any) -> None:
        if message.get("function_call"):
            message["function_call"] = change(message["function_call"]) or message["function_call"]

    return completion(each_message(edit))


def _parsed(function: Any) -> None:
    function["arguments"] = orjson.loads(function["arguments"])


def _as_tools(body: Any) -> dict[str, Any]:
    tools = [{"type": "function", "function": each} for each in body["functions"]]
    return {**{name: value for name, value in body.items() if name != "functions"}, "tools": tools}


def _as_functions(body: Any) -> dict[str, Any]:
    functions = [tool["function"] for tool in body["tools"] if "function" in tool]
    return {**{name: value for name, value in body.items() if name != "tools"}, "functions": functions}


def _called_as_well(message: Any) -> None:
    """A function_call stands among the tool calls as well."""
    if message.get("function_call"):
        message["tool_calls"] = [{"id": "call_0", "type": "function", "function": message["function_call"]}]


def _first_repeated(message: Any) -> None:
    calls = message.get("tool_calls") or ()
    if calls and "id" in calls[0] and "function" in calls[0]:
        message["function_call"] = calls[0]["function"]


ALL: tuple[Fault, ...] = (
    fault(
        "custom-call-as-function",
        "A call of a custom tool comes as a function call.",
        _custom(_as_function),
        kills="CC-TOOLS-022",
        collateral=AGAINST_SCHEMA["plain"],
    ),
    fault(
        "custom-call-of-type-function",
        "A call of a custom tool has the type function.",
        _custom(setting(type="function")),
        kills="CC-TOOLS-022",
        collateral=AGAINST_SCHEMA["plain"],
    ),
    fault(
        "custom-call-without-type",
        "A call of a custom tool has no type.",
        _custom(dropping("type")),
        kills="CC-TOOLS-022",
        collateral=AGAINST_SCHEMA["plain"],
    ),
    fault(
        "custom-input-missing",
        "A call of a custom tool has no input.",
        _in_custom(dropping("input")),
        kills="CC-TOOLS-022",
        collateral=AGAINST_SCHEMA["plain"],
    ),
    fault(
        "custom-input-an-object",
        "The input of a call of a custom tool is an object.",
        _in_custom(lambda custom: custom.update(input={"text": custom["input"]})),
        kills="CC-TOOLS-022",
        collateral=AGAINST_SCHEMA["plain"],
    ),
    fault(
        "functions-dropped",
        "`functions` is dropped.",
        model_body(dropping("functions", "function_call"), offers_functions),
        kills="CC-TOOLS-026",
        also=(Aspect.PARAMETERS,),
        seen_in="Continuum-AI-Corp/OrcaRouter-Lite#131",
    ),
    fault(
        "functions-called-as-tools",
        "Deprecated functions are called with tool_calls.",
        model_body(_as_tools, offers_functions),
        kills="CC-TOOLS-026",
        also=(Aspect.PARAMETERS, Aspect.FINISH),
    ),
    fault(
        "tools-called-as-functions",
        "Tools are called with the deprecated function_call.",
        model_body(_as_functions, offers_tools),
        kills="CC-CHOICE-002@plain CC-CHOICE-002@streamed",
        collateral=of(
            WRONG_NAME, TOOLS_NOT_FORWARDED, {"CC-CONT-056": "there is no tool call on later turns either"}
        ),
        also=(Aspect.PARAMETERS, Aspect.FINISH),
    ),
    fault(
        "functions-called-in-both-forms",
        "Deprecated functions are called with a function_call and with tool_calls.",
        completion(each_message(_called_as_well), offers_functions),
        kills="CC-TOOLS-020 CC-TOOLS-026",
    ),
    *(
        fault(
            f"first-call-repeated-as-function-call-{form}",
            f"The first tool call is repeated as function_call, in {form} answers.",
            make(each_message(_first_repeated), chats),
            kills="CC-TOOLS-020",
        )
        for form, make in zip(FORMS, (completion, chunk), strict=True)
    ),
    fault(
        "function-call-arguments-object",
        "The arguments of a function_call are a JSON object.",
        _legacy(_parsed),
        kills="CC-TOOLS-027",
        collateral=AGAINST_SCHEMA["plain"],
    ),
    fault(
        "function-call-without-arguments",
        "A function_call has no arguments.",
        _legacy(dropping("arguments")),
        kills="CC-TOOLS-027",
        collateral=AGAINST_SCHEMA["plain"],
    ),
    fault(
        "function-call-without-name",
        "A function_call has no name.",
        _legacy(dropping("name")),
        kills="CC-TOOLS-026 CC-TOOLS-027",
        collateral=AGAINST_SCHEMA["plain"],
    ),
    fault(
        "function-call-with-empty-name",
        "The name of a function_call is empty.",
        _legacy(setting(name="")),
        kills="CC-TOOLS-026 CC-TOOLS-027",
        collateral=AGAINST_SCHEMA["plain"],
    ),
)
