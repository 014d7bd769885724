"""From what was sent to exchanges: numbered, in their place, and told to whoever listens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chatconform.client.transfer import Sent
from chatconform.wire.exchange import Exchange

# The scenario of the controls that show whether the target is well.
CONTROLS = "health"
OnExchange = Callable[[Exchange], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an exchange belongs."""

    scenario: str
    path: str
    attempt: int = 1
    step: str = ""


class Teller:
    """Numbers exchanges as they are told: their ids are `prefix` and a number."""

    def __init__(self, on_exchange: OnExchange, *, prefix: str) -> None:
        self._on_exchange = on_exchange
        self._prefix = prefix
        self._count = 0

    def tell(
        self,
        sent: Sequence[Sent],
        place: Place,
        *,
        retry_of: str | None = None,
        sent_again: bool = False,
        illness: str = "",
    ) -> Exchange | None:
        """Tell of all that was sent for one request, each of which repeats the one before; returns the last.

        `retry_of` is what the first repeats, `sent_again` whether the last will be repeated.
        """
        told: Exchange | None = None
        for position, each in enumerate(sent, 1):
            self._count += 1
            told = Exchange(
                id=f"{self._prefix}{self._count:04d}",
                scenario=place.scenario,
                path=place.path,
                attempt=place.attempt,
                step=place.step,
                request=each.request,
                response=each.response,
                failure=each.failure,
                started=each.started,
                elapsed=each.elapsed,
                retry_of=told.id if told else retry_of,
                reused=each.reused,
                sent_again=sent_again or position < len(sent),
                illness=illness,
            )
            self._on_exchange(told)
        return told

    def retell(self, chain: Sequence[Exchange], place: Place) -> tuple[Exchange, ...]:
        """Exchanges of a run before, each of which repeats the one before it, as exchanges of this one.

        They keep all that came about then; who asked for them sees to it that they are heard of.
        """
        told: list[Exchange] = []
        for each in chain:
            self._count += 1
            told.append(
                replace(
                    each,
                    id=f"{self._prefix}{self._count:04d}",
                    scenario=place.scenario,
                    path=place.path,
                    attempt=place.attempt,
                    step=place.step,
                    retry_of=told[-1].id if told else None,
                )
            )
        return tuple(told)
