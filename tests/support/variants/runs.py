"""Whole runs of the suites against the variants, two at a time, each as a user would start it."""

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
from chatconform.reference_server.variants.catalogue import REFERENCE
from chatconform.reference_server.variants.house import house
from chatconform.reference_server.variants.variant import Variant
from chatconform.running.features import REFERENCE_FEATURES, reference_options
from chatconform.tests.support.variants.catalogue import VARIANTS
from chatconform.tests.support.variants.handwritten import handwritten
from chatconform.tests.support.wire import WireServer

KEY_VARIABLE = "VARIANT_KEY"
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
    """A server of all variants, and the runs against it; a context manager."""

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
        app = house((REFERENCE, *VARIANTS.values()), settings)
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

    def begin(self, variants: Iterable[Variant]) -> None:
        """Start the runs against these, unless they were started before."""
        assert self._pool is not None
        for variant in variants:
            if variant.name not in self._begun:
                self._begun[variant.name] = self._pool.submit(_run, self._arguments(variant))

    def of(self, variant: Variant) -> Ran:
        """The run against a variant, once it has ended."""
        self.begin([variant])
        if variant.name not in self._ended:
            code, told = self._begun[variant.name].result(timeout=TIME_OUT)
            records = list((self.out / variant.name).glob("*.jsonl"))
            assert len(records) == 1, told
            self._ended[variant.name] = Ran(code=code, told=told, record=read_record(records[0]))
        return self._ended[variant.name]

    def _arguments(self, variant: Variant) -> list[str]:
        site = self._site_by_hand if variant.by_hand else self._site
        url = f"{site}/{variant.name}{variant.base_path}"
        words = {need.word for need in load_ledger().needs} - {"auth"}
        features = ((word, value) for word, value in REFERENCE_FEATURES.items() if word in words)
        declared = [f"--declare={word}={value}" for word, value in features]
        key = ["--target-key-env", KEY_VARIABLE] if variant.keyed else []
        wanted = [f"--requirement={area}" for area in variant.areas]
        out = ["--out", str(self.out / variant.name)]
        # What clients make of the answers is for tests of theirs.
        return ["run", url, "--clients=none", *key, *declared, *wanted, *out, *_described(variant)]


def _described(variant: Variant) -> list[str]:
    """What a user would say of such a server on the command line."""
    headers = [f"--header={name}: {value}" for name, value in variant.headers]
    lacking = [f"--without={word}" for word in variant.without]
    return [*([f"--model={variant.model}"] if variant.model else []), *headers, *lacking]


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
