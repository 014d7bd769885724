"""How a check says what it found: it raises a finding, or returns and has passed.

* Finding               (a TargetError)
  x Broken              fail            the rule was broken
  x NotProvoked         inconclusive    the condition did not come about
  x Refused             unsupported     a clean refusal; a failure where it does not name the feature
  x NotApplicable       not-applicable  out of the target's declared scope
  x Unmeasured          error           nothing came back that could be judged
"""

from __future__ import annotations

from typing import ClassVar

from chatconform.errors import TargetError
from chatconform.findings.evidence import quote
from chatconform.findings.verdict import Evidence, Verdict
from chatconform.wire.exchange import Response


class Finding(TargetError):
    """The base of what a check can find; `reason` in words, `evidence` where."""

    verdict: ClassVar[Verdict]

    def __init__(
        self, reason: str, *, evidence: tuple[Evidence, ...] = (), expected: str = "", came: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.evidence = evidence
        self.expected = expected
        self.came = came


class Broken(Finding):
    """The rule was broken."""

    verdict = Verdict.FAIL


class NotProvoked(Finding):
    """The condition under which the rule applies did not come about, or could not be seen."""

    verdict = Verdict.INCONCLUSIVE


class Refused(Finding):
    """The target answered with a 4xx; whether it named the feature decides what that means."""

    verdict = Verdict.UNSUPPORTED

    def __init__(self, reason: str, *, response: Response, at: Evidence) -> None:
        came = f"{response.status} {response.reason}"
        super().__init__(reason, evidence=(at,), expected="an answer with status 200", came=came)
        self.response = response


class NotApplicable(Finding):
    """The target's profile leaves this out."""

    verdict = Verdict.NOT_APPLICABLE


class Unmeasured(Finding):
    """No answer that could be judged: no connection, a time-out, overload, a failure of the server."""

    verdict = Verdict.ERROR


def expect(condition: object, expected: str, *, came: object, at: Evidence | tuple[Evidence, ...]) -> None:
    """Raise `Broken` unless the condition holds.

    `expected` completes "expected ...", `came` is what stood there instead, `at` is where.
    """
    if not condition:
        evidence = at if isinstance(at, tuple) else (at,)
        told = came if isinstance(came, str) else quote(came)
        raise Broken(f"expected {expected}, came {told}", evidence=evidence, expected=expected, came=told)


def provoked(condition: object, what: str, *, at: Evidence | None = None) -> None:
    """Raise `NotProvoked` unless the condition holds; `what` completes "could not be provoked: ..."."""
    if not condition:
        raise NotProvoked(f"could not be provoked: {what}", evidence=(at,) if at else ())
