"""What was accepted of a target: which rules it was held to, and which of them it does not pass, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from ipaddress import ip_address
from urllib.parse import urlsplit

from chatconform.findings.verdict import Verdict
from chatconform.gating.texts import one_line
from chatconform.plays.path import ALL_PATHS, EVERYWHERE
from chatconform.record.rows import TargetInfo

PATHS = (*(path.name for path in ALL_PATHS), EVERYWHERE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetName:
    """Which target a baseline is about.

    A loopback host is `localhost`, without a port: a server that a job starts for itself has another port
    every time. `name` is what the user calls it, if anything.
    """

    url: str
    model: str
    name: str = ""

    def is_that_of(self, other: TargetName) -> bool:
        """Whether both may be the same target: names tell targets apart where both have one."""
        is_there = (self.url, self.model) == (other.url, other.model)
        return is_there and (not self.name or not other.name or self.name == other.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What accepted: the version of the tool, the digest of its ledger, the profile of the run."""

    tool: str
    ledger: str
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A verdict that is not a pass, and is expected nevertheless.

    Without `paths` it speaks for every path of its requirement, without `check` for the worst that any check
    finds there; `line` is where it stands in its file.
    """

    requirement: str
    verdict: Verdict
    since: date
    paths: tuple[str, ...] = ()
    check: str = ""
    reason: str = ""
    expires: date | None = None
    ticket: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaky:
    """A requirement whose verdict changes by itself: it is logged, and never fails the gate."""

    requirement: str
    reason: str
    paths: tuple[str, ...] = ()
    since: date | None = None
    expires: date | None = None
    ticket: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Everything that was accepted of a target.

    What was `exercised` and has no entry is expected to pass: taking an entry out means that from then on.
    """

    target: TargetName
    origin: Origin
    entries: tuple[Entry, ...] = ()
    flaky: tuple[Flaky, ...] = ()
    exercised: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def entries_on(self, requirement: str, path: str) -> tuple[Entry, ...]:
        """The entries that speak for a requirement on a path: one for all of its checks, or one for each."""
        return tuple(each for each in self.entries if covers(each, requirement, path))

    def flake(self, requirement: str, path: str) -> Flaky | None:
        """The row of the flaky list that speaks for a requirement on a path."""
        return next((each for each in self.flaky if covers(each, requirement, path)), None)

    def says_the_same_as(self, other: Baseline) -> bool:
        """Whether two baselines expect the same, in whatever order they say it."""
        return self._in_order() == other._in_order()

    def _in_order(self) -> Baseline:
        return replace(
            self,
            entries=tuple(sorted(self.entries, key=rank)),
            flaky=tuple(sorted(self.flaky, key=rank)),
            exercised=dict(self.exercised),
        )

    @property
    def rows(self) -> tuple[Entry | Flaky, ...]:
        """The entries and the flaky list."""
        return (*self.entries, *self.flaky)

    @property
    def places(self) -> Iterable[tuple[str, str]]:
        """Every requirement with a path of which the baseline expects something."""
        exercised = {(name, path) for name, paths in self.exercised.items() for path in paths}
        named = {(row.requirement, path) for row in self.rows for path in row.paths}
        return sorted(exercised | named, key=lambda place: (place[0], place_of(place[1])))


def rank(row: Entry | Flaky) -> tuple[str, tuple[str, ...], str]:
    """Where a row stands among others, of which none is about the same requirement, path and check."""
    return row.requirement, row.paths, row.check if isinstance(row, Entry) else ""


def covers(row: Entry | Flaky, requirement: str, path: str) -> bool:
    """Whether a row speaks for a requirement on a path."""
    return row.requirement == requirement and (not row.paths or path in row.paths)


def is_expired(row: Entry | Flaky, today: date) -> bool:
    """Whether a row's last day is over."""
    return row.expires is not None and row.expires < today


def place_of(path: str) -> int:
    """Where a path stands among all of them; one that nobody knows comes last."""
    return PATHS.index(path) if path in PATHS else len(PATHS)


def in_order(paths: Iterable[str]) -> tuple[str, ...]:
    """These paths, each once, as they are always listed."""
    return tuple(sorted(set(paths), key=lambda path: (place_of(path), path)))


def target_name(info: TargetInfo) -> TargetName:
    """The name of the target of a record."""
    return TargetName(
        url=one_line(stable_url(info.url)), model=one_line(info.model), name=one_line(info.name)
    )


def stable_url(url: str) -> str:
    """A URL without what differs from run to run, and without what two spellings of it differ in."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if _is_loopback(host):
        where = "localhost"
    else:
        named = f"[{host}]" if ":" in host else host
        has_port = parts.port is not None and parts.port != _DEFAULT_PORTS.get(parts.scheme)
        where = f"{named}:{parts.port}" if has_port else named
    return f"{parts.scheme}://{where}{parts.path.rstrip('/')}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
