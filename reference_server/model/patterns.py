"""Strings for simple regular expressions: literals, classes, groups, alternatives and quantifiers."""

import re
from dataclasses import dataclass

_CLASSES = {"d": "5", "w": "a", "s": " ", "D": "x", "W": "-", "S": "x"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_COUNT = re.compile(r"\{(\d+)(,\d*)?\}")
_MOST = 1000
_LONGEST = 20_000


def matching(pattern: str, least: int = 0) -> str | None:
    """Return a short string that a pattern matches, or None where the pattern is not a simple one.

    `least` is the length that is wanted; unbounded quantifiers are stretched to reach it.
    """
    for repeat in (0, 1, least):
        reader = _Reader(pattern, repeat)
        try:
            text = reader.alternatives()
        except (ValueError, IndexError):
            return None
        if reader.done and len(text) >= least and re.search(pattern, text):
            return text
    return None


@dataclass(slots=True)
class _Reader:
    pattern: str
    repeat: int
    at: int = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.pattern)

    def alternatives(self) -> str:
        """Read alternatives and return the first one's text."""
        first = self._sequence()
        while not self.done and self.pattern[self.at] == "|":
            self.at += 1
            self._sequence()
        return first

    def _sequence(self) -> str:
        text = ""
        while not self.done and self.pattern[self.at] not in "|)":
            atom = self._atom()
            text += atom * self._times()
            if len(text) > _LONGEST:
                raise ValueError(self.pattern)
        return text

    def _next(self) -> str:
        self.at += 1
        return self.pattern[self.at - 1]

    def _atom(self) -> str:
        char = self._next()
        if char in "^$":
            return ""
        if char == ".":
            return "x"
        if char == "\\":
            return self._escape()
        if char == "[":
            return self._set()
        if char == "(":
            return self._group()
        if char in "*+?{":
            raise ValueError(self.pattern)
        return char

    def _escape(self) -> str:
        char = self._next()
        if char in "bB":
            return ""
        if char.isdigit() or char in "pPuxk":
            raise ValueError(self.pattern)
        return _CLASSES.get(char) or _ESCAPES.get(char, char)

    def _group(self) -> str:
        if self.pattern.startswith("?", self.at):
            if not self.pattern.startswith("?:", self.at):
                raise ValueError(self.pattern)
            self.at += 2
        text = self.alternatives()
        if self._next() != ")":
            raise ValueError(self.pattern)
        return text

    def _set(self) -> str:
        """Read a character class and return a character of it."""
        start = self.at
        self.at += self.pattern.startswith("^", self.at)
        self.at += self.pattern.startswith("]", self.at)
        while self._next() != "]":
            self.at += self.pattern[self.at - 1] == "\\"
        inside = re.compile("[" + self.pattern[start : self.at], re.ASCII)
        for char in "aA5" + "".join(map(chr, range(32, 127))):
            if inside.fullmatch(char):
                return char
        raise ValueError(self.pattern)

    def _times(self) -> int:
        counted = _COUNT.match(self.pattern, self.at)
        times = 1
        if counted:
            self.at = counted.end()
            least = int(counted[1])
            open_end = counted[2] == ","
            most = least if counted[2] is None else least + self.repeat if open_end else int(counted[2][1:])
            times = min(max(least, self.repeat), most)
        elif not self.done and self.pattern[self.at] in "*+?":
            mark = self._next()
            times = {"*": self.repeat, "+": max(1, self.repeat), "?": min(1, self.repeat)}[mark]
        if not self.done and self.pattern[self.at] in "?+" and self.pattern[self.at - 1] in "*+?}":
            self.at += 1  # lazy or possessive: the text is the same
        return min(times, _MOST)
