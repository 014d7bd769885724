"""What was recorded from the reference server, as an odd server would have sent it; no input or output."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TypeVar
from urllib.parse import urlsplit

import orjson

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import AnyCheck, Check
from chatconform.judging.judge import judge_plays, judge_traffic
from chatconform.plays.play import Play
from chatconform.plays.scenario import Scenario
from chatconform.record import Record
from chatconform.reference_server.seams import Asked
from chatconform.reference_server.variants.transport import AnyPackets
from chatconform.reference_server.variants.variant import Variant
from chatconform.reference_server.writing import event_stream, in_turn, packets, plain_text
from chatconform.wire.exchange import Exchange, Response
from chatconform.wire.stream import Arrival

Item = TypeVar("Item")


def is_of_answers(variant: Variant) -> bool:
    """Whether a variant lies in the answers alone, so that recorded ones can be made odd afterwards."""
    made = type(variant)
    on_the_way = variant.by_hand or isinstance(variant, AnyPackets)
    return made.request is Variant.request and made.settings is Variant.settings and not on_the_way


def odd(exchange: Exchange, variants: Sequence[Variant], cuts: Sequence[float] = ()) -> Exchange:
    """The exchange with an odd answer, which came in pieces that end at these parts of its body."""
    response = exchange.response
    if response is None or not response.complete:
        return exchange
    asked = _asked(exchange)
    status, headers = response.status, tuple((name.lower(), value) for name, value in response.headers)
    is_json = response.media_type == "application/json" and response.body
    document = orjson.loads(response.body) if is_json else None
    for variant in variants:
        status, headers = variant.head(status, headers, asked, document)
    body = _body(exchange, response, asked, variants)
    raw = b"".join(drained(packets(in_turn([body]), asked, variants))) if body else b""
    ends = sorted({0, len(raw), *(int(part * len(raw)) for part in cuts)})
    arrivals = tuple(Arrival(at=response.headers_at, size=end - start) for start, end in pairwise(ends))
    if raw == response.raw and not cuts:
        arrivals = response.arrivals
    kept = {"reason": response.reason, "headers_at": response.headers_at, "complete": True}
    made = Response(status=status, headers=headers, raw=raw, arrivals=arrivals, **kept)
    return replace(exchange, response=made)


def _body(exchange: Exchange, response: Response, asked: Asked, variants: Sequence[Variant]) -> bytes:
    if exchange.is_stream:
        done = response.stream.is_terminated
        chunks = [copy.deepcopy(event.chunk) for event in response.stream.chunks]
        return b"".join(drained(event_stream(in_turn(chunks), asked, variants, is_terminated=lambda: done)))
    if response.media_type == "application/json" and response.body:
        return plain_text(orjson.loads(response.body), asked, variants)
    return response.body


def _asked(exchange: Exchange) -> Asked:
    request = exchange.request
    try:
        body = orjson.loads(request.body) if request.body else {}
    except orjson.JSONDecodeError:
        body = {}
    return Asked(
        method=request.method,
        path=urlsplit(request.url).path,
        headers={name.lower(): value for name, value in request.headers},
        body=body if isinstance(body, dict) else {},
        content=request.body,
    )


def drained(stream: AsyncIterator[Item]) -> list[Item]:
    """All items of a stream that waits for nobody, without an event loop."""

    async def collect() -> list[Item]:
        return [item async for item in stream]

    try:
        collect().send(None)
    except StopIteration as done:
        return list(done.value)
    raise AssertionError("the stream waits for something")


class Recorded:
    """A record, whose plays and traffic any check can be asked about.

    No dataclass: Hypothesis would write it out with every example.
    """

    def __init__(self, record: Record) -> None:
        self.record = record

    @cached_property
    def passed(self) -> tuple[Judgement, ...]:
        """What passed when the record was made."""
        return tuple(each for each in self.record.judgements if each.verdict is Verdict.PASS)

    @cached_property
    def _plays(self) -> Mapping[tuple[str, str], list[Play]]:
        found: dict[tuple[str, str], list[Play]] = {}
        for play in self.record.plays:
            found.setdefault((play.scenario, play.path.name), []).append(play)
        return found

    def judged(self, made: AnyCheck, path: str, variants: Sequence[Variant], *cuts: float) -> Judgement:
        """The judgement of a check on a path, had the answers been odd."""
        if not isinstance(made, Check):
            return judge_traffic(made, self._odd_traffic(tuple(variants), cuts))
        plays = self._odd_plays(made.scenario, path, variants, cuts)
        if made.control is not None:
            controls = self._odd_plays(made.control, path, variants, cuts)
            plays = [play.compared_with(controls[min(n, len(controls) - 1)]) for n, play in enumerate(plays)]
        return judge_plays(made, plays)

    @lru_cache(maxsize=1)  # noqa: B019 - it holds one record, as long as its tests
    def _odd_traffic(self, variants: tuple[Variant, ...], cuts: tuple[float, ...]) -> tuple[Exchange, ...]:
        return tuple(odd(exchange, variants, cuts) for exchange in self.record.exchanges)

    def _odd_plays(
        self, scenario: Scenario, path: str, variants: Sequence[Variant], cuts: Sequence[float]
    ) -> list[Play]:
        names = [known.name for known in scenario.paths]
        plays = self._plays[scenario.name, path if path in names else names[0]]
        return [
            replace(play, exchanges=tuple(odd(exchange, variants, cuts) for exchange in play.exchanges))
            for play in plays
        ]
