"""The forms in which a run can be told, by name; what renders one is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol, cast

from chatconform.errors import UsageError
from chatconform.resources import load


class Tellable(Protocol):
    """What a format tells: a run, several beside each other or over time, or what the gate says."""

    @property
    def source(self) -> Path:
        """The file beside which a page is written that was given no name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A form of a report.

    Attributes:
        name: What the user calls it.
        about: What it is for, in a few words.
        suffix: How the name of its file ends.
        function: Where its renderer is: a module of `reports` and a function in it. It takes what is told and
            returns the text; of a folder it takes the path as well, and returns nothing.
        is_folder: Whether it is a folder of files.
        is_page: Whether it is meant for a file: without a name it is written beside the record.
        is_log: Whether it may stand among other output, as its reader picks out its lines.
    """

    name: str
    about: str
    suffix: str
    function: str
    is_folder: bool = False
    is_page: bool = False
    is_log: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it goes to stdout where no file is named."""
        return not self.is_folder and not self.is_page

    def text(self, told: Tellable) -> str:
        """The whole text in this form."""
        return cast("Callable[[Tellable], str]", self._renderer)(told)

    def fill(self, told: Tellable, folder: Path) -> None:
        """Write the files of this form into a folder."""
        cast("Callable[[Tellable, Path], None]", self._renderer)(told, folder)

    @property
    def _renderer(self) -> object:
        module, _, function = self.function.partition(":")
        return getattr(load(f"reports.{module}"), function)


FORMATS = (
    Format(
        name="html",
        about="one self-contained page, with the evidence",
        suffix=".html",
        function="pages.html:html_report",
        is_page=True,
    ),
    Format(
        name="summary",
        about="Markdown of the whole run, for a job summary or an issue",
        suffix=".md",
        function="summary:summary",
    ),
    Format(
        name="junit",
        about="JUnit XML, a test case for each check and path",
        suffix=".xml",
        function="machine.junit:junit",
    ),
    Format(
        name="allure",
        about="a folder of Allure results, with the exchanges",
        suffix=".allure",
        function="machine.allure:write_allure",
        is_folder=True,
    ),
    Format(
        name="sarif",
        about="SARIF 2.1.0, for code scanning",
        suffix=".sarif",
        function="machine.sarif:sarif",
    ),
    Format(
        name="github",
        about="annotations of a job of GitHub Actions",
        suffix=".txt",
        function="machine.github:workflow_commands",
        is_log=True,
    ),
    Format(
        name="gitlab",
        about="code-quality JSON of GitLab",
        suffix=".codequality.json",
        function="machine.gitlab:code_quality",
    ),
    Format(
        name="ctrf",
        about="Common Test Report Format",
        suffix=".ctrf.json",
        function="machine.ctrf:ctrf",
    ),
    Format(
        name="badge",
        about="JSON of a shields.io endpoint",
        suffix=".badge.json",
        function="machine.badge:badge",
    ),
    Format(
        name="ndjson",
        about="a JSON object a line, for pipes",
        suffix=".ndjson",
        function="machine.ndjson:ndjson",
    ),
)
COMPARISONS = (
    Format(
        name="html",
        about="one self-contained page: the matrix, and what each cell rests on",
        suffix=".html",
        function="comparison.page:html_comparison",
        is_page=True,
    ),
    Format(
        name="markdown",
        about="the matrix for a README or an issue: areas, and what differs",
        suffix=".md",
        function="comparison.text:markdown",
    ),
    Format(
        name="csv",
        about="a row for each requirement, a column for each target",
        suffix=".csv",
        function="comparison.text:as_csv",
    ),
    Format(
        name="json",
        about="verdicts, reasons and observations",
        suffix=".json",
        function="comparison.text:as_json",
    ),
)
HISTORIES = (
    Format(
        name="html",
        about="one self-contained page: trends as plots, and every change",
        suffix=".html",
        function="history.page:html_history",
        is_page=True,
    ),
    Format(
        name="markdown",
        about="the runs, and what changed in which of them",
        suffix=".md",
        function="history.text:markdown",
    ),
    Format(
        name="csv",
        about="a row for each verdict of each run",
        suffix=".csv",
        function="history.text:as_csv",
    ),
    Format(
        name="json",
        about="runs, verdicts and changes",
        suffix=".json",
        function="history.text:as_json",
    ),
)
GATES = (
    Format(
        name="summary",
        about="Markdown of the gate's answer, for a job summary or a comment on a change",
        suffix=".gate.md",
        function="gate.text:gate_summary",
    ),
    Format(
        name="json",
        about="every class with its findings",
        suffix=".gate.json",
        function="gate.text:gate_json",
    ),
    Format(
        name="github",
        about="annotations of a job of GitHub Actions: what shuts the gate",
        suffix=".gate.txt",
        function="gate.github:gate_commands",
        is_log=True,
    ),
)
SOAKS = (
    Format(
        name="summary",
        about="Markdown of what is unstable, for a job summary",
        suffix=".soak.md",
        function="soak.text:soak_summary",
    ),
    Format(
        name="json",
        about="each unstable verdict with its causes, and the exchanges that show them",
        suffix=".soak.json",
        function="soak.text:soak_json",
    ),
)
# What is written where nothing else is asked for.
DEFAULT = "html"


def format_named(name: str, formats: Iterable[Format] = FORMATS) -> Format:
    """The form of that name; raises `UsageError`, which names the nearest, for any other."""
    known = {each.name: each for each in formats}
    if name in known:
        return known[name]
    near = get_close_matches(name.lower(), known, n=2, cutoff=0.5) or list(known)
    raise UsageError(f"there is no format {name!r}", hint=f"Did you mean {' or '.join(near)}?")
