"""Whether a baseline and a record are about the same thing."""

from __future__ import annotations

from pathlib import Path

from packaging.version import InvalidVersion, Version

from chatconform.errors import BaselineError
from chatconform.gating.baseline import Baseline, TargetName, target_name
from chatconform.gating.texts import one_line
from chatconform.record.rows import Header


def check_match(baseline: Baseline, header: Header, file: Path, *, any_target: bool) -> None:
    """Raise `BaselineError` for a record of another target, or of a tool older than the baseline's."""
    expected, came = baseline.target, target_name(header.target)
    if not any_target and not expected.is_that_of(came):
        raise BaselineError(
            f"{file} is the baseline of {_told(expected)}, and this is {_told(came)}",
            hint="Give the baseline of this target; --any-target holds it to that one all the same.",
        )
    if _is_older(header.tool, baseline.origin.tool):
        raise BaselineError(
            f"{file} was accepted by chatconform {baseline.origin.tool}, and the record is of {header.tool}",
            hint="Run again, or `chatconform judge RECORD --out FILE` judges it by the checks of today.",
        )


def _told(target: TargetName) -> str:
    at = f"{target.name} ({target.url})" if target.name else target.url
    return one_line(f"{target.model} at {at}")


def _is_older(tool: str, than: str) -> bool:
    try:
        return Version(tool) < Version(than)
    except InvalidVersion:  # a record of a tool that somebody built
        return False
