"""Faults in how sampling parameters are read: everywhere, and not as they are meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chatconform.reference_server.faults.alterations.forwarding import MISREAD
from chatconform.reference_server.faults.alterations.making import Edit, dropping, model_body
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PARAMETERS)

_ADDED = {"CC-GATE-005": "a gateway that sets it adds it"}
# Two texts that are drawn may begin alike, and differ where one of them was stopped.
_DRAWN = dict.fromkeys(("CC-STOP-004", "CC-STOP-005", "CC-STOP-009"), "what was stopped is drawn anew")

_TEMPERATURE = "CC-SAMPLE-001 CC-CONT-022"
_PENALTY: Mapping[str, str] = {
    "frequency_penalty": "CC-SAMPLE-008 CC-CONT-025",
    "presence_penalty": "CC-SAMPLE-010 CC-CONT-025",
}


def _reading(parameter: str, read: Callable[[Any], Any]) -> Edit:
    """An edit that reads a parameter otherwise, where it is sent."""

    def edit(body: Any) -> None:
        if body.get(parameter) is not None:
            body[parameter] = read(body[parameter])

    return edit


def _seed_zero_is_none(body: Any) -> None:
    body["seed"] = body.get("seed") or None


def _biases(change: Callable[[dict[str, float]], dict[str, float]]) -> Edit:
    return _reading("logit_bias", change)


ALL: tuple[Fault, ...] = (
    fault(
        "temperature-zero-is-the-default",
        "A temperature of 0 is replaced by the default (`temperature or 1.0`).",
        model_body(_reading("temperature", lambda value: value or 1.0)),
        kills=_TEMPERATURE,
        collateral=MISREAD | _DRAWN,
    ),
    fault(
        "temperature-ignored",
        "`temperature` is ignored.",
        model_body(dropping("temperature")),
        kills=_TEMPERATURE,
        collateral=MISREAD | _DRAWN,
        seen_in="WingedGuardian/GENesis-AGI#2111 (sampling controls dropped)",
    ),
    fault(
        "temperature-always-zero",
        "Every answer is drawn greedily, whatever the temperature.",
        model_body(lambda body: {**body, "temperature": 0}),
        kills="CC-SAMPLE-002 CC-CONT-022",
        collateral=MISREAD | _ADDED,
        seen_in="Blaizzy/mlx-vlm#1818 (deterministic unless a seed is sent)",
    ),
    fault(
        "temperature-has-a-floor",
        "A temperature below 0.7 is raised to it.",
        model_body(_reading("temperature", lambda value: max(value, 0.7))),
        kills=_TEMPERATURE,
        collateral=MISREAD | _DRAWN,
    ),
    fault(
        "temperature-inverted",
        "The temperature is turned round: 0 is read as 2, and 2 as 0.",
        model_body(_reading("temperature", lambda value: 2 - value)),
        kills=_TEMPERATURE,
        collateral=MISREAD | _DRAWN,
    ),
    fault(
        "top-p-ignored",
        "`top_p` is ignored.",
        model_body(dropping("top_p")),
        kills="CC-SAMPLE-003 CC-CONT-023",
        collateral=MISREAD,
        seen_in="Arthur-Ficial/apfel#235",
    ),
    fault(
        "top-p-has-a-floor",
        "A top_p below 0.5 is raised to it.",
        model_body(_reading("top_p", lambda value: max(value, 0.5))),
        kills="CC-SAMPLE-003 CC-CONT-023",
        collateral=MISREAD,
    ),
    fault(
        "top-p-inverted",
        "`top_p` is read as the share that is cut off, not as the one that is kept.",
        model_body(_reading("top_p", lambda value: 1 - value)),
        kills="CC-SAMPLE-003 CC-CONT-023",
        collateral=MISREAD,
    ),
    fault(
        "seed-ignored",
        "`seed` is ignored.",
        model_body(dropping("seed")),
        kills="CC-SAMPLE-004 CC-CONT-024",
        collateral=MISREAD,
        seen_in=("sgl-project/sglang#5377", "ggml-org/llama.cpp#7381"),
    ),
    fault(
        "seed-constant",
        "The random numbers are always seeded with 0.",
        model_body(lambda body: {**body, "seed": 0}),
        kills="CC-SAMPLE-011",
        collateral=MISREAD | _ADDED,
        seen_in="sgl-project/sglang#15746 (the same for all seeds)",
    ),
    fault(
        "seed-zero-is-none",
        "A seed of 0 is taken for none (`seed or random()`).",
        model_body(_seed_zero_is_none),
        kills="CC-SAMPLE-004@plain CC-CONT-024@after-tool-result",
        collateral=MISREAD,
    ),
    *(
        fault(
            f"{name.replace('_', '-')}-ignored",
            f"`{name}` is ignored.",
            model_body(dropping(name)),
            kills=kills,
            collateral=MISREAD,
        )
        for name, kills in _PENALTY.items()
    ),
    *(
        fault(
            f"{name.replace('_', '-')}-inverted",
            f"`{name}` is added to what was used before, instead of being taken from it.",
            model_body(_reading(name, lambda value: -value)),
            kills=kills,
            collateral=MISREAD,
        )
        for name, kills in _PENALTY.items()
    ),
    *(
        fault(
            f"{name.replace('_', '-')}-clamped",
            f"`{name}` is cut to a tenth of its range.",
            model_body(_reading(name, lambda value: max(-0.2, min(0.2, value)))),
            kills=kills,
            collateral=MISREAD,
        )
        for name, kills in _PENALTY.items()
    ),
    fault(
        "logit-bias-ignored",
        "`logit_bias` is ignored.",
        model_body(dropping("logit_bias")),
        kills="CC-SAMPLE-007 CC-SAMPLE-012 CC-CONT-026",
        collateral=MISREAD,
        seen_in="huggingface/text-generation-inference#3186 (accepted, unused)",
    ),
    fault(
        "logit-bias-inverted",
        "A bias is taken from the logit, instead of being added to it.",
        model_body(_biases(lambda biases: {token: -bias for token, bias in biases.items()})),
        kills="CC-SAMPLE-007 CC-SAMPLE-012 CC-CONT-026",
        collateral=MISREAD,
    ),
    fault(
        "logit-bias-clamped",
        "A bias is cut to the range from -1 to 1.",
        model_body(_biases(lambda biases: {token: max(-1, min(1, bias)) for token, bias in biases.items()})),
        kills="CC-SAMPLE-007 CC-SAMPLE-012 CC-CONT-026",
        collateral=MISREAD,
    ),
    fault(
        "bans-ignored",
        "Only biases above 0 are applied.",
        model_body(_biases(lambda biases: {token: bias for token, bias in biases.items() if bias > 0})),
        kills="CC-SAMPLE-007",
        collateral=MISREAD,
    ),
    fault(
        "logit-bias-off-by-one",
        "The token ids of logit_bias are counted from 1.",
        model_body(_biases(lambda biases: {str(int(token) - 1): bias for token, bias in biases.items()})),
        kills="CC-SAMPLE-007",
        collateral=MISREAD,
    ),
)
