"""Finds out how a target is, by controls, where something came to nothing.

The rules are in `client.circuit`; this is their event loop. There are two circuits, as servers fail in two
ways: altogether, or only where they stream.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chatconform.client.circuit import Circuit, Health
from chatconform.client.control import asks_for_stream, control, is_chat
from chatconform.client.target import Target
from chatconform.client.transfer import Outgoing, Sent
from chatconform.client.trouble import Trouble, has_said_all, trouble_in
from chatconform.wire.exchange import Exchange, FailureKind

Send = Callable[[Outgoing], Awaitable[Sent]]
TellControl = Callable[[Sent, str, bool], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """How the target was while it was asked for something, and its illness in words where it was ill."""

    health: Health
    illness: str = ""


@dataclass(slots=True)
class _Patient:
    """One of the two ways in which a target may be ill; its controls go out one after the other."""

    circuit: Circuit
    control: Outgoing
    lock: asyncio.Lock


class Doctor:
    """Keeps the circuits of a target.

    `send` sends a control; `tell` takes every control once it is known what to think of it: the illness that
    it was a sign of (an empty text where there was none), and whether it was sent again.
    """

    def __init__(self, target: Target, *, send: Send, tell: TellControl) -> None:
        self._send = send
        self._tell = tell
        self._whole = self._patient(target, stream=False)
        self._streams = self._patient(target, stream=True)
        self._streams_were_served = False

    def _patient(self, target: Target, *, stream: bool) -> _Patient:
        name = "streaming" if stream else "the target"
        return _Patient(
            circuit=Circuit(timeout=target.timeout, name=name),
            control=control(target, stream=stream),
            lock=asyncio.Lock(),
        )

    @property
    def has_given_up(self) -> bool:
        """Whether nothing at all is sent any more."""
        return bool(self._whole.circuit.given_up)

    def forbids(self, outgoing: Outgoing) -> str:
        """Why a request is not to be sent; empty where it is."""
        stream = self._streams.circuit.given_up if asks_for_stream(outgoing.request) else ""
        return self._whole.circuit.given_up or stream

    def patience(self) -> float:
        """The target refuses a request now: the seconds that it is still given."""
        return self._whole.circuit.patience(_clock())

    async def examine(self, outgoing: Outgoing, sent: Sent, *, began: float) -> Examination:
        """How the target was while it was asked for this; sends controls where the answer leaves a doubt."""
        ended = _clock()
        stream = asks_for_stream(outgoing.request)
        own = self._streams if stream else self._whole
        self._count_late(own.circuit, sent)
        trouble = trouble_in(sent)
        if trouble is not None:
            found = await self._look_after(self._whole, began=began, ended=ended)
            # A target that fails all streams from the first is not ill: that is how it is. One that lets them
            # hang has not said how it is.
            may_be_ill = stream and (self._streams_were_served or trouble.is_late)
            if found.health is Health.WELL and may_be_ill:
                found = await self._look_after(self._streams, began=began, ended=ended)
            return found
        self._whole.circuit.does_not_refuse(began=began)
        if is_chat(outgoing.request) and _is_served(sent):
            self._streams_were_served |= stream
            own.circuit.served(began=began, now=ended)
        return Examination(health=Health.WELL)

    def remember(self, exchange: Exchange) -> None:
        """Learn from what was exchanged in a run before that this one goes on from."""
        is_served = exchange.response is not None and exchange.response.status == 200
        self._streams_were_served |= is_served and asks_for_stream(exchange.request)

    def _count_late(self, circuit: Circuit, sent: Sent) -> None:
        if sent.failure is None or has_said_all(sent):
            circuit.ended(in_time=True)
        elif sent.failure.kind is FailureKind.TIMEOUT:
            circuit.ended(in_time=False)

    async def _look_after(self, patient: _Patient, *, began: float, ended: float) -> Examination:
        circuit = patient.circuit
        controls: list[Sent] = []
        illness = ""
        async with patient.lock:
            try:
                while (health := self._health(circuit, began=began, ended=ended)) is None:
                    circuit.doubt(ended)
                    pause = circuit.next_control(_clock())
                    if pause is not None:
                        await asyncio.sleep(pause)
                        controls.append(await self._sent_control(patient))
                illness = self._illness(circuit, health)
            finally:
                for sent in controls:
                    self._tell(sent, "" if _is_served(sent) else illness, sent is not controls[-1])
        return Examination(health=health, illness=illness)

    def _health(self, circuit: Circuit, *, began: float, ended: float) -> Health | None:
        known = circuit.health(began=began, ended=ended)
        return Health.GIVEN_UP if known is None and self.has_given_up else known

    def _illness(self, circuit: Circuit, health: Health) -> str:
        if health is Health.GIVEN_UP:
            return circuit.given_up or self._whole.circuit.given_up
        return circuit.illness if health is Health.ILL_FOR_A_TIME else ""

    async def _sent_control(self, patient: _Patient) -> Sent:
        began = _clock()
        sent = await self._send(patient.control)
        if _is_served(sent):
            patient.circuit.served(began=began, now=_clock())
        else:
            patient.circuit.control_failed(_trouble_with(sent), began=began, now=_clock())
        return sent


def _trouble_with(control: Sent) -> Trouble:
    """What is wrong with a control that was not served: to refuse it for good is no better than to fail."""
    status = control.response.status if control.response else 0
    return trouble_in(control) or Trouble(words=f"status {status}")


def _is_served(sent: Sent) -> bool:
    ended = sent.failure is None or has_said_all(sent)
    return ended and sent.response is not None and sent.response.status == 200


def _clock() -> float:
    return time.monotonic()
