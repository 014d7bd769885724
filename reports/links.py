"""The documents that a requirement rests on, as links; each once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatconform.ledger.links import linked
from chatconform.ledger.requirement import Requirement


@dataclass(frozen=True, slots=True)
class Link:
    """A document, and what it is called in the ledger."""

    name: str
    url: str


def sources(requirement: Requirement) -> tuple[Link, ...]:
    """Where the rule comes from, in the order of the ledger."""
    return _links([requirement.source])


def reports(requirement: Requirement) -> tuple[Link, ...]:
    """Public reports of servers that broke the rule."""
    return _links(requirement.seen_in)


def _links(texts: Iterable[str]) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for piece in (piece for text in texts for piece in linked(text) if piece.url):
        found.setdefault(piece.url, Link(_name(piece.text), piece.url))
    return tuple(found.values())


def _name(text: str) -> str:
    return "the official OpenAPI document" if text.partition(":")[0] == "spec" else text
