"""Faults in which a tool choice is ignored, on exactly one path each, or treated as another one."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults.alterations.asks import both, chooses, chooses_by, one_call_at_most
from chatconform.reference_server.faults.alterations.making import (
    When,
    crash,
    dropping,
    model_body,
    refusal,
    setting,
)
from chatconform.reference_server.faults.alterations.paths import PATHS
from chatconform.reference_server.faults.consequences.calls import FAILED, NOT_FORWARDED
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import Refusal

fault = family(Aspect.PARAMETERS, Aspect.CALLS)
_LATER = "later-turn-streamed"

# Each choice: what it is called, where it stands, what is dropped, and its rules on the four paths.
_CHOICES: tuple[tuple[str, str, When, str, tuple[str, ...]], ...] = (
    (
        "tool-choice-none",
        "`tool_choice: none` is treated as auto",
        chooses("none"),
        "tool_choice",
        (
            "CC-CHOICE-001@plain",
            "CC-CHOICE-001@streamed",
            "CC-CONT-055@after-tool-result",
            f"CC-CONT-055@{_LATER}",
        ),
    ),
    (
        "tool-choice-required",
        "`tool_choice: required` is treated as auto",
        chooses("required"),
        "tool_choice",
        (
            "CC-CHOICE-002@plain",
            "CC-CHOICE-002@streamed",
            "CC-CONT-032@after-tool-result",
            f"CC-CONT-056@{_LATER}",
        ),
    ),
    (
        "named-choice",
        "A tool_choice that names a function is treated as auto",
        chooses_by("function"),
        "tool_choice",
        (
            "CC-CHOICE-003@plain",
            "CC-CHOICE-003@streamed",
            "CC-CONT-033@after-tool-result",
            f"CC-CONT-033@{_LATER}",
        ),
    ),
    (
        "parallel-tool-calls",
        "`parallel_tool_calls: false` is ignored",
        one_call_at_most,
        "parallel_tool_calls",
        (
            "CC-CHOICE-007@plain",
            "CC-CHOICE-007@streamed",
            "CC-CONT-034@after-tool-result",
            f"CC-CONT-034@{_LATER}",
        ),
    ),
)
# Each form of a choice that is an object, treated as a word.
_AS_WORDS: tuple[tuple[str, str, str, str], ...] = (
    ("named-choice", "function", "required", "CC-CHOICE-003"),
    ("named-choice", "function", "none", "CC-CHOICE-003"),
    ("allowed-tools", "allowed_tools", "auto", "CC-CHOICE-008"),
    ("allowed-tools", "allowed_tools", "required", "CC-CHOICE-008"),
    ("allowed-tools", "allowed_tools", "none", "CC-CHOICE-008"),
)
_SEEN_IN: Mapping[str, tuple[str, ...]] = {
    "tool-choice-none": ("waybarrios/vllm-mlx#173", "raullenchai/Rapid-MLX#1761"),
    "tool-choice-required": ("ggml-org/llama.cpp#27217", "ollama/ollama#11171", "Blaizzy/mlx-vlm#1045"),
    "named-choice": ("ggml-org/llama.cpp#26849", "BerriAI/litellm#39737"),
    "parallel-tool-calls": ("sgl-project/sglang#9696",),
}


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"{name}-ignored-{path}",
            f"{defect} (only on the path {path}).",
            model_body(dropping(member), both(PATHS[path], condition)),
            kills=kills,
            collateral=NOT_FORWARDED,
            seen_in=_SEEN_IN[name],
        )
        for name, defect, condition, member, by_path in _CHOICES
        for path, kills in zip(PATHS, by_path, strict=True)
    ),
    *(
        fault(
            f"{name}-as-{word}",
            f"A tool_choice of type {kind} is treated as `{word}`.",
            model_body(setting(tool_choice=word), chooses_by(kind)),
            kills=kills,
            collateral=NOT_FORWARDED,
        )
        for name, kind, word, kills in _AS_WORDS
    ),
    fault(
        "allowed-tools-crash",
        "A tool_choice of type allowed_tools answers 500.",
        crash(chooses_by("allowed_tools")),
        kills="CC-CHOICE-008",
        collateral=FAILED,
    ),
    fault(
        "tool-choice-auto-refused",
        "`tool_choice: auto` answers 400, though the default works.",
        refusal(lambda _: Refusal(400, "Start the server with another flag."), chooses("auto")),
        kills="CC-CHOICE-011",
        seen_in="vllm-project/vllm#9986",
    ),
)
