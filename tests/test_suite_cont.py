"""Each check of the cont suite passes on the reference server, and fails on the defect that it is for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
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
    counting,
    crashed,
    each_call,
    ending,
    failing_late,
    refused,
    saying,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
LATER = ("after-tool-result", "after-tool-result-streamed", "later-turn", "later-turn-streamed")
LONG_TEXT = "The keeper climbed the stairs of the lighthouse again and looked out over the grey sea. " * 5
MALFORMED = ("cut-off", "prose", "empty", "list", "string", "null")
ORPHANS = ("result-without-call", "result-of-unknown-call")
OPEN_CALLS = ("call-without-result", "calls-without-results")


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    with Theatre() as opened:
        yield opened


@pytest.mark.parametrize(("made", "path"), checks_of("cont"))
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    judgement = theatre.judge(made, path)

    assert judgement.verdict is PASS, judgement.reason


def sent(exchange: Exchange) -> dict[str, Any]:
    """The request of an exchange."""
    body: dict[str, Any] = json.loads(exchange.request.body)
    return body


def told_codes(exchange: Exchange) -> list[str]:
    """The codes of the tool results in a request, in order."""
    return [json.loads(m["content"])["code"] for m in sent(exchange)["messages"] if m["role"] == "tool"]


def swapped(exchange: Exchange) -> Exchange:
    """The results are given to the calls in the order in which they came."""
    first, second = told_codes(exchange)
    return saying(f"Maria Keller: {first}\nPeter Brandt: {second}")(exchange)


def attributed(exchange: Exchange) -> Exchange:
    """Both codes, rightly, in another form of line than the reference server writes."""
    peters, marias = told_codes(exchange)
    return saying(f"- **Peter Brandt**: `{peters}`\n- **Maria Keller**: `{marias}`")(exchange)


class Leaking:
    """A server that tells a user what any conversation of the same user has told."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def __call__(self, exchange: Exchange) -> Exchange:
        who = sent(exchange)["user"]
        if exchange.step == "planted":
            self._told[who] = sent(exchange)["messages"][0]["content"]
        return saying(self._told[who])(exchange) if exchange.step == "after" else exchange


def doubled(exchange: Exchange) -> Exchange:
    """The last user message is counted twice where the conversation is longer than one message."""
    user = [message for message in sent(exchange)["messages"] if message["role"] == "user"][-1]
    words = len(str(user["content"]).split()) if len(sent(exchange)["messages"]) > 1 else 0
    return more_tokens(words)(exchange)


def more_tokens(more: int) -> Edit:
    """A higher count of the prompt's tokens."""

    def count(document: Any) -> None:
        for holder in document if isinstance(document, list) else [document]:
            if holder.get("usage"):
                holder["usage"]["prompt_tokens"] += more

    return changed(count)


def forgotten(exchange: Exchange) -> Exchange:
    """The first turn reached nobody: neither its code is known nor its tokens are counted."""
    return at("asked")(counting(12))(at("asked")(saying("unknown"))(exchange))


def without_usage(document: Any) -> None:
    """The target counts nothing."""
    for holder in document if isinstance(document, list) else [document]:
        holder.pop("usage", None)


def without_logprobs(document: Any) -> None:
    """The log probabilities are null."""
    for choice in choices_in(document):
        choice["logprobs"] = None


def one_choice(document: Any) -> None:
    """Only the first choice is left."""
    for holder in document if isinstance(document, list) else [document]:
        holder["choices"] = [choice for choice in holder["choices"] if choice["index"] == 0]


def in_turn(first: Edit, second: Edit) -> Edit:
    """Two edits, one after the other."""
    return lambda exchange: second(first(exchange))


def in_both_forms(check: str, edit: Edit, verdict: Verdict) -> list[tuple[str, str, Edit, Verdict]]:
    return [(check, path, edit, verdict) for path in ("plain", "streamed")]


SAME_ID = each_call(lambda call: call.update(id="call_0"))
FIRST_TOOL_AGAIN = saying("", finish="tool_calls", calls=[("find_customer", '{"name": "Maria Keller"}')])
ROUNDS = [
    *in_both_forms("the_answer_after_a_tool_result_uses_it", at("answer")(saying("I found it.")), FAIL),
    *in_both_forms(
        "the_answer_after_a_tool_result_uses_it",
        at("answer")(saying("", finish="tool_calls", calls=[("get_booking_code", "{}")])),
        FAIL,
    ),
    *in_both_forms("the_answer_after_a_tool_result_uses_it", at("answer")(ending("tool_calls")), FAIL),
    *in_both_forms("the_answer_after_a_tool_result_uses_it", at("call")(saying("Which?")), INCONCLUSIVE),
    *in_both_forms("three_tool_rounds_follow_each_other", at("answer")(saying("It is on its way.")), FAIL),
    *in_both_forms("three_tool_rounds_follow_each_other", SAME_ID, FAIL),
    *in_both_forms("three_tool_rounds_follow_each_other", at("round-3")(FIRST_TOOL_AGAIN), FAIL),
    *in_both_forms("three_tool_rounds_follow_each_other", at("round-3")(refused("No such id.")), FAIL),
    *in_both_forms("three_tool_rounds_follow_each_other", at("answer")(crashed()), FAIL),
    *in_both_forms("three_tool_rounds_follow_each_other", at("round-2")(saying("Done.")), INCONCLUSIVE),
    *in_both_forms("results_are_matched_to_their_calls_by_id", swapped, FAIL),
    *in_both_forms("results_are_matched_to_their_calls_by_id", attributed, PASS),
    *in_both_forms("results_are_matched_to_their_calls_by_id", saying("Both were found."), INCONCLUSIVE),
    *in_both_forms("tool_content_may_be_text_parts_or_empty", at("parts")(crashed()), FAIL),
    *in_both_forms("tool_content_may_be_text_parts_or_empty", at("empty")(refused("Empty.")), FAIL),
    *in_both_forms("tool_content_may_be_text_parts_or_empty", at("parts")(more_tokens(20)), FAIL),
    *in_both_forms("tool_content_may_be_text_parts_or_empty", changed(without_usage), PASS),
    (
        "an_assistant_message_of_text_is_accepted_back",
        "plain",
        at("text-replayed")(refused("annotations")),
        FAIL,
    ),
    ("an_assistant_message_of_text_is_accepted_back", "plain", at("text-replayed")(crashed()), FAIL),
    (
        "an_assistant_message_with_calls_is_accepted_back",
        "plain",
        at("call-replayed")(refused("content")),
        FAIL,
    ),
    (
        "an_assistant_message_with_calls_is_accepted_back",
        "plain",
        refused("No tools.", param="tools"),
        Verdict.UNSUPPORTED,
    ),
    *in_both_forms("a_tool_history_needs_no_tools_in_the_request", at("without")(crashed()), FAIL),
    *in_both_forms(
        "a_tool_history_needs_no_tools_in_the_request",
        at("without")(refused("tools are needed.", param="tools")),
        Verdict.UNSUPPORTED,
    ),
]

HISTORIES = [
    *(
        case
        for check, steps in (
            ("malformed_arguments_in_the_history_never_fail_the_server", MALFORMED),
            ("a_result_without_a_call_is_refused_or_taken", ORPHANS),
            ("a_call_without_a_result_is_refused_or_taken", OPEN_CALLS),
        )
        for step in steps
        for case in (
            (check, "plain", at(step)(crashed()), FAIL),
            (check, "plain", at(step)(answered(400, "Bad Request")), FAIL),
            (check, "plain", at(step)(failing_late), FAIL),
            (check, "plain", at(step)(answered(200, completion("It is sunny."))), PASS),
            (check, "plain", at(step)(refused("Bad.", param="messages[1]", status=422)), PASS),
        )
    ),
    (
        "malformed_arguments_in_the_history_never_fail_the_server",
        "streamed",
        at("cut-off")(failing_late),
        FAIL,
    ),
    (
        "malformed_arguments_in_the_history_never_fail_the_server",
        "plain",
        crashed(),
        Verdict.ERROR,
    ),
]

COUNTS = [
    *in_both_forms("tool_results_reach_the_model", at("long-result")(counting(40)), FAIL),
    *in_both_forms("tool_calls_of_the_history_reach_the_model", at("long-arguments")(counting(40)), FAIL),
    *in_both_forms("tool_calls_of_the_history_reach_the_model", counting(40), INCONCLUSIVE),
    *in_both_forms("earlier_turns_reach_the_model", at("earlier-long")(counting(12)), FAIL),
    *in_both_forms("earlier_turns_reach_the_model", counting(12), INCONCLUSIVE),
    *in_both_forms("earlier_turns_reach_the_model", changed(without_usage), INCONCLUSIVE),
    *in_both_forms("the_last_user_message_is_counted_once_on_a_later_turn", doubled, FAIL),
    *in_both_forms("the_user_message_is_counted_once_after_a_tool_result", doubled, FAIL),
    *in_both_forms("a_fact_of_the_first_turn_is_known_in_the_fifth", forgotten, FAIL),
    *in_both_forms(
        "a_fact_of_the_first_turn_is_known_in_the_fifth", at("asked")(saying("unknown")), INCONCLUSIVE
    ),
    *in_both_forms("a_fact_of_the_first_turn_is_known_in_the_fifth", saying("unknown"), INCONCLUSIVE),
    *in_both_forms("a_fact_of_the_first_turn_is_known_in_the_fifth", at("at-once")(saying("no")), PASS),
    *in_both_forms("conversations_do_not_leak_into_each_other", Leaking(), FAIL),
    *in_both_forms("conversations_do_not_leak_into_each_other", at("after")(more_tokens(25)), FAIL),
    *in_both_forms("conversations_do_not_leak_into_each_other", changed(without_usage), PASS),
]

# That each parameter is missed where it is dropped is shown in test_suite_parameters.
LIMITED, NARROW = "max_completion_tokens_holds_later_as_well", "max_tokens_holds_later_as_well"
BY_LIMIT = {LIMITED: "forced", NARROW: "narrow"}
PARAMETERS = [
    *(
        case
        for path in LATER
        for check, step in BY_LIMIT.items()
        for case in (
            (check, path, at(step)(counting(completion=160)), FAIL),
            (check, path, at(step)(saying(LONG_TEXT, finish="length")), FAIL),
            (check, path, at(step)(ending("stop")), FAIL),
            (check, path, in_turn(saying("A short story."), counting(completion=4)), INCONCLUSIVE),
        )
    ),
    *(
        case
        for path in LATER
        for case in (
            ("stop_holds_later_as_well", path, at("stopped")(saying("Rivers flow. And flow.")), FAIL),
            ("stop_holds_later_as_well", path, at("stopped")(ending("length")), FAIL),
            ("stop_holds_later_as_well", path, at("control")(saying("no end of it")), INCONCLUSIVE),
            ("logprobs_come_later_as_well", path, at("stopped")(changed(without_logprobs)), FAIL),
            ("logprobs_come_later_as_well", path, at("stopped")(saying("", finish="length")), INCONCLUSIVE),
            ("n_holds_later_as_well", path, at("hot")(changed(one_choice)), FAIL),
            ("temperature_holds_later_as_well", path, at("hot")(saying("red")), INCONCLUSIVE),
            ("top_p_holds_later_as_well", path, at("narrow")(saying("A story.")), INCONCLUSIVE),
            ("a_seed_holds_later_as_well", path, at("again")(saying("red")), FAIL),
            ("penalties_hold_later_as_well", path, at("narrow")(saying(LONG_TEXT)), PASS),
            ("penalties_hold_later_as_well", path, at("narrow")(saying("It was a golden")), INCONCLUSIVE),
            ("a_bias_holds_later_as_well", path, at("forced")(saying("It was a golden")), FAIL),
            ("a_bias_holds_later_as_well", path, at("forced")(saying("Once there was")), INCONCLUSIVE),
        )
    ),
]


@pytest.mark.parametrize(("check", "path", "edit", "verdict"), [*ROUNDS, *HISTORIES, *COUNTS, *PARAMETERS])
def test_an_answer_is_judged_by_its_defect(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A broken answer fails its check, a legal oddity passes, and what cannot be judged says so."""
    judgement = theatre.judge(check_named(f"cont.{check}"), path, edit)

    assert judgement.verdict is verdict, judgement.reason
