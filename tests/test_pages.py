"""The pages in a real browser: what a reader does on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from chatconform.reports.comparison.page import html_comparison
from chatconform.reports.history.page import html_history
from chatconform.reports.pages.html import html_report
from chatconform.tests.support.exchanges import completion, exchange
from chatconform.tests.support.pages import (
    Tab,
    a_comparison,
    a_history,
    a_run,
    broken,
    chromium,
    needs_chromium,
    tab_of,
)
from chatconform.tests.support.reports import record_of, told

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    with tab_of(browser) as opened:
        yield opened


def test_a_reader_searches_and_filters(tab: Tab, tmp_path: Path) -> None:
    """Words, verdicts, levels and areas narrow the rules, and Escape brings all back."""
    page = tab.page
    tab.open(tmp_path, html_report(told(a_run())))
    assert len(tab.visible) == 5

    page.keyboard.press("/")
    page.keyboard.type("no answer within")
    assert tab.visible == ["CC-STOP-002"]
    page.keyboard.press("Escape")
    assert len(tab.visible) == 5

    page.locator(".toggle", has_text="fail").click()
    assert tab.visible == ["CC-STREAM-006", "CC-USAGE-001"]
    page.locator("select[data-filter=area]").select_option("USAGE")
    assert tab.visible == ["CC-USAGE-001"]
    assert page.locator("#shown").text_content() == "1 of 5 rules"
    page.get_by_role("button", name="Clear").click()
    page.locator("#search").fill("nothing is called so")
    assert page.locator("#nothing").is_visible()
    assert tab.complaints == []


def test_an_address_opens_its_rule_with_the_evidence(tab: Tab, tmp_path: Path) -> None:
    """A link to a requirement lays its exchange open: the events over time, the offending one marked."""
    page = tab.page
    tab.open(tmp_path, html_report(told(a_run())), "#CC-STREAM-006")

    rule = page.locator("#CC-STREAM-006")
    assert rule.get_attribute("open") is not None
    marked = rule.locator(".events li.marked")
    marked.wait_for()
    assert marked.locator(".place").text_content() == "3"
    assert rule.locator(".timeline svg").get_attribute("aria-label") == (
        "6 events, the first after 100 ms, the last after 150 ms"
    )
    assert "event 3" in (rule.locator(".timeline").text_content() or "")
    assert '"stream": true' in (rule.locator(".x-side").first.text_content() or "")
    assert "curl -sSi" in (rule.locator(".x-curl pre").text_content() or "")
    assert tab.asked == []
    assert tab.complaints == []


def test_a_place_in_json_is_marked(tab: Tab, tmp_path: Path) -> None:
    """The line of the member that a finding points at is marked, and no other."""
    page = tab.page
    run = record_of(
        (broken("CC-RESP-001", "/choices/0/message/role", '"bot"', shown="x0001"),),
        exchanges=(replace(exchange(completion()), id="x0001"),),
    )
    tab.open(tmp_path, html_report(told(run)), "#CC-RESP-001")

    marked = page.locator("#CC-RESP-001 .line.marked")
    marked.wait_for()
    assert (marked.text_content() or "").strip().rstrip(",") == '"role": "assistant"'


def test_keys_walk_through_the_rules(tab: Tab, tmp_path: Path) -> None:
    """`j` and `k` move the focus, Enter opens, `f` goes to the next failure."""
    page = tab.page
    tab.open(tmp_path, html_report(told(a_run())))

    def focused() -> str:
        return str(page.evaluate("document.activeElement.closest('.requirement')?.id"))

    page.keyboard.press("j")
    assert focused() == "CC-HTTP-001"
    page.keyboard.press("f")
    assert focused() == "CC-STREAM-006"
    page.keyboard.press("j")
    assert focused() == "CC-STREAM-013"
    page.keyboard.press("Enter")
    assert page.locator("#CC-STREAM-013").get_attribute("open") is not None
    page.keyboard.press("k")
    assert focused() == "CC-STREAM-006"


def test_it_reads_without_scripts(browser: Browser, tmp_path: Path) -> None:
    """Rules, reasons and evidence are there for a reader, or a mail client, that runs nothing."""
    file = tmp_path / "page.html"
    file.write_text(html_report(told(a_run())), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    page.locator("#CC-STREAM-006 > summary").click()

    assert "event 3" in page.locator("#CC-STREAM-006 .evidence").inner_text()
    assert not page.locator(".filters").is_visible()
    context.close()


def test_a_cell_opens_both_sides(tab: Tab, tmp_path: Path) -> None:
    """A cell shows its exchange beside that of a target that came out otherwise, and what differs."""
    page = tab.page
    tab.open(tmp_path, html_comparison(a_comparison()))

    page.locator(".toggle", has_text="only differences").click()
    assert "CC-HTTP-001" not in tab.visible
    page.locator("#CC-STREAM-006 button").first.click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    sides = dialog.locator(".side-of")
    assert [side.locator(".chip").inner_text().split()[-1] for side in sides.all()] == ["fail", "pass"]
    assert '"finish_reason":"stop"' in dialog.locator(".diff .added").all_inner_texts()[-1]
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('cell')")
    assert tab.asked == []
    assert tab.complaints == []


def test_a_matrix_is_reached_by_address(tab: Tab, tmp_path: Path) -> None:
    """A link to a requirement brings its row into view."""
    page = tab.page
    tab.open(tmp_path, html_comparison(a_comparison()), "#CC-USAGE-001")

    page.locator("#CC-USAGE-001:focus, #CC-USAGE-001 :focus").wait_for()
    box = page.locator("#CC-USAGE-001").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 1000


def test_a_history_draws_its_trends(tab: Tab, tmp_path: Path) -> None:
    """Plots with their numbers in words, and the rules that changed, by what they are now."""
    page = tab.page
    tab.open(tmp_path, html_history(a_history()), "#CC-STREAM-006")

    pictures = [each.get_attribute("aria-label") or "" for each in page.locator(".plots svg").all()]
    assert pictures[0].startswith("Rules that did not pass, by run; in the last one 2 fail")
    assert pictures[1] == "Rules that passed, by run: from 3 to 1"
    assert len(pictures) == 5
    rule = page.locator("#CC-STREAM-006")
    assert rule.get_attribute("open") is not None
    assert "run003.jsonl" in rule.locator(".changes").inner_text()
    assert rule.locator(".strip").get_attribute("aria-label") == "3 pass, then 1 fail"
    assert page.get_by_text("There is one run: nothing can have changed.").is_visible()
    page.locator(".toggle", has_text="only unstable").click()
    assert tab.visible == ["CC-USAGE-001"]
    assert tab.asked == []
    assert tab.complaints == []


def test_a_history_without_a_change_is_a_page_too(tab: Tab, tmp_path: Path) -> None:
    """One run of each target: no rule to search for, no plot, and no complaint."""
    history = a_history()
    alone = replace(history, targets=tuple(each for each in history.targets if each.name == "another"))
    file = tmp_path / "page.html"
    file.write_text(html_history(alone), encoding="utf-8")
    tab.page.goto(file.as_uri())

    assert "there is no trend yet" in tab.page.locator("main").inner_text()
    assert tab.page.locator(".filters, .plots svg").count() == 0
    assert tab.page.locator("#theme").is_visible()
    assert tab.complaints == []
