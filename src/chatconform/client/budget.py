"""How many tokens a target may be made to spend, and when they are spent."""

from __future__ import annotations

from chatconform.client.control import is_chat
from chatconform.errors import TargetError
from chatconform.findings.answer import read_answer
from chatconform.wire.exchange import Exchange

# What a token is on average, where the target does not count: bytes of a request, bytes of a plain answer.
_BYTES = 4


class Budget:
    """Counts what exchanges cost; without a bound it is never spent. What is in flight by then still ends."""

    def __init__(self, tokens: int | None) -> None:
        self._tokens = tokens
        self._spent = 0

    @property
    def reason(self) -> str:
        """Why nothing more is sent; empty as long as something is."""
        if self._tokens is None or self._spent < self._tokens:
            return ""
        return f"the token budget of {self._tokens:,} is spent"

    def spend(self, exchange: Exchange) -> None:
        """Count an exchange: what the target says that it cost, or an estimate where it does not say."""
        if self._tokens is not None and is_chat(exchange.request):
            self._spent += _cost(exchange)


def _cost(exchange: Exchange) -> int:
    response = exchange.response
    if response is None or response.status != 200:
        return 0
    try:
        usage = read_answer(exchange).usage
    except TargetError:
        usage = None
    if usage is not None:
        return max(0, usage.prompt_tokens) + max(0, usage.completion_tokens)
    prompt = len(exchange.request.body) // _BYTES
    # A stream has about a token an event, and many bytes for it.
    return prompt + (response.raw.count(b"data:") if exchange.is_stream else len(response.raw) // _BYTES)
