"""A choice that is an object: it names a function, or allows some of the tools."""

from chatconform.suite import Answer, Observation, Play, check, expect, expect_finish, provoked
from chatconform.suites.choice.scenarios import allowed, named, named_plain_and_streamed
from chatconform.suites.tools.outcomes import TOOL_WORDS, settled


@check("CC-CHOICE-003", named, feature=TOOL_WORDS)
def test_a_named_choice_calls_that_function(play: Play) -> None:
    """A choice that names a function calls it, and no other that would fit the prompt better."""
    only_of_the_time(play.answer("call"))


@check("CC-CHOICE-004", named_plain_and_streamed, feature=TOOL_WORDS)
def test_a_named_choice_ends_alike_plain_and_streamed(play: Play) -> Observation:
    """An answer to a named choice ends with tool_calls or stop, and with the same one in both forms."""
    plain, streamed = play.answer("plain"), play.answer("streamed")
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


@check("CC-CHOICE-008", allowed, feature=("allowed_tools", *TOOL_WORDS))
def test_allowed_tools_limit_the_calls(play: Play) -> None:
    """Under allowed_tools with mode required only an allowed tool is called."""
    play.answer("control")
    settled(play, "call")

    only_of_the_time(play.answer("call"))


def only_of_the_time(answer: Answer) -> None:
    """The answer calls get_time, and nothing else."""
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)
    names = [call.name for call in answer.tool_calls]
    expect(names, "a call of get_time", came=answer.text, at=answer.first.at_text)
    expect(set(names) == {"get_time"}, "calls of get_time only", came=names, at=answer.tool_calls[0].at)
