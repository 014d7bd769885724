"""Texts that a stream delivers in pieces: the string literals of its events that a client puts together.

A secret that a target lets its model say comes like any text, some characters an event. Nobody who searches
the bytes finds it, and every reader of the stream does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

# A member whose value is a string, as RFC 8259 writes it; the value without its quotes is what counts.
_MEMBER = re.compile(rb'"((?:[^"\\]|\\.){1,40})"\s*:\s*"((?:[^"\\\r\n]|\\.)*)"')
_INDEX = re.compile(rb'"choices"\s*:\s*\[\s*\{[^{}]{0,200}?"index"\s*:\s*(\d{1,6})')
_LINE = re.compile(rb"[^\r\n]+")
# Of an envelope every chunk repeats these.
_REPEATED = frozenset((b"id", b"object", b"model", b"system_fingerprint", b"role", b"finish_reason", b"type"))


def pieces(body: bytes) -> Iterator[list[Span]]:
    """The literals of each text that comes in several events, in order, as places in the body.

    Literals belong to one text where they are of the same member of the same choice.
    """
    found: dict[tuple[bytes, bytes, int], list[Span]] = {}
    for line in _LINE.finditer(body):
        if line[0].startswith(b"data:"):
            _gather(body, line.span(), found)
    yield from (spans for spans in found.values() if len(spans) > 1)


def _gather(body: bytes, line: Span, found: dict[tuple[bytes, bytes, int], list[Span]]) -> None:
    choice = _INDEX.search(body, *line)
    seen: dict[bytes, int] = {}
    for member in _MEMBER.finditer(body, *line):
        name = member[1]
        if name in _REPEATED:
            continue
        # Of two members with one name in an event (several calls, say) the first goes on with the first.
        seen[name] = seen.get(name, 0) + 1
        found.setdefault((choice[1] if choice else b"", name, seen[name]), []).append(member.span(2))
