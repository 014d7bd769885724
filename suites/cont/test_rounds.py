"""Tool rounds: the result is used, results find their calls, and several rounds follow each other."""

from __future__ import annotations

from itertools import pairwise

from chatconform.errors import TargetError
from chatconform.suite import PLAIN, Evidence, Play, check, expect, expect_finish, provoked
from chatconform.suites.cont.filler import growth
from chatconform.suites.cont.places import RESULT, tool_weighing
from chatconform.suites.cont.scenarios import CHAIN, ROUNDS, sent, shortened, three_rounds
from chatconform.suites.cont.tool_talk import CODES, codes_of, mistaken, two_results
from chatconform.suites.tools.outcomes import TOOL_WORDS, accepted, calls_in

# A call and its result have more words than these: so many more prompt tokens show that a round was read.
LEAST_OF_A_ROUND = 8


@check("CC-CONT-001", three_rounds, control=two_results, feature=TOOL_WORDS)
def test_the_answer_after_a_tool_result_uses_it(play: Play) -> None:
    """The answer to a tool result contains the code that only the result tells, and ends with stop."""
    calls_in(play.answer(sent(play, "call" if play.has("call") else ROUNDS[-1])))
    answer, code = accepted(play, sent(play, "answer")), play.note("code")
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)

    came = answer.text or [call.name for call in answer.tool_calls]
    if code not in answer.text:
        told = "tool results are counted among the prompt's tokens, but the model made nothing of this one"
        # A stream need not count, so its last round is left to the weighing of the other conversation.
        last = ROUNDS[-1] if play.path.stream else "answer"
        read = _is_read(play.comparison) and _are_counted(play, last)
        provoked(not read, told, at=answer.first.at_text)
    expect(code in answer.text, f"an answer with the code {code}", came=came, at=answer.first.at_text)
    expect_finish(answer, "stop")


def _is_read(talk: Play) -> bool:
    """Whether a weighing of tool results says that they reach the model."""
    try:
        return tool_weighing(talk).count(RESULT) >= 1
    except TargetError:
        return False


@check("CC-CONT-003", three_rounds, paths=(PLAIN,), feature=TOOL_WORDS)
def test_three_tool_rounds_follow_each_other(play: Play) -> None:
    """Three rounds are completed, each with a call of the tool that is due, and then comes the answer."""
    play.answer(sent(play, ROUNDS[0]))  # where tools are refused at once, no round follows another
    names: list[str] = []
    for step, wanted in zip(ROUNDS, CHAIN, strict=True):
        calls = calls_in(accepted(play, sent(play, step)))
        for call in calls:
            if call.name in names:
                _provoked_by_a_loss(play, step, call.at)
            expect(call.name not in names, "a tool that was not called yet", came=call.name, at=call.at)
        names += [call.name for call in calls]
        provoked(wanted in names, f"{step} has no call of {wanted}", at=calls[0].at)
    answer = accepted(play, sent(play, "answer"))
    again = [call.name for call in answer.tool_calls]
    if again:
        _provoked_by_a_loss(play, "answer", answer.tool_calls[0].at)
    expect(not again, "an answer in text after the last round", came=again, at=answer.first.at_text)


def _provoked_by_a_loss(play: Play, last: str, at: Evidence) -> None:
    """A model that read every round, as its token count tells, has nobody but itself to blame."""
    told = "each round is counted among the prompt's tokens, but the model calls again"
    provoked(not _are_counted(play, last), told, at=at)


def _are_counted(play: Play, last: str) -> bool:
    """Whether each request of the chain, up to this one, counts a call and a result more than that before."""
    steps = [sent(play, step) for step in ("call", *ROUNDS, "answer") if play.has(step)]
    until = steps[: steps.index(sent(play, last)) + 1] if sent(play, last) in steps else steps[:1]
    try:
        return all(growth(play, one, other) >= LEAST_OF_A_ROUND for one, other in pairwise(until))
    except TargetError:
        return False


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
    if play.has("in-order"):
        able = not mistaken(play.answer("in-order").text)
        provoked(able, "results in the order of their calls are mixed up as well", at=answer.first.at_text)
    for guest, code in CODES.items():
        told = codes_of(guest, answer.text)
        provoked(told, f"no line of the answer tells the code of {guest}", at=answer.first.at_text)
        expect(told == [code], f"the code {code} for {guest}", came=answer.text, at=answer.first.at_text)
