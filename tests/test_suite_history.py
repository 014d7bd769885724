"""Each check of what a conversation brings to the model fails on its defect, and on nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from chatconform.client.target import Target
from chatconform.findings.answer import read_answer
from chatconform.findings.verdict import Verdict
from chatconform.plays.path import PLAIN
from chatconform.plays.stage import Sending, Stage
from chatconform.reference_server.completion import completion as completed
from chatconform.reference_server.model import ChatRequest, Piece, Text, encode, generate
from chatconform.reference_server.pipeline import Pipeline
from chatconform.reference_server.refusal import invalid
from chatconform.suites.cont.filler import FILLER
from chatconform.suites.cont.later_turns import LAST_SAID
from chatconform.suites.cont.places import LATER_PLACES, TOOL_PLACES, is_in_doubt
from chatconform.suites.cont.scenarios import ROUNDS
from chatconform.suites.cont.test_history import mangled
from chatconform.suites.cont.tool_talk import CODES, JOSE, MARIA
from chatconform.suites.cont.weighing import copies
from chatconform.tests.support.exchanges import error, exchange, request_body
from chatconform.tests.support.plays import (
    Edit,
    Theatre,
    answered,
    at,
    changed,
    check_named,
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
from chatconform.tests.support.theatres import Misunderstand, misunderstanding, served
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
UNSUPPORTED, ERROR = Verdict.UNSUPPORTED, Verdict.ERROR
FORMS = ("plain", "streamed")
COST = len(encode(f" {FILLER}"))
Case = tuple[str, str, Edit, Verdict]


def more_tokens(more: int) -> Edit:
    """A higher count of the prompt's tokens."""

    def count(document: Any) -> None:
        for holder in document if isinstance(document, list) else [document]:
            if holder.get("usage"):
                holder["usage"]["prompt_tokens"] += more

    return changed(count)


def without_usage(document: Any) -> None:
    """The target counts nothing."""
    for holder in document if isinstance(document, list) else [document]:
        holder.pop("usage", None)


def after_the_last_answer(document: Any) -> None:
    """What the assistant said last stands before what it says now."""
    first = next(iter(choices_in(document)))
    inner = first.get("message") or first["delta"]
    inner["content"] = f"{LAST_SAID} {inner.get('content') or ''}"


def chained(*edits: Edit) -> Edit:
    """Several edits, one after the other."""

    def edit(exchange: Exchange) -> Exchange:
        for each in edits:
            exchange = each(exchange)
        return exchange

    return edit


def times(place: str, more: int) -> Edit:
    """The place is counted that much more often."""
    places = LATER_PLACES if place in LATER_PLACES else TOOL_PLACES
    return at("weighed")(more_tokens(more * copies(places.index(place)) * COST))


def lost(*places: str) -> Edit:
    return chained(*(times(place, -1) for place in places))


def twice(*places: str) -> Edit:
    return chained(*(times(place, 1) for place in places))


def cases(check: str, *edits: tuple[Edit, Verdict], paths: tuple[str, ...] = FORMS) -> list[Case]:
    return [(check, path, edit, verdict) for path in paths for edit, verdict in edits]


def sent(exchange: Exchange) -> dict[str, Any]:
    """The request of an exchange."""
    body: dict[str, Any] = json.loads(exchange.request.body)
    return body


def leaking() -> Edit:
    """A server that tells a user what any conversation of the same user has told."""
    told: dict[str, str] = {}

    def edit(exchange: Exchange) -> Exchange:
        who = sent(exchange).get("user", "")
        if exchange.step == "told":
            told[who] = sent(exchange)["messages"][1]["content"]
        return saying(told[who])(exchange) if exchange.step == "after" else exchange

    return edit


INSTRUCTED = "cont.instructions_reach_the_model_in_a_tool_round"


def before_its_text(said: str) -> Edit:
    """A server that puts a text before the answer to the told question."""

    def edit(exchange: Exchange) -> Exchange:
        return saying(f"{said} {read_answer(exchange).text}")(exchange)

    return at("told")(edit)


UNREADABLE = at("weighed")(more_tokens(COST // 2))
DISHONEST = at("calibration")(counting(12))
FORGETFUL = at("told")(saying("unknown"))
IGNORANT = at("answer")(saying("Both were found."))
LINES = f"{MARIA}: {CODES[JOSE]}\n{JOSE}: {CODES[MARIA]}"
SWAPPED = at("answer")(saying(LINES))
UNTOLD = (
    (UNREADABLE, INCONCLUSIVE),
    (DISHONEST, INCONCLUSIVE),
    (changed(without_usage), INCONCLUSIVE),
    (at("weighed")(crashed()), ERROR),
    (at("weighed")(refused("maximum context length is 512", param="messages")), INCONCLUSIVE),
    (at("weighed")(more_tokens(COST // 4)), PASS),
    (at("weighed")(more_tokens(-(COST // 4))), PASS),
)
WEIGHED = [
    *cases("cont.earlier_turns_reach_the_model", *UNTOLD),
    *cases(
        "cont.earlier_turns_reach_the_model",
        (chained(lost("earlier question"), FORGETFUL), FAIL),
        (lost("earlier question"), INCONCLUSIVE),
        (twice("earlier question"), PASS),
    ),
    *cases(
        "cont.earlier_answers_reach_the_model",
        *UNTOLD,
        (lost("earlier answer"), FAIL),
        (lost("earlier answer", "earlier question"), INCONCLUSIVE),
    ),
    *cases(
        "cont.the_last_user_message_is_counted_once_on_a_later_turn",
        *UNTOLD,
        (twice("last question"), FAIL),
        (twice("last question", "last question"), FAIL),
        (lost("last question"), FAIL),
    ),
    *cases(
        "cont.earlier_messages_are_counted_once",
        *UNTOLD,
        (twice("instructions"), FAIL),
        (twice("earlier answer"), FAIL),
        (twice("earlier question"), FAIL),
        (twice(*LATER_PLACES), INCONCLUSIVE),
        (lost("instructions"), PASS),
    ),
    *cases(
        "cont.tool_results_reach_the_model",
        *UNTOLD,
        (chained(lost("tool result"), IGNORANT), FAIL),
        (lost("tool result"), INCONCLUSIVE),
    ),
    *cases(
        "cont.tool_calls_of_the_history_reach_the_model",
        *UNTOLD,
        (lost("call arguments"), FAIL),
        (lost("call arguments", "tool result"), INCONCLUSIVE),
        # Where nothing of tools is counted, only the answer tells whether it was read.
        (lost("tool description", "call arguments"), INCONCLUSIVE),
        (chained(lost("tool description", "call arguments"), IGNORANT), FAIL),
        (chained(lost("tool description", "call arguments"), SWAPPED), FAIL),
    ),
    *cases(
        "cont.a_tool_round_is_counted_once",
        *UNTOLD,
        (twice("tool description"), FAIL),
        (twice("call arguments"), FAIL),
        (twice("tool result"), FAIL),
        (twice(*TOOL_PLACES), INCONCLUSIVE),
    ),
    *cases(
        "cont.the_user_message_is_counted_once_after_a_tool_result",
        *UNTOLD,
        (twice("question"), FAIL),
        (lost("question"), FAIL),
    ),
    *cases(
        "cont.tool_content_may_be_text_parts",
        (at("weighed")(crashed()), FAIL),
        (at("weighed")(refused("content must be a string", param="messages")), FAIL),
        (at("weighed")(failing_late), FAIL),
        (lost("tool result"), FAIL),
        (changed(without_usage), INCONCLUSIVE),
        paths=("streamed",),
    ),
    *cases("req.system_text_reaches_the_model", *UNTOLD, (lost("instructions"), FAIL), paths=("plain",)),
    *cases(
        "req.developer_text_reaches_the_model",
        *UNTOLD,
        (lost("instructions"), FAIL),
        (at("told")(refused("no such role: developer", param="messages[0].role")), UNSUPPORTED),
        paths=("streamed",),
    ),
    *cases(
        "req.text_parts_mean_the_same_as_the_string",
        (lost("last question"), FAIL),
        (at("weighed")(refused("content must be a string")), UNSUPPORTED),
        (DISHONEST, INCONCLUSIVE),
        (UNREADABLE, INCONCLUSIVE),
    ),
    *cases(
        INSTRUCTED,
        (at("instructed")(counting(60)), FAIL),
        (at("instructed")(refused("The role system is unknown.", param="messages[0].role")), UNSUPPORTED),
        (at("instructed")(crashed()), ERROR),
        (DISHONEST, INCONCLUSIVE),
        (changed(without_usage), INCONCLUSIVE),
    ),
    *cases(
        "tools.tool_descriptions_reach_the_model",
        *UNTOLD,
        (lost("tool description"), FAIL),
        (lost("tool description", "call arguments"), INCONCLUSIVE),
        (chained(lost("tool description", "call arguments"), IGNORANT), FAIL),
    ),
]

RIGHT = f"- **{JOSE}**: `{CODES[JOSE]}`\n- **{MARIA}**: `{CODES[MARIA]}`"
TOLD = [
    *cases(
        "cont.a_fact_of_the_first_turn_is_known_in_the_fifth",
        (FORGETFUL, INCONCLUSIVE),
        (at("told")(ending("length")), INCONCLUSIVE),
        (at("told")(refused("No.")), FAIL),
    ),
    *cases(
        "cont.conversations_do_not_leak_into_each_other",
        (leaking(), FAIL),
        (at("after")(more_tokens(25)), FAIL),
        (at("after")(more_tokens(2)), PASS),
        (changed(without_usage), PASS),
        # A leak is told by a model that tells what it knows, or counted by a server that counts.
        (FORGETFUL, PASS),
        (DISHONEST, PASS),
        (chained(DISHONEST, FORGETFUL), INCONCLUSIVE),
        (chained(changed(without_usage), FORGETFUL), INCONCLUSIVE),
        (at("told")(crashed()), ERROR),
        # One of both is enough to show a leak: that the code is told where it is known, or an honest count.
        (FORGETFUL, PASS),
        (DISHONEST, PASS),
        (chained(FORGETFUL, DISHONEST), INCONCLUSIVE),
        (chained(FORGETFUL, changed(without_usage)), INCONCLUSIVE),
        (chained(FORGETFUL, at("calibration")(refused("The prompt is too long."))), INCONCLUSIVE),
        paths=("plain",),
    ),
    *cases(
        "cont.an_assistant_message_of_text_is_accepted_back",
        (at("told")(refused("annotations")), FAIL),
        (at("told")(crashed()), FAIL),
        (at("greeting")(crashed()), ERROR),
        paths=("plain",),
    ),
    *cases(
        "cont.an_answer_does_not_begin_with_the_one_before",
        (at("told")(changed(after_the_last_answer)), FAIL),
        (at("told")(saying(f"{LAST_SAID} I do not know.")), INCONCLUSIVE),
        (at("told")(saying("")), INCONCLUSIVE),
    ),
    *cases(
        "cont.results_are_matched_to_their_calls_by_id",
        (at("answer")(saying(LINES)), FAIL),
        (at("answer")(saying(RIGHT)), PASS),
        (IGNORANT, INCONCLUSIVE),
        (at("answer")(saying(LINES.replace(JOSE, "JosÃ©"))), FAIL),
        paths=("plain",),
    ),
    *cases(
        "cont.names_beyond_ascii_survive_in_the_history",
        *((at("answer")(saying(f"The booking of {form} is known.")), FAIL) for form in mangled(JOSE)),
        (at("answer")(saying("José Núñez is a guest.")), PASS),
        (at("answer")(saying("Jose\u0301 Nu\u0301n\u0303ez is a guest.")), PASS),
        (at("answer")(saying("Jose Nunez is a guest.")), INCONCLUSIVE),
        paths=("plain",),
    ),
]

SAME_ID = each_call(lambda call: call.update(id="call_0"))
FIRST_AGAIN = saying("", finish="tool_calls", calls=[("find_customer", '{"name": "Maria Keller"}')])
ROUNDS = [
    *cases(
        "cont.the_answer_after_a_tool_result_uses_it",
        # The weighing of another conversation shows that results are read: the rest is the model's affair.
        (at("answer")(saying("I found it.")), INCONCLUSIVE),
        (at("answer")(FIRST_AGAIN), INCONCLUSIVE),
        (chained(at("answer")(saying("I found it.")), at(*ROUNDS, "answer")(counting(60))), FAIL),
        (at("answer")(ending("tool_calls")), FAIL),
        (at("answer")(ending("length")), INCONCLUSIVE),
        (at("answer")(crashed()), FAIL),
        (at("round-3")(saying("Which?")), INCONCLUSIVE),
        (refused("No tools.", param="tools"), UNSUPPORTED),
    ),
    *cases(
        "cont.three_tool_rounds_follow_each_other",
        (at("round-3")(FIRST_AGAIN), INCONCLUSIVE),
        (at("round-3")(chained(FIRST_AGAIN, counting(60))), FAIL),
        (at("round-3")(chained(FIRST_AGAIN, changed(without_usage))), FAIL),
        (at("round-3")(refused("No such id.")), FAIL),
        (at("round-2")(crashed()), FAIL),
        (at("answer")(FIRST_AGAIN), INCONCLUSIVE),
        (at("answer")(chained(FIRST_AGAIN, counting(60))), FAIL),
        (at("round-2")(saying("Done.")), INCONCLUSIVE),
        paths=("plain",),
    ),
    *cases(
        "cont.an_assistant_message_with_calls_is_accepted_back",
        (at("round-2")(refused("content")), FAIL),
        (at("answer")(crashed()), FAIL),
        (at("round-1")(saying("Which?")), INCONCLUSIVE),
        (refused("No tools.", param="tools"), UNSUPPORTED),
        paths=("plain",),
    ),
    *cases(
        "tools.calls_of_three_rounds_have_ids_of_their_own",
        (SAME_ID, FAIL),
        (at("round-1")(each_call(lambda call: call.update(id=""))), FAIL),
        (at("round-2")(saying("Done.")), INCONCLUSIVE),
        paths=("plain",),
    ),
    *cases(
        "tools.calls_of_every_round_end_with_tool_calls",
        (at("round-2")(ending("stop")), FAIL),
        (at("round-2")(ending("length")), INCONCLUSIVE),
        paths=("plain",),
    ),
]


def broken(check: str, *steps: str) -> list[Case]:
    """A failure of the server and a refusal without an error break the rule; a clean one does not."""
    return [
        case
        for step in steps
        for case in cases(
            f"cont.{check}",
            (at(step)(crashed()), FAIL),
            # What the body of an error must be is another rule's affair.
            (at(step)(answered(400, "Bad Request")), PASS),
            (at(step)(failing_late), FAIL),
            (at(step)(answered(200, completion("It is sunny."))), PASS),
            (at(step)(refused("Bad.", param="messages[1]", status=422)), PASS),
            paths=("plain",),
        )
    ]


def wanted(check: str) -> list[Case]:
    """Whatever declines what has to be accepted breaks the rule."""
    return cases(
        f"cont.{check}",
        (at("all")(crashed()), FAIL),
        (at("all")(refused("Bad.", param="messages[1]")), FAIL),
        paths=("plain",),
    )


HISTORIES = [
    *broken("malformed_arguments_in_the_history_never_fail_the_server", "all"),
    *broken("a_result_without_a_call_is_refused_or_taken", "result-of-unknown-call"),
    *broken("a_call_without_a_result_is_refused_or_taken", "call-without-result"),
    *cases("cont.a_result_without_a_call_is_refused_or_taken", (crashed(), ERROR), paths=("plain",)),
    *wanted("an_empty_tool_result_is_accepted"),
    *wanted("a_name_on_a_tool_result_is_accepted"),
    *wanted("a_refusal_in_the_history_is_accepted"),
    *wanted("a_tool_history_needs_no_tools_in_the_request"),
    *cases(
        "cont.a_refusal_in_the_history_is_accepted",
        (at("all")(refused("Unknown part type 'refusal'.")), UNSUPPORTED),
        paths=("plain",),
    ),
    *cases(
        "cont.a_tool_history_needs_no_tools_in_the_request",
        (at("all")(refused("tools are needed.", param="tools")), UNSUPPORTED),
        paths=("plain",),
    ),
]


@pytest.mark.parametrize(("check", "path", "edit", "verdict"), [*WEIGHED, *TOLD, *ROUNDS, *HISTORIES])
def test_an_answer_is_judged_by_its_defect(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A broken answer fails its check, a legal oddity passes, and what cannot be judged says so."""
    judgement = theatre.judge(check_named(check), path, edit)

    assert judgement.verdict is verdict, judgement.reason


# Servers that decline something which a server may decline, or whose model does not play along.
def arguments_parsed(body: dict[str, Any]) -> dict[str, Any]:
    """A server that reads the arguments of calls, and refuses those that are no JSON object."""
    for message in body["messages"]:
        for call in message.get("tool_calls") or ():
            try:
                read = json.loads(call["function"]["arguments"])
            except ValueError:
                read = None
            if not isinstance(read, dict):
                raise invalid("arguments must be a JSON object", param="messages[1].tool_calls")
    return body


def arguments_unguarded(body: dict[str, Any]) -> dict[str, Any]:
    """A server that reads the arguments of calls, and breaks down at those that are no JSON."""
    for message in body["messages"]:
        for call in message.get("tool_calls") or ():
            json.loads(call["function"]["arguments"])
    return body


def without_roles(*roles: str) -> Misunderstand:
    def check(body: dict[str, Any]) -> dict[str, Any]:
        for message in body["messages"]:
            if message["role"] in roles:
                raise invalid(f"unknown role {message['role']!r}", param="messages[0].role")
        return body

    return check


def without_member(name: str) -> Misunderstand:
    def check(body: dict[str, Any]) -> dict[str, Any]:
        if name in body:
            raise invalid(f"unknown parameter {name!r}", param=name)
        return body

    return check


def own_messages_refused(body: dict[str, Any]) -> dict[str, Any]:
    """A server whose own answers have a member that it does not take back."""
    for message in body["messages"]:
        if "annotations" in message:
            raise invalid("unknown member 'annotations'", param="messages[1].annotations")
    return body


def parts_refused(body: dict[str, Any]) -> dict[str, Any]:
    if any(isinstance(message.get("content"), list) for message in body["messages"]):
        raise invalid("content must be a string", param="messages[0].content")
    return body


def tools_needed(body: dict[str, Any]) -> dict[str, Any]:
    if any(message["role"] == "tool" for message in body["messages"]) and not body.get("tools"):
        raise invalid("tools are needed where the history has calls", param="tools")
    return body


def empty_results_refused(body: dict[str, Any]) -> dict[str, Any]:
    if any(message["role"] == "tool" and not message["content"] for message in body["messages"]):
        raise invalid("content is missing", param="messages[2].content")
    return body


def one_tool_only(body: dict[str, Any]) -> dict[str, Any]:
    """A model that is overwhelmed by several tools, and calls none of them."""
    return body if len(body.get("tools", ())) < 2 else {**body, "tools": [], "tool_choice": "none"}


SERVERS: dict[str, tuple[Misunderstand, dict[str, Verdict]]] = {
    "arguments-parsed": (
        arguments_parsed,
        {
            "cont.malformed_arguments_in_the_history_never_fail_the_server": PASS,
            "cont.an_empty_tool_result_is_accepted": PASS,
            "cont.a_refusal_in_the_history_is_accepted": PASS,
            "cont.a_tool_history_needs_no_tools_in_the_request": PASS,
        },
    ),
    "arguments-unguarded": (
        arguments_unguarded,
        {
            "cont.malformed_arguments_in_the_history_never_fail_the_server": FAIL,
            "cont.an_empty_tool_result_is_accepted": PASS,
        },
    ),
    "tools-needed": (
        tools_needed,
        {
            "cont.a_tool_history_needs_no_tools_in_the_request": UNSUPPORTED,
            "cont.malformed_arguments_in_the_history_never_fail_the_server": PASS,
            "cont.an_empty_tool_result_is_accepted": PASS,
            "cont.a_name_on_a_tool_result_is_accepted": PASS,
        },
    ),
    "no-empty-results": (
        empty_results_refused,
        {
            "cont.an_empty_tool_result_is_accepted": FAIL,
            "cont.a_tool_history_needs_no_tools_in_the_request": PASS,
            "cont.malformed_arguments_in_the_history_never_fail_the_server": PASS,
        },
    ),
    "no-developer": (
        without_roles("developer"),
        {
            "req.developer_text_reaches_the_model": UNSUPPORTED,
            "cont.earlier_turns_reach_the_model": PASS,
            "cont.a_fact_of_the_first_turn_is_known_in_the_fifth": PASS,
        },
    ),
    "no-instructions": (
        without_roles("developer", "system"),
        {
            "req.system_text_reaches_the_model": UNSUPPORTED,
            "req.developer_text_reaches_the_model": UNSUPPORTED,
            "cont.earlier_turns_reach_the_model": PASS,
            "cont.earlier_messages_are_counted_once": PASS,
            "cont.a_fact_of_the_first_turn_is_known_in_the_fifth": PASS,
        },
    ),
    "no-user": (
        without_member("user"),
        {
            "cont.conversations_do_not_leak_into_each_other": PASS,
            "cont.earlier_turns_reach_the_model": PASS,
        },
    ),
    "no-parts": (
        parts_refused,
        {
            "req.text_parts_mean_the_same_as_the_string": UNSUPPORTED,
            "cont.tool_content_may_be_text_parts": FAIL,
            "cont.tool_results_reach_the_model": PASS,
            "cont.earlier_turns_reach_the_model": PASS,
        },
    ),
    "one-tool": (
        one_tool_only,
        {
            "cont.the_answer_after_a_tool_result_uses_it": PASS,
            "cont.an_assistant_message_with_calls_is_accepted_back": PASS,
            "cont.three_tool_rounds_follow_each_other": INCONCLUSIVE,
        },
    ),
}


@pytest.mark.parametrize(("misunderstand", "expected"), SERVERS.values(), ids=SERVERS)
def test_what_a_server_declines_hides_nothing_else(
    misunderstand: Misunderstand, expected: dict[str, Verdict]
) -> None:
    """One thing that is declined is judged by its own rule, and the others keep their verdicts."""
    with served(misunderstanding(misunderstand)) as theatre:
        judgements = [
            theatre.judge(check_named(name), path)
            for name in expected
            for path in check_named(name).path_names
        ]

    assert not [judgement.bug for judgement in judgements if judgement.bug]
    told = {(each.check, each.path): (each.verdict, each.reason) for each in judgements}
    wrong = {key: found for key, found in told.items() if found[0] is not expected[key[0]]}
    assert wrong == {}


def test_an_own_message_that_is_refused_is_named() -> None:
    """A server that does not take its own messages back fails the two rules about that, and no other."""

    def annotated(answer: Any, parts: Any) -> Any:
        document = completed(answer, parts)
        for choice in document["choices"]:
            choice["message"]["annotations"] = []
        return document

    pipeline = replace(misunderstanding(own_messages_refused), complete=annotated)
    expected = {
        "cont.an_assistant_message_of_text_is_accepted_back": FAIL,
        "cont.an_assistant_message_with_calls_is_accepted_back": FAIL,
        "cont.three_tool_rounds_follow_each_other": PASS,
        "cont.the_answer_after_a_tool_result_uses_it": PASS,
        "cont.a_fact_of_the_first_turn_is_known_in_the_fifth": PASS,
        "cont.earlier_answers_reach_the_model": PASS,
    }
    with served(pipeline) as theatre:
        judged = {name: theatre.judge(check_named(name), "plain") for name in expected}

    assert {name: each.verdict for name, each in judged.items()} == expected


def test_a_weighing_shows_its_arithmetic(theatre: Theatre) -> None:
    """By how much the prompt grew, and what that is in fillers, can be followed by hand."""
    edit = lost("tool description")
    told = theatre.judge(check_named("tools.tool_descriptions_reach_the_model"), "plain", edit).came

    assert told == (
        f"{39 * COST} prompt tokens more, in fillers of {COST:.1f} tokens: 0 of 1 in the tool description, "
        "3 of 3 in the call arguments, 9 of 9 in the tool result, 27 of 27 in the question"
    )


def test_a_step_that_met_an_ill_target_is_not_sent_in_another_form() -> None:
    """A scenario goes on where a weighing cannot be read, for its checks say that the target was ill."""

    async def send(sending: Sending) -> Exchange:
        return replace(exchange(error(), status=500), step=sending.step, illness="it was given up")

    stage = Stage(
        target=Target(url="http://target/v1", model="m"), path=PLAIN, attempt=1, seed="s", send=send
    )
    asyncio.run(stage.post("weighed", request_body()))

    assert not is_in_doubt(stage, "told", "weighed", LATER_PLACES)


def matched_by_position(body: dict[str, Any]) -> dict[str, Any]:
    """Results are given to the calls in the order in which they come."""
    ids: list[str] = []
    messages = []
    for message in body["messages"]:
        ids = [call["id"] for call in message.get("tool_calls") or ()] or ids
        matched = {"tool_call_id": ids.pop(0)} if message["role"] == "tool" and ids else {}
        messages.append({**message, **matched})
    return {**body, "messages": messages}


def only_the_latest_round(body: dict[str, Any]) -> dict[str, Any]:
    """Calls and results of earlier rounds are left out."""
    messages = body["messages"]
    rounds = [n for n, message in enumerate(messages) if message.get("tool_calls")]
    return {**body, "messages": [*messages[: rounds[0]], *messages[rounds[-1] :]]} if rounds else body


def without_results(body: dict[str, Any]) -> dict[str, Any]:
    """Results are empty."""
    emptied = [{**each, "content": ""} if each["role"] == "tool" else each for each in body["messages"]]
    return {**body, "messages": emptied}


def parts_cut(kept: slice, *roles: str) -> Misunderstand:
    """Of the text parts of these roles only some are read."""

    def cut(message: dict[str, Any]) -> dict[str, Any]:
        content = message.get("content")
        parted = isinstance(content, list) and message["role"] in roles
        return {**message, "content": content[kept]} if parted else message

    return lambda body: {**body, "messages": [cut(message) for message in body["messages"]]}


def last_result_only(body: dict[str, Any]) -> dict[str, Any]:
    """All results but the last are empty."""
    last = max((n for n, each in enumerate(body["messages"]) if each["role"] == "tool"), default=-1)
    kept = [
        {**each, "content": ""} if each["role"] == "tool" and n != last else each
        for n, each in enumerate(body["messages"])
    ]
    return {**body, "messages": kept}


def without_instructions_after_tools(body: dict[str, Any]) -> dict[str, Any]:
    """Where there are results, system messages are left out."""
    if not any(each["role"] == "tool" for each in body["messages"]):
        return body
    return {**body, "messages": [each for each in body["messages"] if each["role"] != "system"]}


FIRST_PART, LAST_PART = slice(None, 1), slice(-1, None)
PARTED, RESULTS = "req.text_parts_mean_the_same_as_the_string", "cont.tool_results_reach_the_model"
RESULT_PARTS = "cont.tool_content_may_be_text_parts"
CUT: dict[str, tuple[Misunderstand, str, str]] = {
    "system": (parts_cut(FIRST_PART, "system"), PARTED, "plain"),
    "developer": (parts_cut(FIRST_PART, "developer"), PARTED, "streamed"),
    "assistant": (parts_cut(FIRST_PART, "assistant"), PARTED, "plain"),
    "assistant-last": (parts_cut(LAST_PART, "assistant"), PARTED, "streamed"),
    "user": (parts_cut(FIRST_PART, "user"), PARTED, "plain"),
    "user-last": (parts_cut(LAST_PART, "user"), PARTED, "streamed"),
    "tool": (parts_cut(FIRST_PART, "tool"), RESULT_PARTS, "streamed"),
    "earlier-results": (last_result_only, RESULTS, "streamed"),
    "instructions": (without_instructions_after_tools, INSTRUCTED, "plain"),
    "instructions-streamed": (without_instructions_after_tools, INSTRUCTED, "streamed"),
}


@pytest.mark.parametrize(("misunderstand", "check", "path"), CUT.values(), ids=CUT)
def test_a_part_of_the_history_that_is_lost_is_named(
    misunderstand: Misunderstand, check: str, path: str
) -> None:
    """What is left out of one kind of message, or of one kind of conversation, fails the rule about it."""
    with served(misunderstanding(misunderstand)) as theatre:
        assert theatre.judge(check_named(check), path).verdict is FAIL


MATCHED = "cont.results_are_matched_to_their_calls_by_id"
USED, CHAINED = "cont.the_answer_after_a_tool_result_uses_it", "cont.three_tool_rounds_follow_each_other"


@pytest.mark.parametrize(
    ("misunderstand", "check"),
    [(matched_by_position, MATCHED), (only_the_latest_round, CHAINED), (without_results, USED)],
    ids=["by-position", "latest-round", "no-results"],
)
def test_a_server_that_loses_or_mixes_results_is_not_excused(
    misunderstand: Misunderstand, check: str
) -> None:
    """What the server does to results fails, for all that a weak model would be forgiven."""
    with served(misunderstanding(misunderstand)) as theatre:
        assert theatre.judge(check_named(check), "plain").verdict is FAIL


def answering(change: Callable[[ChatRequest, str], str]) -> Pipeline:
    """A model whose text is changed, whatever it read."""

    def generated(request: ChatRequest, **settings: Any) -> Iterator[Piece]:
        for piece in generate(request, **settings):
            yield replace(piece, text=change(request, piece.text)) if isinstance(piece, Text) else piece

    return Pipeline(generate=generated)


def codes_mixed_up(body: dict[str, Any]) -> dict[str, Any]:
    """A model that takes either guest for the other, in whatever order it is told of them."""
    maria, jose = CODES.values()
    told = json.dumps(body).replace(maria, "<>").replace(jose, maria).replace("<>", jose)
    mixed: dict[str, Any] = json.loads(told)
    return mixed


def test_a_model_that_mixes_codes_up_is_not_the_server_s_fault() -> None:
    """Codes that are mixed up in either order of the results leave the rule open."""
    with served(misunderstanding(codes_mixed_up)) as theatre:
        judgement = theatre.judge(check_named(MATCHED), "plain")

    assert judgement.verdict is INCONCLUSIVE
    assert "in the order of their calls" in judgement.reason


@pytest.mark.parametrize("path", FORMS)
def test_a_model_that_ignores_a_result_is_not_the_server_s_fault(path: str) -> None:
    """A result that is counted, and of which the model makes nothing, leaves the rule open."""
    with served(answering(lambda request, text: "?" if request.messages[-1].is_result else text)) as theatre:
        judgement = theatre.judge(check_named(USED), path)

    assert judgement.verdict is INCONCLUSIVE
    assert "the model made nothing of this one" in judgement.reason
