"""Instructions and text parts reach the model, as its token count tells."""

from __future__ import annotations

from chatconform.suite import PLAIN, STREAMED, Play, check
from chatconform.suites.cont.later_turns import later_turns
from chatconform.suites.cont.places import (
    EARLIER_ANSWER,
    INSTRUCTIONS,
    LAST_QUESTION,
    LATER_PLACES,
    expect_parts_read,
    later_weighing,
    told_step,
)


@check("CC-REQ-018", later_turns, paths=(PLAIN,), feature=("system", "role"))
def test_system_text_reaches_the_model(play: Play) -> None:
    """Longer system text is counted among the prompt's tokens, as it is read by the model."""
    if told_step(play) == "told-plainest":
        # It is accepted without instructions only: the refusal of the others says why.
        play.answer("told-plainer")
    later_weighing(play).expect_reached(INSTRUCTIONS)


@check("CC-REQ-018", later_turns, paths=(STREAMED,), feature=("developer", "role"))
def test_developer_text_reaches_the_model(play: Play) -> None:
    """Longer developer text is counted among the prompt's tokens, where the role is accepted."""
    play.answer("told")
    later_weighing(play).expect_reached(INSTRUCTIONS)


@check("CC-REQ-007", later_turns, feature=("content", "part", "array", "string"))
def test_text_parts_mean_the_same_as_the_string(play: Play) -> None:
    """The text of each part reaches the model as it does in a string: instructions, answers, questions."""
    play.answer("weighed")
    instructed = (INSTRUCTIONS,) if told_step(play) != "told-plainest" else ()
    expect_parts_read(play, told_step(play), LATER_PLACES, *instructed, EARLIER_ANSWER, LAST_QUESTION)
