"""What a hostile record cannot do to the pages and those who read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from chatconform.findings.verdict import Verdict
from chatconform.history.glance import glance_of
from chatconform.history.history import History, history_of
from chatconform.ledger import load_ledger
from chatconform.record import Record
from chatconform.reports.comparison.page import html_comparison
from chatconform.reports.history.page import html_history
from chatconform.reports.pages.html import html_report
from chatconform.tests.support.exchanges import completion, exchange, sse
from chatconform.tests.support.history import rows_of
from chatconform.tests.support.pages import Tab, a_run, broken, chromium, needs_chromium, tab_of, two
from chatconform.tests.support.reports import FAIL, HEADER, judgement, record_of, told

# Everything that has run a script in somebody's report before.
HOSTILE = (
    "</script><script>window.ran = 1</script>",
    '"><img src=x onerror="window.ran = 1">',
    "<svg/onload=window.ran=1>",
    "{{ 7 * 7 }} ${7*7} {% raw %}",
    "javascript:window.ran=1",
    "<!--<script>",
    "\x1b[31mred\x1b[0m \x07 \u202egnp.exe \u2066 \x00",
    "]]> --> */ \u2028 \u2029",
)
EVIL = " ".join(HOSTILE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    with tab_of(browser) as opened:
        yield opened


def hostile_run() -> Record:
    """A record in which every text that a target or a user chooses is hostile."""
    evil = exchange(
        completion(EVIL), headers=(("x-evil", "<script>window.ran = 1</script>"),), sent={"evil": EVIL}
    )
    events = sse([{"choices": [{"delta": {"content": EVIL}}]}, EVIL.replace("\n", " ")])
    header = replace(
        HEADER,
        target=replace(HEADER.target, url=f"http://target/{EVIL}", model=EVIL, declared=(EVIL,)),
        seed=EVIL, command=("chatconform", EVIL), profile=EVIL, started=EVIL,
    )  # fmt: skip
    return record_of(
        (
            judgement("CC-STREAM-006", FAIL, text=EVIL, path=EVIL, check=EVIL, shown="x0002"),
            judgement("CC-RESP-001", Verdict.ERROR, text=EVIL, shown="x0001"),
        ),
        exchanges=(replace(evil, id="x0001"), replace(exchange(events), id="x0002")),
        header=header,
    )


def hostile_history() -> History:
    """A history in which every text of two runs is hostile, and a verdict changed."""
    first = hostile_run()
    after = replace(first, judgements=(judgement("CC-STREAM-006", Verdict.PASS, text=EVIL, path=EVIL),))
    header = replace(first.header, started="2026-11-22", tool=EVIL[::-1])
    records = [(replace(after, header=header), "a.jsonl"), (first, f"{EVIL.replace('/', '')}.jsonl")]
    runs = [glance_of(rows_of(record), Path(name)) for record, name in records]
    return history_of(runs, load_ledger(), folder=Path())


@needs_chromium
def test_a_hostile_record_runs_nothing(tab: Tab, tmp_path: Path) -> None:
    """Nothing of it runs, is fetched, or reaches the page as a control character; all of it can be read."""
    page = tab.page
    pages = (
        html_report(told(hostile_run())),
        html_comparison(two(hostile_run(), a_run())),
        html_history(hostile_history()),
    )
    for html in pages:
        tab.open(tmp_path, html)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        page.wait_for_timeout(300)
        if page.locator(".matrix").count():
            page.locator("#CC-STREAM-006 button").first.click()
            page.locator("dialog[open]").wait_for()
        assert page.evaluate("window.ran") is None
        assert page.locator("img").count() == 0
        text = page.locator("body").inner_text()
        assert "window.ran = 1" in text
        assert not set(text) & set("\x1b\x07\u202e\u2066\x00")
    assert tab.asked == []
    assert tab.complaints == []


def test_nothing_in_the_page_is_a_stranger_s() -> None:
    """The file itself has no raw control character and no tag that a text brought."""
    for html in (html_report(told(hostile_run())), html_history(hostile_history())):
        assert not set(html) & set("\x1b\x07\u202e\u2066\x00")
        assert html.count("<script") == html.count("</script>")
        assert "<img" not in html
        assert "<svg/onload" not in html


def test_a_gigantic_answer_is_cut() -> None:
    """A hundred megabytes of text leave a page of a few, which says how much there was."""
    huge = replace(exchange(completion("x" * 100_000_000)), id="x0001")
    run = record_of((broken("CC-RESP-001", "/choices", "x" * 2_000_000, shown="x0001"),), exchanges=(huge,))

    html = html_report(told(run))

    assert len(html) < 4_000_000
    assert huge.id in html
