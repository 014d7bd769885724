"""Whether everybody can use the pages: axe-core looks at them in every size and scheme."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from chatconform.reports.comparison.page import html_comparison
from chatconform.reports.history.page import html_history
from chatconform.reports.pages.html import html_report
from chatconform.tests.support.pages import a_comparison, a_history, a_run, chromium, needs_chromium, opened
from chatconform.tests.support.reports import TOOLS, told

pytestmark = needs_chromium
SIZES = ((1440, 1000), (390, 844))
AXE = TOOLS / "node_modules" / "axe-core" / "axe.min.js"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
def test_everybody_can_use_the_pages(
    browser: Browser, tmp_path: Path, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    """axe-core finds no violation of WCAG 2.2 AA, and no page is wider than a phone."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (scripts/formats installs it)")
    # axe is a script of its own, which the page's policy would not run.
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    pages = (html_report(told(a_run())), html_comparison(a_comparison()), html_history(a_history()))
    for html in pages:
        opened(page, tmp_path, html)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        if page.locator(".matrix").count():
            page.locator("#CC-STREAM-006 button").first.click()
            page.locator("dialog[open]").wait_for()
        elif page.locator(".exchange").count():
            page.locator(".x-side").first.wait_for()
        page.add_script_tag(path=AXE)
        found = page.evaluate("(tags) => axe.run({runOnly: tags}).then((r) => r.violations)", STANDARD)
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    context.close()
