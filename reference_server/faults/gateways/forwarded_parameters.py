"""Gateways that forward another value of a parameter than they were sent, on one path or on all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chatconform.reference_server.faults.alterations.forwarding import CONTINUATIONS, ROADS, at
from chatconform.reference_server.faults.alterations.making import Edit, dropping, edited, forwarded
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PARAMETERS)
_BOTH = "CC-CONT-010"
_CAP = 200


def _rounded(value: Any) -> Any:
    return round(value, 1)


def _capped(value: Any) -> Any:
    return min(value, _CAP)


def _in_schema(change: Edit) -> Callable[[Any], Any]:
    def edit(form: Any) -> None:
        if "json_schema" in form:
            form["json_schema"] = edited(form["json_schema"], change)

    return lambda form: edited(form, edit)


def _without_enums(schema: Any) -> None:
    for member in schema["schema"].get("properties", {}).values():
        member.pop("enum", None)


def _named(choice: Any) -> Any:
    return "required" if isinstance(choice, dict) else choice


def _first_alone(stop: Any) -> Any:
    return stop[:1] if isinstance(stop, list) else stop


def _joined(stop: Any) -> Any:
    return ",".join(stop) if isinstance(stop, list) else stop


# What becomes of a value, as a word of the fault's name, and as it is told of.
_CHANGES: tuple[tuple[str, str, str, Callable[[Any], Any]], ...] = (
    ("temperature", "rounded", "rounded to one digit", _rounded),
    ("top_p", "rounded", "rounded to one digit", _rounded),
    ("frequency_penalty", "rounded", "rounded to one digit", _rounded),
    ("presence_penalty", "rounded", "rounded to one digit", _rounded),
    ("seed", "cut", "cut to 16 bits", lambda seed: seed & 0xFFFF),
    ("logit_bias", "halved", "halved", lambda bias: {token: value / 2 for token, value in bias.items()}),
    ("stop", "first-alone", "cut to its first string", _first_alone),
    ("stop", "joined", "joined to one string", _joined),
    ("max_tokens", "capped", f"never above {_CAP}", _capped),
    ("max_completion_tokens", "capped", f"never above {_CAP}", _capped),
    ("n", "one", "always 1", lambda _: 1),
    ("top_logprobs", "doubled", "doubled", lambda count: 2 * count),
    ("logprobs", "as-number", "the number of alternatives, as of old", int),
    ("response_format", "loose", "sent without `strict`", _in_schema(dropping("strict"))),
    ("response_format", "undescribed", "sent without its description", _in_schema(dropping("description"))),
    ("response_format", "any-value", "sent without the values of an enum", _in_schema(_without_enums)),
    ("tool_choice", "any", "`required` where a tool is named", _named),
    ("parallel_tool_calls", "always", "always true", lambda _: True),
)


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def _everywhere() -> Iterator[Fault]:
    for name, word, told, change in _CHANGES:
        yield fault(
            f"gateway-{_spelled(name)}-{word}",
            f"`{name}` reaches the upstream {told}.",
            forwarded(at(name, change)),
            kills=_BOTH,
        )


# Values that a gateway of its own has for everybody, on the path that sets them.
_OWN: Mapping[str, Any] = {
    "temperature": 0.7,
    "top_p": 0.95,
    "seed": 42,
    "stop": ["###"],
    "max_tokens": 4096,
    "max_completion_tokens": 4096,
    "response_format": {"type": "text"},
    "tool_choice": "auto",
}


def _on_one_path() -> Iterator[Fault]:
    for name, value in _OWN.items():
        for road, when in ROADS.items():
            yield fault(
                f"gateway-own-{_spelled(name)}-{road}",
                f"The gateway's own `{name}` takes the place of the client's on one path: {_told(road)}.",
                forwarded(at(name, _always(value)), when),
                kills=f"{_BOTH}@{road}",
            )


def _of_continuations() -> Iterator[Fault]:
    """On these roads a client is that goes on with a call which the target has made."""
    for road, (when, path) in CONTINUATIONS.items():
        yield from (
            fault(
                f"gateway-own-{name}-{road}",
                f"The gateway's own `{name}` takes the place of the client's on one path: {_told(road)}.",
                forwarded(at(name, _always(_OWN[name])), when),
                kills=f"{_BOTH}@{path}",
            )
            for name in ("temperature", "seed", "stop")
        )


def _spelled(name: str) -> str:
    return name.replace("_", "-")


def _told(road: str) -> str:
    return road.replace("-", " ")


def _as_null(body: Any) -> None:
    body.update({name: None for name in _OWN if name in body})


ALL: tuple[Fault, ...] = (
    *_everywhere(),
    *_on_one_path(),
    *_of_continuations(),
    fault(
        "gateway-parameters-as-null",
        "Every parameter that a client sets is forwarded as null.",
        forwarded(_as_null),
        kills=_BOTH,
    ),
)
