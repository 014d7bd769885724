"""Tool choices hold after a tool result and on later turns as they do on the first."""

from chatconform.suite import (
    AFTER_TOOL_RESULT,
    AFTER_TOOL_RESULT_STREAMED,
    LATER_TURN,
    LATER_TURN_STREAMED,
    Play,
    check,
    provoked,
)
from chatconform.suites.choice.outcomes import (
    SINGLE_WORDS,
    brings_several,
    has_a_call,
    one_at_most,
    only_of_the_time,
    only_text,
)
from chatconform.suites.choice.scenarios import (
    named,
    named_plain,
    none,
    none_plain,
    one_at_a_time,
    required_after_a_tool_round,
    required_against_the_prompt,
    required_plain,
)
from chatconform.suites.tools.outcomes import TOOL_WORDS, calls_in, control_of

LATER = (LATER_TURN_STREAMED, LATER_TURN)
NOT_FIRST = (AFTER_TOOL_RESULT, LATER_TURN_STREAMED, LATER_TURN, AFTER_TOOL_RESULT_STREAMED)


@check("CC-CONT-032", required_after_a_tool_round, feature=TOOL_WORDS)
def test_required_holds_after_a_tool_result(play: Play) -> None:
    """`required` that brings a call on the first turn brings one after a finished tool round too."""
    calls_in(play.answer("first"))
    has_a_call(play.answer("call"))


@check("CC-CONT-055", none, control=none_plain, paths=NOT_FIRST, feature=TOOL_WORDS)
def test_none_holds_after_the_first_turn(play: Play) -> None:
    """`none` that keeps the model from calls on the first turn does so after it too."""
    first = play.comparison.answer("answer")
    provoked(not first.tool_calls, "the first turn does not follow the choice", at=first.first.at_text)

    only_text(play.answer("answer"))
    calls_in(control_of(play))


@check("CC-CONT-056", required_against_the_prompt, control=required_plain, paths=LATER, feature=TOOL_WORDS)
def test_required_holds_on_a_later_turn(play: Play) -> None:
    """`required` that brings a call on the first turn brings one on a later one too."""
    calls_in(play.comparison.answer("call"))
    has_a_call(play.answer("call"))


@check("CC-CONT-033", named, control=named_plain, paths=NOT_FIRST, feature=TOOL_WORDS)
def test_a_named_choice_holds_after_the_first_turn(play: Play) -> None:
    """A named choice that calls its function on the first turn calls it after that too."""
    first = play.comparison.answer("call")
    names = {call.name for call in calls_in(first)}
    provoked(names == {"get_time"}, "the first turn does not follow the choice", at=first.first.at_text)

    only_of_the_time(play.answer("call"))


@check("CC-CONT-034", one_at_a_time, paths=NOT_FIRST, feature=SINGLE_WORDS)
def test_parallel_tool_calls_false_holds_after_the_first_turn(play: Play) -> None:
    """parallel_tool_calls false that allows one call on the first turn allows one after it too."""
    first = play.answer("first")
    provoked(len(first.tool_calls) <= 1, "the first turn has several calls as well", at=first.first.at_text)

    one_at_most(play.answer("single"))
    brings_several(control_of(play))
