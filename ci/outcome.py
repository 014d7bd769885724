"""What the Action hands on of a run: its outputs, and the summary of the job.

Reads what `ci/run.sh` wrote into the folder of results. It needs nothing but Python, so that it has an answer
also where chatconform could not be installed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

NOT_MEASURED = 3
WORDS = {0: "conforms", 1: "does-not-conform", 2: "usage", NOT_MEASURED: "not-measured", 4: "bug"}
# With a baseline it is the gate that answers.
GATE_WORDS = WORDS | {0: "open", 1: "shut"}


def main() -> None:
    """Write the outputs and the summary where the runner wants them."""
    results = Path(os.environ["RESULTS"])
    # There is none where the run was not begun, or was ended from outside.
    code = int(os.environ.get("EXIT_CODE") or NOT_MEASURED)
    words = GATE_WORDS if (results / "gate.json").is_file() else WORDS
    conclusion = words.get(code, words[NOT_MEASURED])
    outputs = {
        "exit-code": str(code),
        "conclusion": conclusion,
        "record": record(results),
        "failed": " ".join(failed(results)),
    }
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in outputs.items())
    if os.environ.get("SUMMARY") != "false":
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as file:
            file.write(summary(results, conclusion, code))


def record(results: Path) -> str:
    """Where the record of the run is; nothing where there was no run."""
    lines = rows(results)
    return str(lines[0]["record"]) if lines else ""


def failed(results: Path) -> list[str]:
    """The requirements by which it failed: those that shut the gate, else the broken ones that decide."""
    gate = results / "gate.json"
    if gate.is_file():
        found = json.loads(gate.read_text(encoding="utf-8"))["findings"]
        return sorted({each["requirement"] for each in found if each["fails"]})
    lines = rows(results)
    decisive = {"MUST", "SHOULD"} if lines and lines[-1]["strict"] else {"MUST"}
    return [
        each["id"]
        for each in lines
        if each["kind"] == "requirement" and each["verdict"] == "fail" and each["level"] in decisive
    ]


def summary(results: Path, conclusion: str, code: int) -> str:
    """The gate's answer, then that of the run; where there is neither, that there is none."""
    parts = [results / name for name in ("gate.md", "summary.md") if (results / name).is_file()]
    if not parts:
        return f"### chatconform: {conclusion}\n\nThe exit code is {code}; the log of the step says why.\n"
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def rows(results: Path) -> list[dict[str, str]]:
    """What the run found, a row a line; none where there was no run."""
    file = results / "run.ndjson"
    if not file.is_file():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
