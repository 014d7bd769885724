"""What a footer counts, gathered while the rows are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from chatconform.errors import TargetError
from chatconform.findings.verdict import Judgement, Verdict, worst
from chatconform.record.rows import Tokens
from chatconform.wire.exchange import Exchange, FailureKind
from chatconform.wire.jsontext import Json

# A target may claim any number; no honest one is near this, and every JSON reader can hold it.
_CREDIBLE = 1 << 53


class Tally:
    """Counts requests, reported tokens, and requirements by their worst verdict."""

    def __init__(self) -> None:
        self.requests = 0
        self._prompt = 0
        self._completion = 0
        self._verdicts: dict[str, Verdict] = {}

    @property
    def tokens(self) -> Tokens:
        """The tokens that the target says it used."""
        return Tokens(prompt=min(self._prompt, _CREDIBLE), completion=min(self._completion, _CREDIBLE))

    @property
    def verdicts(self) -> Mapping[Verdict, int]:
        """How many requirements have which verdict."""
        return Counter(self._verdicts.values())

    def exchange(self, exchange: Exchange) -> None:
        """Count an exchange."""
        if exchange.failure is None or exchange.failure.kind is not FailureKind.NOT_SENT:
            self.requests += 1
        usage = next(_usages(exchange), {})
        self._prompt += _count(usage.get("prompt_tokens"))
        self._completion += _count(usage.get("completion_tokens"))

    def judgement(self, judgement: Judgement) -> None:
        """Count a judgement."""
        known = self._verdicts.get(judgement.requirement, judgement.verdict)
        self._verdicts[judgement.requirement] = worst((known, judgement.verdict))


def _usages(exchange: Exchange) -> Iterator[dict[str, Json]]:
    """The usage objects of an answer, the last first: in a stream that is the one that counts."""
    if exchange.response is None:
        return
    try:
        if exchange.is_stream:
            bodies: list[Json] = [event.chunk for event in reversed(exchange.response.stream.chunks)]
        else:
            bodies = [exchange.response.json]
    except TargetError:
        return
    for body in bodies:
        usage = body.get("usage") if isinstance(body, dict) else None
        if isinstance(usage, dict):
            yield usage


def _count(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _CREDIBLE else 0
