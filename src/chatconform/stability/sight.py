"""What is kept of an exchange to compare it with its like in another run: digests, and a few words."""

from __future__ import annotations

import json
from dataclasses import dataclass

from chatconform.errors import TargetError
from chatconform.oracles.reading import Choice, Reading, Said
from chatconform.oracles.wire import said
from chatconform.stability.likeness import form_key, request_key, said_key
from chatconform.wire.exchange import Exchange, FailureKind

_WORDS = 80
# Failures that are the target's, or of the way to it; the others are of our doing or about one request.
_ILL = {
    FailureKind.CONNECT,
    FailureKind.TLS,
    FailureKind.TIMEOUT,
    FailureKind.CLOSED,
    FailureKind.NOT_SENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """An exchange, seen for what it can tell of a changed verdict.

    Attributes:
        exchange: Its id in the record.
        request: The same for exchanges that asked the same.
        said: The same for answers that say the same.
        form: The same for answers of the same form.
        status: The status of the answer; zero where none came.
        trouble: How the target was ill or refused, in words; empty where it answered.
        words: What came, in a few words.
        elapsed: How many seconds it took.
    """

    exchange: str
    request: str
    said: str
    form: str
    status: int
    trouble: str
    words: str
    elapsed: float

    @property
    def answer(self) -> tuple[str, str]:
        """The same for answers that are alike."""
        return self.said, self.form


def sight_of(exchange: Exchange) -> Sight:
    """An exchange seen so."""
    response, trouble = exchange.response, _trouble(exchange)
    told = said(exchange) if response else None
    return Sight(
        exchange=exchange.id,
        request=request_key(exchange.request),
        said=said_key(told) if told else "",
        form=form_key(response) if response else trouble,
        status=response.status if response else 0,
        trouble=trouble,
        words=_words(exchange, told),
        elapsed=exchange.elapsed,
    )


def _trouble(exchange: Exchange) -> str:
    if exchange.illness:
        return exchange.illness
    if exchange.failure is not None and exchange.failure.kind in _ILL:
        return f"{exchange.failure.kind}: {exchange.failure.message}"
    status = exchange.response.status if exchange.response else 0
    # 501 is for what the server does not support, and so about the request.
    return f"status {status}" if status == 429 or (status >= 500 and status != 501) else ""


def _words(exchange: Exchange, told: Said | None) -> str:
    response = exchange.response
    if response is None:
        return exchange.failure.message[:_WORDS] if exchange.failure else "no response"
    if isinstance(told, Reading) and told.choices:
        return f"{response.status}: {_of_choice(told.choices[0])}"
    try:
        return f"{response.status}: {_short(response.text)}"
    except TargetError as error:
        return f"{response.status}: {_short(str(error))}"


def _of_choice(choice: Choice) -> str:
    calls = [f"{call.name}({_short(call.arguments)})" for call in choice.calls[:2]]
    parts = [json.dumps(_short(choice.text or choice.refusal), ensure_ascii=False), *calls]
    return f"{' '.join(parts)}, finish_reason {choice.finish_reason or 'missing'}"


def _short(text: str) -> str:
    line = " ".join(text[: 4 * _WORDS].split())
    return line if len(line) <= _WORDS else f"{line[:_WORDS]}…"
