"""Records a HAR in headless Chromium from a page that asks a server as pages do: by fetch, reading streams.

Run as a program of its own: `python -m chatconform.tests.support.browsing CHROMIUM SITE HAR < requests.json`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from playwright.sync_api import sync_playwright

# Each request in turn, its body read piece by piece as a chat window does.
ASK = """async (requests) => {
    const came = [];
    for (const {method, url, headers, body} of requests) {
        const response = await fetch(url, {method, headers, body: body ?? undefined});
        const reader = response.body.getReader();
        let size = 0;
        for (;;) {
            const {done, value} = await reader.read();
            if (done) break;
            size += value.length;
        }
        came.push([response.status, size]);
    }
    return came;
}"""


def record(chromium: str, site: str, har: str, requests: list[dict[str, Any]]) -> list[list[int]]:
    """Ask from a page of the site; returns the status and the size of each body as the page saw them."""
    with sync_playwright() as playwright:
        # Chromium refuses to sandbox what root starts, which a container does.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(record_har_path=har, record_har_content="embed")
        page = context.new_page()
        page.goto(f"{site}/docs", wait_until="networkidle")
        came: list[list[int]] = page.evaluate(ASK, requests)
        context.close()
        browser.close()
    return came


if __name__ == "__main__":
    json.dump(record(*sys.argv[1:4], json.load(sys.stdin)), sys.stdout)
