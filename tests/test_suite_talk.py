"""Conversations: what a state machine finds is shortened, within its bounds, and judged by pure functions."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatconform.client.target import Target
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.judge import judge_plays
from chatconform.plays.conductor import Audience, Conductor
from chatconform.plays.play import Play
from chatconform.plays.scenario import keys_of
from chatconform.reference_server.faults import HEADER
from chatconform.reference_server.faults.talks.mingled import ALL as FAULTS
from chatconform.running.embedded import EmbeddedServer
from chatconform.running.rehearsal import rehearse
from chatconform.suites.talk.held import is_counted, talks_of
from chatconform.suites.talk.line import Bounds
from chatconform.suites.talk.scenarios import FEATURE, bounds, conversations
from chatconform.suites.talk.turns import transcript
from chatconform.tests.support.ill import Illness, IllTarget, answers, dies, hangs
from chatconform.tests.support.plays import (
    AnyCheck,
    Edit,
    Theatre,
    answered,
    changed,
    check_named,
    checks_of,
    counting,
    crashed,
    edited,
    ending,
    refused,
    saying,
)
from chatconform.tests.support.theatres import Guest
from chatconform.tests.support.wire import Received, Wire

PASS, FAIL, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.ERROR
INCONCLUSIVE, UNSUPPORTED = Verdict.INCONCLUSIVE, Verdict.UNSUPPORTED
REQUESTS = 40
# A greeting, short and long, shows whether the target counts.
CALIBRATION = 2
IDS, CALLS, GOES_ON, FORGETS, GROWS, FORMS = (
    made.values[0].id.partition(".")[2] for made in checks_of("talk")
)


@pytest.fixture(scope="module")
def theatre(server: EmbeddedServer) -> Iterator[Theatre]:
    with Guest(target=target_on(server)) as opened:
        yield opened


def target_on(server: EmbeddedServer, fault: str = "", *, requests: int = REQUESTS) -> Target:
    return Target(
        url=server.url,
        key=server.key,
        model=server.model,
        headers=((HEADER, fault),) if fault else (),
        declared={FEATURE: str(requests)},
    )


def performed(target: Target, *, seed: str = "tests", thorough: bool = False) -> Play:
    unheard = Audience(on_exchange=lambda _: None, on_play=lambda _: None)
    with Conductor(target, seed=seed, audience=unheard, thorough=thorough) as conductor:
        play = conductor.play(keys_of(conversations)[0])
    assert not play.error, play.error
    return play


def judged(check: str, *plays: Play) -> Judgement:
    judgement = judge_plays(check_named(f"talk.{check}"), plays)  # type: ignore[arg-type]  # all are of plays
    assert not judgement.bug, judgement.bug
    return judgement


def sent(play: Play) -> int:
    """How many requests a play took: an exchange may stand as several steps."""
    return len({exchange.id for exchange in play.exchanges})


def bodies(play: Play) -> list[str]:
    """What was sent, without the ids that the target chose."""
    once = {exchange.id: exchange.request.body.decode() for exchange in play.exchanges}
    return [re.sub(r'"call_\w+"', '"call"', body) for body in once.values()]


@pytest.mark.parametrize(("made", "path"), checks_of("talk"))
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    judgement = theatre.judge(made, path)

    assert judgement.verdict is PASS, judgement.reason


def later(edit: Edit) -> Edit:
    """An edit of all turns of conversations but the first ones."""
    return lambda exchange: (
        edit(exchange) if re.fullmatch(r"talk \d+, turn [2-9]\d*", exchange.step) else exchange
    )


def in_streams(edit: Edit) -> Edit:
    return lambda exchange: edit(exchange) if exchange.is_stream else exchange


def of_talks(edit: Edit) -> Edit:
    return lambda exchange: edit(exchange) if exchange.step.startswith("talk") else exchange


def once_more(edit: Edit) -> Edit:
    """An edit of what answers a question that was asked before, in any conversation."""
    asked: set[bytes] = set()

    def change(exchange: Any) -> Any:
        is_again = exchange.request.body in asked
        asked.add(exchange.request.body)
        return edit(exchange) if is_again else exchange

    return of_talks(change)


def one_id(document: Any) -> None:
    for holder in document if isinstance(document, list) else [document]:
        holder["id"] = "chatcmpl-1"


def without_usage(document: Any) -> None:
    for holder in document if isinstance(document, list) else [document]:
        holder.pop("usage", None)


def with_an_error(document: Any) -> Any:
    return [*document, {"error": {"message": "Broken off.", "type": "server_error"}}]


OTHER_TOOL = [("search_web", "{}")]
CUT = [("get_time", '{"city": "Os')]
NO_OBJECT = [("get_time", "[]")]
SOUND = [("get_time", '{"city": "Oslo"}')]


@pytest.mark.parametrize(
    ("check", "edit", "verdict"),
    [
        (IDS, changed(one_id), FAIL),
        (IDS, of_talks(saying("", finish="tool_calls", calls=SOUND)), FAIL),
        (CALLS, later(saying("", finish="tool_calls", calls=OTHER_TOOL)), FAIL),
        (CALLS, later(saying("", finish="tool_calls", calls=CUT)), FAIL),
        (CALLS, later(saying("", finish="tool_calls", calls=NO_OBJECT)), FAIL),
        (CALLS, later(saying("Hello.", finish="tool_calls")), FAIL),
        (CALLS, of_talks(saying("Hello.")), INCONCLUSIVE),
        # What was cut may be cut anywhere.
        (CALLS, of_talks(saying("", finish="length", calls=CUT)), PASS),
        (CALLS, of_talks(saying("", finish="stop", calls=SOUND)), PASS),
        (GOES_ON, later(crashed()), FAIL),
        (GOES_ON, later(refused("I lost the thread.")), FAIL),
        (GOES_ON, later(refused("Slow down.", status=429)), ERROR),
        (GOES_ON, later(in_streams(changed(with_an_error))), FAIL),
        (GOES_ON, of_talks(refused("tools are not supported", param="tools")), UNSUPPORTED),
        (GOES_ON, of_talks(refused("No.")), FAIL),
        (FORGETS, once_more(counting(prompt=1_000)), FAIL),
        (FORGETS, changed(without_usage), INCONCLUSIVE),
        (FORGETS, of_talks(changed(without_usage)), INCONCLUSIVE),
        (GROWS, of_talks(counting(prompt=300)), FAIL),
        (GROWS, counting(prompt=300), INCONCLUSIVE),
        (GROWS, of_talks(changed(without_usage)), INCONCLUSIVE),
        (FORMS, of_talks(in_streams(ending("tool_calls"))), FAIL),
        (FORMS, of_talks(in_streams(saying("Hello.", finish="stop"))), FAIL),
        (FORMS, of_talks(in_streams(counting(prompt=3))), FAIL),
        # A model that is cut in one form may have been about to call.
        (FORMS, of_talks(in_streams(ending("length"))), INCONCLUSIVE),
        (FORMS, changed(without_usage), PASS),
    ],
)
def test_a_conversation_is_judged_by_its_defect(
    theatre: Theatre, check: str, edit: Edit, verdict: Verdict
) -> None:
    """A broken turn fails its rule, a legal oddity passes, and what cannot be judged says so."""
    judgement = theatre.judge(check_named(f"talk.{check}"), "plain", edit)

    assert judgement.verdict is verdict, judgement.reason


def test_what_others_said_is_not_heard(theatre: Theatre) -> None:
    """The code of another conversation in an answer fails; that of its own is what the user said."""
    (play,) = theatre.plays(conversations, "plain")
    codes = [play.notes[f"code {number}"] for number in (1, 2, 3, 4)]

    def telling(*, own: bool) -> Play:
        def tell(exchange: Any) -> Any:
            told = exchange.request.body.decode()
            heard = next(code for code in codes if (code in told) is own)
            return saying(f"The code is {heard}.")(exchange)

        return edited(play, of_talks(tell))

    assert judged(FORGETS, telling(own=False)).verdict is FAIL
    assert judged(FORGETS, telling(own=True)).verdict is PASS


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.id for fault in FAULTS])
def test_a_fault_is_found_and_shortened(server: EmbeddedServer, fault: Any) -> None:
    """What only a combination shows is found with few requests, and shown as a conversation of few turns."""
    play = performed(target_on(server, fault.id, requests=60), seed="found")

    (rule,) = fault.breaks
    made = next(made.values[0] for made in checks_of("talk") if made.values[0].requirement == rule)
    judgement = judged(made.id.partition(".")[2], play)
    assert judgement.verdict is FAIL, judgement.reason
    turns = [exchange for exchange in play.exchanges if exchange.step.startswith("turn ")]
    assert 2 <= len(turns) <= 5
    assert play.notes["transcript"].count("\n") == len(turns) - 1


def test_a_failure_shows_the_conversation_and_its_last_turn(server: EmbeddedServer) -> None:
    """The evidence points at the last turn, and has the whole conversation as readable lines."""
    play = performed(target_on(server, "texts-end-with-tool-calls-after-results-out-of-order", requests=60))

    judgement = judged(CALLS, play)
    last, told = judgement.evidence[0], judgement.evidence[-1]
    assert last.exchange == told.exchange == play["turn 2"].id
    assert told.where == "the conversation"
    assert told.quoted.strip() == play.notes["transcript"]
    assert re.search(r"1\. \w+: user .* -> calls of [\w, ]*get_time", told.quoted)
    assert re.search(r"2\. \w+: \d results, out of order.* -> a text that ends with tool_calls", told.quoted)
    assert judgement.expected == "a text that end with content_filter or length or stop"


def test_nothing_that_was_sent_is_hidden(server: EmbeddedServer) -> None:
    """Every conversation that was tried stands in the play from its first turn, dropped ones too."""
    play = performed(target_on(server, "streams-call-nothing-after-a-round"))

    talks = talks_of(play)
    ids = {turn.exchange.id for talk in talks for turn in talk.turns}
    assert ids | {play["greeting"].id, play["longer-greeting"].id} == {each.id for each in play.exchanges}
    assert all(len(talk.turns[0].messages) <= 2 for talk in talks)
    assert [len(talk.turns) for talk in talks] == sorted(len(talk.turns) for talk in talks)


def test_the_same_seed_holds_the_same_conversations(server: EmbeddedServer) -> None:
    """Two runs of one seed send the same requests in the same order; another seed sends others."""
    first, second = (performed(target_on(server)) for _ in range(2))
    other = performed(target_on(server), seed="another")

    assert bodies(first) == bodies(second)
    assert [transcript(talk) for talk in talks_of(first)] == [transcript(talk) for talk in talks_of(second)]
    assert bodies(first)[CALIBRATION:] != bodies(other)[CALIBRATION:]


def test_a_fault_is_found_alike_every_time(server: EmbeddedServer) -> None:
    """The shortest conversation of a seed is the same in every run."""
    target = target_on(server, "call-ids-begin-again-where-a-call-is-required")
    first, second = (performed(target) for _ in range(2))

    assert first.notes["transcript"] == second.notes["transcript"]
    assert bodies(first) == bodies(second)


@pytest.mark.parametrize("requests", [1, 2, 12, REQUESTS])
def test_no_more_is_sent_than_was_declared(server: EmbeddedServer, requests: int) -> None:
    """The declared number of requests is used up, and not exceeded."""
    play = performed(target_on(server, requests=requests))

    assert sent(play) == requests + CALIBRATION
    assert play.notes["requests"] == str(requests)


def test_the_full_profile_sends_more(server: EmbeddedServer) -> None:
    """Whoever wants every case gets five times as many requests."""
    assert sent(performed(target_on(server, requests=8), thorough=True)) == 5 * 8 + CALIBRATION


def test_to_shorten_is_bounded_too(server: EmbeddedServer) -> None:
    """A target that breaks several rules at once takes no more than what finding and shortening may take."""
    target = target_on(
        server, "call-ids-all-alike, streamed-prompt-tokens-more-after-several-calls", requests=12
    )
    play = performed(target)

    at_most = Bounds(requests=12, shortening=120, seconds=180.0)
    assert judged(IDS, play).verdict is FAIL
    assert 12 < sent(play) - CALIBRATION <= at_most.requests + at_most.shortening


def test_a_target_without_a_number_has_the_usual_bounds() -> None:
    """Who declares the feature alone is sent sixty requests."""
    url = "http://127.0.0.1:9/v1"
    assert bounds(Target(url=url, declared={FEATURE: ""}), thorough=False).requests == 60
    assert bounds(Target(url=url, declared={FEATURE: "7"}), thorough=True).requests == 35


def test_a_number_that_is_none_is_told(server: EmbeddedServer) -> None:
    """Who declares a word in the place of a number is told so, and nobody is blamed."""
    play = performed(replace(target_on(server), declared={FEATURE: "many"}))

    assert "'many'" in play.ended
    assert judged(IDS, play).verdict is INCONCLUSIVE


def test_the_rehearsal_counts_conversations() -> None:
    """What a run will cost is known exactly before, conversations included, and the same each time."""
    declared = {FEATURE: "12"}
    first, second = (rehearse(keys_of(conversations), declared=declared, seed="tests") for _ in range(2))

    assert first.requests == 12 + CALIBRATION
    assert first == second


@pytest.mark.parametrize("illness", [dies, hangs, answers(503)], ids=["dies", "hangs", "fails"])
def test_an_ill_target_ends_the_conversations(server: EmbeddedServer, illness: Illness) -> None:
    """When the target falls ill nothing more is asked, and no rule is blamed for it."""
    with IllTarget(server, illness, well_for=8) as ill:
        target = Target(
            url=ill.url, key=server.key, model=server.model, timeout=0.5, declared={FEATURE: str(REQUESTS)}
        )
        begin = time.monotonic()
        play = performed(target)

    assert time.monotonic() - begin < 30
    assert sent(play) <= 8 + 1
    assert play.notes["ended"] == play.exchanges[-1].illness != ""
    for made in checks_of("talk"):
        assert judged(made.values[0].id.partition(".")[2], play).verdict is not FAIL


def test_a_run_that_ends_waits_for_no_conversation(server: EmbeddedServer) -> None:
    """Whoever leaves the conductor in the middle of a conversation leaves no thread behind."""
    before = set(threading.enumerate())
    unheard = Audience(on_exchange=lambda _: None, on_play=lambda _: None)
    with Conductor(target_on(server, requests=2_000), seed="tests", audience=unheard) as conductor:
        conductor.begin(keys_of(conversations))
        time.sleep(0.5)

    until = time.monotonic() + 10
    while set(threading.enumerate()) - before and time.monotonic() < until:
        time.sleep(0.05)
    assert set(threading.enumerate()) - before == set()


def test_a_target_that_answers_nobody_is_given_up(server: EmbeddedServer) -> None:
    """Where no first turn is answered, the rest of the requests is saved, and the refusal is shown."""

    async def refuses_tools(target: IllTarget, request: Received, wire: Wire) -> None:
        if b'"tools"' not in request.body:
            await target.pass_on(request, wire)
            return
        body = json.dumps({"error": {"message": "No.", "type": "invalid_request_error"}}).encode()
        await wire.answer(400, body, "Content-Type: application/json")

    with IllTarget(server, refuses_tools, well_for=0) as door:
        target = Target(url=door.url, key=server.key, model=server.model, declared={FEATURE: str(REQUESTS)})
        play = performed(target)

    assert sent(play) == 6 + CALIBRATION
    assert "first turns" in play.notes["ended"]
    assert judged(GOES_ON, play).verdict is FAIL


def test_no_folder_is_left_behind(
    server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hypothesis writes nothing into the folder from which a run is started."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYPOTHESIS_STORAGE_DIRECTORY", raising=False)
    performed(target_on(server, requests=12))

    assert list(tmp_path.iterdir()) == []


def test_honesty_is_seen_in_a_longer_question(theatre: Theatre) -> None:
    """Usage is believed where a longer question costs more by its words."""
    (play,) = theatre.plays(conversations, "plain")

    assert is_counted(play)
    assert not is_counted(edited(play, counting(prompt=50)))
    assert not is_counted(edited(play, answered(500, {})))


def test_a_conversation_is_judged_again_from_the_record(server: EmbeddedServer, tmp_path: Path) -> None:
    """The record of a run has every conversation, so that it is judged as it was live."""
    play = performed(target_on(server, "history-cut-beside-parts-and-results", requests=60))
    live = judged(GROWS, play)
    kept = {each.id: each for each in play.exchanges}
    steps = [(each.step, each.id) for each in play.exchanges]
    again = Play(
        scenario=play.scenario,
        path=play.path,
        exchanges=tuple(
            edited(Play(scenario="", path=play.path, exchanges=(kept[name],)), _as(step)).exchanges[0]
            for step, name in steps
        ),
        notes=json.loads(json.dumps(play.notes)),
    )

    assert judged(GROWS, again) == live
    assert live.verdict is FAIL


def _as(step: str) -> Edit:
    return lambda exchange: replace(exchange, step=step)
