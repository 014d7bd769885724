"""Tool rounds: the result is used, results find their calls, and several rounds follow each other."""

import re

from chatconform.suite import Observation, Play, check, expect, expect_finish, provoked
from chatconform.suites.cont.scenarios import (
    CHAIN,
    history_without_tools,
    one_round,
    own_messages,
    results_out_of_order,
    three_rounds,
)
from chatconform.suites.cont.sizes import tool_results
from chatconform.suites.tools.outcomes import TOOL_WORDS, accepted, calls_in, settled


@check("CC-CONT-001", one_round, feature=TOOL_WORDS)
def test_the_answer_after_a_tool_result_uses_it(play: Play) -> None:
    """The answer to a tool result contains the code that only the result tells, and ends with stop."""
    calls_in(play.answer("call"))
    answer, code = play.answer("answer"), play.note("code")
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)

    came = answer.text or [call.name for call in answer.tool_calls]
    expect(code in answer.text, f"an answer with the code {code}", came=came, at=answer.first.at_text)
    expect_finish(answer, "stop")


@check("CC-CONT-003", three_rounds, feature=TOOL_WORDS)
def test_three_tool_rounds_follow_each_other(play: Play) -> None:
    """Three rounds are completed with new ids each, and the answer contains what the last one returned."""
    names: list[str] = []
    ids: list[str] = []
    for number, wanted in enumerate(CHAIN, start=1):
        calls = calls_in(play.answer(f"round-{number}"))
        for call in calls:
            expect(call.name not in names, "a tool that was not called yet", came=call.name, at=call.at)
            expect(call.id not in ids, "an id that is new in the conversation", came=call.id, at=call.at)
        names += [call.name for call in calls]
        ids += [call.id for call in calls]
        provoked(wanted in names, f"round {number} has no call of {wanted}", at=calls[0].at)
    answer, code = accepted(play, "answer"), play.note("find_shipment")
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)

    came = answer.text or [call.name for call in answer.tool_calls]
    expect(code in answer.text, f"an answer with the code {code}", came=came, at=answer.first.at_text)


@check("CC-CONT-004", results_out_of_order, feature=TOOL_WORDS)
def test_results_are_matched_to_their_calls_by_id(play: Play) -> None:
    """Results that come in another order than their calls are still told apart by tool_call_id."""
    answer, codes = play.answer("answer"), {guest: play.note(guest) for guest in ("maria", "peter")}
    for guest, code in codes.items():
        told = [each for each in codes.values() if each in line_about(guest, answer.text)]
        provoked(told, f"no line of the answer tells the code of {guest}", at=answer.first.at_text)
        expect(told == [code], f"the code {code} for {guest}", came=answer.text, at=answer.first.at_text)


def line_about(guest: str, text: str) -> str:
    """What an answer says of one guest and of no other."""
    other = {"maria": "peter", "peter": "maria"}[guest]
    lines = re.split(r"[\n;]", text)
    return "\n".join(line for line in lines if guest in line.lower() and other not in line.lower())


@check("CC-CONT-014", tool_results, feature=TOOL_WORDS)
def test_tool_content_may_be_text_parts_or_empty(play: Play) -> None:
    """A tool's content is taken as a string, as an array of text parts, and as an empty string, alike."""
    string = play.answer("string")
    parts, _ = accepted(play, "parts"), accepted(play, "empty")

    if string.usage is not None and parts.usage is not None:
        difference = abs(parts.usage.prompt_tokens - string.usage.prompt_tokens)
        expect(difference <= 2, "as many tokens as for a string", came=f"{difference} off", at=parts.usage.at)


@check("CC-CONT-015", own_messages)
def test_an_assistant_message_of_text_is_accepted_back(play: Play) -> None:
    """The server's own message of text, sent back unchanged in the history, is accepted."""
    play.answer("text")
    accepted(play, "text-replayed")


@check("CC-CONT-015", own_messages, feature=TOOL_WORDS)
def test_an_assistant_message_with_calls_is_accepted_back(play: Play) -> None:
    """The server's own message with tool calls, sent back unchanged with results, is accepted."""
    calls_in(play.answer("call"))
    accepted(play, "call-replayed")


@check("CC-CONT-016", history_without_tools, feature=TOOL_WORDS)
def test_a_tool_history_needs_no_tools_in_the_request(play: Play) -> Observation:
    """A history with calls and results is accepted by a request that defines no tools."""
    play.answer("control")
    settled(play, "without")

    play.answer("without")
    return Observation(topic="tool-history-without-tools", camp="independent")
