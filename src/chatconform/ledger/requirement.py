"""One rule that a target is held to, as the ledger states it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How binding a requirement is, in the words of RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Kind(StrEnum):
    """What decides a requirement: one exchange, or what the model happens to write."""

    PROTOCOL = "protocol"
    MODEL = "model"


class Standing(StrEnum):
    """Whether a requirement is judged: by checks, by none for a reason, or by none so far."""

    CHECKED = "checked"
    EXCLUDED = "excluded"
    UNCHECKED = "unchecked"


class KnownBy(StrEnum):
    """Who knows whether a target has a feature that a requirement needs."""

    DECLARATION = "declaration"
    ASSUMPTION = "assumption"
    MEASUREMENT = "measurement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A feature of a target without which a requirement cannot be judged.

    By `declaration` it is absent unless the target's profile declares it; by `assumption` it is present
    unless the profile declares it absent; by `measurement` the run finds out by itself.
    """

    word: str
    known_by: KnownBy
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Camp:
    """One of the behaviours in which vendors differ, and who shows it."""

    camp: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One row of the ledger; `spec/requirements/SOURCES.md` explains every field and abbreviation.

    `anchor` is a JSON pointer into the contract, `also` are further ones that the rule speaks for. `fault` is
    the defect that has to turn the requirement's checks red, `review_defect` the number (1 to 8) of the
    reviewed defect that it would have caught. `excluded` says why no check judges the rule.
    """

    id: str
    title: str
    level: Level
    kind: Kind
    rule: str
    anchor: str
    provoke: str
    judge: str
    source: str
    fault: str
    since: str
    seen_in: tuple[str, ...] = ()
    camps: tuple[Camp, ...] = ()
    needs: tuple[Need, ...] = ()
    review_defect: int | None = None
    checks: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    excluded: str | None = None

    @property
    def area(self) -> str:
        """The middle of the id, such as `STREAM`."""
        return self.id.split("-")[1]

    @property
    def number(self) -> int:
        """The end of the id, such as 5."""
        return int(self.id.rpartition("-")[2])

    @property
    def standing(self) -> Standing:
        """Whether it is judged; `Row` sees to it that an excluded requirement has no checks."""
        if self.excluded is not None:
            return Standing.EXCLUDED
        return Standing.CHECKED if self.checks else Standing.UNCHECKED

    @property
    def pointers(self) -> tuple[str, ...]:
        """Every place of the contract that the rule speaks for, the anchor first."""
        return (self.anchor, *self.also)

    @property
    def declared_needs(self) -> tuple[str, ...]:
        """The words that a target has to declare before the requirement applies to it."""
        return self._words(KnownBy.DECLARATION)

    @property
    def assumed_needs(self) -> tuple[str, ...]:
        """The words that a target has to declare absent for the requirement not to apply to it."""
        return self._words(KnownBy.ASSUMPTION)

    def _words(self, known_by: KnownBy) -> tuple[str, ...]:
        return tuple(need.word for need in self.needs if need.known_by is known_by)
