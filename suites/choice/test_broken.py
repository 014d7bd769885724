"""Choices that fit no tool, no form, or a request without tools."""

from chatconform.suite import Observation, Play, check, expect, expect_refused
from chatconform.suites.choice.scenarios import BROKEN, WITHOUT_TOOLS, broken, without_tools
from chatconform.suites.tools.outcomes import TOOL_WORDS, camp, refuses, settled


@check("CC-CHOICE-005", without_tools)
def test_a_choice_without_tools_is_refused_or_ignored(play: Play) -> Observation:
    """A tool_choice without tools is refused with 400, or answered without a call, never a failure."""
    play.answer("control")
    refused = [refuses(play, step) for step in WITHOUT_TOOLS]
    for step, was_refused in zip(WITHOUT_TOOLS, refused, strict=True):
        if not was_refused:
            answer = play.answer(step)
            names = [call.name for call in answer.tool_calls]
            expect(not names, "no tool call", came=names, at=answer.first.at_text)
    return Observation(topic="tool-choice-without-tools", camp=camp(refused, accepted_as="ignored"))


@check("CC-CHOICE-006", broken, feature=TOOL_WORDS)
def test_a_choice_that_fits_no_tool_is_refused(play: Play) -> None:
    """A choice that names no tool of the request, or has a broken form, is refused because of the choice."""
    play.answer("control")
    for step in BROKEN:
        settled(play, step)
        expect_refused(play, step, "tool_choice", "tool choice", "function", "tools")
