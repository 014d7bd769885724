"""JUnit XML: a suite an area, a test case for each check on each path, as `pytest suites` has them.

A case a requirement would be fewer, but a check that breaks on streams alone would then hide in a name that
was red before; and a CI's history is by case. `failure` is a broken rule, `error` what could not be measured,
`skipped` what there was nothing to measure of. The schema knows no properties of a case, so the level, the
rule and the source of each requirement are properties of its suite.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.conformance import Result
from chatconform.ledger.areas import AREAS
from chatconform.ledger.requirement import Requirement
from chatconform.reports.breaches import details, why
from chatconform.reports.complete import how_it_was_cut
from chatconform.reports.report import Report
from chatconform.reports.run_facts import decided_by, target_told
from chatconform.reports.spans import iso, run_span, span_of
from chatconform.reports.told import line, told

_KINDS = {Verdict.PASS: "", Verdict.FAIL: "failure", Verdict.ERROR: "error"}


def junit(report: Report) -> str:
    """The document of a run."""
    root = ET.Element("testsuites", name="chatconform")
    for area, results in report.answer.areas.items():
        root.append(_suite(report, area, results))
    if cut := how_it_was_cut(report.record):
        root.append(_cut_off(cut))
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", f"{run_span(report.record).seconds:.3f}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(report: Report, area: str, results: Iterable[Result]) -> ET.Element:
    header = report.record.header
    suite = ET.Element(
        "testsuite", name=f"{area}: {AREAS[area]}", timestamp=iso(run_span(report.record).start)
    )
    properties = ET.SubElement(suite, "properties")
    _property(properties, "target", target_told(header.target))
    _property(properties, "model", header.target.model)
    _property(properties, "policy", decided_by(header, strict=report.answer.strict))
    for result in results:
        for name, value in _facts(result.requirement):
            _property(properties, f"{result.requirement.id}.{name}", value)
        suite.extend(_case(report, result.requirement, each) for each in result.judgements)
    return _counted(suite)


def _facts(requirement: Requirement) -> Iterator[tuple[str, str]]:
    yield "level", requirement.level
    yield "rule", requirement.rule
    yield "source", requirement.source


def _property(properties: ET.Element, name: str, value: str) -> None:
    ET.SubElement(properties, "property", name=name, value=line(value))


def _case(report: Report, requirement: Requirement, judgement: Judgement) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=line(judgement.check),
        name=line(f"{requirement.id} {requirement.title} [{judgement.path}]"),
        time=f"{span_of(report, judgement).seconds:.3f}",
    )
    kind = _KINDS.get(judgement.verdict, "skipped")
    if kind:
        told_in = ET.SubElement(case, kind, type=str(judgement.verdict), message=why(judgement))
        if kind != "skipped":
            told_in.text = "\n".join([*_heading(requirement), *details(judgement)])
    if judgement.observations:
        seen = (f"{each.topic}: {each.camp}" for each in judgement.observations[:20])
        ET.SubElement(case, "system-out").text = told("\n".join(seen))
    return case


def _heading(requirement: Requirement) -> Iterator[str]:
    yield f"{requirement.id} {requirement.level} {requirement.title}"
    yield f"rule: {requirement.rule}"
    yield f"source: {requirement.source}"


def _cut_off(why_cut: str) -> ET.Element:
    """A case that is an error: a run of which only a part is told must not look green."""
    suite = ET.Element("testsuite", name="the run")
    case = ET.SubElement(suite, "testcase", classname="chatconform", name="the run is complete", time="0.000")
    ET.SubElement(case, "error", type="incomplete", message=line(why_cut))
    return _counted(suite)


def _counted(suite: ET.Element) -> ET.Element:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(kind) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
    return suite
