"""Whole runs of the suites against the oddities, two at a time, each as a user would start it."""

from __future__ import annotations

import io
import multiprocessing
import os
import secrets
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from chatconform.findings.verdict import Judgement
from chatconform.ledger import load_ledger
from chatconform.record import Record, read_record
from chatconform.reference_server.__main__ import settings_from
from chatconform.reference_server.threaded import ThreadedServer
from chatconform.running.features import REFERENCE_FEATURES, reference_options
from chatconform.tests.support.oddities.catalogue import ODDITIES, REFERENCE
from chatconform.tests.support.oddities.gateway import house
from chatconform.tests.support.oddities.handwritten import handwritten
from chatconform.tests.support.oddities.oddity import Oddity
from chatconform.tests.support.wire import WireServer

KEY_VARIABLE = "ODDITY_KEY"
PROCESSES = 2
TIME_OUT = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a run ended: its exit code, what it said, and its record."""

    code: int
    told: str
    record: Record = field(repr=False)

    @property
    def verdicts(self) -> Mapping[tuple[str, str], Judgement]:
        """The judgements, by check and path."""
        return {(judgement.check, judgement.path): judgement for judgement in self.record.judgements}


@dataclass(slots=True)
class Runs:
    """A server of all oddities, and the runs against it; a context manager."""

    out: Path
    _key: str = field(default_factory=lambda: f"sk-odd-{secrets.token_hex(20)}")
    _resources: ExitStack = field(default_factory=ExitStack)
    _site: str = ""
    _site_by_hand: str = ""
    _pool: ProcessPoolExecutor | None = None
    _begun: dict[str, Future[tuple[int, str]]] = field(default_factory=dict)
    _ended: dict[str, Ran] = field(default_factory=dict, repr=False)

    def __enter__(self) -> Self:
        settings = settings_from([f"--key={self._key}", *reference_options(REFERENCE_FEATURES)])
        app = house((REFERENCE, *ODDITIES.values()), settings)
        self._site = self._resources.enter_context(ThreadedServer(app)).site
        self._site_by_hand = self._resources.enter_context(WireServer(handwritten(app))).url
        fresh = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(
            PROCESSES, mp_context=fresh, initializer=_begin, initargs=(self._key,)
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._resources.close()

    def begin(self, oddities: Iterable[Oddity]) -> None:
        """Start the runs against these, unless they were started before."""
        assert self._pool is not None
        for oddity in oddities:
            if oddity.name not in self._begun:
                self._begun[oddity.name] = self._pool.submit(_run, self._arguments(oddity))

    def of(self, oddity: Oddity) -> Ran:
        """The run against an oddity, once it has ended."""
        self.begin([oddity])
        if oddity.name not in self._ended:
            code, told = self._begun[oddity.name].result(timeout=TIME_OUT)
            records = list((self.out / oddity.name).glob("*.jsonl"))
            assert len(records) == 1, told
            self._ended[oddity.name] = Ran(code=code, told=told, record=read_record(records[0]))
        return self._ended[oddity.name]

    def _arguments(self, oddity: Oddity) -> list[str]:
        site = self._site_by_hand if oddity.by_hand else self._site
        url = f"{site}/{oddity.name}{oddity.base_path}"
        words = {need.word for need in load_ledger().needs} - {"auth"}
        features = ((word, value) for word, value in REFERENCE_FEATURES.items() if word in words)
        declared = [f"--declare={word}={value}" for word, value in features]
        key = ["--target-key-env", KEY_VARIABLE] if oddity.keyed else []
        wanted = [f"--requirement={area}" for area in oddity.areas]
        out = ["--out", str(self.out / oddity.name)]
        return ["run", url, *key, *declared, *wanted, *out, *oddity.arguments]


def _begin(key: str) -> None:
    os.environ[KEY_VARIABLE] = key
    os.environ.pop("CHATCONFORM_KEY", None)


def _run(arguments: list[str]) -> tuple[int, str]:
    """In a process of its own: the command line, which leaves with its exit code."""
    from chatconform.cli import main

    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            main(arguments)
    except SystemExit as left:
        return int(left.code or 0), said.getvalue()
    raise AssertionError("the command line did not exit")
