"""The documents that a requirement rests on, as links.

`spec/requirements/SOURCES.md` says which abbreviation stands for which document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatconform.ledger.requirement import Requirement

_SPEC = "https://github.com/openai/openai-openapi/blob/f85dbe2/openapi.yaml"
_SDK = "https://github.com/openai/openai-python/blob/v3.54.0/src/openai"
_SSE = "https://html.spec.whatwg.org/multipage/server-sent-events.html"
_VENDORS = re.compile(
    r"(?<![\w/.])(?:developers\.openai\.com|console\.groq\.com|api-docs\.deepseek\.com|docs\.anthropic\.com)"
    r"(?:[\w/.#-]*\w)?"
)
_RULES = (
    (re.compile(r"\bspec:"), _SPEC),
    (re.compile(r"\bsdk:([\w/]+)"), _SDK + r"/\1.py"),
    (re.compile(r"\bSSE#parsing"), _SSE + "#parsing-an-event-stream"),
    (re.compile(r"\bSSE#interpretation"), _SSE + "#event-stream-interpretation"),
    (re.compile(r"\bSSE#iana"), "https://html.spec.whatwg.org/multipage/iana.html#text/event-stream"),
    (re.compile(r"\bWHATWG Fetch"), "https://fetch.spec.whatwg.org/#http-cors-protocol"),
    (re.compile(r"\bRFC ?(\d{4})(?: s(\d+(?:\.\d+)*))?"), ""),
    (re.compile(r"https://[^\s()<>,;'\"]*[^\s()<>,;'\".:]"), r"\g<0>"),
    (_VENDORS, r"https://\g<0>"),
)
_ISSUE = re.compile(r"(?<![\w/.-])([\w.-]+/[\w.-]+)#(\d+)")


@dataclass(frozen=True, slots=True)
class Link:
    """A document, and what it is called in the ledger."""

    name: str
    url: str


def sources(requirement: Requirement) -> tuple[Link, ...]:
    """Where the rule comes from, in the order of the ledger; each document once."""
    found: list[tuple[int, Link]] = []
    for pattern, url in _RULES:
        for match in pattern.finditer(requirement.source):
            to = match.expand(url) if url else _rfc(match)
            found.append((match.start(), Link(_name(match), to)))
    ordered = [link for _, link in sorted(found, key=lambda each: each[0])]
    return _once([*ordered, *_issues(requirement.source)])


def reports(requirement: Requirement) -> tuple[Link, ...]:
    """Public reports of servers that broke the rule."""
    return _once([link for text in requirement.seen_in for link in _issues(text)])


def _issues(text: str) -> Iterator[Link]:
    for match in _ISSUE.finditer(text):
        yield Link(match[0], f"https://github.com/{match[1]}/issues/{match[2]}")


def _rfc(match: re.Match[str]) -> str:
    section = f"#section-{match[2]}" if match[2] else ""
    return f"https://www.rfc-editor.org/rfc/rfc{match[1]}{section}"


def _name(match: re.Match[str]) -> str:
    return "the official OpenAPI document" if match[0] == "spec:" else match[0]


def _once(links: list[Link]) -> tuple[Link, ...]:
    return tuple({link.url: link for link in reversed(links)}.values())[::-1]
