"""The pages in a real browser: what a reader does on them, and what a hostile record cannot do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from chatconform.findings.verdict import Evidence, Judgement, Verdict
from chatconform.ledger import load_ledger
from chatconform.record import Record
from chatconform.reports.comparison import comparison_of
from chatconform.reports.comparison_page import html_comparison
from chatconform.reports.html import html_report
from chatconform.tests.support.exchanges import chunks, completion, exchange, sse, streamed
from chatconform.tests.support.reports import FAIL, HEADER, PASS, TOOLS, judgement, record_of, told
from chatconform.wire.exchange import Arrival, Exchange

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium is installed (apt-get install chromium)"
)
SIZES = ((1440, 1000), (390, 844))
AXE = TOOLS / "node_modules" / "axe-core" / "axe.min.js"
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
    assert CHROMIUM is not None
    with sync_playwright() as playwright:
        # Chromium refuses to sandbox what root starts, which a container does.
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def asked(browser: Browser) -> Iterator[tuple[Page, list[str], list[str]]]:
    """A page, what it asks the network for, and what it complains about."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page, requests, complaints
    page.close()


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


def opened(page: Page, folder: Path, html: str, fragment: str = "") -> None:
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    page.goto(file.as_uri() + fragment)
    page.locator("#shown:not(:empty)").wait_for()


def visible(page: Page) -> list[str]:
    return [rule.get_attribute("id") or "" for rule in page.locator(".requirement:visible").all()]


def test_a_reader_searches_and_filters(asked: tuple[Page, list[str], list[str]], tmp_path: Path) -> None:
    """Words, verdicts, levels and areas narrow the rules, and Escape brings all back."""
    page, _, complaints = asked
    opened(page, tmp_path, html_report(told(a_run())))
    assert len(visible(page)) == 5

    page.keyboard.press("/")
    page.keyboard.type("no answer within")
    assert visible(page) == ["CC-STOP-002"]
    page.keyboard.press("Escape")
    assert len(visible(page)) == 5

    page.locator(".toggle", has_text="fail").click()
    assert visible(page) == ["CC-STREAM-006", "CC-USAGE-001"]
    page.locator("select[data-filter=area]").select_option("USAGE")
    assert visible(page) == ["CC-USAGE-001"]
    assert page.locator("#shown").text_content() == "1 of 5 rules"
    page.get_by_role("button", name="Clear").click()
    page.locator("#search").fill("nothing is called so")
    assert page.locator("#nothing").is_visible()
    assert complaints == []


def test_an_address_opens_its_rule_with_the_evidence(
    asked: tuple[Page, list[str], list[str]], tmp_path: Path
) -> None:
    """A link to a requirement lays its exchange open: the events over time, the offending one marked."""
    page, requests, complaints = asked
    opened(page, tmp_path, html_report(told(a_run())), "#CC-STREAM-006")

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
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert complaints == []


def test_a_place_in_json_is_marked(asked: tuple[Page, list[str], list[str]], tmp_path: Path) -> None:
    """The line of the member that a finding points at is marked, and no other."""
    page, _, _ = asked
    run = record_of(
        (broken("CC-RESP-001", "/choices/0/message/role", '"bot"', shown="x0001"),),
        exchanges=(replace(exchange(completion()), id="x0001"),),
    )
    opened(page, tmp_path, html_report(told(run)), "#CC-RESP-001")

    marked = page.locator("#CC-RESP-001 .line.marked")
    marked.wait_for()
    assert (marked.text_content() or "").strip().rstrip(",") == '"role": "assistant"'


def test_keys_walk_through_the_rules(asked: tuple[Page, list[str], list[str]], tmp_path: Path) -> None:
    """`j` and `k` move the focus, Enter opens, `f` goes to the next failure."""
    page, _, _ = asked
    opened(page, tmp_path, html_report(told(a_run())))

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


def test_a_hostile_record_runs_nothing(asked: tuple[Page, list[str], list[str]], tmp_path: Path) -> None:
    """Nothing of it runs, is fetched, or reaches the page as a control character; all of it can be read."""
    page, requests, complaints = asked
    for html in (html_report(told(hostile_run())), html_comparison(two(hostile_run(), a_run()))):
        opened(page, tmp_path, html)
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
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert complaints == []


def two(first: Record, second: Record) -> Any:
    reports = [told(first, source=Path("a.jsonl")), told(second, source=Path("b.jsonl"))]
    return comparison_of(reports, load_ledger())


def a_comparison() -> Any:
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


def test_a_cell_opens_both_sides(asked: tuple[Page, list[str], list[str]], tmp_path: Path) -> None:
    """A cell shows its exchange beside that of a target that came out otherwise, and what differs."""
    page, requests, complaints = asked
    opened(page, tmp_path, html_comparison(a_comparison()))

    page.locator(".toggle", has_text="only differences").click()
    assert "CC-HTTP-001" not in visible(page)
    page.locator("#CC-STREAM-006 button").first.click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    sides = dialog.locator(".side-of")
    assert [side.locator(".chip").inner_text().split()[-1] for side in sides.all()] == ["fail", "pass"]
    assert '"finish_reason":"stop"' in dialog.locator(".diff .added").all_inner_texts()[-1]
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('cell')")
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert complaints == []


def test_a_matrix_is_reached_by_address(asked: tuple[Page, list[str], list[str]], tmp_path: Path) -> None:
    """A link to a requirement brings its row into view."""
    page, _, _ = asked
    opened(page, tmp_path, html_comparison(a_comparison()), "#CC-USAGE-001")

    page.locator("#CC-USAGE-001:focus, #CC-USAGE-001 :focus").wait_for()
    box = page.locator("#CC-USAGE-001").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 1000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
def test_everybody_can_use_the_pages(
    browser: Browser, tmp_path: Path, size: tuple[int, int], scheme: Any
) -> None:
    """axe-core finds no violation of WCAG 2.2 AA, and no page is wider than a phone."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (scripts/formats installs it)")
    # axe is a script of its own, which the page's policy would not run.
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    for html in (html_report(told(a_run())), html_comparison(a_comparison())):
        opened(page, tmp_path, html)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        if page.locator(".matrix").count():
            page.locator("#CC-STREAM-006 button").first.click()
            page.locator("dialog[open]").wait_for()
        else:
            page.locator(".x-side").first.wait_for()
        page.add_script_tag(path=AXE)
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        found = page.evaluate("(tags) => axe.run({runOnly: tags}).then((r) => r.violations)", tags)
        assert [
            (each["id"], [n["html"][:90] + n["any"][0]["message"][:110] for n in each["nodes"]][:4])
            for each in found
        ] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    context.close()


def test_nothing_in_the_page_is_a_stranger_s(tmp_path: Path) -> None:
    """The file itself has no raw control character and no tag that a text brought."""
    html = html_report(told(hostile_run()))

    assert not set(html) & set("\x1b\x07\u202e\u2066\x00")
    assert html.count("<script") == html.count("</script>")
    assert "<img" not in html
    assert "<svg/onload" not in html


def test_a_gigantic_answer_is_cut(tmp_path: Path) -> None:
    """A hundred megabytes of text leave a page of a few, which says how much there was."""
    huge = replace(exchange(completion("x" * 100_000_000)), id="x0001")
    run = record_of((broken("CC-RESP-001", "/choices", "x" * 2_000_000, shown="x0001"),), exchanges=(huge,))

    html = html_report(told(run))

    assert len(html) < 4_000_000
    assert json.dumps(huge.id)[1:-1] in html
