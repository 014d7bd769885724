"""The addresses behind the abbreviations in which the ledger names its sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

# The commit and the release that spec/requirements/SOURCES.md names.
_SPEC = "https://github.com/openai/openai-openapi/blob/f85dbe2/openapi.yaml"
_SDK = "https://github.com/openai/openai-python/blob/v3.54.0/src/openai"
_SSE = {
    "parsing": "https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream",
    "interpretation": (
        "https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation"
    ),
    "iana": "https://html.spec.whatwg.org/multipage/iana.html#text/event-stream",
}

_ABBREVIATION = re.compile(
    r"""
      (?P<issue>\b[\w.-]+/[\w.-]+\#\d+)
    | (?P<spec>\bspec\b(?::[^\s;,()]*[^\s;,().])?)
    | (?P<sdk>\bsdk:(?P<file>[\w/]+)(?:\.\w+)*)
    | (?P<sse>\bSSE\#(?:parsing|interpretation|iana)\b)
    | (?P<fetch>\bWHATWG\sFetch\b)
    | (?P<rfc>\bRFC\s?(?P<number>\d{4})(?:\ss(?P<section>\d+(?:\.\d+)*))?)
    | (?P<url>https://[^\s()<>,;'"]*[^\s()<>,;'".:])
    | (?P<page>\b(?:developers\.openai\.com|docs\.anthropic\.com|console\.groq\.com|api-docs\.deepseek\.com)
        (?:/[^\s;,()]*[^\s;,().])?)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, with the address that it stands for; the address is empty where it is only text."""

    text: str
    url: str = ""


def linked(text: str) -> tuple[Piece, ...]:
    """The text in pieces, each abbreviation of a source with its address; together they are the text."""
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[Piece]:
    end = 0
    for match in _ABBREVIATION.finditer(text):
        if match.start() > end:
            yield Piece(text[end : match.start()])
        yield Piece(match[0], _ADDRESSES[match.lastgroup or ""](match))
        end = match.end()
    if end < len(text):
        yield Piece(text[end:])


def _issue(match: re.Match[str]) -> str:
    repository, _, number = match[0].partition("#")
    return f"https://github.com/{repository}/issues/{number}"


def _rfc(match: re.Match[str]) -> str:
    section = f"#section-{match['section']}" if match["section"] else ""
    return f"https://www.rfc-editor.org/rfc/rfc{match['number']}{section}"


_ADDRESSES: Mapping[str, Callable[[re.Match[str]], str]] = {
    "issue": _issue,
    "spec": lambda _: _SPEC,
    "sdk": lambda match: f"{_SDK}/{match['file']}.py",
    "sse": lambda match: _SSE[match[0].partition("#")[2]],
    "fetch": lambda _: "https://fetch.spec.whatwg.org/#http-cors-protocol",
    "rfc": _rfc,
    "url": lambda match: match[0],
    "page": lambda match: f"https://{match[0]}",
}
