"""Under pytest with `--alluredir`: what Allure's own plugin cannot know of an item, as reports tell it."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from types import ModuleType

import pytest

from chatconform.client.target import DEFAULT_KEY_ENV
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.ledger.requirement import Requirement
from chatconform.plays.conductor import Plays
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey
from chatconform.record.redact import redacted_exchange, redacted_judgement
from chatconform.resources import load
from chatconform.running.run import Run
from chatconform.wire.exchange import Exchange
from chatconform.wire.redaction import Redactor, credentials


def allure_of(config: pytest.Config, run: Run) -> AllureDoor | None:
    """The door to Allure, where its plugin is loaded and was asked for results."""
    return AllureDoor(config, run) if config.getoption("allure_report_dir", None) else None


class Overheard:
    """Plays that pass through, with every exchange kept by its id: what is shown beside a judgement."""

    def __init__(self, plays: Plays) -> None:
        self._plays = plays
        self.exchanges: dict[str, Exchange] = {}

    def begin(self, keys: Iterable[PlayKey]) -> None:
        """Start these plays, unless they were started before."""
        self._plays.begin(keys)

    def play(self, key: PlayKey) -> Play:
        """A play, once it has been performed."""
        performed = self._plays.play(key)
        self._keep(performed.exchanges)
        return performed

    def traffic(self) -> tuple[Exchange, ...]:
        """Every exchange of the run, once all plays that were begun have been performed."""
        traffic = self._plays.traffic()
        self._keep(traffic)
        return traffic

    def again(self, exchange: str, number: int) -> Exchange:
        """What comes of sending the request of an exchange for another time."""
        answered = self._plays.again(exchange, number)
        self._keep([answered])
        return answered

    def _keep(self, exchanges: Iterable[Exchange]) -> None:
        self.exchanges.update((each.id, each) for each in exchanges)


class AllureDoor:
    """Gives the results of Allure's plugin their labels, links, parameters and exchanges."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self._config = config
        self._secrets = run.target.all_secrets() if run.target else None
        self._key_env = run.target.key_env if run.target else DEFAULT_KEY_ENV
        self._overheard: Overheard | None = None
        self._mapping: ModuleType = load("reports.machine.allure_labels")
        self._command = load("reports.breaches").command
        self._verdict: Verdict | None = None

    def overhear(self, plays: Plays) -> Plays:
        """The same plays, heard by this door as well."""
        self._overheard = Overheard(plays)
        return self._overheard

    def tell(self, judgement: Judgement, requirement: Requirement) -> None:
        """Say of the item that runs what its judgement is about; no secret gets into it."""
        import allure

        mapping, self._verdict = self._mapping, judgement.verdict
        safe = redacted_judgement(judgement, Redactor(self._secrets or ()))
        allure.dynamic.title(mapping.title_of(requirement, safe))
        allure.dynamic.description(mapping.description(requirement))
        for name, value in mapping.labels(requirement):
            allure.dynamic.label(name, str(value))
        for kind, link in mapping.links(requirement):
            allure.dynamic.link(link.url, link_type=kind, name=link.name)
        for name, value in mapping.parameters(safe):
            allure.dynamic.parameter(name, value, excluded=name != "path")
        for exchange in self._shown(safe):
            for each in mapping.attachments(exchange, self._command(exchange, self._key_env)):
                allure.attach(each.body, name=each.name, attachment_type=allure.attachment_type.TEXT)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """What was not measured is broken to Allure, not failed; to pytest both are a failure."""
        report = yield
        listener = self._config.pluginmanager.get_plugin("allure_listener")
        if call.when == "call" and self._verdict is Verdict.ERROR and listener is not None:
            listener.allure_logger.get_test(None).status = self._mapping.STATUSES[self._verdict]
        if call.when == "teardown":
            self._verdict = None
        return report

    def _shown(self, judgement: Judgement) -> Iterable[Exchange]:
        known = self._overheard.exchanges if self._overheard else {}
        for name in self._mapping.shown_exchanges(judgement):
            if name in known:
                yield self._redacted(known[name])

    def _redacted(self, exchange: Exchange) -> Exchange:
        # The key of the embedded server is known where it runs alone: here it is what a request is sent with.
        secrets = credentials(exchange.request.headers) if self._secrets is None else self._secrets
        return redacted_exchange(exchange, Redactor(secrets))
