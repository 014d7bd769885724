"""Choices that fit no tool, no form, or a request without tools."""

from chatconform.suite import Observation, Play, check, expect_refused, provoked
from chatconform.suites.choice.scenarios import (
    MALFORMED,
    WITHOUT_TOOLS,
    malformed,
    unknown_tool,
    without_tools,
)
from chatconform.suites.tools.outcomes import TOOL_WORDS, camp, no_call, refuses
from chatconform.suites.wire import measured

# What the refusal of a choice may name: the parameter, or what is wrong within it.
CHOICE_WORDS = ("tool_choice", "tool choice", "function", "tools")


@check("CC-CHOICE-005", without_tools)
def test_a_choice_without_tools_is_refused_or_ignored(play: Play) -> Observation:
    """A tool_choice without tools is refused with 400, or answered without a call, never a failure."""
    play.answer("control")
    sent = [step for step in WITHOUT_TOOLS if play.has(step)]
    provoked(sent, "no such choice was sent")
    refused = [refuses(play, step) for step in sent]
    for step, was_refused in zip(sent, refused, strict=True):
        if not was_refused:
            no_call(play.answer(step), "no tool call, as the request has no tools")
    return Observation(topic="tool-choice-without-tools", camp=camp(refused, accepted_as="ignored"))


@check("CC-CHOICE-006", malformed, feature=TOOL_WORDS)
def test_a_malformed_choice_is_refused(play: Play) -> None:
    """A choice that has the form of none is refused before any event, because of the choice."""
    play.answer("control")
    sent = [step for step in MALFORMED if play.has(step)]
    provoked(sent, "no such choice was sent")
    refused_for_the_choice(play, sent)


@check("CC-CHOICE-009", unknown_tool, feature=TOOL_WORDS)
def test_a_choice_of_an_unknown_tool_is_refused(play: Play) -> None:
    """A choice that names no tool of the request is refused because of the choice."""
    play.answer("control")
    refused_for_the_choice(play, ["unknown-tool"])


def refused_for_the_choice(play: Play, sent: list[str]) -> None:
    """Every step was refused, and for the right reason."""
    for step in sent:
        measured(play, step)
        expect_refused(play, step, *CHOICE_WORDS)
