"""A YAML text that is changed at the marks of its nodes, all changes at once."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from chatconform.gating.document import Field


class Lines:
    """The changes to one text; places are those of the text as it was."""

    def __init__(self, text: str) -> None:
        self._end = "\r\n" if "\r\n" in text else "\n"
        self.text = text if text.endswith("\n") else text + self._end
        self._changes: list[tuple[int, int, str]] = []

    def edited(self) -> str:
        """The text with every change."""
        text = self.text
        after = len(text)
        # From the end, so that places stay right; at one place what was added first stands first.
        for start, end, new in sorted(self._joined(), key=lambda change: change[:2], reverse=True):
            stop = min(end, after)
            text = text[:start] + new + text[stop:]
            after = start
        return text

    def margin(self, node: yaml.Node) -> int:
        """How far the line is indented on which a node begins."""
        line = self.text[self._line_start(node.start_mark.index) :]
        return len(line) - len(line.lstrip(" "))

    def replace(self, value: yaml.Node, new: str) -> None:
        """Put another value in the place of one; what stands behind it on its line stays."""
        start, end = value.start_mark.index, self._end_of(value)
        if not new:
            start = len(self.text[:start].rstrip(" "))
        space = " " if new and start == end and not self.text[start - 1].isspace() else ""
        self._change(start, max(start, end), space + new)

    def drop(self, node: yaml.Node, *, after_another: bool, before_another: bool) -> None:
        """Take out a row with its comments, and one empty line that parted it from another."""
        start, end = self._block(node)
        if after_another and self._is_blank_before(start):
            start = self._line_start(start - 1)
        elif not after_another and before_another and self._is_blank(end):
            end = self._line_end(end)
        self._change(start, end, "")

    def drop_key(self, field: Field) -> None:
        """Take out the line of a key."""
        self._change(
            self._line_start(field.key.start_mark.index), self._line_end(self._end_of(field.value)), ""
        )

    def insert_before(self, node: yaml.Node, lines: Sequence[str]) -> None:
        """Put lines before the row of a node and its comments."""
        start, _ = self._block(node)
        self._change(start, start, self._joined_lines(lines))

    def insert_after(self, node: yaml.Node, lines: Sequence[str]) -> None:
        """Put lines after the row of a node and its comments."""
        _, end = self._block(node)
        self._change(end, end, self._joined_lines(lines))

    def insert_below(self, field: Field, lines: Sequence[str], *, is_spaced: bool = False) -> None:
        """Put lines below a key that has nothing else below it; those after the first get an empty line."""
        place = self._line_end(field.key.end_mark.index)
        if is_spaced and any(start == place and new for start, _, new in self._changes):
            lines = ["", *lines]
        self._change(place, place, self._joined_lines(lines))

    def add_key(self, node: yaml.Node, key: str, value: str) -> None:
        """Give a row one more key, at its end."""
        place = self._line_end(self._end_of(node))
        margin = " " * node.value[0][0].start_mark.column
        self._change(place, place, f"{margin}{key}: {value}{self._end}")

    def _joined_lines(self, lines: Sequence[str]) -> str:
        return "".join(f"{line}{self._end}" for line in lines)

    def _change(self, start: int, end: int, new: str) -> None:
        self._changes.append((start, end, new))

    def _joined(self) -> list[tuple[int, int, str]]:
        """One change for each place: what is added at the same one is joined in order."""
        found: dict[tuple[int, int], str] = {}
        for start, end, new in self._changes:
            found[start, end] = found.get((start, end), "") + new
        return [(start, end, new) for (start, end), new in found.items()]

    def _block(self, node: yaml.Node) -> tuple[int, int]:
        """The lines of a row, with the comments that belong to it."""
        margin = self.margin(node)
        start = self._line_start(node.start_mark.index)
        while start and self._comment_margin(before := self._line_start(start - 1)) in range(margin + 1):
            start = before
        end = self._line_end(self._end_of(node))
        while self._comment_margin(end) > margin:
            end = self._line_end(end)
        return start, end

    def _comment_margin(self, start: int) -> int:
        """How far the comment on a line is indented, if there is nothing else on it; otherwise -1."""
        line = self.text[start : self._line_end(start)]
        bare = line.lstrip(" ")
        return len(line) - len(bare) if bare.startswith("#") else -1

    def _is_blank(self, start: int) -> bool:
        return start < len(self.text) and not self.text[start : self._line_end(start)].strip()

    def _is_blank_before(self, start: int) -> bool:
        return start > 0 and self._is_blank(self._line_start(start - 1))

    def _end_of(self, node: yaml.Node) -> int:
        """Where the last character of a node stands; the marks of blocks lie behind what follows them."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end_of(last[1] if isinstance(last, tuple) else last)
        begin, end = node.start_mark.index, node.end_mark.index
        return begin + len(self.text[begin:end].rstrip())

    def _line_start(self, place: int) -> int:
        return self.text.rfind("\n", 0, place) + 1

    def _line_end(self, place: int) -> int:
        found = self.text.find("\n", place)
        return len(self.text) if found < 0 else found + 1
