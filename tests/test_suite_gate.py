"""Checks of both sides of a gateway: each passes on a sound one, and fails for one change of what it saw."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import Check
from chatconform.judging.judge import judge_plays
from chatconform.plays.play import Play, received_note
from chatconform.running.features import UPSTREAM_TRIGGERS
from chatconform.tests.support.gateway.edits import (
    calls_in,
    film_in,
    found,
    lose,
    merge_parts,
    on_messages,
    put,
    received,
    rename,
    schema_in,
    sent_back,
    spell_anew,
    with_arguments,
)
from chatconform.tests.support.gateway.runs import upstream_settings
from chatconform.tests.support.plays import (
    Theatre,
    check_named,
    checks_of,
    completion,
    crashed,
    refused,
    saying,
)
from chatconform.tests.support.plays import answered as answering
from chatconform.tests.support.theatres import served

PASS, FAIL, INCONCLUSIVE, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR
NOT_APPLICABLE, UNSUPPORTED = Verdict.NOT_APPLICABLE, Verdict.UNSUPPORTED
OF_GATEWAYS = {
    "cont.a_gateway_forwards_every_parameter",
    "cont.a_gateway_forwards_the_parameters_of_a_continuation",
    "cont.a_retry_repeats_the_whole_request",
    "safety.every_message_is_scrubbed",
    "safety.every_item_of_a_message_is_scrubbed",
    "safety.scrubbing_leaves_the_protocol_alone",
}
CHECKS = [*checks_of("gate"), *(each for area in ("cont", "safety") for each in checks_of(area))]
BOTH_SIDES = [each for each in CHECKS if each.values[0].id in OF_GATEWAYS or each.values[0].id[:5] == "gate."]
MESSAGES, CONTINUED, TOOLS, LABELS, BARE = (
    f"gate.{name}"
    for name in (
        "every_message_is_forwarded_once",
        "a_continuation_has_the_history_of_before",
        "tools_are_forwarded_whole",
        "labels_are_forwarded",
        "nothing_is_added_to_a_generation",
    )
)
DOWN, BUSY, WAIT, HALF, SILENT = (
    f"gate.{name}"
    for name in (
        "an_upstream_that_is_down_is_an_error",
        "an_overloaded_upstream_is_429",
        "the_wait_of_an_overloaded_upstream_is_told",
        "half_an_answer_is_no_answer",
        "a_stream_that_falls_silent_is_not_finished",
    )
)
EVERY, KEPT, RETRY = (
    f"cont.{name}"
    for name in (
        "a_gateway_forwards_every_parameter",
        "a_gateway_forwards_the_parameters_of_a_continuation",
        "a_retry_repeats_the_whole_request",
    )
)
SCRUBBED, ITEMS, PROTOCOL = (
    f"safety.{name}"
    for name in (
        "every_message_is_scrubbed",
        "every_item_of_a_message_is_scrubbed",
        "scrubbing_leaves_the_protocol_alone",
    )
)
Body = dict[str, Any]
Edit = Callable[[Play], Play]


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """A gateway and its upstream in one: it masks, tries again, and records."""
    record = tmp_path_factory.mktemp("gate") / "upstream.jsonl"
    options = upstream_settings(record, scrub=("email", "phone", "card"), retries=1)
    declared = {**UPSTREAM_TRIGGERS, "recording-upstream": str(record), "scrubbing": "email, phone, card"}
    with served(None, replace(options, stall_seconds=0.2), declared) as opened:
        yield opened


def judged(theatre: Theatre, check: str, path: str, edit: Edit) -> Judgement:
    made = check_named(check)
    assert isinstance(made, Check)
    judgement = judge_plays(made, [edit(play) for play in theatre.plays(made.scenario, path)])
    assert judgement.bug == ""
    return judgement


@pytest.mark.parametrize(("made", "path"), BOTH_SIDES)
def test_a_sound_gateway_passes(theatre: Theatre, made: Check, path: str) -> None:
    """Every check of both sides passes on every path, or this file proves nothing."""
    judgement = theatre.judge(made, path)

    assert judgement.bug == ""
    assert judgement.verdict is PASS, judgement.reason


@pytest.mark.parametrize(("made", "path"), BOTH_SIDES)
def test_a_gateway_that_never_calls_is_not_judged(theatre: Theatre, made: Check, path: str) -> None:
    """Without any call nothing is applicable; with calls, but none of this request, it is not provoked."""
    for calls, verdict in ((0, NOT_APPLICABLE), (5, INCONCLUSIVE)):
        judgement = judged(theatre, made.id, path, found(received=[], calls=calls))
        assert judgement.verdict in {verdict, ERROR} if calls else judgement.verdict is verdict
        assert judgement.verdict is not PASS


PARAMETERS = ["temperature", "top_p", "seed", "frequency_penalty", "presence_penalty", "logit_bias", "stop"]
PARAMETERS += ["n", "logprobs", "top_logprobs", "response_format", "tool_choice", "parallel_tool_calls"]
PARAMETERS += ["max_tokens", "max_completion_tokens", "tools"]


@pytest.mark.parametrize("path", ["plain", "streamed", "after-tool-result", "later-turn-streamed"])
@pytest.mark.parametrize("name", PARAMETERS)
def test_each_parameter_that_is_lost_is_named(theatre: Theatre, name: str, path: str) -> None:
    """Whichever parameter does not arrive, on whichever path, the verdict names it from both sides."""
    judgement = judged(theatre, EVERY, path, received(lose(name)))

    assert judgement.verdict is FAIL
    assert f"no {name}" in judgement.came
    assert [each.where for each in judgement.evidence[:2]] == [
        f"request /{name}",
        f"received by the upstream /{name}",
    ]


SAMPLING = {"temperature": 0.37, "seed": 70921}
DEFECTS: list[tuple[str, str, Edit]] = [
    (EVERY, "plain", received(put(temperature=0.3))),
    (EVERY, "plain", received(put(seed=70920))),
    (EVERY, "streamed", received(put(stop=["QXJ"]), "sampling")),
    (EVERY, "plain", received(put(max_completion_tokens=216), "sampling")),
    (EVERY, "plain", received(put(logprobs=1), "sampling")),
    (EVERY, "plain", received(put(logit_bias={"1734": 3}), "sampling")),
    (EVERY, "plain", received(put(tool_choice="auto"), "others")),
    (EVERY, "plain", received(put(response_format={"type": "json_schema"}), "sampling")),
    (
        EVERY,
        "later-turn",
        received(lambda body: schema_in(body).pop("strict"), "sampling"),
    ),
    (KEPT, "plain", received(lose("temperature"), "answer")),
    (KEPT, "streamed", received(lose("stop"), "later")),
    (KEPT, "streamed", received(lose("tool_choice"), "call")),
    (RETRY, "plain", received(lose("max_completion_tokens"), only=1)),
    (RETRY, "streamed", received(lose("tools"), only=1)),
    (RETRY, "plain", received(on_messages(lambda messages: messages.pop(0)), only=1)),
    (RETRY, "plain", received(on_messages(lambda messages: messages.append(messages[-1])), only=1)),
    (RETRY, "plain", received(on_messages(lambda messages: messages.insert(0, messages[0])), only=1)),
    (MESSAGES, "plain", received(on_messages(lambda messages: messages.pop(0)))),
    (MESSAGES, "later-turn", received(on_messages(lambda messages: messages.insert(6, messages[6])))),
    (MESSAGES, "later-turn-streamed", received(on_messages(lambda messages: messages.reverse()))),
    (MESSAGES, "after-tool-result", received(on_messages(lambda m: m[3].update(tool_call_id="call_x")))),
    (MESSAGES, "after-tool-result", received(on_messages(lambda m: m[2].pop("tool_calls")))),
    (MESSAGES, "after-tool-result", received(on_messages(lambda m: calls_in(m)[1].update(id="call_x")))),
    (
        MESSAGES,
        "after-tool-result",
        received(with_arguments("{}")),
    ),
    (MESSAGES, "later-turn", received(on_messages(lambda m: m[-1]["content"].pop()))),
    (MESSAGES, "streamed", received(on_messages(lambda m: m.append({"role": "user", "content": "Hi."})))),
    (MESSAGES, "streamed", received(on_messages(lambda m: m[-1].update(role="assistant")))),
    (
        MESSAGES,
        "plain",
        received(on_messages(lambda m: m[-1].update(content=" ".join(m[-1]["content"].split())))),
    ),
    (CONTINUED, "plain", received(on_messages(lambda messages: messages.pop(1)), "answer")),
    (CONTINUED, "plain", received(on_messages(lambda messages: messages.insert(0, messages[0])), "later")),
    (CONTINUED, "streamed", received(on_messages(lambda messages: messages.pop(0)), "later")),
    (TOOLS, "plain", received(lambda body: body["tools"].pop())),
    (TOOLS, "plain", received(lambda body: body["tools"].reverse())),
    (TOOLS, "streamed", received(lambda body: body["tools"].append(body["tools"][0]))),
    (TOOLS, "plain", received(lambda body: body["tools"][0]["function"].pop("description"))),
    (TOOLS, "later-turn", received(lambda body: film_in(body)["actors"]["items"].pop("required"))),
    (TOOLS, "after-tool-result", received(lambda body: film_in(body)["stars"].pop("maximum"))),
    (TOOLS, "plain", received(lambda body: film_in(body)["verdict"]["enum"].pop())),
    (LABELS, "plain", received(lose("metadata"), "others")),
    (LABELS, "streamed", received(put(user="somebody"), "others")),
    (LABELS, "plain", received(lose("reasoning_effort"), "others")),
    (BARE, "plain", received(put(temperature=0.7))),
    (BARE, "streamed", received(put(stop=["\n"]))),
    (BARE, "plain", received(put(n=2))),
    (BARE, "plain", received(put(tools=[{"type": "function", "function": {"name": "f"}}]))),
    (SCRUBBED, "plain", lambda play: _unmasked(play, "system")),
    (SCRUBBED, "streamed", lambda play: _unmasked(play, "arguments")),
    (SCRUBBED, "plain", lambda play: _unmasked(play, "result")),
    (SCRUBBED, "plain", lambda play: _unmasked(play, "nested-arguments")),
    (ITEMS, "plain", lambda play: _unmasked(play, None)),
    (PROTOCOL, "plain", received(on_messages(lambda m: m[3].update(tool_call_id="[phone]")))),
    (PROTOCOL, "plain", received(on_messages(lambda m: calls_in(m)[0].update(id="[phone]")))),
    (PROTOCOL, "streamed", received(on_messages(lambda m: calls_in(m)[0]["function"].update(name="[name]")))),
    (
        PROTOCOL,
        "plain",
        received(with_arguments("{[email]}")),
    ),
    (PROTOCOL, "plain", received(with_arguments("{}"))),
    (PROTOCOL, "plain", received(on_messages(lambda m: m[2].pop("tool_calls")))),
    (PROTOCOL, "plain", received(on_messages(lambda messages: messages.pop(4)))),
    (DOWN, "plain", sent_back("down", answering(200, completion("Sorry, try again later.")))),
    (DOWN, "streamed", sent_back("down", answering(200, completion("Sorry.")))),
    (DOWN, "plain", sent_back("down", refused("No.", status=404))),
    (DOWN, "plain", sent_back("down", answering(502, "Bad gateway"))),
    (BUSY, "plain", sent_back("overloaded", crashed(503))),
    (BUSY, "streamed", sent_back("overloaded", answering(200, completion("Busy.")))),
    (WAIT, "plain", sent_back("overloaded", refused("Busy.", status=429))),
    (HALF, "plain", sent_back("failed", answering(200, completion("one two")))),
    (HALF, "plain", sent_back("cut", answering(200, completion("one two", finish="length")))),
    (HALF, "plain", sent_back("stalled", refused("No.", status=400))),
    (HALF, "plain", sent_back("stalled", answering(504, "late"))),
]


def _unmasked(play: Play, place: str | None) -> Play:
    """The play as if one item had come through: the planted one of a place, or the last of many."""
    planted = json.loads(play.note("planted"))
    item = planted[place] if place else json.loads(play.note("more"))[-1]
    return received(on_messages(lambda messages: messages[0].update(content=item)))(play)


@pytest.mark.parametrize(("check", "path", "edit"), DEFECTS)
def test_a_defect_fails(theatre: Theatre, check: str, path: str, edit: Edit) -> None:
    """One change of what the upstream received, or of what the client was told, turns the check red."""
    judgement = judged(theatre, check, path, edit)

    assert judgement.verdict is FAIL, judgement.reason
    assert judgement.evidence


LEGAL: list[tuple[str, str, Edit]] = [
    (EVERY, "plain", received(put(stop=["QXJ"]), "others")),
    (
        EVERY,
        "streamed",
        received(rename("max_tokens", "max_completion_tokens"), "others"),
    ),
    (
        EVERY,
        "plain",
        received(rename("max_completion_tokens", "max_tokens"), "sampling"),
    ),
    (EVERY, "plain", received(put(stream_options={"include_usage": True}, model="other", user=None))),
    (MESSAGES, "later-turn", received(on_messages(merge_parts))),
    (MESSAGES, "after-tool-result", received(on_messages(spell_anew))),
    (MESSAGES, "plain", received(on_messages(lambda m: m[0].update(role="developer")))),
    (
        MESSAGES,
        "plain",
        received(on_messages(lambda m: m.insert(0, {"role": "system", "content": "Be kind."}))),
    ),
    (MESSAGES, "after-tool-result", received(on_messages(lambda m: m[2].update(content="")))),
    (MESSAGES, "after-tool-result", received(on_messages(lambda m: m[2].pop("content")))),
    (MESSAGES, "plain", received(on_messages(lambda m: m[-1].update(content=f"{m[-1]['content']}\n")))),
    (TOOLS, "plain", received(lambda body: body["tools"][0]["function"].update(strict=False))),
    (BARE, "plain", received(put(temperature=1, n=1, top_p=1.0, stop=None, max_tokens=4096))),
    (PROTOCOL, "plain", received(on_messages(lambda m: m.insert(0, {"role": "system", "content": "Mind."})))),
    (DOWN, "streamed", sent_back("down", crashed(502))),
    (HALF, "plain", sent_back("failed", crashed(504))),
    (SILENT, "streamed", sent_back("answer", crashed(504))),
]


@pytest.mark.parametrize(("check", "path", "edit"), LEGAL)
def test_a_legal_difference_passes(theatre: Theatre, check: str, path: str, edit: Edit) -> None:
    """Another spelling of the same, or an addition that says nothing, is no defect."""
    judgement = judged(theatre, check, path, edit)

    assert judgement.verdict is PASS, judgement.reason


@pytest.mark.parametrize(
    ("check", "path", "edit", "verdict"),
    [
        (
            RETRY,
            "plain",
            found(
                received=[
                    {"time": 1, "id": "a", "method": "POST", "path": "/", "stream": False}
                    | {"status": None, "body": {}}
                ]
            ),
            INCONCLUSIVE,
        ),
        (WAIT, "plain", sent_back("overloaded", crashed(503)), INCONCLUSIVE),
        (DOWN, "plain", received(on_messages(lambda m: m[-1].update(content="Hi."))), INCONCLUSIVE),
        (HALF, "plain", received(on_messages(lambda m: m.pop()), "stalled"), INCONCLUSIVE),
        (SILENT, "streamed", sent_back("answer", saying("nine ten")), INCONCLUSIVE),
    ],
)
def test_what_did_not_come_about_is_inconclusive(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A gateway that does not try again breaks no rule of retries; nor does one whose upstream went on."""
    assert judged(theatre, check, path, edit).verdict is verdict


def test_a_finished_stream_that_fell_silent_fails(theatre: Theatre) -> None:
    """A finish reason of success, or [DONE] alone, in the place of the end that did not come."""
    for finish in ("stop", "length", "tool_calls"):
        edit = sent_back("answer", saying("one two", finish=finish))
        assert judged(theatre, SILENT, "streamed", edit).verdict is FAIL


def test_what_was_refused_openly_is_unsupported(theatre: Theatre) -> None:
    """Where a parameter alone is refused by name, and the others arrive, nothing is lost."""

    def refuse_seed(play: Play) -> Play:
        refusal = refused("There is no seed here.", param="seed")
        (whole,) = [each for each in play.exchanges if each.step == "sampling"]
        alone = replace(whole, step="sampling (seed alone)")
        notes = {**play.notes, received_note("sampling (seed alone)"): '{"received": [], "calls": 9}'}
        return replace(play, exchanges=(*play.exchanges, refusal(alone)), notes=notes)

    assert judged(theatre, EVERY, "plain", refuse_seed).verdict is UNSUPPORTED
    lost = judged(theatre, EVERY, "plain", lambda play: received(lose("n"))(refuse_seed(play)))
    assert lost.verdict is FAIL


def test_the_verdict_does_not_depend_on_the_play_that_was_kept(theatre: Theatre) -> None:
    """A check leaves its play as it was, so that a record can be judged again."""
    made = check_named(MESSAGES)
    assert isinstance(made, Check)
    plays = theatre.plays(made.scenario, "plain")
    before = copy.deepcopy([dict(play.notes) for play in plays])
    verdicts = {judge_plays(made, plays).verdict for _ in range(2)}

    assert verdicts == {PASS}
    assert [dict(play.notes) for play in plays] == before


JUNK = (None, True, 0, 1e308, "", "x", [], [None], [[]], {}, {"a": None}, "[" * 5000)


@pytest.mark.parametrize(("made", "path"), BOTH_SIDES)
@given(random=st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_whatever_the_upstream_receives_is_judged(
    theatre: Theatre, made: Check, path: str, random: Random
) -> None:
    """A gateway may send anything to its upstream: that leads to a verdict, and never to a bug of ours."""

    def spoil(body: Body) -> None:
        holder: Any = body
        while isinstance(holder, dict | list) and holder:
            key = random.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
            if not isinstance(holder[key], dict | list) or random.random() < 0.3:
                holder[key] = random.choice(JUNK)
                return
            holder = holder[key]

    judged(theatre, made.id, path, received(spoil))
