"""The pytest plugin: options, one item for each check and path, prefetched plays, verdicts as outcomes.

`pass` is a passed test, `fail` and `error` are failed ones, and the three verdicts that measured nothing
wrong (`unsupported`, `inconclusive`, `not-applicable`) are skipped ones with their reason.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import ExitStack

import pytest

from chatconform.contract import contract_in_force, overlaid
from chatconform.errors import ChatconformError, UsageError
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import AnyCheck, Check, OfTraffic, check_of
from chatconform.judging.sampling import SINGLE
from chatconform.ledger import Ledger, load_ledger
from chatconform.ledger.profile import load_profile
from chatconform.ledger.requirement import Requirement
from chatconform.plays.broker import Address, Broker, RemotePlays
from chatconform.plays.conductor import Plays
from chatconform.plays.path import EVERYWHERE
from chatconform.plays.scenario import PlayKey
from chatconform.printable import printable
from chatconform.pytest_allure import allure_of
from chatconform.pytest_options import add_options, run_from_options
from chatconform.record import judgement_from_json, judgement_to_json
from chatconform.record.redact import redacted_judgement
from chatconform.resources import load
from chatconform.running.hearing import Hearing, paths_of, unheard
from chatconform.running.pursuit import Pursuit
from chatconform.running.rehearsal import Cost
from chatconform.running.run import Run
from chatconform.running.selection import selected
from chatconform.running.session import RunSession, Watcher
from chatconform.wire.redaction import Redactor

RUN = pytest.StashKey[Run]()
WATCHER = pytest.StashKey[Watcher]()
PROPERTY = "chatconform"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the suites, in a group of their own."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Read the options once, and let the workers of pytest-xdist reach the one conductor."""
    try:
        suite = Suite(config, config.stash.get(RUN, None) or _run_of(config))
    except UsageError as error:
        raise pytest.UsageError(f"{error}" + (f"\n{error.hint}" if error.hint else "")) from None
    if config.pluginmanager.hasplugin("schemathesis"):
        # pytest parses and rewrites what a plugin of its imports. CPython 3.11 cannot parse in two threads.
        load("fuzzing.conformity").prepare()
    config.pluginmanager.register(suite, "chatconform-suite")
    if suite.allure is not None:
        config.pluginmanager.register(suite.allure, "chatconform-allure")
    if getattr(config.option, "tx", None) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Controller(suite), "chatconform-controller")


def _run_of(config: pytest.Config) -> Run:
    """The run that the options ask for; from now on its target's overlays are part of the contract."""
    run = run_from_options(config)
    in_force = ExitStack()
    in_force.enter_context(contract_in_force(overlaid(run.target.overlays if run.target else ())))
    config.add_cleanup(in_force.close)
    return run


@pytest.fixture
def play(request: pytest.FixtureRequest) -> str:
    """The path that is judged; the check itself receives the play on it."""
    return str(request.param)


@pytest.fixture
def exchange() -> None:
    """Stands for the exchanges that an invariant receives one by one."""


@pytest.fixture
def exchanges() -> None:
    """Stands for the exchanges that a survey receives all at once."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item for each path of a check."""
    made = check_of(metafunc.function)
    if isinstance(made, Check):
        metafunc.parametrize("play", made.path_names, indirect=True)


class Suite:
    """What happens in every process that judges: selection, judging, and in the sending one the record."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self.config = config
        self.run = run
        self.ledger: Ledger = load_ledger()
        profile = load_profile(run.profile, self.ledger)
        self.selected = selected(run, profile, self.ledger)
        self.paths = paths_of(profile)
        self.session: RunSession | None = None
        self.thorough = profile.thorough
        self.redactor = Redactor(run.target.all_secrets() if run.target else ())
        self.allure = allure_of(config, run)
        self.plays = self._plays()
        if self.allure is not None:
            self.plays = self.allure.overhear(self.plays)
        self.hearing = Hearing(
            plays=self.plays,
            ledger=self.ledger,
            declared=run.declared,
            lacks=run.lacks,
            paths=self.paths,
            sampling=run.sampling,
        )
        self.pursuit = Pursuit(self.hearing)
        self.broken: ChatconformError | None = None

    def _plays(self) -> Plays:
        told = getattr(self.config, "workerinput", {}).get(PROPERTY)
        if told is not None:
            return RemotePlays(Address(**told))
        watcher = self.config.stash.get(WATCHER, None)
        self.session = RunSession(
            self.run, self.ledger, selected=self.selected, thorough=self.thorough, watcher=watcher
        )
        return self.session

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep what was asked for, and put the rules about traffic last: they judge that of all others."""
        kept: list[pytest.Item] = []
        dropped: list[pytest.Item] = []
        for item in items:
            made = check_of(getattr(item, "function", None))
            (kept if made is None or self._is_wanted(made, _path(item)) else dropped).append(item)
        if dropped:
            config.hook.pytest_deselected(items=dropped)
        items[:] = sorted(kept, key=self._turn)

    def _turn(self, item: pytest.Item) -> int:
        """When an item is judged: first what may send more, last what judges all that was sent."""
        made = _made(item)
        if not isinstance(made, OfTraffic):
            return 0
        return 2 if self.hearing.sampling_of(made) is SINGLE else 1

    def _is_wanted(self, made: AnyCheck, path: str) -> bool:
        return made.requirement in self.selected and (isinstance(made, OfTraffic) or path in self.paths)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Start every play that the collected items will want."""
        keys = [key for item in session.items for key in self._keys(item)]
        # A shard in which nothing applies leaves a record as well: whoever merges has to have them all.
        if session.config.option.collectonly or not (keys or self.run.shard):
            return
        if self.session is not None:
            self.session.expects(sum(_made(item) is not None for item in session.items))
            self._tell(self._plan(session.items))
        try:
            self.plays.begin(dict.fromkeys(keys))
        except ChatconformError as error:
            self.broken = error
            if self.session is not None:
                pytest.exit(_sentence(error), returncode=3)
            return
        if self.session is not None:
            # A worker of pytest-xdist knows all items, and will be given some.
            self.pursuit.begin((made, _path(item)) for item in session.items if (made := _made(item)))

    def _plan(self, items: Iterable[pytest.Item]) -> Cost:
        """What a sound target costs: a first attempt of all, and further ones of what is sampled."""
        assert self.session is not None
        wanted = [(made, _path(item)) for item in items if (made := _made(item))]
        first, further = (
            dict.fromkeys(
                key for made, path in some for key in self.hearing.keys_of_attempt(made, path, attempt)
            )
            for attempt, some in ((1, wanted), (2, [each for each in wanted if self._is_repeated(each[0])]))
        )
        return self.session.plan(first, further)

    def _is_repeated(self, made: AnyCheck) -> bool:
        return self.hearing.sampling_of(made).fewest > 1

    def _tell(self, cost: Cost) -> None:
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            terminal.write_line(f"plan: {cost}")

    def _keys(self, item: pytest.Item) -> list[PlayKey]:
        made = _made(item)
        return [] if made is None else self.hearing.keys(made, _path(item))

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Judge instead of calling; any other test is left to pytest."""
        made = _made(pyfuncitem)
        if made is None:
            return None
        judgement = self._judge(made, _path(pyfuncitem))
        pyfuncitem.user_properties.append((PROPERTY, judgement_to_json(judgement)))
        if self.allure is not None:
            self.allure.tell(judgement, self.ledger[made.requirement])
        _report(redacted_judgement(judgement, self.redactor), self.ledger[made.requirement])
        return True

    def _judge(self, made: AnyCheck, path: str) -> Judgement:
        if self.broken and not self.hearing.missing(made):
            return unheard(made, path, Verdict.ERROR, str(self.broken))
        return self.pursuit.judge(made, path)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the judgement, wherever it was made."""
        if self.session is None or report.when != "call":
            return
        for name, value in report.user_properties:
            if name == PROPERTY and isinstance(value, dict):
                self.session.judged(judgement_from_json(value))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None]:
        """End the record, also after Ctrl-C."""
        try:
            return (yield)
        finally:
            self.pursuit.close()
            if self.session is not None:
                interrupted = "interrupted" if exitstatus == pytest.ExitCode.INTERRUPTED else ""
                self.session.close(interrupted=interrupted)
                if self.session.failure is not None:
                    session.exitstatus = 3

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """Say where the record is, and why nothing was measured if so."""
        if self.session is None:
            return
        if self.session.failure is not None:
            terminalreporter.write_line(f"not measured: {_sentence(self.session.failure)}")
        for standing in self.session.standings_of_clients(abandon=exitstatus == pytest.ExitCode.INTERRUPTED):
            terminalreporter.write_line(f"client {standing}")
        if self.session.record_path is not None:
            terminalreporter.write_line(f"run record: {self.session.record_path}")


class Controller:
    """In pytest-xdist's controller: one broker, whose address every worker is told."""

    def __init__(self, suite: Suite) -> None:
        self._broker = Broker(suite.plays)

    def pytest_configure_node(self, node: object) -> None:
        """Tell a worker where the plays are."""
        address = self._broker.address
        node.workerinput[PROPERTY] = {"port": address.port, "secret": address.secret}  # type: ignore[attr-defined]  # xdist has no types

    def pytest_sessionfinish(self) -> None:
        """Take no more calls."""
        self._broker.close()


def _made(item: pytest.Item) -> AnyCheck | None:
    return check_of(getattr(item, "function", None))


def _path(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params["play"]) if callspec else EVERYWHERE


def _report(judgement: Judgement, requirement: Requirement) -> None:
    head = f"{judgement.requirement} ({requirement.level}) {requirement.title}: {judgement.verdict}"
    lines = [head, judgement.reason, *(f"  {e.exchange} {e.where}: {e.quoted}" for e in judgement.evidence)]
    if judgement.verdict in {Verdict.FAIL, Verdict.ERROR}:
        pytest.fail(printable("\n".join([*lines, judgement.bug]).rstrip()), pytrace=False)
    if judgement.verdict is not Verdict.PASS:
        pytest.skip(printable(f"{judgement.verdict}: {judgement.reason}"))


def _sentence(error: ChatconformError) -> str:
    hint = error.hint if isinstance(error, UsageError) else None
    return f"{error}. {hint}" if hint else str(error)
