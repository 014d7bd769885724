"""What clients made of a run's answers, in groups that show the same, and what is broken in those answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chatconform.findings.reception import Outcome, Reception
from chatconform.findings.verdict import Verdict
from chatconform.judging.conformance import Conformance

_WORST_FIRST = (Outcome.CRASH, Outcome.WRONG, Outcome.LOSSY)
_BESIDE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientGroup:
    """The receptions of one client that differ in the same things.

    `exchanges` are the answers, `doors` where the client was asked, `beside` the requirements that are broken
    in the same answers, those first whose evidence lies there most.
    """

    first: Reception
    doors: tuple[str, ...]
    exchanges: tuple[str, ...]
    beside: tuple[str, ...]

    @property
    def client(self) -> str:
        """The client."""
        return self.first.client

    @property
    def outcome(self) -> Outcome:
        """What became of these answers."""
        return self.first.outcome

    def made(self, differences: int) -> str:
        """What the client made of them: what it raised, or so many of the differences."""
        if self.first.error:
            return self.first.error
        told = [str(each) for each in self.first.differences[:differences]]
        more = len(self.first.differences) - len(told)
        return "; ".join(told) + (f"; and {more} more" if more else "")


@dataclass(slots=True)
class _Gathered:
    first: Reception
    doors: dict[str, None] = field(default_factory=dict)
    exchanges: dict[str, None] = field(default_factory=dict)


def client_groups(receptions: Iterable[Reception], answer: Conformance) -> tuple[ClientGroup, ...]:
    """The groups, the worst first."""
    groups: dict[object, _Gathered] = {}
    for reception in receptions:
        group = groups.setdefault(_likeness(reception), _Gathered(first=reception))
        group.doors[reception.door] = None
        group.exchanges[reception.exchange] = None
    return tuple(
        ClientGroup(
            first=group.first,
            doors=tuple(group.doors),
            exchanges=tuple(group.exchanges),
            beside=_beside(group, answer),
        )
        for group in sorted(groups.values(), key=lambda group: _WORST_FIRST.index(group.first.outcome))
    )


def _likeness(reception: Reception) -> object:
    """What two receptions have in common that show the same: the things that differ, or the exception."""
    things = frozenset((each.what, each.outcome) for each in reception.differences)
    return reception.client, reception.outcome, things, reception.error.partition(":")[0]


def _beside(group: _Gathered, answer: Conformance) -> tuple[str, ...]:
    shared: dict[str, int] = {}
    for result in answer.results:
        if result.verdict is Verdict.FAIL:
            places = [each.exchange for judgement in result.decisive for each in judgement.evidence]
            shared[result.requirement.id] = sum(place in group.exchanges for place in places)
    return tuple(sorted((id_ for id_, n in shared.items() if n), key=lambda id_: -shared[id_])[:_BESIDE])
