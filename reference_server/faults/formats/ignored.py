"""Faults in which a response format is ignored, on exactly one path each, or treated as another one."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults.alterations.asks import both, offers_tools, wants
from chatconform.reference_server.faults.alterations.making import Edit, dropping, model_body, setting
from chatconform.reference_server.faults.alterations.paths import PATHS
from chatconform.reference_server.faults.consequences.calls import NOT_FORWARDED, TOOLS_NOT_FORWARDED
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Asked

fault = family(Aspect.PARAMETERS, Aspect.TEXT)
_LATER = "later-turn-streamed"

_OBJECT_KILLS = (
    "CC-FORMAT-001@plain",
    "CC-FORMAT-001@streamed",
    "CC-CONT-030@after-tool-result",
    f"CC-CONT-031@{_LATER}",
)
_SCHEMA_KILLS = (
    "CC-FORMAT-003@plain",
    "CC-FORMAT-008@streamed",
    "CC-CONT-057@after-tool-result",
    f"CC-CONT-057@{_LATER}",
)
_DROPPED = dropping("response_format")

# Each format: what becomes of it, and its rules on the four paths.
_FORMATS: tuple[tuple[str, str, str, Edit, tuple[str, ...]], ...] = (
    (
        "json-object-dropped",
        "json_object",
        "A response_format of type json_object is dropped",
        _DROPPED,
        _OBJECT_KILLS,
    ),
    (
        "json-schema-dropped",
        "json_schema",
        "A response_format of type json_schema is dropped",
        _DROPPED,
        _SCHEMA_KILLS,
    ),
    (
        "json-schema-as-json-object",
        "json_schema",
        "A response_format of type json_schema is treated as json_object",
        setting(response_format={"type": "json_object"}),
        _SCHEMA_KILLS,
    ),
)
_SEEN_IN: Mapping[str, tuple[str, ...]] = {
    "json-object-dropped": ("ROCm/FastFlowLM#554", "getzep/graphiti#1291"),
    "json-schema-dropped": ("mealie-recipes/mealie#8133 (Ollama Cloud)", "laravel/ai#879"),
    "json-schema-as-json-object": ("ggml-org/llama.cpp#28697",),
}


def _wants_json(asked: Asked) -> bool:
    return wants("json_object")(asked) or wants("json_schema")(asked)


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"{name}-{path}",
            f"{defect} (only on the path {path}).",
            model_body(change, both(PATHS[path], wants(kind))),
            kills=kills,
            collateral=NOT_FORWARDED,
            seen_in=_SEEN_IN[name],
        )
        for name, kind, defect, change, by_path in _FORMATS
        for path, kills in zip(PATHS, by_path, strict=True)
    ),
    fault(
        "format-instead-of-call",
        "With response_format the tool call is replaced by JSON text.",
        model_body(dropping("tools", "tool_choice"), both(offers_tools, _wants_json)),
        kills="CC-FORMAT-010",
        collateral=TOOLS_NOT_FORWARDED,
        also=(Aspect.CALLS, Aspect.FINISH),
        seen_in="MiaAI-Lab/GLM-5.3-Flash-EXL3-2x-DGX-Sparks#24",
    ),
)
