"""Performs scenarios on a background event loop, all of them at once, and hands out their plays.

Tests are ordinary synchronous functions: they say which plays they will want when collection has ended, and
wait for each when they come to judge it. So the wall time of a run approaches its total latency divided by
the target's concurrency, while pytest stays the runner.
"""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Protocol, Self, TypeVar

from chatconform.client.dispatcher import Dispatcher
from chatconform.client.memory import Memory
from chatconform.client.probe import Outgoing, Probe
from chatconform.client.recording import Recording, recording_of
from chatconform.client.sender import Sender
from chatconform.client.target import Target
from chatconform.errors import TargetError
from chatconform.fuzzing.effort import QUICK, Effort
from chatconform.plays.path import path_named
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey, Scenario, find_scenario
from chatconform.plays.sharing import Sharing
from chatconform.plays.stage import Sending, Stage, StageLeft
from chatconform.wire.exchange import Exchange

Result = TypeVar("Result")


class Plays(Protocol):
    """Where a test gets its plays from: a conductor in this process, or one in another."""

    def begin(self, keys: Iterable[PlayKey]) -> None:
        """Start these plays, unless they were started before."""

    def play(self, key: PlayKey) -> Play:
        """A play, once it has been performed."""

    def traffic(self) -> tuple[Exchange, ...]:
        """Every exchange of the run, once all plays that were begun have been performed."""

    def again(self, exchange: str, number: int) -> Exchange:
        """What comes of sending an exchange's request once more; raises `Unrecorded` where nobody can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is told of what happens: each exchange as it ends, each play as it ends."""

    on_exchange: Callable[[Exchange], None]
    on_play: Callable[[Play], None]


class Conductor:
    """Performs plays in this process; a context manager, as it holds a thread and connections.

    `sender` stands in for the probe; without `patient` no scenario's pause is kept. `upstream` is the record
    of the upstream behind the target, where that was opened before: requests from then on count. `before` is
    what was exchanged with the target before, `memory` what was answered in a run that this one goes on from.
    """

    def __init__(  # noqa: PLR0913 - by keyword, and made in few places
        self,
        target: Target,
        *,
        seed: str,
        audience: Audience,
        thorough: bool = False,
        effort: Effort = QUICK,
        sender: Sender | None = None,
        patient: bool = True,
        upstream: Recording | None = None,
        before: Iterable[Exchange] = (),
        memory: Memory | None = None,
    ) -> None:
        self._target = target
        self._memory = memory
        self._before = tuple(before)
        self._seed = seed
        self._audience = audience
        self._thorough = thorough
        self._effort = effort
        self._sharing = Sharing()
        self._upstream = upstream or recording_of(target.declared)
        self._sender = sender or Probe(target)
        self._patient = patient
        self._plays: dict[PlayKey, Future[Play]] = {}
        self._repeated: dict[tuple[str, int], Future[Exchange]] = {}
        self._traffic: list[Exchange] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="conductor", daemon=True)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._thread.start()
        self._await(self._sender.__aenter__())
        self._dispatcher = Dispatcher(
            self._sender, on_exchange=self._note, before=self._before, memory=self._memory
        )
        self._dispatcher.tell_controls()
        return self

    def __exit__(self, *_: object) -> None:
        self._await(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def cut_short(self) -> str:
        """Why not everything was sent though the target is well; empty where it was."""
        return self._dispatcher.cut_short

    def begin(self, keys: Iterable[PlayKey]) -> None:
        """Start these plays, unless they were started before; those marked `last` go last, one by one."""
        with self._lock:
            wanted = [(key, find_scenario(key.scenario)) for key in keys if key not in self._plays]
            early = [pair for pair in wanted if not pair[1].last]
            for key, scenario in early:
                self._plays[key] = self._start(self._perform(key, scenario))
            before = list(self._plays.values())
            for key, scenario in wanted:
                if scenario.last:
                    self._plays[key] = self._start(self._perform_after(tuple(before), key, scenario))
                    before.append(self._plays[key])

    def play(self, key: PlayKey) -> Play:
        """A play, once it has been performed."""
        self.begin([key])
        return self._plays[key].result()

    def traffic(self) -> tuple[Exchange, ...]:
        """Every exchange of the run, once all plays that were begun have been performed."""
        for performed in list(self._plays.values()):
            performed.result()
        return tuple(sorted(self._traffic, key=lambda exchange: exchange.started))

    def again(self, exchange: str, number: int) -> Exchange:
        """What comes of sending the request of an exchange for another time, which belongs to no play."""
        with self._lock:
            if (exchange, number) not in self._repeated:
                first = next(each for each in self._traffic if each.id == exchange)
                self._repeated[exchange, number] = self._start(self._send_again(first, number))
        return self._repeated[exchange, number].result()

    async def _send_again(self, first: Exchange, number: int) -> Exchange:
        return await self._dispatcher.exchange(
            Outgoing(request=first.request),
            scenario=first.scenario,
            path=first.path,
            attempt=first.attempt + number,
            step=first.step,
        )

    async def _perform_after(
        self, before: tuple[Future[Play], ...], key: PlayKey, scenario: Scenario
    ) -> Play:
        await asyncio.gather(*(asyncio.wrap_future(play) for play in before))
        return await self._perform(key, scenario)

    async def _perform(self, key: PlayKey, scenario: Scenario) -> Play:
        stage = self._stage(key, scenario)
        ended = error = ""
        try:
            await scenario.perform(stage)
        except (StageLeft, TargetError) as left:
            # A scenario that adapts to answers meets whatever a target sends, or does not.
            ended = str(left)
        except Exception:  # noqa: BLE001 - a scenario of ours broke down; its checks say so, the run goes on
            error = traceback.format_exc()
        play = Play(
            scenario=key.scenario,
            path=stage.path,
            attempt=key.attempt,
            exchanges=stage.exchanges,
            notes=stage.notes,
            ended=ended,
            error=error,
        )
        self._audience.on_play(play)
        return play

    def _stage(self, key: PlayKey, scenario: Scenario) -> Stage:
        sent = 0

        async def dispatch(sending: Sending) -> Exchange:
            return await self._dispatcher.exchange(
                Outgoing(request=sending.request, stop_after_events=sending.stop_after_events),
                scenario=key.scenario,
                path=key.path,
                attempt=key.attempt,
                step=sending.step,
                priority=scenario.requests - sent + 1,
                patience=scenario.patience,
                is_own=sending.fresh or not scenario.patience,
            )

        async def send(sending: Sending) -> Exchange:
            nonlocal sent
            sent += 1
            if sending.fresh or not scenario.patience:
                return await dispatch(sending)
            shared = await self._sharing.exchange(
                sending.request,
                stop_after_events=sending.stop_after_events,
                attempt=key.attempt,
                send=lambda: dispatch(sending),
            )
            # Whoever sent it first, here it is a step of this play.
            return replace(
                shared, scenario=key.scenario, path=key.path, attempt=key.attempt, step=sending.step
            )

        return Stage(
            target=self._target,
            path=path_named(key.path),
            attempt=key.attempt,
            seed=f"{self._seed}/{key.scenario}/{key.path}/{key.attempt}",
            send=send,
            pause=self._pause,
            thorough=self._thorough,
            effort=self._effort,
            upstream=self._upstream,
        )

    async def _pause(self, seconds: float) -> None:
        if self._patient:
            await asyncio.sleep(seconds)

    def _note(self, exchange: Exchange) -> None:
        self._traffic.append(exchange)
        self._audience.on_exchange(exchange)

    async def _close(self) -> None:
        ours = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not ours]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._sender.__aexit__(None, None, None)

    def _start(self, work: Coroutine[object, object, Result]) -> Future[Result]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _await(self, work: Coroutine[object, object, Result]) -> Result:
        return self._start(work).result()
