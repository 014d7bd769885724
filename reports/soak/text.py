"""The report of a soak as text: Markdown for the summary of a job, JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator

from chatconform.reports.markdown import block, code, in_table
from chatconform.reports.pages.page import GLYPHS
from chatconform.reports.soak.words import (
    SoakReport,
    exhibit_told,
    headline,
    numbers,
    proposed_lines,
    remarks,
    share_told,
    title,
)
from chatconform.reports.told import told
from chatconform.stability.causes import MEANINGS, Attribution
from chatconform.stability.stability import Unstable

# A job's summary has room for a megabyte.
_MOST = 100


def soak_summary(report: SoakReport) -> str:
    """The headline, a table of what is unstable, and the rows for the flaky list."""
    parts = [f"### {headline(report)}", code(title(report))]
    parts += [f"run {number} came to nothing: {code(reason)}" for number, reason in report.failures]
    parts += [report.ended] if report.ended else []
    if report.unstable:
        parts.append("\n".join(_rows(report)))
    if report.unstable[_MOST:]:
        parts.append(f"and {len(report.unstable) - _MOST} more; `--format json` has them all")
    rows = list(proposed_lines(report))
    if rows:
        parts += ["For the flaky list of a baseline:", block("\n".join(rows), "yaml")]
    parts += map(code, remarks(report))
    return "\n\n".join(parts) + "\n"


def _rows(report: SoakReport) -> Iterator[str]:
    yield "| rule | on | verdicts | cause | shown by |"
    yield "|---|---|---|---|---|"
    for each in report.unstable[:_MOST]:
        row = each.requirement
        shares = "<br>".join(
            f"{GLYPHS[share.verdict]} {share.verdict} {share_told(share)}, {numbers(share.runs)}"
            for share in each.shares
        )
        causes = "<br>".join(MEANINGS[cause] for cause in each.causes)
        shown = "<br>".join(
            f"run {exhibit.run}: {in_table(exhibit_told(exhibit))}"
            for exhibit in each.attribution(each.cause).exhibits
        )
        rule = f"{row.id} ({row.level}) {in_table(row.title)}"
        yield f"| {rule} | {in_table(each.path)} | {shares} | {causes} | {shown} |"


def soak_json(report: SoakReport) -> str:
    """Everything, with the exchanges that show it; keys are stable."""
    document = {
        "exit_code": int(report.exit_code),
        "headline": headline(report),
        "ended": report.ended,
        "seconds": round(report.seconds, 3),
        "runs": [
            {
                "run": number,
                "record": str(run.source),
                "started": run.header.started,
                "measured": run.is_measured,
            }
            for number, run in report.runs
        ],
        "failed": [{"run": number, "reason": told(reason)} for number, reason in report.failures],
        "unstable": list(map(_unstable, report.unstable)),
        "proposed": [
            {"requirement": row.requirement, "path": list(row.paths), "reason": row.reason}
            for row in report.proposals.rows
        ],
        "remarks": list(remarks(report)),
    }
    return json.dumps(document, indent=2) + "\n"


def _unstable(unstable: Unstable) -> dict[str, object]:
    row = unstable.requirement
    return {
        "requirement": row.id,
        "level": row.level,
        "title": row.title,
        "path": told(unstable.path),
        "causes": list(unstable.causes),
        "verdicts": [
            {
                "verdict": share.verdict,
                "successes": share.proportion.successes,
                "attempts": share.proportion.attempts,
                "low": share.proportion.interval[0],
                "high": share.proportion.interval[1],
                "runs": list(share.runs),
            }
            for share in unstable.shares
        ],
        "attributions": list(map(_attribution, unstable.attributions)),
    }


def _attribution(attribution: Attribution) -> dict[str, object]:
    return {
        "run": attribution.run,
        "cause": attribution.cause,
        "shown_by": [
            {
                "run": exhibit.run,
                "record": str(exhibit.source),
                "exchange": exhibit.exchange,
                "shows": told(exhibit.shows),
            }
            for exhibit in attribution.exhibits
        ],
    }
