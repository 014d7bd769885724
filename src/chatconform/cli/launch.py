"""Runs the suites with pytest in this process, quietly, and says what came of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatconform import pytest_plugin
from chatconform.contract import contract_in_force, overlaid
from chatconform.errors import ChatconformError, HarnessError, UsageError
from chatconform.judging.conformance import Conformance, ExitCode
from chatconform.ledger import load_ledger
from chatconform.ledger.profile import load_profile
from chatconform.pytest_plugin import RUN, WATCHER, Suite
from chatconform.resources import folder
from chatconform.running.run import Run
from chatconform.running.selection import selected
from chatconform.running.session import Watcher

_NO_AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """How a run ended: where its record is, whether it was interrupted, and whether it is complete."""

    record: Path
    interrupted: bool
    complete: bool

    def exit_code(self, answer: Conformance) -> ExitCode:
        """What the run says to a script: without all of it, nobody can say that a target conforms."""
        if self.interrupted:
            return ExitCode.NOT_MEASURED
        code = answer.exit_code
        return ExitCode.NOT_MEASURED if code is ExitCode.CONFORMS and not self.complete else code


class _Preset:
    """Hands pytest the run as a value, and keeps what pytest would have printed about trouble."""

    def __init__(self, run: Run, watcher: Watcher) -> None:
        self._run = run
        self._watcher = watcher
        self.suite: Suite | None = None
        self.trouble: list[str] = []
        self.interrupted = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[RUN] = self._run
        config.stash[WATCHER] = self._watcher

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self.suite = session.config.pluginmanager.get_plugin("chatconform-suite")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.trouble.append(str(report.longrepr))

    def pytest_internalerror(self, excrepr: object) -> None:
        self.trouble.append(str(excrepr))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.interrupted = excinfo.errisinstance(KeyboardInterrupt)


def _areas(run: Run, suites: Path) -> list[Path]:
    """The folders of the suites that hold checks of what was asked for; all of them by default."""
    if not run.requirements and run.shard is None:
        return [suites]
    ledger = load_ledger()
    rows = [ledger[each] for each in selected(run, load_profile(run.profile, ledger), ledger)]
    folders = sorted({suites / row.area.lower() for row in rows})
    return [area for area in folders if area.is_dir()] or [suites]


@contextmanager
def _no_other_plugins() -> Iterator[None]:
    """What other plugins the user's environment holds must not change a verdict."""
    before = os.environ.get(_NO_AUTOLOAD)
    os.environ[_NO_AUTOLOAD] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_NO_AUTOLOAD]
        else:
            os.environ[_NO_AUTOLOAD] = before


def launch(run: Run, watcher: Watcher) -> Launched:
    """Run the suites; raises what kept the run from measuring, or `HarnessError` for a bug of ours."""
    preset = _Preset(run, watcher)
    suites = folder("suites")
    wanted = [str(area) for area in _areas(run, suites)]
    ini = Path(__file__).with_name("pytest.ini")
    arguments = [*wanted, "-c", str(ini), f"--rootdir={suites.parent}", "-p", "no:terminal", "-s"]
    overlays = run.target.overlays if run.target else ()
    with contract_in_force(overlaid(overlays)), _no_other_plugins():
        code = pytest.main(arguments, plugins=[pytest_plugin, preset])
    session = preset.suite.session if preset.suite else None
    failure: ChatconformError | None = session.failure if session else None
    if failure is not None:
        raise failure
    is_recorded = session is not None and session.record_path is not None
    if code == pytest.ExitCode.NO_TESTS_COLLECTED and not preset.trouble and not is_recorded:
        raise UsageError(
            f"nothing to judge: no check belongs to {' '.join(run.requirements) or 'any requirement'}",
            hint="`chatconform list` shows which requirements have checks, `explain` why one has none.",
        )
    if code == pytest.ExitCode.OK and session is not None and session.record_path is None:
        asked = " ".join(run.requirements)
        raise UsageError(
            f"nothing to measure: {asked} does not apply to what the target is declared to be",
            hint="`chatconform explain ID` says which features a rule needs; declare them by --declare.",
        )
    if preset.trouble or session is None or session.record_path is None:
        raise HarnessError(
            "the suites could not be run: " + ("\n".join(preset.trouble) or f"pytest ended with {code}")
        )
    return Launched(
        record=session.record_path, interrupted=preset.interrupted, complete=not session.incomplete
    )
