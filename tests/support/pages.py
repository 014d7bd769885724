"""Pages in a real browser, and runs to make them of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from chatconform.findings.verdict import Evidence, Judgement, Verdict
from chatconform.history.history import History, history_of
from chatconform.ledger import load_ledger
from chatconform.record import Record
from chatconform.reports.comparison.table import Comparison, comparison_of
from chatconform.tests.support.exchanges import chunks, completion, exchange, sse, streamed
from chatconform.tests.support.history import run_of, runs_of
from chatconform.tests.support.reports import FAIL, HEADER, PASS, judgement, record_of, told
from chatconform.wire.exchange import Arrival, Exchange

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium is installed (apt-get install chromium)"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's own browser, while the context is open."""
    assert CHROMIUM is not None
    with sync_playwright() as playwright:
        # Chromium refuses to sandbox what root starts, which a container does.
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass(frozen=True)
class Tab:
    """A page, what it asks the network for, and what it complains about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """What it asked anybody for but itself."""
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]

    @property
    def visible(self) -> list[str]:
        """The rules that are to be seen."""
        return [rule.get_attribute("id") or "" for rule in self.page.locator(".requirement:visible").all()]

    def open(self, folder: Path, html: str, fragment: str = "") -> None:
        """Open a page, and wait until it can be searched."""
        opened(self.page, folder, html, fragment)


@contextmanager
def tab_of(browser: Browser) -> Iterator[Tab]:
    """A tab of the size of a desk."""
    tab = Tab(browser.new_page(viewport={"width": 1440, "height": 1000}))
    tab.page.on("request", lambda request: tab.requests.append(request.url))
    tab.page.on("console", lambda message: tab.complaints.append(message.text))
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    yield tab
    tab.page.close()


def opened(page: Page, folder: Path, html: str, fragment: str = "") -> None:
    """Open a page, and wait until it can be searched."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    page.goto(file.as_uri() + fragment)
    page.locator("#shown:not(:empty)").wait_for()


def timed_stream() -> Exchange:
    """A stream of five events, each with a time of its own; the last chunk has no finish reason."""
    raw = sse(chunks("Hello", " there", "!", finish_reason=None))
    pieces = [piece + b"\n\n" for piece in raw.split(b"\n\n")[:-1]]
    came = streamed()
    assert came.response is not None
    arrivals = tuple(Arrival(at=0.1 + n / 100, size=len(piece)) for n, piece in enumerate(pieces))
    return replace(came, id="x0002", response=replace(came.response, raw=raw, arrivals=arrivals))


def broken(requirement: str, where: str, quoted: str = "null", shown: str = "x0002") -> Judgement:
    return replace(
        judgement(requirement, FAIL, text="a finish reason", shown=shown),
        evidence=(Evidence(exchange=shown, where=where, quoted=quoted),),
    )


def a_run() -> Record:
    return record_of(
        (
            judgement("CC-HTTP-001", PASS),
            broken("CC-STREAM-006", "event 3 /choices/0/finish_reason"),
            replace(judgement("CC-STREAM-013", Verdict.UNSUPPORTED), reason="refused by name"),
            broken("CC-USAGE-001", "/usage", "no 'usage'", shown="x0001"),
            judgement("CC-STOP-002", Verdict.ERROR, text="no answer within 60 s"),
        ),
        exchanges=(replace(exchange(completion()), id="x0001"), timed_stream()),
    )


def two(first: Record, second: Record) -> Comparison:
    reports = [told(first, source=Path("a.jsonl")), told(second, source=Path("b.jsonl"))]
    return comparison_of(reports, load_ledger())


def a_comparison() -> Comparison:
    other = replace(HEADER, target=replace(HEADER.target, model="another"))
    good = record_of(
        (
            judgement("CC-HTTP-001", PASS),
            judgement("CC-STREAM-006", PASS, shown="x0002"),
            judgement("CC-USAGE-001", PASS),
        ),
        exchanges=(replace(exchange(completion()), id="x0001"), replace(streamed(), id="x0002")),
        header=other,
    )
    return two(a_run(), good)


def a_history() -> History:
    """Two targets: of one a rule broke and another flips, of the other there is one run."""
    other = replace(HEADER, target=replace(HEADER.target, name="another"))
    runs = runs_of({"CC-STREAM-006": "PPPF", "CC-USAGE-001": "PFPF", "CC-HTTP-001": "PPPP"})
    alone = run_of({"CC-HTTP-001": PASS}, header=other)
    return history_of((*runs, alone), load_ledger(), folder=Path())
