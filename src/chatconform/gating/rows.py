"""Reads the rows of a baseline: what is expected though it is no pass, and what is flaky."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import yaml

from chatconform.findings.verdict import Verdict
from chatconform.gating.baseline import PATHS, Entry, Flaky, in_order
from chatconform.gating.document import Field, begins_with_dash, fields_of, items_of, line_of, paths_in
from chatconform.gating.keys import key_flaws
from chatconform.gating.nearest import did_you_mean
from chatconform.ledger import Ledger
from chatconform.ledger.section import Flaw

# In the order in which they are written.
ENTRY = ("requirement", "path", "check", "verdict", "reason", "since", "expires", "ticket")
FLAKY = ("requirement", "path", "reason", "since", "expires", "ticket")
NEVER = "never"
_NEEDED_OF_ENTRY = ("requirement", "verdict", "since")
_NEEDED_OF_FLAKY = ("requirement", "reason")
_VERDICTS = tuple(verdict.value for verdict in Verdict if verdict is not Verdict.PASS)
_SOME_DAY = date(1970, 1, 1)


class RowReader:
    """Reads rows, and adds what is wrong with them to `flaws`."""

    def __init__(self, ledger: Ledger, flaws: list[Flaw]) -> None:
        self._ids = [row.id for row in ledger]
        self._flaws = flaws

    def entries(self, field: Field | None) -> tuple[Entry, ...]:
        """The entries that have the form of one."""
        return tuple(self._entry(line, fields) for line, fields in self._rows(field, ENTRY, _NEEDED_OF_ENTRY))

    def flaky(self, field: Field | None) -> tuple[Flaky, ...]:
        """The flaky list."""
        return tuple(self._flake(line, fields) for line, fields in self._rows(field, FLAKY, _NEEDED_OF_FLAKY))

    def _entry(self, line: int, fields: dict[str, Field]) -> Entry:
        verdict = self._verdict(fields.get("verdict"))
        reason = self._text(fields, "reason")
        if verdict is Verdict.FAIL and "reason" not in fields:
            self._flaw(line, "a failure is accepted for a reason; add `reason: TEXT`")
        since, expires = self._days(fields)
        return Entry(
            requirement=self._requirement(fields),
            verdict=verdict,
            since=since or _SOME_DAY,
            paths=self._paths(fields.get("path")),
            check=self._text(fields, "check"),
            reason=reason,
            expires=expires,
            ticket=self._text(fields, "ticket"),
            line=line,
        )

    def _flake(self, line: int, fields: dict[str, Field]) -> Flaky:
        since, expires = self._days(fields)
        return Flaky(
            requirement=self._requirement(fields),
            reason=self._text(fields, "reason"),
            paths=self._paths(fields.get("path")),
            since=since,
            expires=expires,
            ticket=self._text(fields, "ticket"),
            line=line,
        )

    def _rows(
        self, field: Field | None, known: tuple[str, ...], needed: tuple[str, ...]
    ) -> Iterator[tuple[int, dict[str, Field]]]:
        if field is None or field.is_empty:
            return
        if not isinstance(field.value, yaml.SequenceNode) or field.value.flow_style:
            self._flaw(field.line, f"{field.key.value} has to be a list of blocks, `- requirement: ID` first")
            return
        for item in items_of(field.value):
            if not isinstance(item, yaml.MappingNode) or item.flow_style:
                self._flaw(line_of(item), f"a row is a block with a line for each of {', '.join(known)}")
                continue
            if not begins_with_dash(item):
                self._flaw(line_of(item), "a row begins on the line of its dash; write `- requirement: ID`")
            fields = fields_of(item)
            self._flaws += key_flaws(fields, known, line_of(item), needed=needed)
            yield line_of(item), fields

    def _requirement(self, fields: dict[str, Field]) -> str:
        field = fields.get("requirement")
        if field is None:
            return ""
        name = field.text or ""
        if name not in self._ids:
            near = did_you_mean(name, self._ids) or "`chatconform list` has all of them"
            self._flaw(field.line, f"no requirement is called {name!r}; {near}")
        return name

    def _paths(self, field: Field | None) -> tuple[str, ...]:
        if field is None:
            return ()
        paths = paths_in(field)
        if not paths:
            self._flaw(field.line, "path names one or several, such as [plain, streamed]; or leave it out")
        for path in paths:
            if path not in PATHS:
                self._flaw(field.line, f"there is no path {path!r}; {did_you_mean(path, PATHS)}")
        for path in {path for path in paths if paths.count(path) > 1}:
            self._flaw(field.line, f"the path {path} is named twice; keep one of them")
        return in_order(paths)

    def _verdict(self, field: Field | None) -> Verdict:
        if field is None:
            return Verdict.ERROR
        if field.text == Verdict.PASS.value:
            self._flaw(field.line, "an entry is about what does not pass; take the entry out")
        elif field.text not in _VERDICTS:
            self._flaw(
                field.line, f"there is no verdict {field.text!r}; {did_you_mean(field.text or '', _VERDICTS)}"
            )
        else:
            return Verdict(field.text)
        return Verdict.ERROR

    def _text(self, fields: dict[str, Field], name: str) -> str:
        field = fields.get(name)
        if field is None:
            return ""
        if field.text is None:
            self._flaw(field.line, f"{name} has no text; a text that begins with # needs quotes")
        return field.text or ""

    def _days(self, fields: dict[str, Field]) -> tuple[date | None, date | None]:
        since, expires = self._day(fields.get("since")), self._day(fields.get("expires"), or_never=True)
        if since and expires and expires < since:
            self._flaw(
                fields["expires"].line, f"it expires on {expires}, before it began ({since}); put that right"
            )
        return since, expires

    def _day(self, field: Field | None, *, or_never: bool = False) -> date | None:
        if field is None or (or_never and field.text == NEVER):
            return None
        try:
            day = date.fromisoformat(field.text or "")
        except ValueError:
            day = None
        # Python takes 20261126 as well; one spelling is enough.
        if day is None or day.isoformat() != field.text:
            also = f", or {NEVER}" if or_never else ""
            told = f"{field.key.value} has to be a day such as 2026-11-26{also}, not {field.text!r}"
            self._flaw(field.line, told)
            return None
        return day

    def _flaw(self, line: int, reason: str) -> None:
        self._flaws.append(Flaw(line=line, reason=reason))
