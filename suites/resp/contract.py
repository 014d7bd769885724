"""Which places of an answer have rules of their own, so that one wrong member is held against one rule."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chatconform.contract import Violation

# CC-RESP-001, 003, 004, 006, 011, 017 and 018, CC-USAGE-001 and 010.
COMPLETION = re.compile(
    r"/(id|object|created|model|service_tier|system_fingerprint|metadata(/.*)?|moderation|usage(/.*)?)"
    r"|/choices/\d+/(index|finish_reason|message)"
    r"|/choices/\d+/message/(role|content|refusal|annotations(/.*)?)"
)
# CC-STREAM-004, 007 to 010 and 027, CC-USAGE-010.
CHUNK = re.compile(
    r"/(id|object|created|model|choices|usage/\w+_details(/.*)?)"
    r"|/choices/\d+(/(index|finish_reason|delta))?"
    r"|/choices/\d+/delta/(role|content|refusal)"
)


def without_own_rule(violations: Iterable[Violation], judged: re.Pattern[str]) -> list[Violation]:
    """The violations at places that no other rule judges; what is missing counts where it ought to stand."""
    return [each for each in violations if not judged.fullmatch(_place(each))]


def _place(violation: Violation) -> str:
    return violation.pointer if violation.missing is None else f"{violation.pointer}/{violation.missing}"
