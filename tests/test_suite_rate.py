"""Each check of rate limits turns red on its defect, and a real limit passes them all."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.record import read_record
from chatconform.running.embedded import EmbeddedServer
from chatconform.suites.rate import test_headers, test_limits
from chatconform.tests.support.exchanges import completion, error, exchange, hung, play, verdict
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
SERVED = exchange(completion())


def over(wait: str = "2", **options: object) -> Exchange:
    headers = (("Retry-After", wait),) if wait else ()
    return exchange(error("Too many."), status=429, headers=headers, **options)  # type: ignore[arg-type]


SOUND = {"burst-0": SERVED, "burst-1": over(), "after-the-wait": SERVED}
comes, seconds, helps = (
    test_limits.test_over_the_limit_comes_429,
    test_limits.test_retry_after_is_a_number_of_seconds,
    test_limits.test_waiting_as_long_as_told_helps,
)


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (comes, "burst-1", SERVED, FAIL),
        (comes, "burst-1", exchange(error(), status=503), FAIL),
        (comes, "burst-1", hung(), FAIL),
        (comes, "burst-1", over(media_type="text/plain"), FAIL),
        (comes, "burst-1", exchange({"detail": "slow down"}, status=429), PASS),
        (comes, "burst-1", over(""), PASS),
        (seconds, "burst-1", over("1.5s"), FAIL),
        (seconds, "burst-1", over("0"), FAIL),
        (seconds, "burst-1", over("-3"), FAIL),
        (seconds, "burst-1", over("Thu, 26 Nov 2026 03:37:43 GMT"), PASS),
        (seconds, "burst-1", over(""), INCONCLUSIVE),
        (seconds, "burst-1", SERVED, INCONCLUSIVE),
        (helps, "burst-1", over(""), FAIL),
        (helps, "after-the-wait", over(), FAIL),
        (helps, "burst-1", SERVED, INCONCLUSIVE),
    ],
)
def test_a_limit_that_is_told_wrongly_is_found(
    check: Callable[..., object], step: str, came: Exchange, expected: Verdict
) -> None:
    """One wrong answer gives its check the verdict that it deserves."""
    assert verdict(check, play(SOUND)) is PASS
    assert verdict(check, play({**SOUND, step: came})) is expected


def test_without_a_burst_nothing_is_told() -> None:
    """Where the limit was too high to be exceeded, its rules are not measured."""
    unsent = replace(play({}), ended="the declared limit is too high")

    assert [verdict(check, unsent) for check in (comes, seconds, helps)] == [INCONCLUSIVE] * 3


def left(
    remaining: str, *, limit: str = "10", reset: str = "30s", after: float = 0.0, key: str = "a"
) -> Exchange:
    headers = (
        ("x-ratelimit-limit-requests", limit),
        ("x-ratelimit-remaining-requests", remaining),
        ("x-ratelimit-reset-requests", reset),
    )
    came = exchange(
        completion(),
        headers=tuple(pair for pair in headers if pair[1]),
        sent_headers=(("Authorization", f"Bearer {key}"),),
    )
    return replace(came, started=came.started + after)


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (left("9"), PASS),
        (left("0"), PASS),
        (left("-1"), FAIL),
        (left("11"), FAIL),
        (left("9", limit="ten"), FAIL),
        (left("", limit=""), PASS),
        (SERVED, INCONCLUSIVE),
    ],
)
def test_a_remainder_beyond_its_limit_is_found(came: Exchange, expected: Verdict) -> None:
    """What is left is a whole number within the limit."""
    assert verdict(test_headers.test_what_is_left_is_within_the_limit, came) is expected


@pytest.mark.parametrize("value", ["1s", "6m0s", "120ms", "1h2m3.5s", "2.5", "30", "1d"])
def test_durations_are_read(value: str) -> None:
    """Durations in the ways that vendors write them pass."""
    assert verdict(test_headers.test_the_reset_is_a_duration, left("9", reset=value)) is PASS


@pytest.mark.parametrize("value", ["soon", "-1s", "1 s", "2026-11-26T03:37:43Z", "s", "m5"])
def test_what_is_no_duration_is_found(value: str) -> None:
    """Anything that cannot be read as a duration fails."""
    assert verdict(test_headers.test_the_reset_is_a_duration, left("9", reset=value)) is FAIL


@pytest.mark.parametrize(
    ("exchanges", "expected"),
    [
        ([left("9"), left("8", after=1), left("7", after=2)], PASS),
        ([left("9"), left("9", after=1)], PASS),
        ([left("5"), left("6", after=1)], FAIL),
        ([left("0", reset="500ms"), left("9", after=1)], INCONCLUSIVE),
        ([left("5"), left("6", after=0.1)], INCONCLUSIVE),
        ([left("5"), left("6", after=1, key="b")], INCONCLUSIVE),
        ([left("5"), left("9", after=1, key="b"), left("6", after=2)], FAIL),
        ([left("1", reset="2s"), left("9", after=1.5)], INCONCLUSIVE),
        ([left("9")], INCONCLUSIVE),
    ],
)
def test_a_remainder_that_grows_is_found(exchanges: list[Exchange], expected: Verdict) -> None:
    """Within a window the remainder does not grow; requests at once, and a new window, say nothing."""
    check = test_headers.test_what_is_left_does_not_grow_within_a_window

    assert verdict(check, *exchanges) is expected


def test_a_real_limit_passes(tmp_path: Path) -> None:
    """Against a server with a declared limit the burst is sent, waited out, and every rule is judged."""
    with EmbeddedServer("--rate-limit=6/2s") as server:
        arguments = ["run", server.url, "--model", server.model, "--declare", "rate-limit=6/2s"]
        ran = subprocess.run(
            [sys.executable, "-m", "chatconform", *arguments, "-r", "RATE", "--out", str(tmp_path)],
            env={**os.environ, "CHATCONFORM_KEY": server.key},
            capture_output=True,
            timeout=60,
            check=False,
        )

    (file,) = tmp_path.glob("*.jsonl")
    verdicts = {each.requirement: each.verdict for each in read_record(file).judgements}
    assert ran.returncode == 0
    assert [verdicts[f"CC-RATE-00{n}"] for n in range(1, 6)] == [PASS] * 5
