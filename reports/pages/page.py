"""Self-contained pages: template, style, scripts and data in one file that asks the network for nothing.

A page's Content-Security-Policy lets nothing run but its own scripts, each by its digest. Whatever is put
into a template is made printable and escaped, wherever it comes from.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from chatconform.findings.reception import Outcome
from chatconform.findings.verdict import Verdict
from chatconform.ledger.areas import AREAS
from chatconform.ledger.links import linked
from chatconform.ledger.requirement import Level
from chatconform.reports import clients, terminal
from chatconform.reports.told import told
from chatconform.resources import folder

GLYPHS = {verdict: glyph for verdict, (glyph, _) in terminal.GLYPHS.items()}
OUTCOME_GLYPHS = {outcome: glyph for outcome, (glyph, _) in clients.GLYPHS.items()}
# What nobody reads on: bodies are not put into a template, but into the data that a page draws.
_LONGEST = 6_000
MEANINGS = {
    Verdict.PASS: "The condition was brought about, and the rule held.",
    Verdict.FAIL: "The rule was broken; the evidence shows where.",
    Verdict.ERROR: "Nothing was measured: no answer, a time-out, a failure of the server, or a bug of ours.",
    Verdict.INCONCLUSIVE: "The condition could not be brought about.",
    Verdict.UNSUPPORTED: "The target refused the feature cleanly. That is honest, and is no pass.",
    Verdict.NOT_APPLICABLE: "The target was declared to be without this, or lacks what it needs.",
}


def page(template: str, *, scripts: tuple[str, ...], **values: object) -> str:
    """The page of a template of `reports/pages/assets`, with these scripts of the same folder in order."""
    sources = [_script(name) for name in scripts]
    digests = " ".join(f"'sha256-{_digest(source)}'" for source in sources)
    return (
        _environment()
        .get_template(template)
        .render(
            scripts=[Markup(source) for source in sources],  # noqa: S704 - our own files
            policy=(
                f"default-src 'none'; script-src {digests}; style-src 'unsafe-inline'; img-src data:; "
                "base-uri 'none'; form-action 'none'"
            ),
            **values,
        )
    )


def site_page(template: str, *, root: str, **values: object) -> str:
    """A page of a site, whose style and scripts are files of their own below `root`."""
    return _environment().get_template(template).render(root=root, **values)


def source(name: str) -> str:
    """A file of `reports/pages/assets`, such as `style.css`."""
    return (_folder() / name).read_text(encoding="utf-8")


def data(value: object) -> Markup:
    """JSON that can stand in an element: nothing in it begins a tag."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026").replace(">", "\\u003e"))  # noqa: S704 - no tag is left


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    made.globals.update(
        AREAS=AREAS,
        GLYPHS=GLYPHS,
        OUTCOME_GLYPHS=OUTCOME_GLYPHS,
        MEANINGS=MEANINGS,
        Level=Level,
        Outcome=Outcome,
        Verdict=Verdict,
        style=Markup(source("style.css")),  # noqa: S704 - our own file
    )
    made.filters["linked"] = linked
    return made


def _safe(value: object) -> object:
    """No text brings control characters or a change of direction into a page, or a hundred megabytes."""
    if isinstance(value, Markup):
        return value
    return told(value, _LONGEST) if isinstance(value, str) else value


@cache
def _script(name: str) -> str:
    code = source(name)
    assert "</script" not in code.lower(), f"{name} would end its own element"
    return f"\n{code}"


def _digest(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")


def _folder() -> Path:
    return folder("reports") / "pages" / "assets"
