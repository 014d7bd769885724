"""What faults of calls and of formats turn red besides, with the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Reasons = Mapping[str, str]


def for_all(requirements: str, reason: str) -> Reasons:
    """One reason for several requirements, with blanks between."""
    return dict.fromkeys(requirements.split(), reason)


def of(*parts: Reasons) -> Reasons:
    """Several reasons together."""
    return {name: reason for part in parts for name, reason in part.items()}


def without(reasons: Reasons, kills: Iterable[str]) -> Reasons:
    """The reasons, less those of what a fault announces to kill."""
    return {name: reason for name, reason in reasons.items() if name not in kills}


# By the form of the answer.
AGAINST_SCHEMA: Mapping[str, Reasons] = {
    "plain": {"CC-RESP-012": "the contract's schema of a completion forbids it"},
    "streamed": {"CC-STREAM-024": "the contract's schema of a chunk forbids it"},
}
REFUSED_BACK: Reasons = {"CC-CONT-051": "the server refuses its own broken message in a history"}
NO_HEAD: Reasons = for_all(
    "CC-TOOLS-007 CC-TOOLS-008", "a first fragment lacks what tells its call from others"
)
WRONG_NAME: Reasons = for_all("CC-CHOICE-003 CC-CHOICE-008 CC-CONT-033", "no call has the name asked for")
UNREADABLE: Reasons = for_all(
    "CC-TOOLS-002 CC-TOOLS-003 CC-TOOLS-007 CC-TOOLS-010 CC-TOOLS-032 CC-STOP-007",
    "the arguments cannot be read",
)
ALIKE: Reasons = {"CC-TOOLS-024": "what told the calls from each other is gone"}
FAILED: Reasons = {"CC-ERR-007": "a server failure answers a legal request"}
FAILED_AT_BAD: Reasons = for_all("CC-ERR-006 CC-REQ-001", "a server failure answers a bad request")
# What the model is not given, no upstream is either.
NOT_FORWARDED: Reasons = {"CC-CONT-010": "a gateway that does so forwards another request"}
TOOLS_NOT_FORWARDED: Reasons = for_all(
    "CC-CONT-010 CC-GATE-003", "a gateway that does so forwards other tools"
)
