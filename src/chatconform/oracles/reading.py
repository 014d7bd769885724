"""What an answer says, read from the wire or handed over by a client, in one form that can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a tool; whatever was not said is empty."""

    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice; `function` is a call in the older form. Whatever was not said is empty."""

    role: str = ""
    text: str = ""
    refusal: str = ""
    calls: tuple[Call, ...] = ()
    function: Call | None = None
    finish_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The counts of a usage object, each nothing where it was not said."""

    prompt: int | None = None
    completion: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An answer: its choices in order, and its usage. `cut` says why its transfer broke off, where it did."""

    choices: tuple[Choice, ...] = ()
    usage: Tokens | None = None
    cut: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldError:
    """The wire said that there is no answer: by its status, or with a success status by an error object."""

    status: int

    @property
    def by_status(self) -> bool:
        """Whether the status said it, so that a client has no need to read on."""
        return not 200 <= self.status < 300

    def __str__(self) -> str:
        return f"an error with status {self.status}" if self.by_status else "an error in the answer"


class Report(StrEnum):
    """What a client's exception says, where its documentation tells an application to expect it."""

    STATUS = "an error status"
    ERROR = "an error"
    BREAK = "a broken connection"
    LENGTH = "the finish reason length"
    FILTER = "the finish reason content_filter"
    OTHER = "nothing that is documented"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A client raised instead of handing an answer over; `status` is the one that it names, or zero."""

    report: Report
    text: str
    status: int = 0


Said = Reading | ToldError
Made = Reading | Raised
