"""Sends what scenarios ask for, within the target's limits, and tells of every exchange.

The rules of pacing are in `client.pacing`, those of giving up in `client.circuit`; this brings them together.
Whatever is sent a second time (a refusal that was waited out, a request that died on a connection which the
target had let go, or that met a target which was ill for a time) is an exchange of its own, with `retry_of`.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chatconform.client.budget import Budget
from chatconform.client.circuit import Health
from chatconform.client.control import asks_for_stream
from chatconform.client.doctor import Doctor, Examination
from chatconform.client.memory import Memory, place_of
from chatconform.client.pacing import Pacing, Ticket
from chatconform.client.sender import Sender
from chatconform.client.telling import CONTROLS, OnExchange, Place, Teller
from chatconform.client.transfer import Outgoing, Sent
from chatconform.client.trouble import is_refusal, retry_after, trouble_in
from chatconform.client.turns import Turns
from chatconform.wire.exchange import Exchange, Failure, FailureKind

_WELL = Examination(health=Health.WELL)


@dataclass(slots=True, kw_only=True)
class _Errand:
    """A request on its way, with all that was sent for it and is not told yet."""

    outgoing: Outgoing
    ticket: Ticket
    patience: bool
    sent: list[Sent] = field(default_factory=list)


class Dispatcher:
    """Sends requests through a probe; its methods belong to one event loop.

    `on_exchange` is called for each exchange when it has ended and it is known whether the target was well
    meanwhile. Ids are `prefix` and a number. Without `examines` no controls are sent, and the target counts
    as well. `before` is what was exchanged with the target before. What `memory` knows the answer of is not
    sent: it is told of as it was then, waits for nothing, and was paid for when it was sent.
    """

    def __init__(
        self,
        probe: Sender,
        *,
        on_exchange: OnExchange,
        pacing: Pacing | None = None,
        examines: bool = True,
        prefix: str = "x",
        before: Iterable[Exchange] = (),
        memory: Memory | None = None,
    ) -> None:
        self._probe = probe
        self._memory = memory
        self._examines = examines
        target = probe.target
        self._turns = Turns(pacing or Pacing(concurrency=target.concurrency, per_minute=target.per_minute))
        self._budget = Budget(target.token_budget)
        for exchange in sorted((*before, *(memory.sent if memory else ())), key=lambda each: each.started):
            self._turns.began(ago=max(0.0, time.time() - exchange.started))
            self._budget.spend(exchange)
        if self._budget.reason:
            self._turns.end()
        self._on_exchange = on_exchange
        self._teller = Teller(self._note, prefix=prefix)
        self._doctor = Doctor(target, send=self._send_control, tell=self._tell_control)

    @property
    def cut_short(self) -> str:
        """Why nothing more is sent though the target is well; empty as long as something is."""
        return self._budget.reason

    async def exchange(
        self,
        outgoing: Outgoing,
        *,
        scenario: str,
        path: str,
        attempt: int = 1,
        step: str = "",
        priority: int = 0,
        patience: bool = True,
        is_own: bool = False,
    ) -> Exchange:
        """Send a request when its turn comes, and return the last exchange that came of it.

        Higher `priority` goes first. Without `patience` a refusal stands as it came. What was asked for
        elsewhere in a run before is no answer where `is_own` wants an exchange for this place alone.
        """
        place = Place(scenario=scenario, path=path, attempt=attempt, step=step)
        remembered = self._remembered(outgoing, place, is_own=is_own, patience=patience)
        if remembered is not None:
            return remembered
        first = await self._run(outgoing, place, priority, patience=patience, repeats=None)
        if not first.sent_again:
            return first
        return await self._run(outgoing, place, priority, patience=patience, repeats=first)

    def tell_controls(self) -> None:
        """Tell of the controls of a run before that this one goes on from; they are not sent again either."""
        for exchange in self._memory.controls() if self._memory else ():
            self._tell_again((exchange,), place_of(exchange))

    def _remembered(
        self, outgoing: Outgoing, place: Place, *, is_own: bool, patience: bool
    ) -> Exchange | None:
        """What came of the request in a run before, told of once more; nothing if nobody knows."""
        if self._memory is None:
            return None
        known = self._memory.recall(outgoing, place, is_own=is_own, patience=patience)
        return self._tell_again(known, place)[-1] if known else None

    def _tell_again(self, chain: Sequence[Exchange], place: Place) -> tuple[Exchange, ...]:
        told = self._teller.retell(chain, place)
        for exchange in told:
            self._doctor.remember(exchange)
            self._on_exchange(exchange)
        return told

    async def _run(
        self, outgoing: Outgoing, place: Place, priority: int, *, patience: bool, repeats: Exchange | None
    ) -> Exchange:
        """Send until the answer stands; what met a target that was ill for a time is worth one repetition."""
        errand = _Errand(outgoing=outgoing, ticket=self._turns.join(priority), patience=patience)
        found = _WELL
        try:
            found = await self._perform(errand)
        except asyncio.CancelledError:
            found = _unexamined(errand.sent)
            raise
        finally:
            self._turns.leave(errand.ticket)
            last = self._teller.tell(
                errand.sent,
                place,
                retry_of=repeats.id if repeats else None,
                sent_again=found.health is Health.ILL_FOR_A_TIME and repeats is None,
                illness=found.illness,
            )
        assert last is not None, "nothing stands that was not sent"
        return last

    async def _perform(self, errand: _Errand) -> Examination:
        while True:
            await self._turns.turn(errand.ticket)
            if reason := self._doctor.forbids(errand.outgoing) or self._budget.reason:
                errand.sent.append(_not_sent(errand.outgoing, reason))
                return Examination(health=Health.GIVEN_UP, illness=reason)
            began = time.monotonic()
            sent = await self._send(errand)
            if not is_refusal(sent.response):
                return await self._answered(errand, sent, began)
            if not errand.patience:
                return _WELL
            if not self._waits(errand.ticket, sent):
                return await self._examine(errand, sent, began)

    async def _answered(self, errand: _Errand, sent: Sent, began: float) -> Examination:
        found = await self._examine(errand, sent, began)
        if sent.response is not None and found.health is Health.WELL:
            self._turns.answered(errand.ticket)
        return found

    def _waits(self, ticket: Ticket, refused: Sent) -> bool:
        left = self._doctor.patience() if self._examines else math.inf
        return left > 0 and self._turns.refused(
            ticket, retry_after=retry_after(refused.response), at_most=left
        )

    async def _examine(self, errand: _Errand, sent: Sent, began: float) -> Examination:
        if not self._examines:
            return _WELL
        found = await self._doctor.examine(errand.outgoing, sent, began=began)
        if self._doctor.has_given_up:
            self._turns.end()
        return found

    def _note(self, exchange: Exchange) -> None:
        self._budget.spend(exchange)
        if self._budget.reason:
            self._turns.end()
        self._on_exchange(exchange)

    async def _send(self, errand: _Errand) -> Sent:
        sent = await self._probe.send(errand.outgoing)
        errand.sent.append(sent)
        if sent.reused and sent.unanswered:
            # Servers close idle connections without a word, and a request may meet that half-way.
            self._turns.began()
            sent = await self._probe.send(errand.outgoing, fresh=True)
            errand.sent.append(sent)
        return sent

    async def _send_control(self, control: Outgoing) -> Sent:
        # A kept connection that has died meanwhile must not be taken for an illness.
        self._turns.began()
        return await self._probe.send(control, fresh=True)

    def _tell_control(self, sent: Sent, illness: str, again: bool) -> None:
        path = "streamed" if asks_for_stream(sent.request) else "plain"
        place = Place(scenario=CONTROLS, path=path, step="control")
        self._teller.tell([sent], place, sent_again=again, illness=illness)


def _unexamined(sent: list[Sent]) -> Examination:
    """How the target was where the run ended before anybody looked: whoever goes on has to ask again."""
    if not sent or trouble_in(sent[-1]) is None:
        return _WELL
    return Examination(health=Health.GIVEN_UP, illness="the run ended before it was seen how the target was")


def _not_sent(outgoing: Outgoing, reason: str) -> Sent:
    return Sent(
        request=outgoing.request,
        response=None,
        failure=Failure(kind=FailureKind.NOT_SENT, message=f"not sent: {reason}", at=0.0),
        started=time.time(),
        elapsed=0.0,
        reused=False,
        unanswered=False,
    )
