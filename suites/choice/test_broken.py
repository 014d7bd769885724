"""Choices that fit no tool, no form, or a request without tools."""

import json

from chatconform.suite import Observation, Play, at_status, check, expect, expect_refused
from chatconform.suites.choice.scenarios import BROKEN, WITHOUT_TOOLS, broken, without_tools
from chatconform.suites.tools.outcomes import TOOL_WORDS, camp, no_call, refuses, settled


@check("CC-CHOICE-005", without_tools)
def test_a_choice_without_tools_is_refused_or_ignored(play: Play) -> Observation:
    """A tool_choice without tools is refused with 400, or answered without a call, never a failure."""
    play.answer("control")
    refused = [refuses(play, step) for step in WITHOUT_TOOLS]
    for step, was_refused in zip(WITHOUT_TOOLS, refused, strict=True):
        if not was_refused:
            no_call(play.answer(step), "no tool call, as the request has no tools")
    return Observation(topic="tool-choice-without-tools", camp=camp(refused, accepted_as="ignored"))


@check("CC-CHOICE-006", broken, feature=TOOL_WORDS)
def test_a_choice_that_fits_no_tool_is_refused(play: Play) -> None:
    """A choice that names no tool of the request, or has a broken form, is refused because of the choice."""
    play.answer("control")
    accepted = [step for step in BROKEN if settled(play, step) == 200]
    expect(
        not accepted,
        "a refusal with 400 or 422",
        came="200 for tool_choice " + ", ".join(json.dumps(BROKEN[step]) for step in accepted),
        at=tuple(at_status(play[step]) for step in accepted),
    )
    for step in BROKEN:
        expect_refused(play, step, "tool_choice", "tool choice", "function", "tools")
