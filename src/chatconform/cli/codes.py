"""Which exit code stands for an error: its class says whose fault it is."""

from __future__ import annotations

from chatconform.errors import ChatconformError, TargetError, UsageError
from chatconform.judging.conformance import ExitCode


def code_of(error: ChatconformError) -> ExitCode:
    """The exit code of an error of the tree; what is neither the user's nor the target's fault is ours."""
    if isinstance(error, UsageError):
        return ExitCode.USAGE
    return ExitCode.NOT_MEASURED if isinstance(error, TargetError) else ExitCode.BUG
