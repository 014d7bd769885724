"""What the runner of GitHub Actions makes of the lines of a step: commands, in both of their forms.

After its `ActionCommand` and `ActionCommandManager`: `::name key=value::text` where a line begins, spaces
left out, and `##[name]text` anywhere. Between `::stop-commands::WORD` and `::WORD::` nothing is a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_NEW = re.compile(r"\s*::(?P<name>[^\s:]+)(?:\s+(?P<properties>[^:]*))?::(?P<text>.*)")
_OLD = re.compile(r"##\[(?P<name>[^\s\]]+)(?:\s+(?P<properties>[^\]]*))?\](?P<text>.*)")
_ESCAPES = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
ANNOTATIONS = ("error", "warning", "notice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command that the runner carried out."""

    name: str
    properties: dict[str, str]
    text: str

    @property
    def requirements(self) -> set[str]:
        """The requirements that it names."""
        return named(f"{self.properties.get('title', '')} {self.text}")


def named(text: str) -> set[str]:
    """The ids of requirements in a text."""
    return set(re.findall(r"CC-[A-Z]+-\d{3}", text))


def commands(log: str) -> list[Command]:
    """Every command of a log but those that stop and resume commands."""
    return list(_heeded(re.split(r"\r\n|\n|\r", log)))


def _heeded(lines: Iterable[str]) -> Iterator[Command]:
    word: str | None = None
    for line in lines:
        found = _NEW.match(line) or _OLD.search(line)
        if found is None:
            continue
        if word is not None:
            word = None if found["name"] == word else word
        elif found["name"] == "stop-commands":
            word = found["text"]
        else:
            yield Command(
                name=found["name"],
                properties=dict(_properties(found["properties"] or "")),
                text=_unescaped(found["text"]),
            )


def _properties(text: str) -> Iterator[tuple[str, str]]:
    for pair in filter(None, text.split(",")):
        key, _, value = pair.partition("=")
        yield key.strip(), _unescaped(value)


def _unescaped(text: str) -> str:
    return re.sub("|".join(_ESCAPES), lambda found: _ESCAPES[found[0]], text)
