"""The scenarios of streams against servers that hold a slot, compress, or know no obfuscation."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chatconform.client.target import Target
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import Invariant, Survey, check_of
from chatconform.judging.judge import judge_traffic
from chatconform.plays.conductor import Audience, Conductor
from chatconform.plays.play import Play
from chatconform.plays.scenario import Scenario, keys_of
from chatconform.running.embedded import EmbeddedServer
from chatconform.suites.stream import test_chunks, test_delivery, test_text
from chatconform.suites.stream.scenarios import abandoned, one_after_the_other, story
from chatconform.tests.support.exchanges import chunks, error, sse, verdict
from chatconform.tests.support.wire import Received, Wire, WireServer
from chatconform.wire.exchange import Exchange

PASS, FAIL = Verdict.PASS, Verdict.FAIL
stops = test_delivery.test_closing_the_connection_stops_generation
PIECE_SECONDS = 0.005
PIECES_OF_A_STORY = 300


@contextmanager
def on_stage(target: Target) -> Iterator[Conductor]:
    unheard = Audience(on_exchange=lambda _: None, on_play=lambda _: None)
    with Conductor(target, seed="tests", audience=unheard) as conductor:
        yield conductor


def performed(played: Scenario, target: Target) -> Play:
    """The scenario's play on its streamed path."""
    with on_stage(target) as conductor:
        return conductor.play(next(key for key in keys_of(played) if key.path == "streamed"))


def target_of(server: EmbeddedServer | WireServer) -> Target:
    if isinstance(server, WireServer):
        return Target(url=f"{server.url}/v1", model="m")
    return Target(url=server.url, key=server.key, model=server.model)


def test_a_slot_that_is_let_go_passes() -> None:
    """A server of one slot that stops when its reader leaves answers the next request at once."""
    with EmbeddedServer("--single-slot", f"--seconds-per-token={PIECE_SECONDS}") as server:
        play = performed(abandoned, target_of(server))

    assert verdict(stops, play) is PASS


def test_a_slot_that_is_held_fails() -> None:
    """A server that goes on with a story that nobody reads keeps the next request waiting."""
    slot = asyncio.Lock()

    async def stubborn(request: Received, wire: Wire) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        long = json.loads(request.body)["max_completion_tokens"] > 512
        pieces = chunks(*["word "] * (PIECES_OF_A_STORY if long else 3))
        async with slot:
            for piece in (head, *(sse([each], done=False) for each in pieces), b"data: [DONE]\n\n"):
                with contextlib.suppress(OSError):
                    await wire.send(piece)
                await asyncio.sleep(PIECE_SECONDS)

    with WireServer(stubborn) as server:
        play = performed(abandoned, target_of(server))

    assert verdict(stops, play) is FAIL


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_a_stream_is_followed_as_it_flows(coding: str) -> None:
    """Compressed and plain streams decode to their end, and are seen to flow."""
    options = ("--gzip",) if coding == "gzip" else ()
    paced = EmbeddedServer(f"--seconds-per-token={PIECE_SECONDS}", *options)
    with paced as server, on_stage(target_of(server)) as conductor:
        conductor.begin(key for played in (story, one_after_the_other) for key in keys_of(played))
        traffic = conductor.traffic()

    decoded = _judged(test_delivery.test_a_compressed_stream_decodes_to_its_end, traffic)
    assert decoded.verdict is PASS
    assert coding in {observation.camp for observation in decoded.observations}
    assert _judged(test_delivery.test_output_arrives_while_it_is_generated, traffic).verdict is PASS
    assert _judged(test_text.test_a_stream_loses_nothing_of_the_text, traffic).verdict is PASS


def test_whoever_knows_no_obfuscation_is_asked_again_without_it() -> None:
    """A server that refuses the option by name is unsupported there, and judged by what it does serve."""

    async def older(request: Received, wire: Wire) -> bool:
        body = json.loads(request.body)
        if "include_obfuscation" in body.get("stream_options", {}):
            named = "stream_options.include_obfuscation"
            await wire.answer_json(400, error(f"Unknown parameter: {named}", param=named))
        else:
            await wire.answer(200, sse(chunks("漢字", " 🦀🦀", " é")), "Content-Type: text/event-stream")
        return True

    with WireServer(older) as server:
        play = performed(one_after_the_other, target_of(server))

    assert verdict(test_chunks.test_obfuscation_can_be_switched_off, play) is Verdict.UNSUPPORTED
    assert verdict(test_text.test_wide_characters_come_through, play) is PASS


def _judged(function: object, traffic: tuple[Exchange, ...]) -> Judgement:
    made = check_of(function)
    assert isinstance(made, Invariant | Survey)
    return judge_traffic(made, traffic)
