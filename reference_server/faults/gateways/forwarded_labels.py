"""Gateways that keep for themselves, or change, what labels a request and what it may spend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chatconform.reference_server.faults.alterations.forwarding import ROADS, at
from chatconform.reference_server.faults.alterations.making import dropping, forwarded
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PARAMETERS, Aspect.IDENTITY)
_KILLS = "CC-GATE-004"
LABELS = (
    *("user", "metadata", "store", "service_tier", "safety_identifier"),
    *("prompt_cache_key", "reasoning_effort", "verbosity"),
)
_CHANGED: tuple[tuple[str, str, str, Callable[[Any], Any]], ...] = (
    ("user", "of-the-gateway", "as that of the gateway", lambda _: "gateway"),
    ("metadata", "cut", "with its first entry alone", lambda found: dict(list(found.items())[:1])),
    (
        "metadata",
        "of-the-gateway",
        "with an entry of the gateway's",
        lambda found: {**found, "via": "gateway"},
    ),
    ("store", "always", "as true", lambda _: True),
    ("service_tier", "default", "as `default`", lambda _: "default"),
    ("reasoning_effort", "raised", "as `high`", lambda _: "high"),
)


def _each() -> Iterator[Fault]:
    for name in LABELS:
        yield fault(
            f"gateway-{_spelled(name)}-lost",
            f"The gateway keeps `{name}` for itself and does not forward it.",
            forwarded(dropping(name)),
            kills=_KILLS,
        )
    for name, word, told, change in _CHANGED:
        yield fault(
            f"gateway-{_spelled(name)}-{word}",
            f"`{name}` reaches the upstream {told}.",
            forwarded(at(name, change)),
            kills=_KILLS,
        )


def _spelled(name: str) -> str:
    return name.replace("_", "-")


ALL: tuple[Fault, ...] = (
    *_each(),
    *(
        fault(
            f"gateway-labels-lost-{road}",
            f"Labels of a request are lost on one path: {road.replace('-', ' ')}.",
            forwarded(dropping(*LABELS), when),
            kills=f"{_KILLS}@{road}",
        )
        for road, when in ROADS.items()
    ),
)
