"""How long pages take to write and to open, and how large they are: `python bench/pages.py [RECORD]`.

A record of the embedded reference server (or the given one) is filled up to 2,000 exchanges; fifty of
those, each with a few other verdicts, make the matrix. The limits are those that are promised.
"""

from __future__ import annotations

import random
import shutil
import sys
import time
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from chatconform.cli.launch import launch
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.ledger import load_ledger
from chatconform.record import Record, read_record
from chatconform.record.encode import to_line
from chatconform.reports.comparison.page import html_comparison
from chatconform.reports.comparison.table import comparison_of
from chatconform.reports.pages.html import html_report
from chatconform.reports.report import report_of
from chatconform.running.run import Run
from chatconform.running.session import Watcher

EXCHANGES, COLUMNS = 2000, 50
RENDER, OPEN, SIZE = 3.0, 2.0, 20.0
OTHERWISE = (Verdict.FAIL, Verdict.UNSUPPORTED, Verdict.INCONCLUSIVE)


def main() -> None:
    """Measure both pages; exit code 1 where a limit is exceeded."""
    ledger = load_ledger()
    with TemporaryDirectory(prefix="chatconform-") as name:
        folder = Path(name)
        source = Path(sys.argv[1]) if len(sys.argv) > 1 else _recorded(folder)
        file = _write(_filled(read_record(source)), folder / "filled.jsonl")

        begin = time.perf_counter()
        report = report_of(read_record(file), ledger, source=file, strict=False)
        page = _save(html_report(report), folder / "report.html")
        rendered = time.perf_counter() - begin
        opened = _opened(page)
        exchanges, results = len(report.record.exchanges), len(report.answer.results)
        print(f"{results} requirements, {exchanges} exchanges, {file.stat().st_size / 1e6:.1f} MB of record")
        print(
            f"report: {page.stat().st_size / 1e6:.1f} MB, written in {rendered:.1f} s,"
            f" usable in {opened:.1f} s"
        )

        dice = random.Random("chatconform")  # noqa: S311 - which verdicts are others
        begin = time.perf_counter()
        reports = [
            report_of(_other(report.record, n, dice), ledger, source=file, strict=False)
            for n in range(COLUMNS)
        ]
        page = _save(html_comparison(comparison_of(reports, ledger)), folder / "comparison.html")
        compared = time.perf_counter() - begin
        size = page.stat().st_size / 1e6
        print(
            f"matrix of {COLUMNS}: {size:.1f} MB, written in {compared:.1f} s,"
            f" usable in {_opened(page):.1f} s"
        )
    sys.exit(0 if rendered < RENDER and opened < OPEN and size < SIZE else 1)


def _recorded(folder: Path) -> Path:
    return launch(Run(out=folder), Watcher()).record


def _filled(record: Record) -> Record:
    """The same run with as many exchanges as wanted, each with an id of its own, and each judged."""
    more = islice(cycle(record.exchanges), EXCHANGES)
    return replace(record, exchanges=tuple(replace(each, id=f"x{n:04}") for n, each in enumerate(more, 1)))


def _write(record: Record, file: Path) -> Path:
    rows = (record.header, *record.exchanges, *record.judgements, *record.standings, record.footer)
    file.write_bytes(b"".join(to_line(row) for row in rows if row is not None))
    return file


def _other(record: Record, number: int, dice: random.Random) -> Record:
    """The record of another target, of which some verdicts are others."""
    header = replace(record.header, target=replace(record.header.target, model=f"model-{number}"))
    judgements = tuple(_judged(each, dice) for each in record.judgements)
    return replace(record, header=header, judgements=judgements)


def _judged(judgement: Judgement, dice: random.Random) -> Judgement:
    if dice.random() > 0.05:
        return judgement
    return replace(judgement, verdict=dice.choice(OTHERWISE), reason="it came out otherwise this time")


def _save(html: str, file: Path) -> Path:
    file.write_text(html, encoding="utf-8")
    return file


def _opened(page: Path) -> float:
    """Seconds until the page can be searched."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page()
        begin = time.perf_counter()
        tab.goto(page.as_uri())
        tab.locator("#shown:not(:empty)").wait_for()
        seconds = time.perf_counter() - begin
        browser.close()
    return seconds


if __name__ == "__main__":
    main()
