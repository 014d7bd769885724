"""Changes the text of a baseline where it has to change: every other character stays as it is.

The rows and lines are found by the marks of the YAML nodes, and replaced as text. A comment belongs to the
row below it that it touches, or to the row above where it is indented deeper than the dash: it goes when the
row goes. All other comments stay.
"""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from chatconform.errors import HarnessError
from chatconform.gating.acceptance import Acceptance, Edit
from chatconform.gating.baseline import Baseline, Entry, Flaky, in_order, rank
from chatconform.gating.document import Field, fields_of, items_of, paths_in, root_of
from chatconform.gating.lines import Lines
from chatconform.gating.reading import ACCEPTED
from chatconform.gating.writing import block, exercised_line, expiry, keys_of, scalar
from chatconform.ledger import Ledger

_ABSENT = "\n{}:\n"


def updated(text: str, baseline: Baseline, acceptance: Acceptance, ledger: Ledger) -> str:
    """The text of a baseline with what was accepted; `baseline` is what the text says."""
    sections = (("entries", Entry, baseline.entries), ("flaky", Flaky, baseline.flaky))
    for name, kind, rows in sections:
        edits = [edit for edit in acceptance.edits if isinstance(edit.before or edit.after, kind)]
        if edits:
            text = _Section(text, name, ledger).edited(rows, edits)
    text = _exercised(text, acceptance)
    return _origin(text, acceptance)


class _Section:
    """The list of rows below a key, while it is edited."""

    def __init__(self, text: str, name: str, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lines = Lines(_with_key(text, name))
        self._field = _field(self._lines.text, name)
        self._nodes = items_of(self._field.value)

    def edited(self, rows: Sequence[Entry | Flaky], edits: Sequence[Edit]) -> str:
        """The text after these edits; the rows are those of the nodes, in their order."""
        gone = [self._node(rows, edit.before) for edit in edits if edit.before and not edit.after]
        kept = [(node, row) for node, row in zip(self._nodes, rows, strict=True) if node not in gone]
        if self._field.is_empty:
            self._lines.replace(self._field.value, "")
        for node in gone:
            before = self._nodes[: self._nodes.index(node)]
            self._lines.drop(
                node,
                after_another=any(each not in gone for each in before),
                before_another=node is not self._nodes[-1],
            )
        for edit in edits:
            if edit.before and edit.after:
                self._set(self._node(rows, edit.before), edit.after)
        added = [edit.after for edit in edits if edit.before is None and edit.after is not None]
        for row in sorted(added, key=rank):
            self._insert(row, kept)
        return self._lines.edited()

    def _node(self, rows: Sequence[Entry | Flaky], row: Entry | Flaky) -> yaml.Node:
        return next(node for node, each in zip(self._nodes, rows, strict=True) if each is row)

    def _insert(self, row: Entry | Flaky, kept: Sequence[tuple[yaml.Node, Entry | Flaky]]) -> None:
        """Put a row before the first that comes after it by id, so that two branches add at two places."""
        indent = self._lines.margin(self._nodes[0]) if self._nodes else 2
        lines = block(row, self._ledger, indent=indent)
        later = next((node for node, other in kept if other.requirement > row.requirement), None)
        if later is not None:
            self._lines.insert_before(later, [*lines, ""])
        elif kept:
            self._lines.insert_after(kept[-1][0], ["", *lines])
        else:
            self._lines.insert_below(self._field, lines, is_spaced=True)

    def _set(self, node: yaml.Node, row: Entry | Flaky) -> None:
        """Change the values of a row that are others now, and add those that it lacks."""
        fields = fields_of(node)
        wanted = dict(keys_of(row))
        if "expires" in fields:
            # Whoever renews without a last day says so in the file.
            wanted["expires"] = expiry(row.expires)
        for key, value in wanted.items():
            field = fields.get(key)
            if field is None:
                self._lines.add_key(node, key, value)
            elif not _says(field, key, row, value):
                self._lines.replace(field.value, value)


def _says(field: Field, key: str, row: Entry | Flaky, value: str) -> bool:
    if key == "path":
        return in_order(paths_in(field)) == row.paths
    return bool(field.text == yaml.load(value, Loader=yaml.BaseLoader))  # noqa: S506 - texts alone


def _exercised(text: str, acceptance: Acceptance) -> str:
    """The lines of what was exercised, those alone that changed."""
    lines = Lines(_with_key(text, "exercised"))
    section = _field(lines.text, "exercised")
    fields = fields_of(section.value)
    if section.is_empty:
        lines.replace(section.value, "")
    kept = {name: field for name, field in fields.items() if name in acceptance.exercised}
    indent = lines.margin(next(iter(fields.values())).key) if fields else 2
    for name, field in fields.items():
        if name not in kept:
            lines.drop_key(field)
    for name, paths in sorted(acceptance.exercised.items()):
        if name in kept:
            if in_order(paths_in(kept[name])) != paths:
                lines.replace(kept[name].value, f"[{', '.join(paths)}]")
            continue
        line = exercised_line(name, paths, indent=indent)
        later = next((field for other, field in kept.items() if other > name), None)
        if later is not None:
            lines.insert_before(later.key, [line])
        elif kept:
            lines.insert_after(list(kept.values())[-1].value, [line])
        else:
            lines.insert_below(section, [line])
    return lines.edited()


def _origin(text: str, acceptance: Acceptance) -> str:
    lines = Lines(text)
    fields = fields_of(_field(text, "accepted").value)
    for name in ACCEPTED:
        value = str(getattr(acceptance.origin, name))
        if fields[name].text != value:
            lines.replace(fields[name].value, value if value.replace(".", "").isalnum() else scalar(value))
    return lines.edited()


def _field(text: str, name: str) -> Field:
    root = root_of(text)
    if root is None:
        raise HarnessError(f"a baseline without {name} was to be edited")
    return fields_of(root)[name]


def _with_key(text: str, name: str) -> str:
    """The text with a key at its end that it may leave out."""
    root = root_of(text)
    if root is None or name in fields_of(root):
        return text
    return text.rstrip("\r\n") + "\n" + _ABSENT.format(name)
