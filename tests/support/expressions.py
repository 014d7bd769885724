"""The expressions of GitHub Actions that our action uses; whatever else there is is refused, not guessed.

Contexts are nested mappings. What is not there is empty, as it is for the runner.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<call>[a-zA-Z]+)\(\)|(?P<name>[a-zA-Z_][\w-]*(?:\.[a-zA-Z_][\w-]*)+)
    |(?P<operator>\|\||&&|==|!=|[()!]))""",
    re.VERBOSE,
)
_INTERPOLATED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_CONTEXTS = ("inputs", "steps", "env")


class UnknownExpression(Exception):
    """Something that this evaluator does not know."""


def interpolated(text: str, contexts: Mapping[str, Any]) -> str:
    """The text with the value of every `${{ }}` in its place."""
    return _INTERPOLATED.sub(lambda found: _shown(evaluated(found[1], contexts)), text)


def evaluated(text: str, contexts: Mapping[str, Any], status: Mapping[str, bool] | None = None) -> str | bool:
    """The value of an expression; `status` says what the functions without arguments return."""
    tokens = list(_tokens(text))
    value = _Evaluator(tokens, contexts, status or {}).alternatives()
    if tokens:
        raise UnknownExpression(f"{tokens[0][1]!r} in {text!r}")
    return value


def has_status(text: str) -> bool:
    """Whether a condition asks for the status itself; where it does not, `success()` is meant too."""
    return any(kind == "call" for kind, _ in _tokens(text))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    rest = text.strip()
    while rest:
        found = _TOKEN.match(rest)
        if found is None or found.lastgroup is None:
            raise UnknownExpression(rest)
        yield found.lastgroup, found[found.lastgroup]
        rest = rest[found.end() :].strip()


class _Evaluator:
    """Takes tokens from the front of the list that it was given."""

    def __init__(
        self, tokens: list[tuple[str, str]], contexts: Mapping[str, Any], status: Mapping[str, bool]
    ) -> None:
        self._tokens = tokens
        self._contexts = contexts
        self._status = status

    def alternatives(self) -> str | bool:
        value = self._conjunction()
        while self._takes("||"):
            other = self._conjunction()
            value = value or other
        return value

    def _conjunction(self) -> str | bool:
        value = self._comparison()
        while self._takes("&&"):
            other = self._comparison()
            value = value and other
        return value

    def _comparison(self) -> str | bool:
        value = self._term()
        compares: dict[str, Callable[[str, str], bool]] = {"==": str.__eq__, "!=": str.__ne__}
        for operator, compare in compares.items():
            if self._takes(operator):
                # The runner heeds no case, and makes numbers of what is not a text.
                sides = [value, self._term()]
                if not all(isinstance(side, str) for side in sides):
                    raise UnknownExpression(f"{sides} compared")
                return compare(*(str(side).lower() for side in sides))
        return value

    def _term(self) -> str | bool:
        if self._takes("!"):
            return not self._term()
        if self._takes("("):
            value = self.alternatives()
            if not self._takes(")"):
                raise UnknownExpression("a bracket that is not closed")
            return value
        kind, token = self._tokens.pop(0) if self._tokens else ("nothing", "")
        if kind == "text":
            return token[1:-1].replace("''", "'")
        if kind == "call" and token in self._status:
            return self._status[token]
        if kind == "name" and token.partition(".")[0] in _CONTEXTS:
            return self._looked_up(token)
        raise UnknownExpression(token or "an end in the middle")

    def _looked_up(self, name: str) -> str:
        value: Any = self._contexts
        for key in name.split("."):
            value = value.get(key, {}) if isinstance(value, Mapping) else {}
        return value if isinstance(value, str) else ""

    def _takes(self, operator: str) -> bool:
        if self._tokens and self._tokens[0] == ("operator", operator):
            self._tokens.pop(0)
            return True
        return False


def _shown(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()
