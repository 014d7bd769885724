"""Settles many experiments at once: each waits for its own attempts, and the next of them waits for the last.

A check that is in doubt asks for one more attempt, looks, and asks again. One after the other, forty checks
in doubt would wait forty times; here each has a thread that does hardly anything but wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from chatconform.findings.verdict import Judgement
from chatconform.judging.check import AnyCheck, Check
from chatconform.running.hearing import Hearing

_THREADS = 64


class Pursuit:
    """Judges experiments in the background; whoever asks for a judgement waits for its own."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="pursuit")
        self._judgements: dict[tuple[str, str], Future[Judgement]] = {}

    def begin(self, wanted: Iterable[tuple[AnyCheck, str]]) -> None:
        """Begin to judge these checks on their paths; rules about traffic have to wait for all of it."""
        for made, path in wanted:
            if isinstance(made, Check):
                self._judgements[made.id, path] = self._pool.submit(self._hearing.judge, made, path)

    def judge(self, made: AnyCheck, path: str) -> Judgement:
        """The judgement of a check on a path, once it is made."""
        if (made.id, path) in self._judgements:
            return self._judgements[made.id, path].result()
        if not isinstance(made, Check):
            # Further attempts are traffic as well.
            wait(self._judgements.values())
        return self._hearing.judge(made, path)

    def close(self) -> None:
        """Give up what is not judged yet."""
        self._pool.shutdown(wait=False, cancel_futures=True)
