"""Clients listen beside a run: every answer is replayed, none of them holds anything up or is left unsaid."""

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from chatconform.findings.reception import Outcome, Reception, Standing
from chatconform.oracles import booth, listeners
from chatconform.oracles.booth import Booth, Deaf, Unheard
from chatconform.oracles.listeners import Listeners
from chatconform.tests.support.exchanges import completion, error, exchange, request_body, streamed
from chatconform.tests.support.oracles import transcript

SAME, LOSSY, WRONG, CRASH = Outcome.SAME, Outcome.LOSSY, Outcome.WRONG, Outcome.CRASH


@pytest.fixture
def heard() -> list[Reception]:
    return []


def one(standings: tuple[Standing, ...]) -> Standing:
    (standing,) = standings
    return standing


def test_answers_are_counted_and_differences_told(heard: list[Reception]) -> None:
    """What came out the same is only counted; what did not is told with its exchange, client and door."""
    listening = Listeners(["openai"], heard.append)
    odd = transcript("broken/role-in-every-chunk.sse")
    for came in (exchange(completion()), odd, exchange({"data": []}, url="http://target/v1/models")):
        listening.take(came)
    standing = one(listening.close())

    assert {(each.exchange, each.client, each.door, each.outcome) for each in heard} == {
        (odd.id, "openai", "stream", WRONG),
        (odd.id, "openai", "stream (async)", WRONG),
    }
    assert [standing.count(outcome) for outcome in Outcome] == [6, 0, 2, 0]
    assert {each.door: dict(each.outcomes) for each in standing.doors} == {
        "create": {SAME: 2},
        "create (async)": {SAME: 2},
        "parse": {SAME: 1},
        "parse (async)": {SAME: 1},
        "stream": {WRONG: 1},
        "stream (async)": {WRONG: 1},
    }
    assert (standing.version != "", standing.unheard, standing.reason) == (True, 0, "")
    assert str(standing).endswith("6 same, 0 lossy, 2 wrong, 0 crash")


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The exchanges that a client is really asked about."""
    asked: list[str] = []
    ask = Booth.ask

    def count(self: Booth, came: object) -> tuple[Reception, ...]:
        asked.append(came.id)  # type: ignore[attr-defined]
        return ask(self, came)  # type: ignore[arg-type]

    monkeypatch.setattr(Booth, "ask", count)
    return asked


def test_equal_answers_are_replayed_once(heard: list[Reception], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is counted, and told under its own id; another form of request makes another answer of it."""
    asked = counting(monkeypatch)
    first, second = transcript("broken/ping-in-data.sse"), transcript("broken/ping-in-data.sse")
    plain = replace(first, id="plain", request=exchange({}, sent=request_body()).request)
    listening = Listeners(["openai"], heard.append)
    for came in (first, second, plain):
        listening.take(came)
    standing = one(listening.close())

    assert asked == [first.id, "plain"]
    assert {each.exchange for each in heard} == {first.id, second.id, "plain"}
    assert standing.count(CRASH) == 12


def test_an_answer_that_is_too_large_is_left_out_and_said(heard: list[Reception]) -> None:
    """A giant body takes no client's time, and is not passed over in silence."""
    listening = Listeners(["openai"], heard.append)
    listening.take(exchange(completion("x" * (1 << 20))))
    listening.take(exchange(completion()))
    standing = one(listening.close())

    assert (standing.unheard, standing.count(SAME)) == (1, 4)
    assert "larger" in standing.reason


# A client that answers as the marker in an answer's text tells it.
STAND_IN = """
import os, sys, time
sys.stdout.buffer.write(b'{"version": "1.0"}\\n'); sys.stdout.flush()
for line in sys.stdin.buffer:
    if b"DIE" in line: os._exit(1)
    if b"HANG" in line: time.sleep(60)
    if b"GARBAGE" in line: print("garbage"); sys.stdout.flush(); continue
    if b"FAIL" in line: print('{"failed": "a bug"}'); sys.stdout.flush(); continue
    print('{"receptions": [{"exchange": "?", "client": "stand-in", "version": "1.0", "door": "create",'
          ' "outcome": "same", "differences": [], "error": ""}]}'); sys.stdout.flush()
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of each client is a stand-in, which does not answer within a second where it hangs."""
    script = tmp_path / "client.py"
    script.write_text(STAND_IN)
    popen = booth.subprocess.Popen
    monkeypatch.setattr(
        booth.subprocess, "Popen", lambda _, **options: popen([sys.executable, str(script)], **options)
    )
    monkeypatch.setattr(listeners, "Booth", lambda client: Booth(client, seconds=1.0))


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ("DIE", "its process has died"),
        ("HANG", "it did not answer within 1 s"),
        ("GARBAGE", "its process has died"),
        ("FAIL", "a bug"),
    ],
)
def test_a_client_that_is_lost_costs_one_answer(heard: list[Reception], trouble: str, reason: str) -> None:
    """The others are replayed all the same, and the loss is said with the exchange that caused it."""
    bad = exchange(completion(trouble))
    listening = Listeners(["openai"], heard.append)
    for came in (exchange(completion("a")), bad, exchange(completion("b")), exchange(completion("c"))):
        listening.take(came)
    standing = one(listening.close())

    assert (standing.count(SAME), standing.unheard) == (3, 1)
    assert standing.reason == f"{bad.id}: {reason}"


@pytest.mark.usefixtures("stand_in")
def test_a_client_that_is_lost_again_and_again_is_given_up(heard: list[Reception]) -> None:
    """Four processes are lost at most, and what is left is counted as not replayed."""
    listening = Listeners(["openai"], heard.append)
    for n in range(8):
        listening.take(exchange(completion(f"DIE {n}")))
    standing = one(listening.close())

    assert (standing.count(SAME), standing.unheard) == (0, 8)


@pytest.mark.usefixtures("stand_in")
def test_a_run_waits_only_so_long(heard: list[Reception]) -> None:
    """A slow client does not keep the report; what it has not read is said."""
    listening = Listeners(["openai"], heard.append, seconds=0.2)
    for n in range(3):
        listening.take(exchange(completion(f"HANG {n}")))
    begun = time.monotonic()
    standing = one(listening.close())

    assert time.monotonic() - begun < 5
    assert standing.unheard == 3
    assert standing.reason == "the time for replays was over"


def test_an_interrupted_run_waits_for_nobody(heard: list[Reception]) -> None:
    """Ctrl-C ends the replays with everything else."""
    listening = Listeners(["openai"], heard.append)
    for _ in range(300):
        listening.take(streamed())
    begun = time.monotonic()
    standing = one(listening.close(abandon=True))

    assert time.monotonic() - begun < 10
    assert standing.unheard > 0


def test_a_client_that_cannot_start_is_said(heard: list[Reception], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is measured with it, and nobody takes that for a pass."""
    popen = booth.subprocess.Popen
    monkeypatch.setattr(
        booth.subprocess,
        "Popen",
        lambda _, **options: popen([sys.executable, "-c", "raise SystemExit(1)"], **options),
    )
    listening = Listeners(["openai"], heard.append)
    listening.take(exchange(completion()))
    standing = one(listening.close())

    assert (standing.version, standing.doors, standing.unheard) == ("", (), 1)
    assert standing.reason == "its process has died"


def test_no_client_means_no_work() -> None:
    """Without clients nothing is started and nothing is said."""
    listening = Listeners([], pytest.fail)
    listening.take(exchange(completion()))

    assert listening.close() == ()


def test_a_client_sees_no_key_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its own variables nor a proxy reach it, so that it asks and tells nobody."""
    for name in ("OPENAI_API_KEY", "HTTPS_PROXY", "http_proxy", "LANGCHAIN_TRACING_V2", "LITELLM_LOG"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("OTHER", "kept")

    found = booth.environment()

    assert found["OTHER"] == "kept"
    assert not {"OPENAI_API_KEY", "HTTPS_PROXY", "http_proxy", "LANGCHAIN_TRACING_V2", "LITELLM_LOG"} & set(
        found
    )


def test_a_booth_tells_its_troubles_apart() -> None:
    """One answer that cannot be replayed is not a client that is lost."""
    with Booth("openai") as asked:
        with pytest.raises(Unheard):
            asked.ask(exchange({"data": []}, url="http://target/v1/models"))
        assert asked.ask(exchange(error(), status=400))
        asked.kill()
        with pytest.raises(Deaf):
            asked.ask(exchange(completion()))
