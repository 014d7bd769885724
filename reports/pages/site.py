"""The ledger and the contract as a site: an index, a page for each requirement, the contract to read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chatconform._version import __version__
from chatconform.contract import Contract, load_contract
from chatconform.judging.check import AnyCheck, OfTraffic, Survey
from chatconform.ledger import Ledger
from chatconform.ledger.areas import AREAS
from chatconform.ledger.requirement import Requirement
from chatconform.proving.matrix import AnyFault
from chatconform.reports.pages.page import site_page, source
from chatconform.resources import data, load

_SCRIPTS = ("rules.js", "site.js")
_FILES = ("style.css", *_SCRIPTS, "api.js")
_EXCERPT = 60
OnPage = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldCheck:
    """A check in words: what it judges, what is sent for it, on which paths."""

    id: str
    rule: str
    sends: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Everything that is known of a requirement; `excerpt` is its place in the contract."""

    requirement: Requirement
    checks: tuple[ToldCheck, ...]
    faults: tuple[AnyFault, ...]
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldArea:
    """An area of the index."""

    name: str
    title: str
    entries: tuple[Entry, ...]


def entries(ledger: Ledger, contract: Contract) -> tuple[Entry, ...]:
    """An entry for each requirement, in the ledger's order."""
    checks = load("running.catalogue").checks_by_requirement()
    faults = load("reference_server.faults.catalogue").FAULTS.values()
    return tuple(
        Entry(
            requirement=row,
            checks=tuple(map(_check, checks.get(row.id, ()))),
            faults=tuple(fault for fault in faults if row.id in fault.breaks),
            excerpt=_excerpt(contract, row.anchor),
        )
        for row in ledger
    )


def write_site(folder: Path, ledger: Ledger, *, on_page: OnPage = lambda: None) -> int:
    """Write the site into a folder; returns the number of its pages."""
    contract = load_contract()
    told = entries(ledger, contract)
    _write_assets(folder / "assets", contract)
    shutil.copyfile(data("spec/openapi.yaml"), folder / "openapi.yaml")
    (folder / "api.html").write_text(source("site_api.html"), encoding="utf-8")
    (folder / "requirements").mkdir(exist_ok=True)
    for name, html in _pages(told, ledger, contract):
        (folder / name).write_text(html, encoding="utf-8")
        on_page()
    return len(told) + 2


def _pages(told: tuple[Entry, ...], ledger: Ledger, contract: Contract) -> Iterator[tuple[str, str]]:
    areas = tuple(
        ToldArea(
            name=name,
            title=AREAS[name],
            entries=tuple(entry for entry in told if entry.requirement.area == name),
        )
        for name in ledger.areas
    )
    common: Mapping[str, Any] = {"version": __version__, "site_scripts": _SCRIPTS}
    yield (
        "index.html",
        site_page(
            "site_index.html", root="", areas=areas, total=len(told), contract=contract.version, **common
        ),
    )
    for area in areas:
        neighbours = [entry.requirement for entry in area.entries]
        for entry in area.entries:
            html = site_page("site_rule.html", root="../", entry=entry, neighbours=neighbours, **common)
            yield f"requirements/{entry.requirement.id}.html", html


def _write_assets(folder: Path, contract: Contract) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        (folder / name).write_text(source(name), encoding="utf-8")
    swagger: Path = load("reference_server.docs").assets()
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        shutil.copyfile(swagger / name, folder / name)
    text = json.dumps(contract.copy(), ensure_ascii=True)
    (folder / "contract.js").write_text(f"const CONTRACT = {text};\n", encoding="utf-8")


def _check(made: AnyCheck) -> ToldCheck:
    return ToldCheck(id=made.id, rule=made.rule, sends=_sends(made), paths=made.path_names)


def _sends(made: AnyCheck) -> str:
    if isinstance(made, Survey):
        return "Sends nothing of its own: it judges all exchanges of a run together."
    if isinstance(made, OfTraffic):
        return "Sends nothing of its own: it judges every exchange of a run."
    return f"Sends {made.scenario.name}: {made.scenario.title}."


def _excerpt(contract: Contract, pointer: str) -> str:
    """What stands at a place of the contract, with its references as they are, bounded."""
    node = contract.resolve(pointer)
    text = yaml.safe_dump(_plain(node), sort_keys=False, allow_unicode=True, width=100)
    lines = text.splitlines()
    more = len(lines) - _EXCERPT
    return "\n".join([*lines[:_EXCERPT], *([f"… and {more} lines more"] if more > 0 else [])])


def _plain(node: object) -> object:
    """A node of the contract as YAML can write it."""
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    return [_plain(each) for each in node] if isinstance(node, (list, tuple)) else node
