"""SARIF 2.1.0: a rule a requirement, a result a check that found it broken.

Code scanning shows what is broken and nothing else, so what could not be measured is a notification of the
invocation. A result points into the record, at the exchange that shows it: GitHub wants a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from chatconform.findings.verdict import Verdict
from chatconform.judging.conformance import Result
from chatconform.ledger.areas import AREAS
from chatconform.ledger.requirement import Level, Requirement
from chatconform.reports.breaches import Breach, breaches, details, why
from chatconform.reports.complete import how_it_was_cut
from chatconform.reports.jsontext import JsonObject, document
from chatconform.reports.links import sources
from chatconform.reports.places import exchange_lines, uri_of
from chatconform.reports.report import Report
from chatconform.reports.run_facts import decided_by, target_told
from chatconform.reports.spans import iso, run_span
from chatconform.reports.told import line

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Level.MUST: "error", Level.SHOULD: "warning", Level.MAY: "note"}
# GitHub takes no more results of one run.
_RESULTS = 5_000
_PLACES = re.compile(r"\{\d+\}")


def sarif(report: Report) -> str:
    """The log of a run."""
    header = report.record.header
    rules = [result.requirement for result in report.answer.results]
    places = {row.id: number for number, row in enumerate(rules)}
    lines, uri = exchange_lines(report.source), quote(uri_of(report.source))
    found = list(breaches(report))[:_RESULTS]
    run: JsonObject = {
        "tool": {
            "driver": {
                "name": "chatconform",
                "version": line(header.tool),
                "rules": [_rule(row) for row in rules],
            }
        },
        # What GitHub keeps apart: a later run replaces what an earlier one of the same target found.
        "automationDetails": {"id": f"chatconform/{line(header.target.name or header.target.model, 100)}/"},
        "invocations": [_invocation(report)],
        "columnKind": "unicodeCodePoints",
        "results": [_result(breach, places[breach.requirement.id], lines, uri) for breach in found],
        "properties": {
            "target": line(target_told(header.target)),
            "model": line(header.target.model),
            "policy": line(decided_by(header, strict=report.answer.strict)),
        },
    }
    return document({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(row: Requirement) -> JsonObject:
    links = sources(row)
    return {
        "id": row.id,
        "name": "".join(word.capitalize() for word in _words(row.title)),
        "shortDescription": {"text": f"{row.title}."},
        "fullDescription": {"text": row.rule},
        "help": {"text": _help(row), "markdown": _markdown(row)},
        **({"helpUri": links[0].url} if links else {}),
        "defaultConfiguration": {"level": LEVELS[row.level]},
        "properties": {"tags": [row.level, AREAS[row.area]], "precision": "very-high"},
    }


def _words(title: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in title).split()


def _help(row: Requirement) -> str:
    return f"{row.rule}\n\nHow it is judged: {row.judge}\n\nSource: {row.source}"


def _markdown(row: Requirement) -> str:
    links = "".join(f"\n- [{link.name}]({link.url})" for link in sources(row))
    return f"**{row.level}** {row.rule}\n\n*How it is judged:* {row.judge}\n\n*Source:* {row.source}\n{links}"


def _result(breach: Breach, place: int, lines: Mapping[str, int], uri: str) -> JsonObject:
    shown = [_location(each, lines, uri) for each in breach.exchanges] or [_location("", lines, uri)]
    return {
        "ruleId": breach.requirement.id,
        "ruleIndex": place,
        "level": LEVELS[breach.requirement.level],
        "message": {"text": _message(breach)},
        "locations": [{**shown[0], "logicalLocations": _logical(breach)}],
        **({"relatedLocations": shown[1:]} if shown[1:] else {}),
        "partialFingerprints": {"chatconform/v1": breach.fingerprint},
    }


def _message(breach: Breach) -> str:
    on = f"on: {', '.join(line(path, 60) for path in breach.paths)}"
    return _literal("\n".join([f"{breach.requirement.title}.", on, *details(breach.judgement)]))


def _literal(text: str) -> str:
    """A SARIF message has places for arguments, `{0}`, and links, `[text](address)`; here it has neither."""
    return _PLACES.sub(r"{\g<0>}", text).replace("](", "\\](")


def _location(exchange: str, lines: Mapping[str, int], uri: str) -> JsonObject:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {"startLine": lines.get(exchange, 1)},
        },
        **({"message": {"text": _literal(line(exchange, 60))}} if exchange else {}),
    }


def _logical(breach: Breach) -> list[JsonObject]:
    check = line(breach.judgement.check)
    return [{"fullyQualifiedName": f"{check}[{line(path, 60)}]", "kind": "function"} for path in breach.paths]


def _invocation(report: Report) -> JsonObject:
    span, cut = run_span(report.record), how_it_was_cut(report.record)
    notes = list(_unmeasured(report.answer.results))
    if cut:
        notes.insert(0, {"level": "error", "message": {"text": _literal(cut)}})
    return {
        "executionSuccessful": not cut,
        "startTimeUtc": iso(span.start),
        "endTimeUtc": iso(span.stop),
        "toolExecutionNotifications": notes,
    }


def _unmeasured(results: Iterable[Result]) -> Iterator[JsonObject]:
    for result in results:
        if result.verdict in {Verdict.ERROR, Verdict.INCONCLUSIVE}:
            told_of = f"{result.requirement.id} {result.verdict}: {why(result.decisive[0])}"
            yield {
                "level": "warning" if result.verdict is Verdict.ERROR else "note",
                "message": {"text": _literal(told_of)},
                "associatedRule": {"id": result.requirement.id},
            }
