"""Every message of a conversation reaches the model exactly once, as its token count tells."""

from __future__ import annotations

from chatconform.suite import STREAMED, Play, check, provoked
from chatconform.suites.cont.later_turns import later_turns
from chatconform.suites.cont.places import (
    ARGUMENTS,
    DESCRIPTION,
    EARLIER_ANSWER,
    EARLIER_QUESTION,
    INSTRUCTIONS,
    LAST_QUESTION,
    QUESTION,
    RESULT,
    TOOL_PLACES,
    Weighing,
    asked_step,
    expect_grown,
    expect_parts_read,
    later_weighing,
    told_step,
    tool_weighing,
)
from chatconform.suites.cont.tool_talk import CODES, counts_what_is_called, loaded_guest, two_results
from chatconform.suites.cont.weighing import copies
from chatconform.suites.tools.outcomes import TOOL_WORDS, accepted


@check("CC-CONT-005", later_turns)
def test_earlier_turns_reach_the_model(play: Play) -> None:
    """A longer first turn of the user is counted among the prompt's tokens, as it is read by the model."""
    weighed = later_weighing(play)
    known = play.note("code") in play.answer(told_step(play)).text
    _not_only_uncounted(weighed, EARLIER_QUESTION, known=known)
    weighed.expect_reached(EARLIER_QUESTION)


@check("CC-CONT-040", later_turns)
def test_earlier_answers_reach_the_model(play: Play) -> None:
    """A longer earlier answer of the assistant is counted among the prompt's tokens."""
    weighed = later_weighing(play)
    provoked(weighed.count(EARLIER_QUESTION), "the whole first turn was lost", at=weighed.at)
    weighed.expect_reached(EARLIER_ANSWER)


@check("CC-CONT-006", later_turns)
def test_the_last_user_message_is_counted_once_on_a_later_turn(play: Play) -> None:
    """On a later turn the last user message is counted once: it is not lost, and does not come twice."""
    # That a message of the user is counted is shown by one in a chat of its own.
    weighed = later_weighing(play)
    weighed.expect_reached(LAST_QUESTION)
    weighed.expect_once(LAST_QUESTION)


@check("CC-CONT-041", later_turns)
def test_earlier_messages_are_counted_once(play: Play) -> None:
    """Instructions and messages of earlier turns are counted once, and not twice."""
    weighed = later_weighing(play)
    whole = weighed.count(LAST_QUESTION) > 1
    provoked(not whole, "the last message is doubled as well, which is another rule", at=weighed.at)
    weighed.expect_once(INSTRUCTIONS, EARLIER_ANSWER, EARLIER_QUESTION)


@check("CC-CONT-002", two_results, feature=TOOL_WORDS)
def test_tool_results_reach_the_model(play: Play) -> None:
    """A longer tool result is counted among the prompt's tokens, as it is read by the model."""
    weighed = tool_weighing(play)
    known = CODES[loaded_guest(play.path)] in play.answer(asked_step(play)).text
    _not_only_uncounted(weighed, RESULT, known=known)
    weighed.expect_reached(RESULT)


@check("CC-CONT-043", two_results, feature=TOOL_WORDS)
def test_tool_calls_of_the_history_reach_the_model(play: Play) -> None:
    """Longer arguments of an earlier call are counted among the prompt's tokens."""
    weighed = tool_weighing(play)
    provoked(weighed.count(RESULT), "the whole tool round was lost", at=weighed.at)
    counts_what_is_called(play, weighed)
    weighed.expect_reached(ARGUMENTS)


@check("CC-CONT-044", two_results, feature=TOOL_WORDS)
def test_a_tool_round_is_counted_once(play: Play) -> None:
    """The definition of a tool, the arguments of its calls and their results are counted once."""
    weighed = tool_weighing(play)
    whole = weighed.count(QUESTION) > 1
    provoked(not whole, "the user's message is doubled as well, which is another rule", at=weighed.at)
    weighed.expect_once(DESCRIPTION, ARGUMENTS, RESULT)


@check("CC-CONT-045", two_results, feature=TOOL_WORDS)
def test_the_user_message_is_counted_once_after_a_tool_result(play: Play) -> None:
    """After a tool result the user message is counted once: it is not lost, and does not come twice."""
    weighed = tool_weighing(play)
    weighed.expect_reached(QUESTION)
    weighed.expect_once(QUESTION)


@check("CC-CONT-014", two_results, paths=(STREAMED,), feature=TOOL_WORDS)
def test_tool_content_may_be_text_parts(play: Play) -> None:
    """A tool's content is taken as an array of text parts, and its text reaches the model like a string."""
    play.answer("answer")  # where tools are refused, it is not for the parts
    accepted(play, "weighed")
    expect_parts_read(play, asked_step(play), TOOL_PLACES, RESULT)


@check("CC-CONT-053", two_results, feature=("system", "role", *TOOL_WORDS))
def test_instructions_reach_the_model_in_a_tool_round(play: Play) -> None:
    """The text of a system message is counted among the prompt's tokens after tool results as well."""
    expect_grown(play, "answer", "instructed", copies(TOOL_PLACES.index(RESULT)))


def _not_only_uncounted(weighed: Weighing, place: str, *, known: bool) -> None:
    """What the model knows did reach it, though nobody counted it."""
    unread = weighed.count(place) >= 1 or not known
    provoked(unread, f"the {place} is not counted, but the model knows what it told", at=weighed.at)
