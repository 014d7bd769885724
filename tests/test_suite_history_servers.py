"""Servers that misread histories: what they decline hides nothing else."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from chatconform.client.target import Target
from chatconform.findings.verdict import Verdict
from chatconform.plays.path import PLAIN
from chatconform.plays.stage import Sending, Stage
from chatconform.reference_server.completion import completion as completed
from chatconform.reference_server.refusal import invalid
from chatconform.suites.cont.places import LATER_PLACES, is_in_doubt
from chatconform.tests.support.exchanges import error, exchange, request_body
from chatconform.tests.support.histories import (
    COST,
    FAIL,
    INCONCLUSIVE,
    PASS,
    UNSUPPORTED,
    lost,
)
from chatconform.tests.support.plays import (
    Theatre,
    check_named,
)
from chatconform.tests.support.theatres import Misunderstand, misunderstanding, served
from chatconform.wire.exchange import Exchange


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
