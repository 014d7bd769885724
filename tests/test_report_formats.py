"""What each format says of a run."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from chatconform.findings.verdict import Verdict
from chatconform.ledger import load_ledger
from chatconform.record import read_record
from chatconform.reports.formats import format_named
from chatconform.reports.links import Link, reports, sources
from chatconform.reports.report import Report
from chatconform.resources import text
from chatconform.tests.support.exchanges import completion, exchange
from chatconform.tests.support.reports import (
    ERROR,
    HEADER,
    JUDGEMENTS,
    PASS,
    judgement,
    record_of,
    told,
    write,
)

LINE = jsonschema.Draft202012Validator(json.loads(text("reports/ndjson.schema.json")))


def rendered(name: str, report: Report | None = None) -> str:
    return format_named(name).text(report or told())


def document(name: str, report: Report | None = None) -> Any:
    return json.loads(rendered(name, report))


def cut_off() -> Report:
    return told(replace(record_of(), footer=None))


def many() -> Report:
    """A run in which many requirements of each level are broken."""
    return told(record_of([judgement(row.id) for row in load_ledger() if row.level != "MAY"]))


def test_junit_has_a_case_for_each_check_and_path() -> None:
    """A broken rule is a failure, what was not measured an error, and the rest is skipped."""
    root = ET.fromstring(rendered("junit"))

    assert [root.get(count) for count in ("tests", "failures", "errors")] == ["8", "3", "1"]
    assert [suite.get("name") for suite in root] == ["STREAM: Event streams", "STOP: Stop strings"]
    kinds = Counter(child.tag for case in root.iter("testcase") for child in case)
    assert kinds == {"failure": 3, "error": 1, "skipped": 3, "system-out": 8}
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names)
    facts = {each.get("name"): each.get("value") for each in root.iter("property")}
    assert facts["CC-STOP-001.level"] == "MUST"
    assert facts["target"] == "http://target/v1"


def test_junit_of_a_run_that_was_cut_off_is_not_green() -> None:
    """A case of its own is an error, so that half a run does not pass for a whole one."""
    root = ET.fromstring(rendered("junit", told(replace(record_of([JUDGEMENTS[0]]), footer=None))))

    assert root.get("errors") == "1"


def test_sarif_has_a_result_for_each_broken_check() -> None:
    """The level follows how binding the rule is; several paths of a check are one result."""
    (run,) = document("sarif")["runs"]

    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("CC-STOP-001", "error"),
        ("CC-STOP-003", "warning"),
    ]
    assert "on: plain, streamed" in run["results"][0]["message"]["text"]
    assert [note["associatedRule"]["id"] for note in run["invocations"][0]["toolExecutionNotifications"]] == [
        "CC-STOP-002",
        "CC-STOP-004",
    ]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in run["results"]] == ["CC-STOP-001", "CC-STOP-003"]
    assert not document("sarif", cut_off())["runs"][0]["invocations"][0]["executionSuccessful"]


def test_sarif_keeps_targets_apart() -> None:
    """What GitHub found of one target is not replaced by what it finds of another with the same model."""
    target = replace(HEADER.target, name="staging")
    named = told(record_of(header=replace(HEADER, target=target)))

    ids = [document("sarif", each)["runs"][0]["automationDetails"]["id"] for each in (None, named)]

    assert ids == ["chatconform/m/", "chatconform/staging/"]


def test_sarif_and_gitlab_point_at_the_exchange(tmp_path: Path) -> None:
    """The place is the line of the record on which the exchange that shows the breach stands."""
    file = write(record_of(), tmp_path / "run.jsonl")
    report = told(read_record(file), source=file)
    (first, *_) = document("sarif", report)["runs"][0]["results"]
    place = first["locations"][0]["physicalLocation"]

    assert place["artifactLocation"]["uri"] == "run.jsonl"
    assert json.loads(file.read_text().splitlines()[place["region"]["startLine"] - 1])["id"] == "x0001"
    assert document("gitlab", report)[0]["location"]["lines"]["begin"] == place["region"]["startLine"]


@pytest.mark.parametrize("name", ["sarif", "gitlab"])
def test_fingerprints_are_of_the_defect(name: str) -> None:
    """They stay when the evidence, the paths and the exchanges are others, and differ by check."""

    def prints(*judgements: Any) -> list[str]:
        found = document(name, told(record_of(judgements)))
        if name == "gitlab":
            return [each["fingerprint"] for each in found]
        return [each["partialFingerprints"]["chatconform/v1"] for each in found["runs"][0]["results"]]

    before = prints(judgement("CC-STOP-001"), judgement("CC-STOP-001", check="stop.other"))
    after = prints(judgement("CC-STOP-001", path="streamed", text="otherwise", shown="x0002"))

    assert len(set(before)) == 2
    assert after == before[:1]


def test_github_shows_ten_of_a_kind_and_counts_the_rest() -> None:
    """The tenth annotation of a kind says how many more there are; policy and verdict are the last lines."""
    lines = rendered("github", many()).splitlines()

    assert Counter(line.partition(" ")[0] for line in lines[:-2]) == {"::error": 10, "::warning": 10}
    assert "title=and " in lines[9]
    assert " more::CC-" in lines[9]
    assert lines[-1].startswith("✗ does not conform: 0 of ")


def test_github_warns_of_what_was_not_measured() -> None:
    """A rule that would decide and was not measured is a warning; a run that was cut off is an error."""
    lines = rendered("github").splitlines()

    assert [line.split("::")[1].split(" ")[0] for line in lines[:-2]] == ["error", "warning", "warning"]
    assert "CC-STOP-002 MUST not measured" in lines[2]
    assert rendered("github", cut_off()).startswith("::error title=not a whole run::the record was cut off")


def test_summary_has_room_in_an_issue() -> None:
    """However much is broken, the Markdown stays below what an issue takes, and names what it left out."""
    sent = replace(exchange(completion(), sent={"text": "x" * 15_000}), id="x0001")
    report = replace(many(), record=replace(many().record, exchanges=(sent,)))

    summary = rendered("summary", report)

    assert len(summary.encode()) < 65_536
    assert "for which there is no room here: CC-" in summary
    assert summary.count("<details>") == summary.count("</details>") >= 3


def test_summary_tells_the_whole_run() -> None:
    """It has the verdict, the table, each breach with its command, and what could not be measured."""
    summary = rendered("summary")

    assert summary.startswith("### chatconform: ✗ does not conform: 1 of 5 MUST held, 1 broken")
    assert "| Stop strings |  | 2 | 1 | 1 | 1 | 1 |" in summary
    assert '-H "Authorization' not in summary
    assert "curl -sSi" in summary
    assert "! 1 error" in summary
    assert "[!WARNING]" not in summary
    assert "Not a whole run" in rendered("summary", cut_off())


def test_a_long_command_is_named_instead() -> None:
    """A request that nobody would paste is left to `chatconform export`."""
    sent = replace(exchange(completion(), sent={"text": "x" * 1_000_000}), id="x0001")

    summary = rendered("summary", told(record_of([judgement("CC-STOP-001")], exchanges=(sent,))))

    assert "chatconform export RECORD --curl FILE -x x0001" in summary
    assert len(summary) < 3_000


def test_gitlab_severities() -> None:
    """A broken MUST is critical, a broken SHOULD minor, and a description is one line."""
    issues = document("gitlab")

    assert [each["severity"] for each in issues] == ["critical", "minor"]
    assert all("\n" not in each["description"] for each in issues)


def test_ctrf_counts_its_tests() -> None:
    """The summary adds up to the tests, each with the verdict in our words as well."""
    results = document("ctrf")["results"]
    statuses = Counter(test["status"] for test in results["tests"])

    assert statuses == {"passed": 1, "failed": 3, "other": 1, "skipped": 3}
    assert {name: results["summary"][name] for name in statuses} == statuses
    assert {test["rawStatus"] for test in results["tests"]} == set(map(str, Verdict))
    assert document("ctrf") == document("ctrf")


@pytest.mark.parametrize(
    ("judgements", "message", "colour"),
    [
        ([judgement("CC-STOP-001", PASS)], "1 of 1 MUST", "brightgreen"),
        ([judgement("CC-STOP-001", PASS), judgement("CC-STOP-002")], "1 of 2 MUST", "red"),
        ([judgement("CC-STOP-001", ERROR)], "0 of 1 MUST, not measured", "lightgrey"),
        ([judgement("CC-STOP-001", Verdict.NOT_APPLICABLE)], "0 of 0 MUST, not measured", "lightgrey"),
    ],
)
def test_badge_is_honest(judgements: list[Any], message: str, colour: str) -> None:
    """It counts what held of what applies, and is green only where the run conforms."""
    badge = document("badge", told(record_of(judgements)))

    assert (badge["message"], badge["color"]) == (message, colour)


def test_badge_of_a_cut_run_is_not_green() -> None:
    """What was not sent might have failed."""
    badge = document("badge", told(record_of([judgement("CC-STOP-001", PASS)], complete=False)))

    assert (badge["message"], badge["color"]) == ("1 of 1 MUST, cut off", "lightgrey")


@pytest.mark.parametrize("report", [told(), told(strict=True), cut_off()], ids=["plain", "strict", "cut"])
def test_ndjson_lines_are_documented(report: Report) -> None:
    """The run comes first and the summary last; each line is what the schema says."""
    lines = [json.loads(line) for line in rendered("ndjson", report).split("\n")[:-1]]

    for line in lines:
        LINE.validate(line)
    assert [line["kind"] for line in lines] == ["run", *["requirement"] * 7, "summary"]
    assert lines[2]["id"] == "CC-STOP-001"
    assert len(lines[2]["judgements"]) == 2
    assert lines[-1]["complete"] is (report.record.footer is not None)


def test_a_run_that_holds_breaks_nothing() -> None:
    """Where no rule is broken, the lists of defects are empty."""
    report = told(record_of([judgement("CC-STOP-001", PASS)]))

    assert document("gitlab", report) == []
    assert document("sarif", report)["runs"][0]["results"] == []
    assert rendered("github", report).splitlines() == [
        "target http://target/v1, model m: profile standard, SHOULD does not decide",
        "✓ conforms: 1 of 1 MUST held; 0 of 0 SHOULD held",
    ]


def test_sources_are_links() -> None:
    """Abbreviations of the ledger become the documents that they stand for."""
    ledger = load_ledger()

    assert Link("WHATWG Fetch", "https://fetch.spec.whatwg.org/#http-cors-protocol") in sources(
        ledger["CC-CORS-001"]
    )
    assert reports(ledger["CC-STOP-001"])[0] == Link(
        "huggingface/text-generation-inference#1724",
        "https://github.com/huggingface/text-generation-inference/issues/1724",
    )
    linked = sum(bool(sources(row)) for row in ledger)
    assert linked > 0.9 * len(ledger)
    assert all(link.url.startswith("https://") for row in ledger for link in (*sources(row), *reports(row)))


def test_nonsense_about_time_is_survived() -> None:
    """A record of a stranger may say any number of when something happened."""
    odd = replace(exchange(completion()), id="x0001", started=1e300, elapsed=-1e300)
    header = replace(HEADER, started="never")
    report = told(record_of(exchanges=(odd,), header=header))

    for name in ("junit", "ctrf", "sarif", "ndjson"):
        assert rendered(name, report)
    assert rendered("junit", replace(report, record=replace(report.record, footer=None)))
