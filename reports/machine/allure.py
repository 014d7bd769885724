"""A folder of Allure results, from a record: what `pytest suites --alluredir` writes during a run.

Names are made of the run and the check, so that a record that is told again replaces its results. Other
results in the folder are left alone: it is usual to gather those of several tools in one.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path

from allure_commons import model2 as model
from allure_commons.logger import AllureFileLogger

from chatconform.findings.verdict import Judgement
from chatconform.judging.conformance import Result
from chatconform.reports.breaches import command, why
from chatconform.reports.complete import how_it_was_cut
from chatconform.reports.machine import allure_labels as mapping
from chatconform.reports.report import Report
from chatconform.reports.run_facts import decided_by, target_told
from chatconform.reports.spans import span_of
from chatconform.reports.told import line

_SPACE = uuid.UUID("0f9d8f0e-6b1b-5b5e-8a53-0d1f0c8a9c21")


def write_allure(report: Report, folder: Path) -> None:
    """Write the results of a run into a folder."""
    logger = AllureFileLogger(str(folder))
    for result in report.answer.results:
        for judgement in result.judgements:
            told = _result(report, result, judgement)
            told.attachments = list(_attach(report, judgement, told.uuid, logger))
            logger.report_result(told)
    (folder / "environment.properties").write_text(_environment(report), encoding="utf-8", newline="\n")


def _attach(
    report: Report, judgement: Judgement, owner: str, logger: AllureFileLogger
) -> Iterator[model.Attachment]:
    """Attach what a judgement is about; Allure shows a file with one result only, so each has its own."""
    key_env = report.record.header.target.key_env
    for name in mapping.shown_exchanges(judgement):
        exchange = report.exchanges.get(name)
        if exchange is not None:
            for each in mapping.attachments(exchange, command(exchange, key_env)):
                source = f"{_name(report, owner, each.name)}-attachment.txt"
                logger.report_attached_data(each.body, source)
                yield model.Attachment(name=each.name, source=source, type="text/plain")


def _result(report: Report, result: Result, judgement: Judgement) -> model.TestResult:
    row, span = result.requirement, span_of(report, judgement)
    check, path = line(judgement.check), line(judgement.path, 60)
    name = _name(report, check, path)
    told = model.TestResult(
        uuid=name,
        name=mapping.title_of(row, judgement),
        fullName=check,
        testCaseId=_digest(check),
        historyId=_digest(f"{check}\n{path}"),
        status=mapping.status_of(judgement),
        statusDetails=_details(judgement),
        stage="finished",
        description=mapping.description(row),
        start=round(1000 * span.start),
        stop=round(1000 * span.stop),
        titlePath=["chatconform", *check.split(".")[:-1]],
        labels=[model.Label(name=name, value=str(value)) for name, value in mapping.labels(row)],
        links=[model.Link(type=kind, url=link.url, name=link.name) for kind, link in mapping.links(row)],
        # The path is what tells results of a check apart; how often was tried is no other test.
        parameters=[
            model.Parameter(name=name, value=value, excluded=name != "path" or None)
            for name, value in mapping.parameters(judgement)
        ],
    )
    told.labels.append(model.Label(name="framework", value="chatconform"))
    # The logger would make up a name, and a second writing would then double every result.
    told.file_pattern = f"{name}-result.json"
    return told


def _details(judgement: Judgement) -> model.StatusDetails | None:
    if mapping.status_of(judgement) == "passed":
        return None
    message = why(judgement)
    if mapping.status_of(judgement) == mapping.SKIPPED:
        message = f"{judgement.verdict}: {message}"
    return model.StatusDetails(message=message, trace=mapping.trace(judgement))


def _environment(report: Report) -> str:
    header = report.record.header
    policy = decided_by(header, strict=report.answer.strict)
    values = {"target": target_told(header.target), "model": header.target.model, "policy": policy}
    cut = how_it_was_cut(report.record)
    return mapping.environment({"chatconform": header.tool, **values, **({"incomplete": cut} if cut else {})})


def _name(report: Report, *names: str) -> str:
    header = report.record.header
    return str(uuid.uuid5(_SPACE, "\n".join(map(line, (header.started, header.target.url, *names)))))


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]
