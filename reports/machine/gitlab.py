"""GitLab's code-quality report: the issues of a Code Climate engine, one a check that found a rule broken.

GitLab reads five of their members; the others make the document what Code Climate's specification asks for.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.ledger.requirement import Level
from chatconform.reports.breaches import Breach, breaches, why
from chatconform.reports.jsontext import JsonObject, document
from chatconform.reports.places import exchange_lines, uri_of
from chatconform.reports.report import Report
from chatconform.reports.told import line

SEVERITIES = {Level.MUST: "critical", Level.SHOULD: "minor", Level.MAY: "info"}


def code_quality(report: Report) -> str:
    """The issues of a run."""
    lines, path = exchange_lines(report.source), uri_of(report.source)
    return document([_issue(breach, lines, path) for breach in breaches(report)])


def _issue(breach: Breach, lines: Mapping[str, int], path: str) -> JsonObject:
    places = [lines[each] for each in breach.exchanges if each in lines]
    place = places[0] if places else 1
    on = ", ".join(line(path, 60) for path in breach.paths)
    return {
        "type": "issue",
        "check_name": breach.requirement.id,
        "description": line(f"{breach.title} ({on}): {why(breach.judgement)}", 1_500),
        "categories": ["Compatibility"],
        "severity": SEVERITIES[breach.requirement.level],
        "fingerprint": breach.fingerprint,
        "location": {"path": path, "lines": {"begin": place, "end": place}},
    }
