"""Calls of several rounds of one conversation."""

from __future__ import annotations

from chatconform.suite import PLAIN, Play, check, expect, expect_finish
from chatconform.suites.cont.scenarios import ROUNDS, sent, three_rounds
from chatconform.suites.tools.outcomes import TOOL_WORDS, calls_in


@check("CC-TOOLS-005", three_rounds, paths=(PLAIN,), feature=TOOL_WORDS)
def test_calls_of_three_rounds_have_ids_of_their_own(play: Play) -> None:
    """No call of three rounds has the id of another one, or an empty one."""
    seen: set[str] = set()
    for step in ROUNDS:
        for call in calls_in(play.answer(sent(play, step))):
            expect(call.id and call.id not in seen, "an id of its own", came=call.id, at=call.at)
            seen.add(call.id)


@check("CC-TOOLS-004", three_rounds, paths=(PLAIN,), feature=TOOL_WORDS)
def test_calls_of_every_round_end_with_tool_calls(play: Play) -> None:
    """Under auto a call ends with finish_reason tool_calls in each of three rounds."""
    for step in ROUNDS:
        answer = play.answer(sent(play, step))
        calls_in(answer)
        expect_finish(answer, "tool_calls")
