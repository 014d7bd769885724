"""A small runner for composite actions: `run` steps go to a shell as on GitHub, `uses` are noted.

What it does not know of the format is refused: a key of a step, another shell, an expression in a script.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from chatconform.tests.support.expressions import evaluated, has_status, interpolated
from chatconform.tests.support.joblogs import ANNOTATIONS, Command, commands

_KEYS = {"name", "id", "if", "shell", "env", "run", "uses", "with"}
_BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
_SECONDS = 300


@dataclass(slots=True, kw_only=True)
class Job:
    """What came of the steps, in a job of its own."""

    workspace: Path
    temporary: Path
    log: str = ""
    failed: bool = False
    used: list[dict[str, Any]] = field(default_factory=list)
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """The summary of the job."""
        files = sorted(self.temporary.glob("summary-*"))
        return "".join(file.read_text(encoding="utf-8") for file in files)

    @property
    def annotations(self) -> list[Command]:
        """What stands beside the code."""
        return [each for each in commands(self.log) if each.name in ANNOTATIONS]


class CompositeAction:
    """An action.yml, to be run with inputs."""

    def __init__(self, file: Path) -> None:
        self._folder = file.parent
        self._document = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert self._document["runs"]["using"] == "composite"

    def run(self, workspace: Path, temporary: Path, env: Mapping[str, str], **inputs: str) -> Job:
        """Run all steps; inputs are called by their names with `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        known: dict[str, dict[str, Any]] = self._document["inputs"]
        assert given.keys() <= known.keys(), given.keys() - known.keys()
        said = {name: given.get(name, spec.get("default", "")) for name, spec in known.items()}
        temporary.mkdir(parents=True, exist_ok=True)
        job = Job(workspace=workspace, temporary=temporary)
        for number, step in enumerate(self._document["runs"]["steps"]):
            assert step.keys() <= _KEYS, step.keys() - _KEYS
            contexts = {"inputs": said, "steps": job.steps, "env": env}
            if not _is_due(step, contexts, job):
                continue
            if "uses" in step:
                settings = {key: interpolated(value, contexts) for key, value in step["with"].items()}
                job.used.append({"uses": step["uses"], **settings})
            else:
                self._shell(job, number, step, contexts)
        for name, spec in self._document["outputs"].items():
            job.outputs[name] = interpolated(spec["value"], {"inputs": said, "steps": job.steps})
        return job

    def _shell(self, job: Job, number: int, step: Mapping[str, Any], contexts: Mapping[str, Any]) -> None:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "an expression in the text of a script is an injection"
        script = job.temporary / f"{number}.sh"
        script.write_text(step["run"], encoding="utf-8")
        files = {
            "GITHUB_OUTPUT": job.temporary / f"output-{number}",
            "GITHUB_STEP_SUMMARY": job.temporary / f"summary-{number}",
            "GITHUB_PATH": job.temporary / f"path-{number}",
        }
        for file in files.values():
            file.touch()
        environment = {
            **contexts["env"],
            "PATH": os.pathsep.join([*reversed(job.path), contexts["env"]["PATH"]]),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self._folder),
            "GITHUB_WORKSPACE": str(job.workspace),
            "RUNNER_TEMP": str(job.temporary),
            **{name: str(file) for name, file in files.items()},
            **{name: interpolated(value, contexts) for name, value in step.get("env", {}).items()},
        }
        ran = subprocess.run(
            [*_BASH, str(script)],
            cwd=job.workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
        job.log += ran.stdout.decode("utf-8", "replace")
        job.failed |= ran.returncode != 0
        job.path += files["GITHUB_PATH"].read_text(encoding="utf-8").splitlines()
        if "id" in step:
            pairs = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
            job.steps[step["id"]] = {"outputs": dict(pair.split("=", 1) for pair in pairs)}


def environment(**more: str) -> dict[str, str]:
    """What a runner has in its environment: our chatconform on the PATH, and no variables of ours."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("CHATCONFORM", "GITHUB"))
    }
    ours = str(Path(sys.executable).parent)
    return {**kept, "PATH": os.pathsep.join([ours, kept["PATH"]]), **more}


def _is_due(step: Mapping[str, Any], contexts: Mapping[str, Any], job: Job) -> bool:
    condition = step.get("if", "success()")
    status = {"always": True, "success": not job.failed, "failure": job.failed, "cancelled": False}
    value = bool(evaluated(condition, contexts, status))
    return value if has_status(condition) else value and not job.failed
