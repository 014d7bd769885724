"""A JSON object a line, for pipes: the run, its requirements with their judgements, and what they add up to.

`ndjson.schema.json` beside this module says what each line holds. Keys are added, but not renamed or removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from chatconform.findings.verdict import Judgement
from chatconform.judging.conformance import Result
from chatconform.reports.complete import how_it_was_cut
from chatconform.reports.jsontext import JsonObject
from chatconform.reports.report import Report
from chatconform.reports.run_facts import decided_by
from chatconform.reports.spans import run_span
from chatconform.reports.told import line, told

VERSION = 1
# A rule about all traffic of a deep run judged ten thousand.
_EXCHANGES = 1_000


def ndjson(report: Report) -> str:
    """All lines of a run."""
    return "".join(f"{json.dumps(each, allow_nan=False)}\n" for each in _lines(report))


def _lines(report: Report) -> Iterator[JsonObject]:
    header = report.record.header
    yield {
        "kind": "run",
        "version": VERSION,
        "tool": line(header.tool),
        "contract": line(header.contract_version),
        "target": {
            "name": line(header.target.name),
            "url": line(header.target.url),
            "model": line(header.target.model),
        },
        "profile": line(header.profile),
        "profile_version": line(header.profile_version),
        "policy": line(decided_by(header, strict=report.answer.strict)),
        "started": line(header.started),
        "record": line(str(report.source)),
    }
    for result in report.answer.results:
        yield _requirement(result)
    yield _summary(report)


def _requirement(result: Result) -> JsonObject:
    row = result.requirement
    return {
        "kind": "requirement",
        "id": row.id,
        "area": row.area,
        "level": str(row.level),
        "title": row.title,
        "verdict": str(result.verdict),
        "judgements": [_judgement(each) for each in result.judgements],
    }


def _judgement(judgement: Judgement) -> JsonObject:
    return {
        "check": line(judgement.check),
        "path": line(judgement.path, 60),
        "verdict": str(judgement.verdict),
        "reason": told(judgement.reason),
        "expected": told(judgement.expected),
        "came": told(judgement.came),
        "evidence": [
            {"exchange": line(each.exchange, 60), "where": line(each.where), "quoted": told(each.quoted)}
            for each in judgement.evidence[:100]
        ],
        "observations": [
            {"topic": line(each.topic, 100), "camp": line(each.camp, 100)}
            for each in judgement.observations[:100]
        ],
        "attempts": [str(each) for each in judgement.attempts[:100]],
        "exchanges": [line(each, 60) for each in judgement.exchanges[:_EXCHANGES]],
    }


def _summary(report: Report) -> JsonObject:
    answer, footer, cut = report.answer, report.record.footer, how_it_was_cut(report.record)
    return {
        "kind": "summary",
        "exit_code": int(answer.exit_code),
        "strict": answer.strict,
        "complete": not cut,
        "incomplete": cut,
        "verdicts": {str(verdict): count for verdict, count in answer.count().items()},
        "requests": footer.requests if footer else len(report.record.exchanges),
        "tokens": footer.tokens.prompt + footer.tokens.completion if footer else None,
        "seconds": round(run_span(report.record).seconds, 3),
    }
