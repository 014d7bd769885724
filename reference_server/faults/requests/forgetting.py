"""Faults in which one path of the server forgets a parameter, and every other path has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chatconform.reference_server.faults.alterations.forwarding import SEEN_BEHIND
from chatconform.reference_server.faults.alterations.making import Edit, dropping, model_body
from chatconform.reference_server.faults.alterations.paths import PATHS
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PARAMETERS)

_PLAIN, _STREAMED, _AFTER, _LATER = PATHS
_WORDS = {
    _PLAIN: "in plain answers",
    _STREAMED: "in streams",
    _AFTER: "after a tool result",
    _LATER: "on later turns",
}
# The path that is judged, where a server forgets on this one.
_JUDGED = {_PLAIN: "plain", _STREAMED: "streamed", _AFTER: "after-tool-result", _LATER: "later-turn-streamed"}

Kills = Mapping[str, str]


def _everywhere(first: str, later: str) -> Kills:
    return {_PLAIN: first, _STREAMED: first, _AFTER: later, _LATER: later}


def _not_first(later: str) -> Kills:
    """What is forgotten on the first turn is the affair of other faults."""
    return {_AFTER: later, _LATER: later}


_FORGOTTEN: Mapping[str, Kills] = {
    "temperature": _everywhere("CC-SAMPLE-001", "CC-CONT-022"),
    "top_p": _everywhere("CC-SAMPLE-003", "CC-CONT-023"),
    "seed": _everywhere("CC-SAMPLE-004", "CC-CONT-024"),
    "frequency_penalty": _everywhere("CC-SAMPLE-008", "CC-CONT-025"),
    "presence_penalty": _everywhere("CC-SAMPLE-010", "CC-CONT-025"),
    "logit_bias": _everywhere("CC-SAMPLE-012", "CC-CONT-026"),
    "n": _everywhere("CC-SAMPLE-005", "CC-CONT-021"),
    "logprobs": _not_first("CC-CONT-018"),
    "top_logprobs": _everywhere("CC-LOGPROBS-003", "CC-CONT-054"),
    "response_format": {
        _PLAIN: "CC-FORMAT-001 CC-FORMAT-003",
        _STREAMED: "CC-FORMAT-001 CC-FORMAT-008",
        _AFTER: "CC-CONT-030 CC-CONT-057",
        _LATER: "CC-CONT-031 CC-CONT-057",
    },
    "tool_choice": {
        _PLAIN: "CC-CHOICE-001 CC-CHOICE-002 CC-CHOICE-003 CC-CHOICE-008",
        _STREAMED: "CC-CHOICE-001 CC-CHOICE-002 CC-CHOICE-003",
        _AFTER: "CC-CONT-032 CC-CONT-033 CC-CONT-055",
        _LATER: "CC-CONT-033 CC-CONT-055 CC-CONT-056",
    },
    "max_tokens": _not_first("CC-CONT-027"),
    "max_completion_tokens": _not_first("CC-CONT-008"),
    "stop": _not_first("CC-CONT-009"),
}
_COLLATERAL: Mapping[str, Mapping[str, str]] = {
    "temperature-ignored-plain": {"CC-STOP-005": "what was stopped is drawn anew"},
    "temperature-ignored-streamed": {"CC-STOP-004": "what was stopped is drawn anew"},
    "logit-bias-ignored-plain": {"CC-SAMPLE-007": "its ban is a bias of a plain answer"},
    "stop-ignored-after-tool-result": {"CC-STOP-002": "four stop strings are sent there"},
}
_TOUCHED: Mapping[str, tuple[Aspect, ...]] = {
    "logprobs": (Aspect.LOGPROBS,),
    "top_logprobs": (Aspect.LOGPROBS,),
    "response_format": (Aspect.TEXT,),
    "tool_choice": (Aspect.CALLS,),
    "parallel_tool_calls": (Aspect.CALLS,),
    "stop": (Aspect.TEXT, Aspect.FINISH),
    "max_tokens": (Aspect.TEXT, Aspect.FINISH),
    "max_completion_tokens": (Aspect.TEXT, Aspect.FINISH),
}
_SEEN: Mapping[str, str] = {
    "n": "WingedGuardian/GENesis-AGI#2111 (sampling dropped)",
    "temperature": "WingedGuardian/GENesis-AGI#2111 (sampling dropped)",
    "max_tokens": "Mintplex-Labs/anything-llm#6330 (the streaming path omits max_tokens)",
    "stop": "NVIDIA-NeMo/Megatron-Bridge#5815 (stop accepted, not forwarded)",
    "tool_choice": "BerriAI/litellm#39737 (tool_choice dropped)",
}


_LIMITS = ("max_tokens", "max_completion_tokens")
# More than any limit that the suites set where they ask for a long text.
_USUAL_LIMIT = 192
# What a server has left that builds its request to the model from these alone.
_LEFT = frozenset({"model", "messages", "tools", "stream", "stream_options"})
_SEEN_ALONE = ("temperature", "top_p", "seed", "n", "logprobs", "max_tokens", "max_completion_tokens", "stop")
_BESIDES: Mapping[str, str] = {
    _PLAIN: "CC-CHOICE-007 CC-LIMIT-001 CC-LIMIT-002 CC-LIMIT-006 CC-SAMPLE-007 CC-STOP-001 CC-STOP-002"
    " CC-LOGPROBS-001 CC-TOOLS-026 CC-GATE-004",
    _STREAMED: "CC-CHOICE-007 CC-LIMIT-001 CC-LIMIT-002 CC-LOGPROBS-001 CC-STOP-001 CC-STOP-008 CC-GATE-004",
    _AFTER: "CC-STOP-002 CC-GATE-004",
    _LATER: "CC-CONT-034",
}


def _forgetting(parameter: str) -> Edit:
    """An edit that drops a parameter; for a limit that is dropped the server has one of its own."""
    if parameter not in _LIMITS:
        return dropping(parameter)
    return lambda body: _bounded(dropping(parameter)(body))


def _bounded(body: Any) -> Any:
    return body if any(body.get(name) for name in _LIMITS) else {**body, "max_tokens": _USUAL_LIMIT}


def _only_left(body: Any) -> Any:
    return _bounded({name: body[name] for name in body if name in _LEFT})


def _forgotten() -> Iterator[Fault]:
    for parameter, kills in _FORGOTTEN.items():
        for path in kills:
            name = f"{parameter.replace('_', '-')}-ignored-{path}"
            yield fault(
                name,
                f"`{parameter}` is ignored {_WORDS[path]}.",
                model_body(_forgetting(parameter), PATHS[path]),
                kills=_kills(path, parameter),
                collateral=_COLLATERAL.get(name),
                also=_TOUCHED.get(parameter, ()),
                seen_in=_SEEN.get(parameter, ()),
            )


def _all_forgotten() -> Iterator[Fault]:
    for path, when in PATHS.items():
        yield fault(
            f"all-parameters-ignored-{path}",
            f"The request to the model is built from model, messages and tools alone {_WORDS[path]}.",
            model_body(_only_left, when),
            kills=_kills(path, *_SEEN_ALONE),
            collateral=dict.fromkeys(_besides(path), "its parameter is dropped as well"),
            also=(Aspect.LOGPROBS, Aspect.TEXT, Aspect.CALLS, Aspect.FINISH),
            seen_in="coasys/ad4m#996",
        )


def _kills(path: str, *parameters: str) -> tuple[str, ...]:
    named = [kill for parameter in parameters for kill in _FORGOTTEN[parameter].get(path, "").split()]
    return (*(f"{kill}@{_JUDGED[path]}" for kill in dict.fromkeys(named)), *SEEN_BEHIND[path].split())


def _besides(path: str) -> list[str]:
    """What is seen of other parameters, where the loss of a limit does not hide it."""
    objects = [_FORGOTTEN[parameter][path] for parameter in ("response_format", "tool_choice")]
    return " ".join((*objects, _BESIDES[path])).split()


ALL: tuple[Fault, ...] = (*_forgotten(), *_all_forgotten())
