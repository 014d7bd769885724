"""How fast a target answered in a run, read from its exchanges: no benchmark, but what was there to see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from chatconform.wire.exchange import Exchange
from chatconform.wire.stream import StreamEvent

# Of many values every n-th tells the same.
_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Milliseconds: to the first token of a stream, between two of its tokens, to the end of any answer."""

    first: tuple[float, ...]
    between: tuple[float, ...]
    total: tuple[float, ...]


def timings_of(exchanges: Iterable[Exchange]) -> Timings:
    """The timings of all answers to chat requests that came whole."""
    answered = [exchange for exchange in exchanges if _is_answer(exchange)]
    tokens = [times for exchange in answered if exchange.is_stream and (times := list(_tokens(exchange)))]
    return Timings(
        first=_some(times[0] for times in tokens),
        between=_some(later - earlier for times in tokens for earlier, later in pairwise(times)),
        total=_some(exchange.elapsed for exchange in answered),
    )


def _is_answer(exchange: Exchange) -> bool:
    response = exchange.response
    is_chat = exchange.request.method == "POST" and exchange.request.url.endswith("/chat/completions")
    whole = response is not None and response.status == 200 and response.complete and response.is_timed
    return is_chat and whole and not exchange.failure and not exchange.illness


def _tokens(exchange: Exchange) -> Iterator[float]:
    """When each chunk with something to read arrived."""
    assert exchange.response is not None
    for event in exchange.response.stream.events:
        if event.arrived is not None and _says_something(event):
            yield event.arrived


def _says_something(event: StreamEvent) -> bool:
    choices = (event.chunk or {}).get("choices")
    deltas = (
        [each.get("delta") for each in choices if isinstance(each, dict)] if isinstance(choices, list) else []
    )
    return any(
        isinstance(delta, dict) and (delta.get("content") or delta.get("tool_calls")) for delta in deltas
    )


def _some(seconds: Iterable[float]) -> tuple[float, ...]:
    values = [round(1000 * value, 2) for value in seconds]
    step = -(-len(values) // _MOST) or 1
    return tuple(values[::step])
