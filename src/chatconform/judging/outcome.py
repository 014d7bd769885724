"""What a check found in one play or exchange, and what many of these add up to."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache

from chatconform.errors import TargetError
from chatconform.findings.finding import Broken, Finding, NotProvoked, Refused, Unmeasured
from chatconform.findings.verdict import Evidence, Observation, Verdict
from chatconform.wire.exchange import Response
from chatconform.wire.jsontext import Json, NotJson

EVIDENCE_LIMIT = 3
NO_ROUTE = frozenset({404, 405})
SHORTEST_STEM = 4
# A target that does something else in every answer belongs to no camp at all.
_OBSERVATIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a check found in one play or exchange."""

    verdict: Verdict
    finding: Finding | None = None
    observation: Observation | None = None
    bug: str = ""


@dataclass(slots=True)
class Found:
    """All findings of one verdict: how many, what the first says, and where the first few were seen.

    Findings themselves are not kept: each holds on, by its traceback, to what was judged.
    """

    outcomes: int = 0
    findings: int = 0
    reason: str = ""
    expected: str = ""
    came: str = ""
    evidence: tuple[Evidence, ...] = ()
    bug: str = ""

    def take(self, outcome: Outcome) -> bool:
        """Add an outcome; says whether its evidence was kept."""
        self.outcomes += 1
        self.bug = self.bug or outcome.bug
        finding = outcome.finding
        if finding is None:
            return False
        if not self.findings:
            self.reason, self.expected, self.came = finding.reason, finding.expected, finding.came
        self.findings += 1
        room = EVIDENCE_LIMIT - len(self.evidence)
        self.evidence += finding.evidence[:room]
        return bool(room and finding.evidence)


@dataclass(slots=True)
class Gathering:
    """Outcomes while they come in, by verdict; memory does not grow with their number."""

    found: dict[Verdict, Found] = field(default_factory=dict)
    observations: dict[Observation, None] = field(default_factory=dict)

    def take(self, outcome: Outcome) -> bool:
        """Add an outcome; says whether its evidence was kept."""
        if outcome.observation and len(self.observations) < _OBSERVATIONS:
            self.observations.setdefault(outcome.observation)
        return self.found.setdefault(outcome.verdict, Found()).take(outcome)

    def of(self, verdict: Verdict) -> Found:
        """What was found with a verdict."""
        return self.found.get(verdict, Found())

    @property
    def total(self) -> int:
        """How many outcomes there were."""
        return sum(each.outcomes for each in self.found.values())


def gathered(outcomes: Iterable[Outcome]) -> Gathering:
    """These outcomes together."""
    gathering = Gathering()
    for outcome in outcomes:
        gathering.take(outcome)
    return gathering


def settled(judge: Callable[[], Observation | None], features: tuple[str, ...]) -> Outcome:
    """What comes of asking a check; whatever it raises becomes a verdict."""
    try:
        return Outcome(verdict=Verdict.PASS, observation=judge())
    except Refused as refused:
        told = refused if _is_clean(refused, features) else _unfounded(refused)
        return Outcome(verdict=told.verdict, finding=told)
    except Finding as finding:
        return Outcome(verdict=finding.verdict, finding=finding)
    except TargetError as unreadable:
        return Outcome(verdict=Verdict.INCONCLUSIVE, finding=NotProvoked(str(unreadable)))
    except Exception as bug:  # noqa: BLE001 - a check of ours broke down; the run goes on and says so
        ours = Unmeasured(f"a bug in chatconform: {type(bug).__name__}: {bug}")
        return Outcome(verdict=ours.verdict, finding=ours, bug=traceback.format_exc())


def _is_clean(refused: Refused, features: tuple[str, ...]) -> bool:
    """Whether a refusal is about the feature: no route at all refuses everything, and names what it likes."""
    return refused.response.status not in NO_ROUTE and names_any(refused.response, features)


def _unfounded(refused: Refused) -> Broken:
    reason = f"a request that the contract allows was refused: {refused.reason} with {refused.came}"
    return Broken(reason, evidence=refused.evidence, expected=refused.expected, came=refused.came)


def names_any(response: Response | None, words: Iterable[str]) -> bool:
    """Whether a refusal names one of the words, in its parameter, its code or its message.

    A word may go on ("tool" names "tools"), but a short one such as `n` has to stand by itself.
    """
    if response is None:
        return False
    try:
        body = response.json
    except NotJson:
        return False
    text = _told(body)
    return any(_pattern(word).search(text) for word in words)


@cache
def _pattern(word: str) -> re.Pattern[str]:
    end = "" if len(word) >= SHORTEST_STEM else r"(?!\w)"
    return re.compile(rf"(?<!\w){re.escape(word)}{end}", re.IGNORECASE)


def _told(body: Json) -> str:
    if not isinstance(body, dict):
        return ""
    error = body.get("error", body)
    if not isinstance(error, dict):
        return str(error)
    return " ".join(str(error.get(key) or "") for key in ("param", "code", "message", "detail"))
