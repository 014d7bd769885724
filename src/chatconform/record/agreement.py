"""Whether two runs are of the same thing: what their headers say that they judged, by what, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chatconform.record.rows import Header, Policy

# A digest is told by its beginning.
_DIGEST, _TOLD = 64, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One thing that is not the same in two headers: what it is, and both values in words."""

    what: str
    one: str
    other: str


def disagreements(one: Header, other: Header) -> Iterator[Disagreement]:
    """What two runs that are to be one must have in common, and have not; what weighs most comes first."""
    for what, told in _IN_COMMON:
        if told(one) != told(other):
            yield Disagreement(what=what, one=_shown(told(one)), other=_shown(told(other)))


def _shown(value: str) -> str:
    return repr(value[:_TOLD] if len(value) == _DIGEST else value) if value else "none"


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(words)


def _sampling(policy: Policy) -> str:
    tried = policy.sampling
    odds = f"{tried.good}, {tried.bad}, {tried.alpha}, {tried.beta}"
    return f"{tried.name} ({odds}, {tried.least} to {tried.most} attempts)"


def _fuzzing(policy: Policy) -> str:
    return f"{policy.fuzzing} ({policy.fuzz_requests} requests, {policy.fuzz_seconds:g} s)"


_IN_COMMON: tuple[tuple[str, Callable[[Header], str]], ...] = (
    ("chatconform", lambda header: header.tool),
    ("the contract", lambda header: header.contract_digest),
    ("the ledger", lambda header: header.ledger_digest),
    ("the URL", lambda header: header.target.url),
    ("the model", lambda header: header.target.model),
    ("the name of the target", lambda header: header.target.name),
    ("what is declared", lambda header: _words(header.target.declared)),
    ("what is lacking", lambda header: _words(header.target.lacks)),
    ("the profile", lambda header: f"{header.profile} {header.profile_version}".strip()),
    ("strictness", lambda header: "strict" if header.policy.strict else "not strict"),
    ("the sampling", lambda header: _sampling(header.policy)),
    ("the fuzzing", lambda header: _fuzzing(header.policy)),
    ("the seed", lambda header: header.seed),
    # Whatever else a run decides by.
    ("the policy", lambda header: str(header.policy)),
)
