"""The files that a CI reads are what its schemas want, and name nothing that is not there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatconform.tests.support.expressions import UnknownExpression, evaluated, interpolated
from chatconform.tests.support.joblogs import Command, commands

ROOT = Path(__file__).parents[1]


def action() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return document


def check(schema: str, file: Path) -> subprocess.CompletedProcess[str]:
    """What the schema that check-jsonschema brings says of a file; no network is used."""
    arguments = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("schema", "name", "spoilt"),
    [
        ("vendor.github-actions", "action.yml", ("using: composite", "using: composition")),
        ("vendor.gitlab-ci", "ci/gitlab.yml", ("when: always", "when: sometimes")),
    ],
)
def test_the_schema_agrees(schema: str, name: str, spoilt: tuple[str, str], tmp_path: Path) -> None:
    """And it would notice a mistake."""
    text = (ROOT / name).read_text(encoding="utf-8")
    # GitLab's schema lets a hidden job be anything: it is held to be what a job is that extends it.
    job = text.replace("\n.chatconform:", "\nconformance:")
    sound, unsound = tmp_path / "sound.yml", tmp_path / "unsound.yml"
    sound.write_text(job, encoding="utf-8")
    unsound.write_text(job.replace(*spoilt), encoding="utf-8")

    for file in (ROOT / name, sound):
        assert check(schema, file).returncode == 0, check(schema, file).stdout
    assert check(schema, unsound).returncode == 1


def test_every_input_is_used_and_none_is_made_up() -> None:
    """What a step reads is an input, an output of a step before it, or the key of the job."""
    document = action()
    steps = str(document["runs"]["steps"])

    assert set(re.findall(r"inputs\.([\w-]+)", steps)) == set(document["inputs"])
    assert set(re.findall(r"steps\.([\w-]+)", str(document))) == {"run", "outcome"}
    assert set(re.findall(r"env\.(\w+)", steps)) == {"CHATCONFORM_KEY"}
    assert all(spec["description"] for spec in (*document["inputs"].values(), *document["outputs"].values()))


def test_what_is_documented_is_there() -> None:
    """Every input, output and variable stands in docs/ci.md, and it names no other."""
    told = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    script = (ROOT / "ci" / "run.sh").read_text(encoding="utf-8")
    recipe = (ROOT / "ci" / "recipe.sh").read_text(encoding="utf-8")
    template = (ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8")
    variable = r"CHATCONFORM_[A-Z_]+"
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", told, re.MULTILINE))
    document = action()

    assert rows == set(document["inputs"]) | set(document["outputs"])
    # The key goes past the script.
    known = set(re.findall(rf"^#   ({variable})", script, re.MULTILINE))
    assert set(re.findall(rf"\$\{{?({variable})", script)) == known - {"CHATCONFORM_KEY"}
    assert set(re.findall(variable, told)) <= known | set(re.findall(variable, recipe + template))


def test_actions_of_others_are_pinned() -> None:
    """By a major version or a commit, never by a branch."""
    used = [step["uses"] for step in action()["runs"]["steps"] if "uses" in step]

    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@(v\d+|[0-9a-f]{40})", each) for each in used)


CONTEXTS = {
    "inputs": {"a": "x", "none": "", "b-c": "it's"},
    "steps": {"s": {"outputs": {"code": "1"}}},
    "env": {},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("inputs.a", "x"),
        ("steps.s.outputs.code", "1"),
        ("steps.t.outputs.code", ""),
        ("inputs.a == 'X'", True),
        ("inputs.a != 'x'", False),
        ("inputs.none || env.KEY", ""),
        ("inputs.none || 'it''s'", "it's"),
        ("inputs.a && 'KEY'", "KEY"),
        ("inputs.none && 'KEY'", ""),
        ("always() && inputs.a == 'x'", True),
        ("!(inputs.a == 'x') || inputs.b-c", "it's"),
    ],
)
def test_expressions_are_evaluated_as_the_runner_does(text: str, value: str | bool) -> None:
    """Of what action.yml uses; the tests of the Action rest on it."""
    assert evaluated(text, CONTEXTS, {"always": True}) == value


@pytest.mark.parametrize(
    "text",
    ["", "github.token", "secrets.KEY", "hashFiles('x')", "inputs.a > 'x'", "inputs.a 'x'", "1", "(inputs.a"],
)
def test_other_expressions_are_refused(text: str) -> None:
    """Rather than guessed."""
    with pytest.raises(UnknownExpression):
        evaluated(text, CONTEXTS)


def test_values_stand_where_the_expressions_stood() -> None:
    """Once: what a value holds is no expression."""
    held = {"inputs": {"a": "${{ inputs.b }}", "b": "no"}}

    assert interpolated("<${{ inputs.a }}|${{inputs.b}}>", held) == "<${{ inputs.b }}|no>"


def test_the_runner_reads_commands() -> None:
    """In both forms, until they are stopped, and from then on where they are resumed."""
    log = """ ::error title=a%3Ab,line=3::two%0Alines
a ::warning::is no command here
but ##[group]is one
::stop-commands::word
::error::nobody hears this
##[error]nor this
::word::
::notice::heard again
"""

    assert commands(log) == [
        Command(name="error", properties={"title": "a:b", "line": "3"}, text="two\nlines"),
        Command(name="group", properties={}, text="is one"),
        Command(name="notice", properties={}, text="heard again"),
    ]
