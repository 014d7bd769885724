"""How a judgement reads in Allure: one mapping for results of a record and for those of pytest.

The epic is the API, a feature is an area, a story a requirement; the severity is how binding it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from chatconform.errors import ChatconformError
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.ledger.areas import AREAS
from chatconform.ledger.requirement import Level, Requirement
from chatconform.plays.path import EVERYWHERE
from chatconform.reports.breaches import details
from chatconform.reports.links import Link, sources
from chatconform.reports.links import reports as reports_of
from chatconform.reports.told import line, told
from chatconform.wire.exchange import Exchange, Headers

EPIC = "OpenAI Chat Completions API"
SEVERITIES = {Level.MUST: "critical", Level.SHOULD: "normal", Level.MAY: "minor"}
STATUSES = {Verdict.PASS: "passed", Verdict.FAIL: "failed", Verdict.ERROR: "broken"}
SKIPPED = "skipped"
# What a reader of one result would still look through, and what a browser shows of a text.
_EXCHANGES = 4
_BODY = 1 << 20
_HEADERS = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text beside a result."""

    name: str
    body: bytes


def status_of(judgement: Judgement) -> str:
    """What Allure calls a verdict."""
    return STATUSES.get(judgement.verdict, SKIPPED)


def title_of(requirement: Requirement, judgement: Judgement) -> str:
    """The name of a result."""
    return f"{requirement.id} {requirement.title} [{line(judgement.path, 60)}]"


def labels(requirement: Requirement) -> Iterator[tuple[str, str]]:
    """The labels of a requirement, as name and value."""
    yield "epic", EPIC
    yield "feature", AREAS[requirement.area]
    yield "story", f"{requirement.id} {requirement.title}"
    yield "severity", SEVERITIES[requirement.level]
    yield "tag", requirement.level


def links(requirement: Requirement) -> Iterator[tuple[str, Link]]:
    """The documents behind a requirement (type `link`) and public reports of its breach (type `issue`)."""
    yield from (("link", link) for link in sources(requirement))
    yield from (("issue", link) for link in reports_of(requirement))


def parameters(judgement: Judgement) -> Iterator[tuple[str, str]]:
    """What a check was run with: the path, and the verdict of each attempt where there were several."""
    yield "path", line(judgement.path, 60)
    if judgement.attempts:
        yield "attempts", ", ".join(judgement.attempts[:100])


def description(requirement: Requirement) -> str:
    """The rule, how it is judged and where it comes from, in Markdown."""
    return (
        f"**{requirement.level}** {requirement.rule}\n\n"
        f"*How it is judged:* {requirement.judge}\n\n*Source:* {requirement.source}"
    )


def trace(judgement: Judgement) -> str:
    """What was found and where, a line each."""
    return "\n".join(details(judgement))


def shown_exchanges(judgement: Judgement) -> tuple[str, ...]:
    """The exchanges to attach: those that the evidence points at, then others that were judged.

    Of all traffic that nothing was found in, none says more than another.
    """
    if judgement.path == EVERYWHERE and not judgement.evidence:
        return ()
    pointed_at = (evidence.exchange for evidence in judgement.evidence)
    return tuple(dict.fromkeys([*pointed_at, *judgement.exchanges]))[:_EXCHANGES]


def attachments(exchange: Exchange, command: str) -> Iterator[Attachment]:
    """The request, the response and the command of an exchange; a stream is attached as it came.

    Only what would act on whoever opens it stands as an escape.
    """
    name = line(exchange.id, 60)
    yield Attachment(f"{name} request", _request(exchange))
    yield Attachment(f"{name} response", _response(exchange))
    yield Attachment(f"{name} curl", command.encode())


def _request(exchange: Exchange) -> bytes:
    request = exchange.request
    return _message(f"{request.method} {request.url}", request.headers, request.body)


def _response(exchange: Exchange) -> bytes:
    response = exchange.response
    if response is None:
        failure = exchange.failure
        how = f"{failure.kind}: {failure.message} after {failure.at:.2f} s" if failure else "none"
        return f"no response: {line(how)}\n".encode()
    try:
        body = response.body
    except ChatconformError:
        body = response.raw
    return _message(f"{response.status} {response.reason}", response.headers, body)


def _message(first: str, headers: Headers, body: bytes) -> bytes:
    fields = (f"{name}: {value}" for name, value in headers)
    head = "\n".join(line(each, 8_000) for each in (first, *islice(fields, _HEADERS)))
    text = body[:_BODY].decode("utf-8", "backslashreplace")
    cut = f"\n… ({len(body)} bytes)" if len(body) > _BODY else ""
    return f"{head}\n\n{told(text, len(text))}{cut}".encode()


def environment(values: Mapping[str, str]) -> str:
    """The lines of `environment.properties`, which Allure shows beside the results."""
    # A reader of such a file would undo the escapes that make a text safe.
    told_once = ((name, line(value).replace("\\", "\\\\")) for name, value in values.items())
    return "".join(f"{name} = {value}\n" for name, value in told_once)
