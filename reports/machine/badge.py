"""The JSON of a shields.io endpoint: how many of the rules that bind are held, and in which colour.

A badge says what was measured: a rule that could not be provoked is not counted as held.
"""

from __future__ import annotations

from chatconform.findings.verdict import Verdict
from chatconform.judging.conformance import Conformance, ExitCode
from chatconform.ledger.requirement import Level
from chatconform.reports.complete import how_it_was_cut
from chatconform.reports.jsontext import document
from chatconform.reports.report import Report

_COLOURS = {ExitCode.CONFORMS: "brightgreen", ExitCode.DOES_NOT_CONFORM: "red"}
_UNKNOWN = "lightgrey"


def badge(report: Report) -> str:
    """The badge of a run."""
    cut, code = bool(how_it_was_cut(report.record)), report.answer.exit_code
    # What was not sent might have failed; what failed has failed.
    known = not cut or code is ExitCode.DOES_NOT_CONFORM
    return document(
        {
            "schemaVersion": 1,
            "label": "Chat Completions API",
            "message": _message(report.answer, code) + (", cut off" if cut else ""),
            "color": _COLOURS.get(code, _UNKNOWN) if known else _UNKNOWN,
        }
    )


def _message(answer: Conformance, code: ExitCode) -> str:
    levels = (Level.MUST, Level.SHOULD) if answer.strict else (Level.MUST,)
    held = ", ".join(f"{_held(answer, level)} {level}" for level in levels)
    return held if code in _COLOURS else f"{held}, not measured"


def _held(answer: Conformance, level: Level) -> str:
    counts = answer.count(result for result in answer.results if result.requirement.level is level)
    applicable = sum(counts.values()) - counts[Verdict.NOT_APPLICABLE]
    return f"{counts[Verdict.PASS]} of {applicable}"
