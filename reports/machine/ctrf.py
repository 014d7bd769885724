"""The Common Test Report Format (ctrf.io): a test for each check on each path."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.conformance import Result
from chatconform.ledger.areas import AREAS
from chatconform.reports.breaches import details, why
from chatconform.reports.complete import how_it_was_cut
from chatconform.reports.jsontext import JsonObject, document
from chatconform.reports.report import Report
from chatconform.reports.run_facts import decided_by, target_told
from chatconform.reports.spans import iso, run_span, span_of
from chatconform.reports.told import line

SPEC = "0.0.0"
STATUSES = {Verdict.PASS: "passed", Verdict.FAIL: "failed", Verdict.ERROR: "other"}
_SPACE = uuid.UUID("4a1b8c9e-35ce-5f0a-9f3e-6d2a4e6f7b10")


def ctrf(report: Report) -> str:
    """The document of a run."""
    header, span = report.record.header, run_span(report.record)
    tests = [_test(report, result, each) for result in report.answer.results for each in result.judgements]
    return document(
        {
            "reportFormat": "CTRF",
            "specVersion": SPEC,
            "reportId": _uuid("report", header.started, header.target.url, str(len(tests))),
            "timestamp": iso(span.stop),
            "generatedBy": "chatconform",
            "results": {
                "tool": {"name": "chatconform", "version": line(header.tool)},
                "summary": _summary(report, tests),
                "tests": tests,
                "environment": {
                    "testEnvironment": line(target_told(header.target)),
                    "extra": {
                        "model": line(header.target.model),
                        "profile": line(header.profile),
                        "policy": line(decided_by(header, strict=report.answer.strict)),
                    },
                },
            },
        }
    )


def _summary(report: Report, tests: list[JsonObject]) -> JsonObject:
    span, counts = run_span(report.record), Counter(test["status"] for test in tests)
    return {
        "tests": len(tests),
        **{status: counts[status] for status in ("passed", "failed", "skipped", "pending", "other")},
        "suites": len(report.answer.areas),
        "start": _ms(span.start),
        "stop": _ms(span.stop),
        "duration": _ms(span.seconds),
        "extra": {
            "requirements": {str(verdict): count for verdict, count in report.answer.count().items()},
            "exitCode": int(report.answer.exit_code),
            "incomplete": how_it_was_cut(report.record),
        },
    }


def _test(report: Report, result: Result, judgement: Judgement) -> JsonObject:
    row, span = result.requirement, span_of(report, judgement)
    check, path = line(judgement.check), line(judgement.path, 60)
    status = STATUSES.get(judgement.verdict, "skipped")
    told: dict[str, Any] = {}
    if status != "passed":
        told = {"message": why(judgement), "trace": "\n".join(details(judgement))}
    return {
        "id": _uuid("test", check, path),
        "testId": f"{check}[{path}]",
        "name": f"{row.id} {row.title} [{path}]",
        "status": status,
        "rawStatus": str(judgement.verdict),
        "duration": _ms(span.seconds),
        "start": _ms(span.start),
        "stop": _ms(span.stop),
        "suite": [AREAS[row.area], row.id],
        "type": "conformance",
        "tags": [row.level],
        "labels": {"requirement": row.id, "level": str(row.level), "check": check, "path": path},
        **told,
        "extra": {
            "rule": row.rule,
            "attempts": [str(each) for each in judgement.attempts[:100]],
            "exchanges": [line(each, 60) for each in judgement.exchanges[:100]],
        },
    }


def _ms(seconds: float) -> int:
    return round(1000 * seconds)


def _uuid(*names: str) -> str:
    return str(uuid.uuid5(_SPACE, "\n".join(line(name) for name in names)))
