"""Each check of stop sequences passes on the reference server, and fails on the defect that it is for."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from chatconform.findings.answer import read_answer
from chatconform.findings.verdict import Verdict
from chatconform.suites.stop import test_sequences
from chatconform.suites.stop.scenarios import across_borders, inside_words
from chatconform.tests.support import exchanges
from chatconform.tests.support.plays import (
    AnyCheck,
    Edit,
    Theatre,
    answered,
    at,
    changed,
    check_named,
    checks_of,
    choices_in,
    completion,
    crashed,
    each_call,
    ending,
    refused,
    saying,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR
PLAIN, STREAMED, AFTER_TOOLS = "plain", "streamed", "after-tool-result"
STORY = "The old keeper climbed the narrow stairs of the lighthouse. He lit the lamp!"


@pytest.mark.parametrize(("made", "path"), checks_of("stop"))
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    judgement = theatre.judge(made, path)

    assert judgement.verdict is PASS, judgement.reason


def rewritten(step: str, change: Callable[[str, list[str]], str], finish: str = "stop") -> Edit:
    """Another text, made of the one that came and of the stop strings that were sent."""

    def edit(exchange: Exchange) -> Exchange:
        text, stops = read_answer(exchange).text, json.loads(exchange.request.body).get("stop")
        return saying(change(text, stops), finish=finish)(exchange)

    return at(step)(edit)


def on_and_on(text: str, _: list[str]) -> str:
    return f"{text}. And so it went on."


def elsewhere(_: str, __: list[str]) -> str:
    return "Quite another story"


def leaving(size: int) -> Callable[[str, list[str]], str]:
    """So many letters of the fragment are left at the end; the fragment is the first stop string."""
    return lambda text, stops: text + stops[0][:size]


def nothing(_: str, __: list[str]) -> str:
    return ""


ENDS = "the_text_ends_before_a_stop_string"
WHOLE = "the_text_before_the_stop_string_is_whole"
LAST_OF_FOUR = "the_last_of_four_stop_strings_works"
ONE = "one_stop_string_may_stand_by_itself"
FIVE = "five_stop_strings_are_refused_or_all_honoured"
STREAM = "no_part_of_a_stop_string_is_streamed"
WORD = "a_stop_string_within_a_word_ends_the_text"
NATURAL = "a_stop_string_that_does_not_come_leaves_the_natural_end"
CALL = "a_stop_string_does_not_corrupt_a_call"
WIDE = "a_stop_string_of_wide_characters_works"
CUT = each_call(lambda call: call["function"].update(arguments='{"city": "'))


@pytest.mark.parametrize(
    ("check", "path", "edit", "verdict"),
    [
        *(
            (check, path, edit, verdict)
            for path in (PLAIN, STREAMED)
            for check, edit, verdict in (
                (ENDS, rewritten("stopped", on_and_on), FAIL),
                (ENDS, at("stopped")(ending("length")), FAIL),
                (ENDS, at("stopped")(ending("stop_sequence")), FAIL),
                (ENDS, rewritten("stopped", elsewhere, finish="length"), INCONCLUSIVE),
                (ENDS, at("control")(saying("no end of it")), INCONCLUSIVE),
                (ENDS, at("stopped")(crashed()), ERROR),
                (WHOLE, rewritten("stopped", lambda text, _: text[:-4]), FAIL),
                (WHOLE, rewritten("stopped", nothing), FAIL),
                (WHOLE, rewritten("stopped", lambda text, _: f" {text} "), PASS),
                (WHOLE, rewritten("stopped", elsewhere), INCONCLUSIVE),
                (WHOLE, rewritten("stopped", on_and_on), INCONCLUSIVE),
            )
        ),
        (LAST_OF_FOUR, AFTER_TOOLS, rewritten("stopped", on_and_on), FAIL),
        (LAST_OF_FOUR, AFTER_TOOLS, at("stopped")(ending("length")), FAIL),
        (ONE, PLAIN, at("written-out")(saying("There")), FAIL),
        (ONE, PLAIN, at("written-out")(ending("length")), FAIL),
        (ONE, PLAIN, at("control")(saying("A story of stars.")), INCONCLUSIVE),
        (FIVE, PLAIN, at("five")(answered(200, completion("The end. And more."))), FAIL),
        (FIVE, PLAIN, at("five")(answered(200, completion("The end"))), PASS),
        (FIVE, PLAIN, at("five")(refused("No.")), FAIL),
        (FIVE, PLAIN, at("five")(crashed()), FAIL),
        (FIVE, PLAIN, at("five")(refused("Too many.", param="stop", status=422)), PASS),
        (FIVE, PLAIN, at("five")(refused("No such thing.", param="stop", status=403)), FAIL),
        (STREAM, STREAMED, rewritten("stopped", leaving(2)), FAIL),
        (STREAM, STREAMED, rewritten("stopped", leaving(9)), FAIL),
        (STREAM, STREAMED, rewritten("stopped", leaving(1)), PASS),
        (STREAM, STREAMED, rewritten("stopped", elsewhere), INCONCLUSIVE),
        (STREAM, STREAMED, rewritten("stopped", on_and_on), INCONCLUSIVE),
        (WORD, PLAIN, rewritten("stopped", leaving(9)), FAIL),
        (WORD, PLAIN, rewritten("stopped", lambda text, stops: f"{text}{stops[0]}r and more"), FAIL),
        (WORD, PLAIN, rewritten("stopped", elsewhere), INCONCLUSIVE),
        (NATURAL, PLAIN, at("wide")(ending("tool_calls")), FAIL),
        (NATURAL, PLAIN, at("wide")(ending("length")), INCONCLUSIVE),
        (CALL, STREAMED, CUT, FAIL),
        (CALL, STREAMED, lambda exchange: ending("stop")(CUT(exchange)), PASS),
        (CALL, STREAMED, lambda exchange: ending("length")(CUT(exchange)), INCONCLUSIVE),
        (CALL, STREAMED, saying("I look it up in"), INCONCLUSIVE),
        (CALL, STREAMED, saying("I look it up in Paris"), FAIL),
        (WIDE, STREAMED, rewritten("wide", lambda text, stops: text + stops[0]), FAIL),
        (WIDE, STREAMED, rewritten("wide", lambda text, _: text + "\ufffd"), FAIL),
        (WIDE, STREAMED, at("wide")(ending("length")), FAIL),
        (WIDE, STREAMED, rewritten("wide", elsewhere), INCONCLUSIVE),
    ],
)
def test_an_answer_is_judged_by_its_defect(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A broken answer fails its check, a legal oddity passes, and what cannot be judged says so."""
    judgement = theatre.judge(check_named(f"stop.{check}"), path, edit)

    assert judgement.verdict is verdict, judgement.reason


def test_reasoning_that_eats_the_limit_is_not_held_against_stop(theatre: Theatre) -> None:
    """A model that was still thinking when its limit came has shown nothing of its stop strings."""

    def thinking(document: object) -> None:
        for choice in choices_in(document):
            choice.get("message", choice.get("delta"))["reasoning_content"] = "Let me think"

    thought = changed(thinking)
    edit = at("stopped")(lambda exchange: thought(saying("", finish="length")(exchange)))

    assert theatre.judge(check_named(f"stop.{ENDS}"), PLAIN, edit).verdict is INCONCLUSIVE


@pytest.mark.parametrize(
    ("unstopped", "verdict"), [("stop", FAIL), ("length", INCONCLUSIVE)], ids=["ends", "rambles"]
)
def test_an_end_that_is_lost_beside_a_stop_string_is_told_from_a_rambling_model(
    unstopped: str, verdict: Verdict
) -> None:
    """Running to the limit beside a stop string is a failure only where the text ends without one."""
    steps = {
        "wide": exchanges.exchange(exchanges.completion("漢字 漢字", finish_reason="length")),
        "unstopped": exchanges.exchange(exchanges.completion("漢字", finish_reason=unstopped)),
    }
    check = test_sequences.test_a_stop_string_that_does_not_come_leaves_the_natural_end

    assert exchanges.verdict(check, exchanges.play(steps)) is verdict


def test_fragments_come_from_the_first_sentence_once() -> None:
    """A fragment lies within a word or across two of the first sentence, and does not occur before."""
    assert inside_words(STORY) == ["eepe", "limbe", "arro", "tair", "ighthous"]
    assert across_borders(STORY)[-1] == "he li"
    assert inside_words("No. Long words come too late.") == []
    assert across_borders("") == []
