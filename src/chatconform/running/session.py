"""A run while it goes on: the target, the conductor and the record, opened when the first play is wanted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from chatconform.client.memory import Memory
from chatconform.client.recording import recording_of
from chatconform.client.target import Target
from chatconform.contract import load_contract
from chatconform.errors import ChatconformError
from chatconform.findings.reception import Reception, Standing
from chatconform.findings.verdict import Judgement
from chatconform.ledger import Ledger
from chatconform.ledger.profile import load_profile
from chatconform.oracles.listeners import Listeners
from chatconform.plays.conductor import Audience, Conductor
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey
from chatconform.record import RecordWriter, begin_header
from chatconform.running.embedded import EmbeddedServer
from chatconform.running.features import reference_options
from chatconform.running.rehearsal import Cost, rehearse
from chatconform.running.resuming import check_model
from chatconform.running.run import Run
from chatconform.wire.exchange import Exchange
from chatconform.wire.redaction import Redactor


@dataclass(slots=True)
class Watcher:
    """Callbacks for whoever shows progress."""

    on_target: Callable[[Target], None] = field(default=lambda _: None)
    on_plan: Callable[[Cost], None] = field(default=lambda _: None)
    on_exchange: Callable[[Exchange], None] = field(default=lambda _: None)
    on_items: Callable[[int], None] = field(default=lambda _: None)
    on_judgement: Callable[[Judgement], None] = field(default=lambda _: None)
    on_waiting: Callable[[tuple[str, ...]], None] = field(default=lambda _: None)


class RunSession:
    """Owns what a run holds open; it is the `Plays` of its process, and of the workers through a broker."""

    def __init__(
        self,
        run: Run,
        ledger: Ledger,
        *,
        selected: tuple[str, ...],
        thorough: bool = False,
        watcher: Watcher | None = None,
    ) -> None:
        self.run = run
        self.failure: ChatconformError | None = None
        self.record_path: Path | None = None
        self.incomplete = ""
        self._ledger = ledger
        self._selected = selected
        self._thorough = thorough
        self._watcher = watcher or Watcher()
        self._resources = ExitStack()
        self._conductor: Conductor | None = None
        self._writer: RecordWriter | None = None
        self._listeners: Listeners | None = None
        self._standings: tuple[Standing, ...] = ()
        self._smoke: tuple[Exchange, ...] = ()
        self._memory = _memory(run)
        self._lock = threading.Lock()

    def plan(self, keys: Iterable[PlayKey], again: Iterable[PlayKey] = ()) -> Cost:
        """What these plays will cost; tells the watcher before anything is sent.

        `again` are the plays of a further attempt, of which a sampling takes as many as a sound target needs.
        """
        further = tuple(again)
        cost = self._rehearsed(keys)
        if further:
            cost = cost.repeated(self._rehearsed(further), self.run.sampling.fewest - 1)
        if self._memory is not None:
            cost = replace(cost, answered=self._memory.answered)
        self._watcher.on_plan(cost)
        return cost

    def _rehearsed(self, keys: Iterable[PlayKey]) -> Cost:
        return rehearse(
            keys,
            declared=self.run.declared,
            seed=self.run.seed,
            thorough=self._thorough,
            effort=self.run.effort,
            body=self.run.target.body if self.run.target else None,
        )

    def begin(self, keys: Iterable[PlayKey]) -> None:
        """Start these plays, unless they were started before."""
        self._opened().begin(keys)

    def play(self, key: PlayKey) -> Play:
        """A play, once it has been performed."""
        return self._opened().play(key)

    def traffic(self) -> tuple[Exchange, ...]:
        """Every exchange of the run, once all plays that were begun have been performed."""
        return self._opened().traffic()

    def again(self, exchange: str, number: int) -> Exchange:
        """What comes of sending the request of an exchange for another time."""
        return self._opened().again(exchange, number)

    def expects(self, judgements: int) -> None:
        """Say how many judgements will come."""
        self._watcher.on_items(judgements)

    def judged(self, judgement: Judgement) -> None:
        """Keep a judgement in the record."""
        if self._writer is not None:
            self._writer.judgement(judgement)
        self._watcher.on_judgement(judgement)

    def standings_of_clients(self, *, abandon: bool = False) -> tuple[Standing, ...]:
        """How the clients did, once they have read every answer; without `abandon` it waits for them."""
        if self._listeners is not None:
            self._watcher.on_waiting(self.run.clients)
            self._standings = self._listeners.close(abandon=abandon)
            self._listeners = None
            if self._writer is not None:
                for standing in self._standings:
                    self._writer.standing(standing)
        return self._standings

    def close(self, *, interrupted: str = "") -> None:
        """End the record and let everything go; `interrupted` says why it is not complete, if so."""
        self.incomplete = interrupted
        if self._conductor is not None:
            self.incomplete = interrupted or self._conductor.cut_short
            self._conductor.__exit__(None, None, None)
        self.standings_of_clients(abandon=bool(interrupted))
        if self._writer is not None:
            self._writer.finish(incomplete=self.incomplete)
        self._resources.close()

    def _opened(self) -> Conductor:
        with self._lock:
            if self.failure is not None:
                raise self.failure
            if self._conductor is None:
                try:
                    self._conductor = self._open()
                except ChatconformError as error:
                    self.failure = error
                    raise
            return self._conductor

    def _open(self) -> Conductor:
        # Before the first call: whatever a gateway forwards shows that it does.
        upstream = recording_of(self.run.declared)
        target = self._target()
        self._watcher.on_target(target)
        self._writer = self._record(target)
        self._listeners = Listeners(self.run.clients, self._on_reception)
        for exchange in self._smoke:
            self._listeners.take(exchange)
        audience = Audience(on_exchange=self._on_exchange, on_play=self._on_play)
        return Conductor(
            target,
            seed=self.run.seed,
            audience=audience,
            thorough=self._thorough,
            effort=self.run.effort,
            upstream=upstream,
            before=self._smoke,
            memory=self._memory,
        ).__enter__()

    def _target(self) -> Target:
        if self.run.target is not None:
            from chatconform.client.smoke import smoke

            target = self.run.limits(self.run.target)
            seen = asyncio.run(smoke(target, memory=self._memory))
            self._smoke = seen.exchanges
            target = replace(target, model=seen.model, limit=seen.limit, steady=seen.steady)
            if self.run.resume is not None:
                check_model(self.run.resume, target)
            return target
        # At full speed nobody can tell a stream that flows from one that was collected.
        options = (*reference_options(self.run.declared), "--seconds-per-token=0.001")
        server = self._resources.enter_context(EmbeddedServer(*options))
        return self.run.limits(
            Target(url=server.url, key=server.key, model=server.model, declared=self.run.declared)
        )

    def _record(self, target: Target) -> RecordWriter | None:
        if self.run.out is None:
            return None
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        called = self.run.label or self.run.name or urlsplit(target.url).hostname or "target"
        self.run.out.mkdir(parents=True, exist_ok=True)
        self.record_path = self.run.out / f"{stamp}-{called}.jsonl"
        profile = load_profile(self.run.profile, self._ledger)
        header = begin_header(
            target=target,
            contract=load_contract(),
            ledger=self._ledger,
            profile=profile.name,
            profile_version=profile.version,
            policy=self.run.policy(profile),
            requirements=self._selected,
            command=self.run.command,
            seed=self.run.seed,
            name=self.run.name,
            shard=str(self.run.shard or ""),
            resumed=self.run.resume.resumed if self.run.resume else (),
        )
        writer = RecordWriter(self.record_path, header, redactor=Redactor(target.all_secrets()))
        for exchange in self._smoke:
            writer.exchange(exchange)
        return writer

    def _on_exchange(self, exchange: Exchange) -> None:
        if self._writer is not None:
            self._writer.exchange(exchange)
        if self._listeners is not None:
            self._listeners.take(exchange)
        self._watcher.on_exchange(exchange)

    def _on_reception(self, reception: Reception) -> None:
        if self._writer is not None:
            self._writer.reception(reception)

    def _on_play(self, play: Play) -> None:
        if self._writer is not None:
            self._writer.play(play)


def _memory(run: Run) -> Memory | None:
    """What the run need not send, as it goes on from another one."""
    if run.resume is None or run.target is None:
        return None
    return Memory(run.resume.records, Redactor(run.target.all_secrets()))
