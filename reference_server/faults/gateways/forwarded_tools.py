"""Gateways that lose tools on their way to the upstream, or change how they are defined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatconform.reference_server.faults.alterations.asks import offers_tools
from chatconform.reference_server.faults.alterations.forwarding import ROADS, at, each_definition
from chatconform.reference_server.faults.alterations.making import Edit, dropping, forwarded, setting
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PARAMETERS, Aspect.CALLS, Aspect.PROMPT, Aspect.USAGE)
# The tools are parameters as well.
_KILLS = "CC-GATE-003 CC-CONT-010"
_LONGEST = 20


def _in_schemas(change: Callable[[Any], None]) -> Edit:
    """An edit of every schema within the parameters of tools."""

    def walk(schema: Any) -> None:
        change(schema)
        for name in ("properties", "$defs"):
            for inner in (schema.get(name) or {}).values():
                walk(inner)
        if isinstance(schema.get("items"), dict):
            walk(schema["items"])

    def edit(function: Any) -> None:
        if isinstance(function.get("parameters"), dict):
            walk(function["parameters"])

    return each_definition(edit)


def _losing(*names: str) -> Edit:
    def lose(schema: Any) -> None:
        for name in names:
            schema.pop(name, None)

    return _in_schemas(lose)


def _without_nested(schema: Any) -> None:
    for name, inner in (schema.get("properties") or {}).items():
        if inner.get("type") in ("object", "array"):
            schema["properties"][name] = {"type": inner["type"]}


def _as_texts(schema: Any) -> None:
    if schema.get("type") in ("integer", "number"):
        schema["type"] = "string"


def _required_all(schema: Any) -> None:
    if "properties" in schema:
        schema["required"] = sorted(schema["properties"])


def _described_shortly(function: Any) -> None:
    if function.get("description"):
        function["description"] = function["description"][:_LONGEST]


def _with_no_parameters(function: Any) -> None:
    function.setdefault("parameters", {"type": "object", "properties": {}, "required": []})
    if not function["parameters"].get("properties"):
        function["parameters"] = {"type": "object", "properties": {"input": {"type": "string"}}}


def _name_of(tool: Any) -> str:
    return str((tool.get("function") or tool.get("custom") or {}).get("name"))


_OWN_TOOL = {"type": "function", "function": {"name": "search_the_web", "parameters": {"type": "object"}}}
_CHANGES: tuple[tuple[str, str, Edit], ...] = (
    (
        "tools-without-nested-members",
        "Nested members of a tool's schema are cut off.",
        _in_schemas(_without_nested),
    ),
    ("tools-undescribed", "Descriptions of tools are lost.", each_definition(dropping("description"))),
    (
        "tools-described-shortly",
        f"Descriptions of tools are cut after {_LONGEST} characters.",
        each_definition(_described_shortly),
    ),
    (
        "tools-without-member-descriptions",
        "Descriptions of the members of a tool's schema are lost.",
        _losing("description"),
    ),
    ("tools-without-enums", "Enums are lost from the schemas of tools.", _losing("enum")),
    ("tools-without-bounds", "Bounds are lost from the schemas of tools.", _losing("minimum", "maximum")),
    ("tools-without-required", "What is required is lost from the schemas of tools.", _losing("required")),
    (
        "tools-open",
        "`additionalProperties: false` is lost from the schemas of tools.",
        _in_schemas(
            lambda schema: (
                schema.update(additionalProperties=True) if "additionalProperties" in schema else None
            )
        ),
    ),
    ("tools-of-texts", "Numbers become texts in the schemas of tools.", _in_schemas(_as_texts)),
    ("tools-required-in-order", "What is required is listed in another order.", _in_schemas(_required_all)),
    ("tools-with-an-input", "A tool without parameters gets one.", each_definition(_with_no_parameters)),
    ("tools-without-parameters", "Parameters of tools are lost.", each_definition(dropping("parameters"))),
    (
        "tools-renamed",
        "Tools are forwarded under the name of the gateway.",
        each_definition(lambda function: function.update(name=f"gw_{function['name']}")),
    ),
    ("tools-strict", "Tools are forwarded as strict.", each_definition(setting(strict=True))),
    (
        "tools-sorted",
        "Tools are forwarded in the order of their names.",
        at("tools", lambda tools: sorted(tools, key=_name_of)),
    ),
    ("tools-twice", "Every tool is forwarded twice.", at("tools", lambda tools: [*tools, *tools])),
    (
        "tools-of-its-own",
        "The gateway adds a tool of its own.",
        at("tools", lambda tools: [*tools, _OWN_TOOL]),
    ),
    ("first-tool-alone", "Only the first tool is forwarded.", at("tools", lambda tools: tools[:1])),
)

_ANSWERED = {"CC-TOOLS-002": "the model knows no schema that its arguments should fit"}

ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"gateway-{word}",
            told,
            forwarded(edit, offers_tools),
            kills=_KILLS,
            collateral=_ANSWERED if word == "tools-without-parameters" else {},
        )
        for word, told, edit in _CHANGES
    ),
    *(
        fault(
            f"gateway-tools-lost-{road}",
            f"Tools and the choice among them are lost on one path: {road.replace('-', ' ')}.",
            forwarded(dropping("tools", "tool_choice", "parallel_tool_calls"), when),
            kills=f"CC-GATE-003@{road} CC-CONT-010@{road}",
        )
        for road, when in ROADS.items()
    ),
)
