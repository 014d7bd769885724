"""Each format by its published schema, or read by the tool that people use; `scripts/formats` has them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xmlschema

from chatconform.record import read_record
from chatconform.reports.formats import format_named
from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.reports import (
    TOOLS,
    ended,
    hostile,
    installed,
    schema_of,
    tool,
    write,
)

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(
    not (TOOLS / "node_modules").is_dir(), reason="the tools are missing: run scripts/formats"
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of a run against the reference server with a defect."""
    folder = tmp_path_factory.mktemp("real")
    with EmbeddedServer("--fault", "stop-ignored") as server:
        selected = ("-r", "STOP", "-r", "ERR", "--clients", "none", "--fuzz", "off")
        assert ended("run", server.url, "--key", server.key, *selected, "--out", folder) == 1
    (found,) = folder.glob("*.jsonl")
    return found


@pytest.fixture(params=["real", "hostile", "cut"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Records of three kinds, as files."""
    if request.param == "real":
        return Path(request.getfixturevalue("real"))
    record = hostile()
    return write(
        record if request.param == "hostile" else replace(record, footer=None), tmp_path / "run.jsonl"
    )


def written(source: Path, name: str, folder: Path) -> Path:
    """What the command writes of a record."""
    to = folder / f"report{format_named(name).suffix}"
    assert ended("report", source, "--format", f"{name}={to}", "--incomplete") == 0
    return to


def test_junit_is_valid(source: Path, tmp_path: Path) -> None:
    """JUnit XML is what the schema of Jenkins' xUnit plugin wants."""
    schema = xmlschema.XMLSchema(installed("schemas/junit-10.xsd"))

    assert list(schema.iter_errors(written(source, "junit", tmp_path))) == []


def test_ctrf_is_valid(source: Path, tmp_path: Path) -> None:
    """CTRF is what its reference implementation's schema wants."""
    schema: Any = schema_of("node_modules/ctrf/dist/ctrf-schema-0.0.json")
    document = json.loads(written(source, "ctrf", tmp_path).read_text())

    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    assert list(validator.iter_errors(document)) == []


def test_sarif_is_valid_and_fit_for_github(source: Path, tmp_path: Path) -> None:
    """Microsoft's tool finds nothing wrong by the standard, and by GitHub's rules for code scanning."""
    multitool = installed("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool")
    schema: Any = schema_of("node_modules/@microsoft/sarif-multitool-linux/sarif-2.1.0.json")
    sarif = written(source, "sarif", tmp_path)

    jsonschema.validators.validator_for(schema)(schema).validate(json.loads(sarif.read_text()))
    ran = tool(multitool, "validate", sarif, "--rule-kind", "Sarif;Ghas", cwd=tmp_path)

    assert ran.returncode == 0, ran.stdout
    assert "Analysis completed successfully" in ran.stdout
    # The project has no address that could be the tool's.
    assert set(re.findall(r"(?:warning|error) (\w+)", ran.stdout)) <= {"SARIF2005"}, ran.stdout


def test_gitlab_gets_issues_of_code_climate(source: Path, tmp_path: Path) -> None:
    """GitLab's document has the types that Code Climate's specification says."""
    tsc = installed("node_modules/typescript/bin/tsc")
    installed("node_modules/codeclimate-types/package.json")
    issues = json.loads(written(source, "gitlab", tmp_path).read_text())
    types = "import type { Issue } from 'codeclimate-types'"
    code = f"{types}\nexport const issues: Issue[] = {json.dumps(issues)}\n"
    (tmp_path / "node_modules").symlink_to(TOOLS / "node_modules")
    (tmp_path / "issues.ts").write_text(code)

    ran = tool(NODE, tsc, "--noEmit", "--strict", "--skipLibCheck", "issues.ts", cwd=tmp_path)

    assert ran.returncode == 0, ran.stdout
    assert issues


def test_github_reads_the_annotations_that_were_meant(source: Path, tmp_path: Path) -> None:
    """GitHub's own library writes the same line of each annotation's kind, title and message."""
    installed("node_modules/@actions/core/package.json")
    lines = written(source, "github", tmp_path).read_text().split("\n")[:-1]
    told, for_people = lines[:-2], lines[-2:]
    meant = [_annotation(line) for line in told]
    script = (
        "import * as core from '@actions/core'\n"
        "import { readFileSync } from 'node:fs'\n"
        "for (const { kind, title, message } of JSON.parse(readFileSync(0, 'utf8')))\n"
        "  core[kind](message, { title })\n"
    )

    ran = tool(NODE, "--input-type=module", "-e", script, text=json.dumps(meant))

    assert ran.stdout.split("\n")[:-1] == told, ran.stderr
    assert meant
    assert not any(line.startswith("::") for line in for_people)


def _annotation(line: str) -> dict[str, str]:
    found = re.fullmatch(r"::(error|warning|notice) title=([^:,]*)::(.*)", line)
    assert found, line
    kind, title, message = found.groups()
    for escape, plain in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        title = title.replace(escape, plain)
        message = message if escape in {"%3A", "%2C"} else message.replace(escape, plain)
    return {"kind": kind, "title": title, "message": message}


def test_shields_draws_the_badge(source: Path, tmp_path: Path) -> None:
    """The library of shields.io makes a picture of the endpoint's label, message and colour."""
    installed("node_modules/badge-maker/package.json")
    badge = json.loads(written(source, "badge", tmp_path).read_text())
    script = (
        "import { makeBadge } from 'badge-maker'\n"
        "import { readFileSync } from 'node:fs'\n"
        "const { label, message, color } = JSON.parse(readFileSync(0, 'utf8'))\n"
        "console.log(makeBadge({ label, message, color }))\n"
    )

    ran = tool(NODE, "--input-type=module", "-e", script, text=json.dumps(badge))

    assert f"{badge['label']}: {badge['message']}" in ran.stdout, ran.stderr
    assert badge["schemaVersion"] == 1


def test_markdown_renders_nothing_of_a_stranger(source: Path, tmp_path: Path) -> None:
    """A Markdown renderer that lets HTML through makes only our own elements of the summary."""
    installed("node_modules/markdown-it/package.json")
    summary = written(source, "summary", tmp_path).read_text()
    script = (
        "import markdown from 'markdown-it'\n"
        "import { readFileSync } from 'node:fs'\n"
        "console.log(markdown({ html: true, linkify: false }).render(readFileSync(0, 'utf8')))\n"
    )

    html = tool(NODE, "--input-type=module", "-e", script, text=summary).stdout

    elements = set(re.findall(r"<(/?[a-zA-Z!][\w-]*)", html))
    ours = [
        "h3",
        "p",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "strong",
        "details",
        "summary",
        "b",
        "ul",
        "li",
        "pre",
        "a",
        "blockquote",
        "br",
    ]
    assert elements <= {*ours, *(f"/{name}" for name in ours)}
    assert html.count("<details>") == html.count("</details>") > 0
    assert all(link.startswith("https://") for link in re.findall(r'href="([^"]*)"', html))


def test_allure_makes_a_report(source: Path, tmp_path: Path) -> None:
    """Allure 3 reads every result, with its status, its exchanges and its place among the behaviours."""
    cli = installed("node_modules/allure/cli.js")
    results = written(source, "allure", tmp_path)

    ran = tool(NODE, cli, "generate", results, "-o", tmp_path / "html", cwd=tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    made = list(_allure(tmp_path / "html"))
    judged = read_record(source, allow_incomplete=True).judgements
    assert len(made) == len(judged)
    assert (tmp_path / "html" / "index.html").is_file()
    labels = {(label["name"], label["value"]) for result in made for label in result["labels"]}
    assert {("epic", "OpenAI Chat Completions API"), ("feature", "Stop strings")} <= labels
    broken = next(result for result in made if result["status"] == "failed")
    assert any("curl" in step["link"]["name"] for step in broken["attachments"])


def _allure(report: Path) -> Iterator[Any]:
    for file in (report / "data" / "test-results").glob("*.json"):
        yield json.loads(file.read_text())
