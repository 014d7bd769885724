"""The site of the requirements, and their list in the docs: nothing is missing, no link leads nowhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from chatconform.contract import load_contract
from chatconform.ledger import load_ledger
from chatconform.reports.pages.site import entries, write_site
from chatconform.reports.record_document import record_document
from chatconform.reports.requirement_list import requirement_list
from chatconform.tests.support.reports import ended

LEDGER = load_ledger()
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_site(folder, LEDGER)
    return folder


class Links(HTMLParser):
    """Gathers what a page links to, and the places in it that can be linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.places.add(value)
            if name in ("href", "src") and value and not value.startswith(("data:", "https://")):
                self.targets.append(value)


def links(file: Path) -> Links:
    found = Links()
    found.feed(file.read_text(encoding="utf-8"))
    return found


def test_every_requirement_has_a_page(site: Path) -> None:
    """It tells the rule, every check and every fault of the requirement."""
    for entry in entries(LEDGER, load_contract()):
        text = (site / "requirements" / f"{entry.requirement.id}.html").read_text(encoding="utf-8")
        assert entry.requirement.id in text
        assert all(made.id in text for made in entry.checks)
        assert all(fault.id in text for fault in entry.faults)
        assert entry.excerpt.strip()


def test_every_link_leads_somewhere(site: Path) -> None:
    """Also those to places within a page."""
    pages = {file.resolve(): links(file) for file in site.rglob("*.html")}
    for file, found in pages.items():
        for target in found.targets:
            parts = urlsplit(target)
            to = (file.parent / parts.path).resolve() if parts.path else file
            assert to.is_file(), f"{file.name} links to {target}"
            if parts.fragment and to in pages:
                assert parts.fragment in pages[to].places, f"{file.name} links to {target}"


def test_the_site_asks_no_other_host_for_anything(site: Path) -> None:
    """Only links that a reader follows lead away."""
    for file in site.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.findall(r'(?:src|<link[^>]*href)="https?:', text)


def test_the_list_in_the_docs_is_of_today() -> None:
    """`chatconform docs --list docs/requirements.md` writes it anew."""
    assert (ROOT / "docs/requirements.md").read_text(encoding="utf-8") == requirement_list(LEDGER)


def test_the_document_of_the_record_is_of_today() -> None:
    """`chatconform docs --record docs/record.md` writes it anew."""
    assert (ROOT / "docs/record.md").read_text(encoding="utf-8") == record_document()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A site goes into an empty folder, a new one, or one that holds such a site."""
    (tmp_path / "thesis.txt").write_text("years of work")

    assert ended("docs", "--out", tmp_path) == 2

    assert "holds something else" in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == [tmp_path / "thesis.txt"]


def test_the_site_is_written_again_over_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second time changes nothing."""
    assert ended("docs", "--out", tmp_path / "site") == 0
    before = {file: file.read_bytes() for file in (tmp_path / "site").rglob("*") if file.is_file()}

    assert ended("docs", "--out", tmp_path / "site") == 0

    assert before == {file: file.read_bytes() for file in (tmp_path / "site").rglob("*") if file.is_file()}
    assert f"{len(LEDGER) + 2} pages" in capsys.readouterr().err
