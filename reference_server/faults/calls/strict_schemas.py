"""Faults of strict schemas, of tools and of response formats: one keyword after the other is not enforced."""

from __future__ import annotations

from collections.abc import Callable

from chatconform.reference_server.faults.alterations.asks import FORMS
from chatconform.reference_server.faults.alterations.rewriting import arguments_of_tools, json_texts
from chatconform.reference_server.faults.alterations.schema_breaches import BREACHES, Breach, broken
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import ChatRequest, Tool

of_tools = family(Aspect.CALLS)
of_formats = family(Aspect.TEXT)

_TOOL_KEYWORDS = {
    "required": "CC-TOOLS-003",
    "additional-properties": "CC-TOOLS-003",
    "enum": "CC-TOOLS-029",
    "maximum": "CC-TOOLS-030",
    "minimum": "CC-TOOLS-030",
    "required-within": "CC-TOOLS-031",
    "additional-properties-within": "CC-TOOLS-031",
    "items": "CC-TOOLS-031",
    "required-of-items": "CC-TOOLS-031",
    "array": "CC-TOOLS-031",
}
_FORMAT_KEYWORDS = {
    "required": "CC-FORMAT-003",
    "type": "CC-FORMAT-003",
    "enum": "CC-FORMAT-012",
    "array": "CC-FORMAT-013",
    "items": "CC-FORMAT-013",
    "required-within": "CC-FORMAT-014",
    "additional-properties-within": "CC-FORMAT-014",
    "reference": "CC-FORMAT-015",
    "any-of": "CC-FORMAT-016",
    "additional-properties": "CC-FORMAT-017",
}
_SEEN_IN = {
    "CC-TOOLS-003": "Anthropic's compatible endpoint documents `strict` as ignored",
    "CC-TOOLS-029": "ollama/ollama#17597",
    "CC-TOOLS-030": "ollama/ollama#17142",
    "CC-TOOLS-031": "sgl-project/sglang#38890",
    "CC-FORMAT-012": "ggml-org/llama.cpp#8073",
    "CC-FORMAT-015": "ggml-org/llama.cpp#8073",
}


def _in_arguments(breach: Breach) -> Callable[[str, Tool], str]:
    def change(text: str, tool: Tool) -> str:
        return broken(text, tool.parameters, breach) if tool.definition.get("strict") is True else text

    return change


def _in_json(breach: Breach) -> Callable[[str, ChatRequest], str]:
    def change(text: str, request: ChatRequest) -> str:
        strict = (request.definition or {}).get("strict") is True
        return broken(text, request.schema, breach) if strict else text

    return change


ALL: tuple[Fault, ...] = (
    *(
        of_tools(
            f"strict-tool-{keyword}-ignored",
            f"The schema of a strict tool is not followed: {keyword.replace('-', ' ')}.",
            arguments_of_tools(_in_arguments(BREACHES[keyword])),
            kills=kills,
            seen_in=_SEEN_IN.get(kills, ()),
        )
        for keyword, kills in _TOOL_KEYWORDS.items()
    ),
    *(
        of_formats(
            f"strict-schema-{keyword}-ignored",
            f"A strict schema is not followed: {keyword.replace('-', ' ')}.",
            json_texts(_in_json(BREACHES[keyword]), FORMS["plain"]),
            kills=kills,
            seen_in=_SEEN_IN.get(kills, ()),
        )
        for keyword, kills in _FORMAT_KEYWORDS.items()
    ),
    *(
        of_formats(
            f"strict-schema-{keyword}-ignored-in-streams",
            f"A strict schema is not followed in streams: {keyword}.",
            json_texts(_in_json(BREACHES[keyword]), FORMS["streamed"]),
            kills="CC-FORMAT-008",
            collateral={"CC-CONT-057": "it is so on later turns as well"},
        )
        for keyword in ("required", "type")
    ),
)
