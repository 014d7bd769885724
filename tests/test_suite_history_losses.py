"""Parts of a history that get lost or mixed up on the way to the model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from chatconform.reference_server.model import ChatRequest, Piece, Text, generate
from chatconform.reference_server.pipeline import Pipeline
from chatconform.suites.cont.tool_talk import CODES
from chatconform.tests.support.histories import (
    FAIL,
    FORMS,
    INCONCLUSIVE,
    INSTRUCTED,
)
from chatconform.tests.support.plays import (
    check_named,
)
from chatconform.tests.support.theatres import Misunderstand, misunderstanding, served


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
