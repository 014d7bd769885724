"""Writes a run record while the run goes on."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from chatconform._version import __version__
from chatconform.client.target import Target
from chatconform.errors import HarnessError
from chatconform.findings.reception import Reception, Standing
from chatconform.findings.verdict import Judgement
from chatconform.plays.play import Play
from chatconform.record.encode import to_line
from chatconform.record.redact import redacted
from chatconform.record.rows import Footer, Header, Policy, Row, TargetInfo
from chatconform.record.tally import Tally
from chatconform.record.writing import row_of
from chatconform.wire.exchange import Exchange
from chatconform.wire.redaction import Redactor
from chatconform.wire.url import without_userinfo


class _Contract(Protocol):
    @property
    def version(self) -> str: ...

    @property
    def digest(self) -> str: ...


class _Ledger(Protocol):
    @property
    def digest(self) -> str: ...


class RecordWriter:
    """Appends rows to a run record; any thread may call it.

    Each row is handed to the operating system before the call returns, so that nothing which was written is
    lost when the process is killed. Secrets are taken out on the way.
    """

    def __init__(self, path: Path, header: Header, *, redactor: Redactor) -> None:
        self.path = path
        self._redactor = redactor
        self._tally = Tally()
        self._begin = time.monotonic()
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb")
        self._write(header)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        # Whoever leaves without a word was interrupted, or forgot: either way the record has its end.
        if not self._file.closed:
            self.finish(incomplete=kind.__name__ if kind else "")

    def exchange(self, exchange: Exchange) -> None:
        """Append an exchange."""
        self._write(exchange)

    def play(self, play: Play) -> None:
        """Append a play, which names its exchanges by their ids."""
        self._write(row_of(play))

    def judgement(self, judgement: Judgement) -> None:
        """Append a judgement."""
        self._write(judgement)

    def reception(self, reception: Reception) -> None:
        """Append how a client took an exchange."""
        self._write(reception)

    def standing(self, standing: Standing) -> None:
        """Append how a client did."""
        self._write(standing)

    def finish(self, *, incomplete: str = "") -> Footer:
        """Append the footer and close the file; `incomplete` says why the run is not complete."""
        with self._lock:
            footer = Footer(
                finished=_now(),
                wall=time.monotonic() - self._begin,
                requests=self._tally.requests,
                tokens=self._tally.tokens,
                verdicts=self._tally.verdicts,
                complete=not incomplete,
                reason=incomplete,
            )
            self._append(footer)
            self._file.close()
        return footer

    def _write(self, row: Row) -> None:
        with self._lock:
            match row:
                case Exchange():
                    self._tally.exchange(row)
                case Judgement():
                    self._tally.judgement(row)
            self._append(row)

    def _append(self, row: Row) -> None:
        if self._file.closed:
            raise HarnessError(f"{self.path}: a row was written after the footer")
        self._file.write(to_line(redacted(row, self._redactor)))
        self._file.flush()


def begin_header(  # noqa: PLR0913 - by keyword, and made in one place
    *,
    target: Target,
    contract: _Contract,
    ledger: _Ledger,
    profile: str,
    requirements: Iterable[str],
    command: Iterable[str],
    seed: str,
    name: str = "",
    profile_version: str = "",
    policy: Policy | None = None,
    shard: str = "",
    resumed: Iterable[str] = (),
) -> Header:
    """The header of a run that begins now, on this machine."""
    return Header(
        tool=__version__,
        contract_version=contract.version,
        contract_digest=contract.digest,
        ledger_digest=ledger.digest,
        target=TargetInfo(
            url=without_userinfo(target.url),
            model=target.model,
            declared=tuple(sorted(target.declared)),
            lacks=tuple(sorted(target.lacks)),
            concurrency=target.concurrency,
            key_env=target.key_env,
            timeout=target.timeout,
            name=name,
        ),
        profile=profile,
        profile_version=profile_version,
        policy=policy or Policy(),
        shard=shard,
        resumed=tuple(resumed),
        requirements=tuple(requirements),
        command=tuple(command),
        seed=seed,
        started=_now(),
        python=platform.python_version(),
        platform=platform.platform(),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
