"""The servers on which faults are tried: one for each set of features that cannot be had together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from chatconform.client.recording import NEED
from chatconform.errors import HarnessError
from chatconform.ledger.requirement import Requirement
from chatconform.resources import load
from chatconform.running.features import REFERENCE_FEATURES, UPSTREAM_TRIGGERS, reference_options

# At full speed nobody can tell a stream that flows from one that was collected.
PACE = "--seconds-per-token=0.001"
_WORD = "lighthouse"
# What the reference server has, with as many requests for conversations as a target that declares no number.
FEATURES: Mapping[str, str] = MappingProxyType({**REFERENCE_FEATURES, "long-conversations": "60"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """One configuration of the reference server.

    Attributes:
        features: What a target on it declares.
        options: Options of the server beside those that give it the features.
        fresh: Whether each trial needs a server of its own, as earlier requests count.
        alone: Whether its trials measure time, and are disturbed by others.
        records: Whether it keeps what its model is given, as the upstream of a gateway does.
    """

    name: str
    features: Mapping[str, str]
    options: tuple[str, ...] = ()
    fresh: bool = False
    alone: bool = False
    records: bool = False

    def recording(self, file: Path) -> Stand:
        """The same stand with a file for its record."""
        return replace(self, features={**self.features, NEED: str(file)})

    @property
    def arguments(self) -> tuple[str, ...]:
        """The options of `python -m chatconform.reference_server`."""
        return (*reference_options(self.features), *self.options)

    def serves(self, requirement: Requirement) -> bool:
        """Whether it has all features that the requirement needs."""
        return all(need in self.features for need in requirement.declared_needs)


@cache
def stands() -> Mapping[str, Stand]:
    """Every stand by its name, the usual one first."""
    usual = Stand(
        name="usual",
        features={**FEATURES, "known-token-ids": _known_ids()},
        options=(PACE,),
    )
    limited = Stand(
        name="rate-limited",
        features={**REFERENCE_FEATURES, "rate-limit": "6/2s"},
        fresh=True,
    )
    slot = Stand(
        name="single-slot",
        features={**REFERENCE_FEATURES, "single-slot": ""},
        options=("--single-slot", "--seconds-per-token=0.005"),
        alone=True,
    )
    # A gateway and its upstream in one: what its model is given is what it passes on.
    gateway = Stand(
        name="gateway",
        features={
            **REFERENCE_FEATURES,
            **UPSTREAM_TRIGGERS,
            "scrubbing": "email,phone,card",
            NEED: "",
        },
        options=(PACE, "--retries=1", "--stall-seconds=1"),
        records=True,
    )
    return {stand.name: stand for stand in (usual, limited, slot, gateway)}


def stand_of(requirement: Requirement) -> Stand:
    """The first stand that has what a requirement needs.

    Raises:
        HarnessError: None has it, so that no fault could be proven.
    """
    for stand in stands().values():
        if stand.serves(requirement):
            return stand
    raise HarnessError(f"no stand has what {requirement.id} needs: {', '.join(requirement.declared_needs)}")


def _known_ids() -> str:
    """The token ids of a word in the model's vocabulary, alone and after a blank."""
    model = load("reference_server.model")
    found = {model.token_id(token) for text in (_WORD, f" {_WORD}") for token in model.encode(text)}
    return f"{_WORD}={','.join(map(str, sorted(found)))}"
