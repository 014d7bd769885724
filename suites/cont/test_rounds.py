"""Tool rounds: the result is used, results find their calls, and several rounds follow each other."""

from __future__ import annotations

from chatconform.suite import PLAIN, Play, check, expect, expect_finish, provoked
from chatconform.suites.cont.scenarios import CHAIN, ROUNDS, sent, shortened, three_rounds
from chatconform.suites.cont.tool_talk import CODES, codes_told, two_results
from chatconform.suites.tools.outcomes import TOOL_WORDS, accepted, calls_in


@check("CC-CONT-001", three_rounds, feature=TOOL_WORDS)
def test_the_answer_after_a_tool_result_uses_it(play: Play) -> None:
    """The answer to a tool result contains the code that only the result tells, and ends with stop."""
    calls_in(play.answer(sent(play, "call" if play.has("call") else ROUNDS[-1])))
    answer, code = accepted(play, sent(play, "answer")), play.note("code")
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)

    came = answer.text or [call.name for call in answer.tool_calls]
    expect(code in answer.text, f"an answer with the code {code}", came=came, at=answer.first.at_text)
    expect_finish(answer, "stop")


@check("CC-CONT-003", three_rounds, paths=(PLAIN,), feature=TOOL_WORDS)
def test_three_tool_rounds_follow_each_other(play: Play) -> None:
    """Three rounds are completed, each with a call of the tool that is due, and then comes the answer."""
    play.answer(sent(play, ROUNDS[0]))  # where tools are refused at once, no round follows another
    names: list[str] = []
    for step, wanted in zip(ROUNDS, CHAIN, strict=True):
        calls = calls_in(accepted(play, sent(play, step)))
        for call in calls:
            expect(call.name not in names, "a tool that was not called yet", came=call.name, at=call.at)
        names += [call.name for call in calls]
        provoked(wanted in names, f"{step} has no call of {wanted}", at=calls[0].at)
    answer = accepted(play, sent(play, "answer"))
    again = [call.name for call in answer.tool_calls]
    expect(not again, "an answer in text after the last round", came=again, at=answer.first.at_text)


@check("CC-CONT-051", three_rounds, paths=(PLAIN,), feature=TOOL_WORDS)
def test_an_assistant_message_with_calls_is_accepted_back(play: Play) -> None:
    """The server's own message with tool calls, sent back unchanged with results, is accepted."""
    first, later = ("call", ("answer",)) if play.has("call") else (ROUNDS[0], (*ROUNDS[1:], "answer"))
    calls_in(play.answer(first))
    for step in later:
        anyway = play.has(shortened(step)) and play.response(shortened(step)).status != 200
        provoked(not anyway, "the same history is declined with nothing but the calls as well")
        if play.has(step):
            accepted(play, step)


@check("CC-CONT-004", two_results, paths=(PLAIN,), feature=TOOL_WORDS)
def test_results_are_matched_to_their_calls_by_id(play: Play) -> None:
    """Results that come in another order than their calls are still told apart by tool_call_id."""
    answer = play.answer("answer")
    for guest, code in CODES.items():
        told = codes_told(guest, answer.text)
        provoked(told, f"no line of the answer tells the code of {guest}", at=answer.first.at_text)
        expect(told == [code], f"the code {code} for {guest}", came=answer.text, at=answer.first.at_text)
