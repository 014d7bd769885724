"""Everything chatconform raises on purpose; the class says whose fault it is.

* ChatconformError
  x TargetError               the target's fault
    + Unreachable             no connection: name, route, refusal, time-out before any byte
    + TlsFailure              a connection, but no trust: certificate, protocol version
    + NotMeasured             the target answered, yet nothing could be judged
    + Unrecorded              a recording lacks what a rule asks for (which tells nothing of the target)
  x UsageError                the user's fault; `hint` says what to do next
    + LedgerError             a row of spec/requirements that cannot be used
    + ContractError           a contract document that cannot be used
    + ProfileError            a target profile or a requirement profile that cannot be used
    + UnknownRequirement      an id that the ledger does not know
    + UnknownFault            an id that the catalogue of faults does not know
    + IncompatibleFaults      two faults of which one would hide the other
    + UnreadableTraffic       recorded traffic, or a part of it, that cannot be read (chatconform.traffic)
    + RecordError             a run record that cannot be read (chatconform.record)
      - IncompleteRecord      one that was cut off
    + BaselineError           a baseline that cannot be used, with every flaw and its line
  x HarnessError              our fault: a bug in chatconform itself

The command line turns each branch into its exit code, and prints the message (and the hint) without a
traceback, except for HarnessError.
"""

from __future__ import annotations


class ChatconformError(Exception):
    """The base of every exception that chatconform raises on purpose."""


class TargetError(ChatconformError):
    """The target is at fault: it cannot be reached, trusted or judged."""


class Unreachable(TargetError):
    """No connection to the target came about."""


class TlsFailure(TargetError):
    """The target was reached, but its TLS handshake failed."""


class NotMeasured(TargetError):
    """The target answered, but nothing in the answers could be judged."""


class Unrecorded(TargetError):
    """What a rule asks for was not recorded: whoever recorded it saw, or kept, less than we do.

    It is no fault of the target; it is in this branch because it leaves a rule unjudged as those do.
    """


class UsageError(ChatconformError):
    """The user's input is at fault; the message says where.

    Attributes:
        hint: What the user can do next, as one sentence, or None where the message says it all.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class LedgerError(UsageError):
    """A row of the requirement ledger cannot be used.

    Attributes:
        file: The file as the reader would name it.
        row: The row's id, or its place in the file where it has no id; None for the whole file.
        reason: What is wrong with it.
    """

    def __init__(self, *, file: str, reason: str, row: str | None = None, hint: str | None = None) -> None:
        where = file if row is None else f"{file}: {row}"
        super().__init__(f"{where}: {reason}", hint=hint)
        self.file = file
        self.row = row
        self.reason = reason


class ContractError(UsageError):
    """A contract document cannot be read, or a pointer into it leads nowhere."""


class ProfileError(UsageError):
    """A target profile, or a profile of requirements, cannot be used."""


class UnreadableTraffic(UsageError):
    """Recorded traffic cannot be read; whoever reads a file makes a place and a reason of it."""


class UnknownRequirement(UsageError):
    """A requirement id was asked for that the ledger does not have."""


class UnknownFault(UsageError):
    """A fault was asked for that the catalogue does not have."""


class IncompatibleFaults(UsageError):
    """Two faults were asked for of which one would hide the other."""


class BaselineError(UsageError):
    """A baseline cannot be read, contradicts itself, or is that of another target or a newer version."""


class HarnessError(ChatconformError):
    """Chatconform itself is at fault; please report it."""
