"""Many rules about traffic, judged in one pass over it, in memory that does not grow with the traffic.

An invariant needs each exchange once. A survey needs several together, so the latest are kept: a window.
When it is full the surveys hear it, and its older half is let go, so that any two exchanges within half a
window of each other are heard together. A live run, and a record of one, fit into one window.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from chatconform.findings.verdict import Judgement
from chatconform.judging.check import Form, Invariant, OfTraffic
from chatconform.judging.deliberation import Deliberation
from chatconform.wire.exchange import Exchange, Request

# Nobody sends a larger one again by hand.
_EXHIBIT_BYTES = 1 << 20
_ALL_EXHIBITS_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How much of the traffic surveys hear together."""

    exchanges: int = 2000
    size: int = 8 << 20


@dataclass(frozen=True, slots=True)
class _Kept:
    """An exchange in the window, with the places of the surveys that are about it."""

    exchange: Exchange
    surveys: tuple[int, ...]


class Panel:
    """Takes exchanges one by one, and says at the end what all rules found.

    `exhibits` are the requests, by exchange, whose answers show the first failures of each rule. `is_limited`
    says that no survey heard all the traffic at once.
    """

    def __init__(self, rules: Iterable[OfTraffic], window: Window | None = None) -> None:
        deliberations = [Deliberation(made) for made in rules]
        self._invariants = [each for each in deliberations if isinstance(each.made, Invariant)]
        self._surveys = [each for each in deliberations if not isinstance(each.made, Invariant)]
        self._all = deliberations
        self._window = window or Window()
        self._kept: list[_Kept] = []
        self._size = 0
        self._heard = 0
        self.exhibits: dict[str, Request] = {}
        self._exhibited = 0
        self.is_limited = False

    def take(self, exchange: Exchange, *, without: Collection[str] = ()) -> None:
        """Judge an exchange, but not by the checks of these ids."""
        forms: dict[Form, bool] = {}

        def is_noted(each: Deliberation) -> bool:
            form = each.made.form
            if each.made.id in without:
                return False
            # Many rules share a form; an ill exchange has to be noted by each of them.
            if exchange.illness or form not in forms:
                forms[form] = each.notes(exchange)
            return forms[form]

        for each in self._invariants:
            if is_noted(each) and each.take(exchange):
                self._exhibit(exchange)
        self._keep(exchange, tuple(n for n, each in enumerate(self._surveys) if is_noted(each)))

    def end(self) -> None:
        """Let the surveys hear what is left: what comes from now on has nothing to do with it."""
        if self._heard < len(self._kept):
            self._hear()
        self._let_go(len(self._kept))

    def judgements(self) -> tuple[Judgement, ...]:
        """What every rule found, in the order in which the rules were given."""
        self.end()
        return tuple(each.judgement() for each in self._all)

    def _keep(self, exchange: Exchange, surveys: tuple[int, ...]) -> None:
        if not surveys:
            return
        size = _size(exchange)
        while self._kept and (
            len(self._kept) >= self._window.exchanges or self._size + size > self._window.size
        ):
            if self._heard < len(self._kept):
                self._hear()
            self._let_go((len(self._kept) + 1) // 2)
            self.is_limited = True
        # What was read out of it for the invariants is many times its size.
        self._kept.append(_Kept(_afresh(exchange), surveys))
        self._size += size

    def _hear(self) -> None:
        ordered = sorted(self._kept, key=lambda kept: kept.exchange.started)
        by_id = {kept.exchange.id: kept.exchange for kept in ordered}
        for place, survey in enumerate(self._surveys):
            if survey.hear([kept.exchange for kept in ordered if place in kept.surveys]):
                for evidence in survey.evidence:
                    if evidence.exchange in by_id:
                        self._exhibit(by_id[evidence.exchange])
        self._kept = [_Kept(_afresh(kept.exchange), kept.surveys) for kept in self._kept]
        self._heard = len(self._kept)

    def _let_go(self, count: int) -> None:
        self._size -= sum(_size(kept.exchange) for kept in self._kept[:count])
        del self._kept[:count]
        self._heard = max(0, self._heard - count)

    def _exhibit(self, exchange: Exchange) -> None:
        size = len(exchange.request.body)
        if exchange.id in self.exhibits or size > _EXHIBIT_BYTES:
            return
        if self._exhibited + size <= _ALL_EXHIBITS_BYTES:
            self.exhibits[exchange.id] = replace(exchange.request)
            self._exhibited += size


def _afresh(exchange: Exchange) -> Exchange:
    """The same without the views that were derived from its bytes."""
    response = replace(exchange.response) if exchange.response else None
    return replace(exchange, request=replace(exchange.request), response=response)


def _size(exchange: Exchange) -> int:
    return len(exchange.request.body) + (len(exchange.response.raw) if exchange.response else 0)
