"""A run as one HTML file: the answer, every rule with its evidence, the exchanges that show it."""

from __future__ import annotations

from collections.abc import Iterator

from chatconform._version import __version__
from chatconform.findings.verdict import SEVERITY
from chatconform.reports.pages.embedding import embedded
from chatconform.reports.pages.page import page
from chatconform.reports.pages.run_view import RunView, run_view
from chatconform.reports.report import Report
from chatconform.wire.exchange import Exchange

SCRIPTS = ("vendor/plot.js", "text.js", "json.js", "timeline.js", "exchange.js", "rules.js", "run.js")


def html_report(report: Report) -> str:
    """The page of a run; what a target sent is shown and never run."""
    view = run_view(report)
    exchanges, left_out = embedded(_in_order(report, view), key_env=report.record.header.target.key_env)
    return page(
        "report.html",
        scripts=SCRIPTS,
        view=view,
        exchanges=exchanges,
        left_out=left_out,
        version=__version__,
    )


def _in_order(report: Report, view: RunView) -> Iterator[Exchange]:
    """What findings point at, the worst first, then what clients stumbled on, then the rest."""
    known = report.exchanges
    findings = sorted(
        (finding for area in view.areas for told in area.requirements for finding in told.findings),
        key=lambda finding: SEVERITY.index(finding.verdict),
    )
    wanted = [shown.exchange for finding in findings for shown in finding.shown]
    wanted += [evidence.exchange for finding in findings for evidence in finding.evidence]
    wanted += [name for group in view.client_groups for name in group.exchanges[:6]]
    wanted += [name for finding in findings for name in finding.exchanges]
    # Evidence of a survey may name an exchange that a record which was cut off has not.
    return (known[name] for name in dict.fromkeys([*wanted, *known]) if name in known)
