"""Judges recorded traffic of any size by all rules about traffic, and counts what could not be judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import OfTraffic
from chatconform.judging.conformance import Conformance, ExitCode
from chatconform.judging.panel import Panel, Window
from chatconform.ledger import Ledger
from chatconform.plays.path import EVERYWHERE
from chatconform.record.redact import redacted_judgement, redacted_request
from chatconform.running.hearing import lacking, unheard
from chatconform.traffic.met import Beside, Described, Heard, Unjudged
from chatconform.traffic.source import Source
from chatconform.wire.exchange import Exchange, Request
from chatconform.wire.redaction import Redactor, credentials

# So many things that cannot be judged are named with their places; the others are counted.
NAMED = 20
# A page sends a handful; each is looked for in every form, in everything that is printed.
_SECRETS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What could not be judged, for one reason: how often, and in which places first."""

    reason: str
    count: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What came of it.

    `heard` exchanges were judged, `beside` had nothing to do with the API. `exhibits` are the requests, by
    exchange, whose answers show failures; no credential that was sent stands in them, or in a judgement.
    `unread` counts files that were not read to their end. `is_limited` says that the traffic was too long for
    rules about all of it together, which heard it in parts.
    """

    judgements: tuple[Judgement, ...]
    exhibits: Mapping[str, Request]
    heard: int
    beside: int
    unread: int
    gaps: tuple[Gap, ...]
    is_limited: bool


def lint(
    sources: Iterable[Source],
    rules: Collection[OfTraffic],
    ledger: Ledger,
    *,
    lacks: frozenset[str] = frozenset(),
    window: Window | None = None,
    on_read: Callable[[int], None] = lambda _: None,
) -> Linted:
    """Judge the traffic of all sources as that of one target, which lacks these features."""
    linting = _Linting(rules, ledger, lacks, window)
    sources = tuple(sources)
    for number, source in enumerate(sources, 1):
        linting.read(source, on_read, prefix=f"{number}:" if len(sources) > 1 else "")
    return linting.outcome()


def exit_code(linted: Linted, answer: Conformance) -> ExitCode:
    """What linting says to a script: nothing is broken only if everything was read and something was judged.

    That most rules are about something that a file does not hold, or that bodies are missing, is as usual.
    """
    if any(judgement.bug for judgement in linted.judgements):
        return ExitCode.BUG
    if answer.violations:
        return ExitCode.DOES_NOT_CONFORM
    judged = any(result.verdict in {Verdict.PASS, Verdict.FAIL} for result in answer.results)
    return ExitCode.CONFORMS if judged and not linted.unread else ExitCode.NOT_MEASURED


class _Linting:
    """The traffic while it comes in."""

    def __init__(
        self, rules: Collection[OfTraffic], ledger: Ledger, lacks: frozenset[str], window: Window | None
    ) -> None:
        self._rules = tuple(rules)
        self._ledger = ledger
        self._lacks = lacks
        self._panel = Panel(self._rules, window)
        self._gaps = _Gaps()
        self._judged_by: set[str] = set()
        self._secrets: dict[str, None] = {}
        self._heard = self._beside = self._unread = 0

    def read(self, source: Source, on_read: Callable[[int], None], *, prefix: str) -> None:
        """Judge the traffic of one more source."""
        out_of_scope: frozenset[str] = frozenset()
        for met in source.met(on_read):
            match met:
                case Described(lacks=lacks):
                    out_of_scope = self._out_of_scope(lacks | self._lacks)
                    self._judged_by |= {made.id for made in self._rules} - out_of_scope
                case Heard(exchange=exchange, where=where):
                    self._heard += 1
                    for reason in _withheld(exchange):
                        self._gaps.note(reason, str(where))
                    self._keep_secrets(exchange)
                    named = replace(exchange, id=f"{prefix}{exchange.id}")
                    self._panel.take(named, without=out_of_scope)
                case Beside():
                    self._beside += 1
                case Unjudged(where=where, reason=reason):
                    self._unread += met.is_end
                    self._gaps.note(reason, str(where))
        self._panel.end()

    def outcome(self) -> Linted:
        """What came of all sources."""
        redactor = Redactor(self._secrets)
        judgements = [self._scoped(judgement) for judgement in self._panel.judgements()]
        return Linted(
            judgements=tuple(redacted_judgement(each, redactor) for each in judgements),
            exhibits={
                name: redacted_request(request, redactor) for name, request in self._panel.exhibits.items()
            },
            heard=self._heard,
            beside=self._beside,
            unread=self._unread,
            gaps=self._gaps.all(),
            is_limited=self._panel.is_limited,
        )

    def _keep_secrets(self, exchange: Exchange) -> None:
        # Our own records hold none any more, and keys in them that were made up are evidence.
        if not exchange.scenario and len(self._secrets) < _SECRETS:
            self._secrets |= dict.fromkeys(credentials(exchange.request.headers))

    def _out_of_scope(self, lacks: frozenset[str]) -> frozenset[str]:
        return frozenset(made.id for made in self._rules if any(n in lacks for n in self._needs(made)))

    def _needs(self, made: OfTraffic) -> tuple[str, ...]:
        return self._ledger[made.requirement].assumed_needs

    def _scoped(self, judgement: Judgement) -> Judgement:
        if judgement.check in self._judged_by or not self._heard:
            return judgement
        made = next(each for each in self._rules if each.id == judgement.check)
        return unheard(made, EVERYWHERE, Verdict.NOT_APPLICABLE, lacking(self._needs(made)))


@dataclass(slots=True)
class _Gaps:
    """What cannot be judged, by reason; the first places of each are named, and the first reasons."""

    _counts: dict[str, int] = field(default_factory=dict)
    _places: dict[str, list[str]] = field(default_factory=dict)

    def note(self, reason: str, place: str) -> None:
        if reason not in self._counts and len(self._counts) >= 10 * NAMED:
            reason = "other reasons"
        self._counts[reason] = self._counts.get(reason, 0) + 1
        places = self._places.setdefault(reason, [])
        if len(places) < NAMED:
            places.append(place)

    def all(self) -> tuple[Gap, ...]:
        return tuple(
            Gap(reason=reason, count=count, places=tuple(self._places[reason]))
            for reason, count in self._counts.items()
        )


def _withheld(exchange: Exchange) -> Iterator[str]:
    """Why some of an exchange was not recorded, each reason once."""
    messages = [each for each in (exchange.request, exchange.response) if each is not None]
    told = [reason for each in messages for reason in (each.head_withheld, each.withheld)]
    yield from dict.fromkeys(reason for reason in (*told, exchange.undated, exchange.unpooled) if reason)
