"""What reaches the model of a history is judged by the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.cont.later_turns import LAST_SAID
from chatconform.suites.cont.places import LATER_PLACES, TOOL_PLACES
from chatconform.suites.cont.scenarios import ROUNDS
from chatconform.suites.cont.test_history import mangled
from chatconform.suites.cont.tool_talk import CODES, JOSE, MARIA
from chatconform.tests.support.histories import (
    COST,
    ERROR,
    FAIL,
    FORMS,
    INCONCLUSIVE,
    INSTRUCTED,
    PASS,
    UNSUPPORTED,
    chained,
    lost,
    more_tokens,
    times,
)
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
from chatconform.wire.exchange import Exchange

Case = tuple[str, str, Edit, Verdict]


def without_usage(document: Any) -> None:
    """The target counts nothing."""
    for holder in document if isinstance(document, list) else [document]:
        holder.pop("usage", None)


def after_the_last_answer(document: Any) -> None:
    """What the assistant said last stands before what it says now."""
    first = next(iter(choices_in(document)))
    inner = first.get("message") or first["delta"]
    inner["content"] = f"{LAST_SAID} {inner.get('content') or ''}"


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
