"""A choice that is an object: it names a function, or allows some of the tools."""

from chatconform.suite import (
    BOTH_FORMS,
    STREAMED,
    Observation,
    Play,
    check,
    expect,
    expect_finish,
    provoked,
)
from chatconform.suites.choice.outcomes import only_of_the_time
from chatconform.suites.choice.scenarios import allowed, named, named_plain
from chatconform.suites.tools.outcomes import TOOL_WORDS, calls_in, control_of, settled


@check("CC-CHOICE-003", named, paths=BOTH_FORMS, feature=TOOL_WORDS)
def test_a_named_choice_calls_that_function(play: Play) -> None:
    """A choice that names a function calls it, and no other that would fit the prompt better."""
    only_of_the_time(play.answer("call"))


@check("CC-CHOICE-004", named, control=named_plain, paths=(STREAMED,), feature=TOOL_WORDS)
def test_a_named_choice_ends_alike_plain_and_streamed(play: Play) -> Observation:
    """An answer to a named choice ends with tool_calls or stop, and with the same one in both forms."""
    plain, streamed = play.comparison.answer("call"), play.answer("call")
    for answer in (plain, streamed):
        provoked(answer.tool_calls, "the model made no tool call", at=answer.first.at_text)
        expect_finish(answer, "tool_calls", "stop")

    expect(
        plain.finish_reason == streamed.finish_reason,
        f"finish_reason {plain.finish_reason}, as in the plain answer",
        came=streamed.finish_reason,
        at=(streamed.first.at_finish, plain.first.at_finish),
    )
    return Observation(topic="finish-reason-of-named-choice", camp=str(plain.finish_reason).replace("_", "-"))


@check("CC-CHOICE-010", named, control=named_plain, paths=(STREAMED,), feature=TOOL_WORDS)
def test_a_named_choice_brings_as_many_calls_streamed_as_plain(play: Play) -> None:
    """One question about one city brings as many different calls in a stream as in a plain answer."""
    plain, streamed = calls_in(play.comparison.answer("call")), calls_in(play.answer("call"))
    counts = [len({(call.name, call.arguments) for call in calls}) for calls in (plain, streamed)]

    expect(
        counts[0] == counts[1],
        f"{counts[0]} calls, as in the plain answer",
        came=[f"{call.name} {call.arguments}" for call in streamed],
        at=(streamed[0].at, plain[0].at),
    )


@check("CC-CHOICE-008", allowed, feature=("allowed_tools", *TOOL_WORDS))
def test_allowed_tools_limit_the_calls(play: Play) -> None:
    """Under allowed_tools with mode required only an allowed tool is called."""
    control_of(play)
    settled(play, "call")

    only_of_the_time(play.answer("call"))
