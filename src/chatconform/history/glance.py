"""What is kept of a run that stands among many: its header, its verdicts, its cost, and no exchange."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path

from chatconform.errors import HarnessError
from chatconform.findings.verdict import Judgement, Verdict, worst
from chatconform.judging.conformance import is_measured
from chatconform.record.rows import Footer, Header, Row
from chatconform.wire.exchange import Exchange, FailureKind

# A requirement on a path.
Place = tuple[str, str]
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Glance:
    """A run, seen from far.

    Attributes:
        source: The file of its record.
        header: Where it comes from.
        places: The worst verdict of each requirement on each path that was judged.
        requests: How many were sent.
        footer: How it ended; nothing where the record was cut off.
    """

    source: Path
    header: Header
    places: Mapping[Place, Verdict]
    requests: int
    footer: Footer | None

    @cached_property
    def by_path(self) -> Mapping[str, Mapping[str, Verdict]]:
        """The verdicts of each requirement by path."""
        found: dict[str, dict[str, Verdict]] = {}
        for (requirement, path), verdict in self.places.items():
            found.setdefault(requirement, {})[path] = verdict
        return found

    @cached_property
    def verdicts(self) -> Mapping[str, Verdict]:
        """The verdict of each requirement that was judged: the worst of its paths."""
        found: dict[str, Verdict] = {}
        for (requirement, _), verdict in self.places.items():
            found[requirement] = worst((verdict, found.get(requirement, verdict)))
        return found

    @cached_property
    def counts(self) -> Mapping[Verdict, int]:
        """How many requirements have each verdict."""
        found = Counter(self.verdicts.values())
        return {verdict: found[verdict] for verdict in Verdict}

    @cached_property
    def began(self) -> datetime:
        """When it began; what is no moment comes after everything that is one."""
        try:
            moment = datetime.fromisoformat(self.header.started)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return _NEVER

    @property
    def is_dated(self) -> bool:
        """Whether its record says when it began."""
        return self.began != _NEVER

    @property
    def tokens(self) -> int | None:
        """The tokens that the target said it used; nothing where the record was cut off."""
        return self.footer.tokens.prompt + self.footer.tokens.completion if self.footer else None

    @property
    def wall(self) -> float | None:
        """How many seconds it took; nothing where the record was cut off."""
        return self.footer.wall if self.footer else None

    @property
    def is_whole(self) -> bool:
        """Whether the run came to its end."""
        return self.footer is not None and self.footer.complete

    @property
    def is_measured(self) -> bool:
        """Whether the target answered enough for the verdicts to mean something."""
        return is_measured(self.counts)


def glance_of(rows: Iterable[Row], source: Path) -> Glance:
    """A glance at the rows of a record, which are taken one by one and not kept."""
    header: Header | None = None
    footer: Footer | None = None
    places: dict[Place, Verdict] = {}
    requests = 0
    for row in rows:
        match row:
            case Header():
                header = row
            case Exchange():
                requests += row.failure is None or row.failure.kind is not FailureKind.NOT_SENT
            case Judgement():
                place = _place(row.requirement, row.path)
                places[place] = worst((row.verdict, places.get(place, row.verdict)))
            case Footer():
                footer = row
    if header is None:
        raise HarnessError(f"{source}: the reader gave no header")
    return Glance(
        source=source,
        header=header,
        places=places,
        requests=footer.requests if footer else requests,
        footer=footer,
    )


@lru_cache(maxsize=4096)
def _place(requirement: str, path: str) -> Place:
    """One value for all runs, of which there may be thousands."""
    return requirement, path
