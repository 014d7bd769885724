"""The Action as a job would meet it: every step of action.yml in a shell, against real servers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from chatconform.record import read_record
from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.composite import CompositeAction, Job, environment
from chatconform.tests.support.joblogs import commands, named
from chatconform.tests.support.reports import HOSTILE, ended
from chatconform.tests.support.story import BROKEN
from chatconform.tests.support.wire import Received, Wire, WireServer

ROOT = Path(__file__).parents[1]
ACTION = CompositeAction(ROOT / "action.yml")
BEGIN, LAST_DAY, DAY_AFTER = "2026-11-26", "2026-12-24", "2026-12-25"
SHORT = "-r STOP --fuzz off --clients none"
SHORTEST = f"-r {BROKEN} --fuzz off --clients none"
REPORTS = {
    *("report.html", "summary.md", "junit.xml", "chatconform.sarif", "gl-code-quality-report.json"),
    *("badge.json", "run.ndjson"),
}
OF_THE_GATE = {"gate.md", "gate.json"}


class Jobs:
    """One job after the other in the same checkout, each on a runner that has chatconform already."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "work"
        self.workspace.mkdir()
        self._folder = folder
        self._count = 0

    def run(self, env: dict[str, str] | None = None, **inputs: str) -> Job:
        self._count += 1
        given = {"install": "false", **inputs}
        return ACTION.run(self.workspace, self._folder / f"job-{self._count}", env or environment(), **given)

    def against(self, server: EmbeddedServer, args: str = SHORTEST, **inputs: str) -> Job:
        return self.run(target=server.url, key=server.key, args=args, **inputs)


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(tmp_path)


def test_a_server_that_conforms(jobs: Jobs, healthy: EmbeddedServer) -> None:
    """The job is green; record and reports lie in one folder, which is kept."""
    job = jobs.against(healthy)

    assert not job.failed, job.log
    record = job.outputs.pop("record")
    assert job.outputs == {"exit-code": "0", "conclusion": "conforms", "failed": ""}
    results = jobs.workspace / "chatconform-results"
    assert read_record(jobs.workspace / record).footer is not None
    assert {file.name for file in results.iterdir()} == REPORTS | {Path(record).name}
    assert job.annotations == []
    assert job.summary.startswith("### chatconform: ✓ conforms")
    assert job.used == [
        {
            "uses": "actions/upload-artifact@v7",
            "name": "chatconform",
            "path": "chatconform-results",
            "if-no-files-found": "ignore",
        }
    ]


def test_a_server_that_does_not(jobs: Jobs, faulty: EmbeddedServer) -> None:
    """The job is red, and says by which requirement; the reports are there all the same."""
    job = jobs.against(faulty)

    assert job.failed
    assert (job.outputs["exit-code"], job.outputs["conclusion"]) == ("1", "does-not-conform")
    assert job.outputs["failed"] == BROKEN
    (annotation,) = job.annotations
    assert annotation.name == "error"
    assert annotation.requirements == {BROKEN}
    assert named(job.summary) == {BROKEN}
    assert {file.name for file in (jobs.workspace / "chatconform-results").iterdir()} > REPORTS
    assert len(job.used) == 1


def test_the_story(jobs: Jobs, healthy: EmbeddedServer, faulty: EmbeddedServer) -> None:
    """From the first baseline to an entry that expired: what a job says on each day (docs/gating.md)."""
    baseline = jobs.workspace / "baseline.yaml"

    def day(server: EmbeddedServer, today: str = BEGIN) -> Job:
        return jobs.against(server, f"{SHORT} --today {today}", baseline="baseline.yaml")

    def accept(job: Job, *terms: str) -> int:
        record = jobs.workspace / job.outputs["record"]
        return ended("gate", record, "--baseline", baseline, "--baseline-update", "--today", BEGIN, *terms)

    def told(job: Job) -> tuple[str, set[str], set[str], set[str]]:
        """The conclusion, and whom outputs, annotations and summary name."""
        annotated = {name for each in job.annotations for name in each.requirements}
        return job.outputs["conclusion"], set(job.outputs["failed"].split()), annotated, named(job.summary)

    # There is no baseline yet. The job says so, and a run without one has the record to make it of.
    missing = day(healthy)
    assert missing.failed
    assert missing.outputs["conclusion"] == "usage"
    assert "there is no baseline baseline.yaml" in missing.log
    assert accept(jobs.against(healthy, SHORT)) == 0
    first = baseline.read_text(encoding="utf-8")
    quiet = day(healthy)
    assert not quiet.failed, quiet.log
    assert told(quiet) == ("open", set(), set(), set())

    # A defect comes in: the job names the requirement, and no other.
    broken = day(faulty)
    assert broken.failed
    assert told(broken) == ("shut", {BROKEN}, {BROKEN}, {BROKEN})
    assert broken.outputs["exit-code"] == "1"
    (annotation,) = broken.annotations
    assert annotation.properties["title"].startswith(f"{BROKEN} MUST new failure: ")

    # Nobody accepts it without a reason. Somebody does with one, until Christmas: green, and told.
    assert accept(broken) == 2
    assert baseline.read_text(encoding="utf-8") == first
    terms = ("--reason", "the new sampler knows ASCII", "--expires", LAST_DAY, "--ticket", "#17")
    assert accept(broken, *terms) == 0
    accepted = baseline.read_text(encoding="utf-8")
    known = day(faulty)
    assert not known.failed, known.log
    assert told(known) == ("open", set(), set(), {BROKEN})
    assert "the new sampler knows ASCII" in known.summary

    # It is fixed: the entry has to go, and the annotation stands beside it.
    fixed = day(healthy)
    assert fixed.failed
    assert told(fixed) == ("shut", {BROKEN}, {BROKEN}, {BROKEN})
    (annotation,) = fixed.annotations
    assert "take the entry out" in annotation.text
    assert annotation.properties["file"] == "baseline.yaml"
    lines = accepted.splitlines()
    assert BROKEN in lines[int(annotation.properties["line"]) - 1]
    assert accept(fixed) == 0
    assert baseline.read_text(encoding="utf-8") == first
    assert not day(healthy).failed

    # It is not fixed, and the day comes: its last day still counts.
    baseline.write_text(accepted, encoding="utf-8")
    assert not day(faulty, LAST_DAY).failed
    expired = day(faulty, DAY_AFTER)
    assert expired.failed
    assert told(expired) == ("shut", {BROKEN}, {BROKEN}, {BROKEN})
    assert {file.name for file in (jobs.workspace / "chatconform-results").iterdir()} > REPORTS | OF_THE_GATE


def test_the_parts_can_be_left_out(jobs: Jobs, faulty: EmbeddedServer) -> None:
    """No annotations, no summary, no artifact; the badge goes to a place of its own."""
    job = jobs.against(
        faulty,
        annotations="false",
        summary="false",
        upload="false",
        results="out/of the way",
        badge="badges/chat.json",
    )

    assert job.failed
    assert (job.annotations, job.summary, job.used) == ([], "", [])
    assert job.outputs["record"].startswith("out/of the way/")
    badges = [jobs.workspace / "badges" / "chat.json", jobs.workspace / "out/of the way" / "badge.json"]
    assert len({file.read_text(encoding="utf-8") for file in badges}) == 1
    assert json.loads(badges[0].read_text(encoding="utf-8"))["color"] == "red"


def test_strictness_decides(jobs: Jobs) -> None:
    """A broken SHOULD fails a strict job alone, and is named by it."""
    args = "-r CC-RESP-022 -r CC-RESP-001 --fuzz off --clients none"
    with EmbeddedServer("--fault", "completion-with-delta") as server:
        mild, strict = (jobs.against(server, args, strict=value) for value in ("false", "true"))

    assert (mild.failed, mild.outputs["exit-code"], mild.outputs["failed"]) == (False, "0", "")
    assert (strict.failed, strict.outputs["exit-code"], strict.outputs["failed"]) == (
        True,
        "1",
        "CC-RESP-022",
    )


def test_the_key_is_nowhere(jobs: Jobs, faulty: EmbeddedServer) -> None:
    """It is in no log, summary, output or file that is left, be it right or wrong."""
    job = jobs.against(faulty)
    wrong = jobs.run(target=faulty.url, key="sk-wrong-0123456789", args=SHORTEST)

    written = [file for file in jobs.workspace.parent.rglob("*") if file.is_file()]
    assert job.outputs["record"] in {
        str(file.relative_to(jobs.workspace)) for file in written if "Z-" in file.name
    }
    for key in (faulty.key, "sk-wrong-0123456789"):
        assert not [file for file in written if key.encode() in file.read_bytes()]
        assert key not in job.log + wrong.log + str(job.outputs) + str(wrong.outputs)
    assert (wrong.failed, wrong.outputs["conclusion"]) == (True, "usage")


def test_a_key_of_the_job_serves_too(jobs: Jobs, healthy: EmbeddedServer) -> None:
    """Without the input the job's variables count: for a URL ours, for a target the one that it names."""
    toml = f'[targets.staging]\nurl = "{healthy.url}"\nkey-env = "STAGING_KEY"\n'
    (jobs.workspace / "conf").mkdir()
    (jobs.workspace / "conf" / "targets.toml").write_text(toml, encoding="utf-8")
    named_ = {"target": "staging", "config": "conf/targets.toml", "args": SHORTEST}

    by_url = jobs.run(environment(CHATCONFORM_KEY=healthy.key), target=healthy.url, args=SHORTEST)
    by_name = jobs.run(environment(STAGING_KEY=healthy.key), **named_)
    by_input = jobs.run(key=healthy.key, **named_)
    without = jobs.run(**named_)

    assert [job.outputs["conclusion"] for job in (by_url, by_name, by_input)] == ["conforms"] * 3
    assert without.outputs["conclusion"] == "usage"
    assert "STAGING_KEY is not set" in " ".join(without.log.split())


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"target": ""}, "CHATCONFORM_TARGET is empty"),
        ({"target": "http://127.0.0.1:9/v1", "args": "--declare 'half"}, "cannot be split into words"),
        ({"target": "http://127.0.0.1:9/v1", "strict": "yes"}, "CHATCONFORM_STRICT is true or false"),
        ({"target": "http://127.0.0.1:9/v1", "profile": "thorough"}, "thorough"),
        ({"target": "--help"}, "error:"),
    ],
)
def test_a_mistake_is_no_green_job(jobs: Jobs, inputs: dict[str, str], said: str) -> None:
    """It is told in the log, the summary says that there is nothing to say, and the exit code is 2."""
    job = jobs.run(**inputs)

    assert job.failed
    assert said in " ".join(job.log.split())
    assert "Traceback" not in job.log
    assert job.outputs == {"exit-code": "2", "conclusion": "usage", "record": "", "failed": ""}
    assert job.summary == "### chatconform: usage\n\nThe exit code is 2; the log of the step says why.\n"


def test_an_earlier_run_is_not_taken_for_this_one(jobs: Jobs, faulty: EmbeddedServer) -> None:
    """Where a run begins and there is no connection, nothing of yesterday's reports is told again."""
    jobs.against(faulty)
    dead = jobs.run(target="http://127.0.0.1:9/v1", args=SHORTEST)

    assert dead.failed
    assert dead.outputs == {"exit-code": "3", "conclusion": "not-measured", "record": "", "failed": ""}
    assert named(dead.summary) == set()
    assert len(list((jobs.workspace / "chatconform-results").iterdir())) == 1


def test_inputs_are_values_and_no_scripts(jobs: Jobs, healthy: EmbeddedServer) -> None:
    """Whatever somebody writes into an input is one word, or a mistake; nothing of it is carried out."""
    touch = "$(touch owned) `touch owned` ; touch owned # \" ' && touch owned"
    texts = (
        "target",
        "config",
        "model",
        "profile",
        "baseline",
        "shard",
        "badge",
        "artifact",
        "strict",
        "args",
    )

    jobs.run(**dict.fromkeys(texts, touch))
    jobs.run(install=touch, python=touch, target=healthy.url)
    told = jobs.against(
        healthy, f"{SHORTEST} --seed '$(touch owned)' ; touch owned", results="a; touch owned"
    )
    seeded = jobs.against(
        healthy, f"{SHORTEST} --seed '$(touch owned) `touch owned`'", results="$(touch owned)"
    )

    assert "owned" in told.log
    header = read_record(jobs.workspace / seeded.outputs["record"]).header
    assert header.seed == "$(touch owned) `touch owned`"
    assert not list(jobs.workspace.glob("**/owned"))


def test_no_expression_stands_in_a_script() -> None:
    """An input in the text of a script would be carried out; so none is there, nor in a name of a shell."""
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]

    scripts = [step["run"] for step in steps if "run" in step]
    assert len(scripts) == 4
    assert not [script for script in scripts if "${{" in script]


@pytest.mark.parametrize(
    "name",
    [
        "::stop-commands::x",
        "##[stop-commands]x",
        "a model of many words, so that its line breaks ::error title=CC-AUTH-001::pwned",
        HOSTILE.replace("\ud800", ""),
    ],
)
def test_a_target_issues_no_commands(jobs: Jobs, name: str) -> None:
    """What a target calls its models, and says in its errors, is told; the runner heeds none of it."""

    async def hostile(request: Received, wire: Wire) -> bool:
        if request.path.endswith("/models"):
            await wire.answer_json(200, {"object": "list", "data": [{"id": name, "object": "model"}]})
            return True
        text = f"{name}\n::error::pwned\n##[error]pwned " * 3
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        await wire.answer_json(200, {"id": text, "model": name, "choices": [choice]})
        return True

    async def refuses(request: Received, wire: Wire) -> bool:
        if request.path.endswith("/models"):
            return await hostile(request, wire)
        await wire.answer_json(400, {"error": {"message": f"pwned {name} ::error::pwned"}})
        return True

    with WireServer(hostile) as door:
        answered = jobs.run(
            target=f"{door.url}/v1", args="-r CC-STOP-001 -r CC-RESP-001 --fuzz off --clients none"
        )
    with WireServer(refuses) as door:
        refused = jobs.run(target=f"{door.url}/v1", args=SHORTEST)

    assert answered.outputs["conclusion"] == "does-not-conform", answered.log
    assert "pwned" in answered.log
    assert answered.annotations
    assert commands(answered.log) == answered.annotations
    assert all(each.properties["title"].startswith("CC-") for each in answered.annotations)
    assert "pwned" in refused.log
    assert commands(refused.log) == []


def test_several_targets_issue_no_commands(jobs: Jobs) -> None:
    """What is told while several are checked is heeded as little."""

    async def hostile(request: Received, wire: Wire) -> bool:
        await wire.answer_json(200, {"object": "list", "data": [{"id": "##[error]pwned", "object": "model"}]})
        return True

    async def answers(request: Received, wire: Wire) -> bool:
        if request.path.endswith("/models"):
            return await hostile(request, wire)
        message = {"role": "assistant", "content": "Hello"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        await wire.answer_json(200, {"id": "x", "model": "##[error]pwned", "choices": [choice]})
        return True

    with WireServer(answers) as door:
        targets = "".join(f'[targets.{name}]\nurl = "{door.url}/v1"\n' for name in ("one", "two"))
        (jobs.workspace / "chatconform.toml").write_text(targets, encoding="utf-8")
        job = jobs.run(target="one", args=f"{SHORTEST} two", annotations="false")

    assert job.log.count("model ##[error]pwned") >= 2, job.log
    assert commands(job.log) == []


def test_it_installs_itself(jobs: Jobs, healthy: EmbeddedServer) -> None:
    """On a fresh runner: into a place of its own, from the action's checkout, with the locked versions."""
    job = jobs.against(healthy, install="true")

    assert not job.failed, job.log
    (folder,) = job.path
    assert Path(folder).parent.parent == job.temporary
    assert [file.name for file in Path(folder).iterdir()] == ["chatconform"]
    assert (Path(folder) / "chatconform").resolve().is_relative_to(job.temporary)
    (click,) = (Path(folder).parent / "venv").glob("lib/python*/site-packages/click-*.dist-info")
    version = click.name.removeprefix("click-").removesuffix(".dist-info")
    assert f"click=={version} " in (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not list((Path(folder).parent / "venv").glob("lib/python*/site-packages/mypy"))


def test_what_cannot_be_installed_measures_nothing(jobs: Jobs) -> None:
    """The job is red, and its outputs say why."""
    job = jobs.run(
        environment(UV_PYTHON_DOWNLOADS="never"), target="http://127.0.0.1:9/v1", install="true", python="3.1"
    )

    assert job.failed
    assert job.outputs == {"exit-code": "3", "conclusion": "not-measured", "record": "", "failed": ""}
