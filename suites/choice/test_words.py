"""`none` gives text, `required` a call, and `parallel_tool_calls: false` one call at most."""

import re

from chatconform.suite import Answer, NotJson, Play, check, expect, expect_finish, parse, provoked
from chatconform.suites.choice.scenarios import (
    none,
    required_after_a_tool_result,
    required_against_the_prompt,
)
from chatconform.suites.tools.outcomes import TOOL_WORDS, calls_in, no_call
from chatconform.suites.tools.scenarios import auto_call, three_cities
from chatconform.suites.wire import as_object

# How models write a call when nobody has read it out of their text.
MARKUP = re.compile(
    r"</?tool_?calls?\b|\[TOOL_CALLS\]|<\|python_tag\|>|<\|?tool[▁_]|<function[=_]|<\|channel\|>"
)


@check("CC-CHOICE-001", none, control=auto_call, feature=TOOL_WORDS)
def test_none_gives_text_and_no_call(play: Play) -> None:
    """With tool_choice none the answer is a text without calls, where auto brings one for the same prompt."""
    answer = play.answer("answer")

    no_call(answer, "no tool call under tool_choice none")
    provoked(answer.finish_reason != "content_filter", "the answer was filtered", at=answer.first.at_finish)
    expect_finish(answer, "stop", "length")
    leaked = MARKUP.search(answer.text) or is_a_call(answer.text)
    expect(not leaked, "a text without the markup of a call", came=answer.text, at=answer.first.at_text)
    calls_in(play.comparison.answer("call"))


def is_a_call(text: str) -> bool:
    """Whether the whole text is a call in JSON."""
    try:
        value = as_object(parse(text.strip()))
    except NotJson:
        return False
    return "name" in value and ("arguments" in value or "parameters" in value)


@check("CC-CHOICE-002", required_against_the_prompt, feature=TOOL_WORDS)
def test_required_gives_a_call_against_the_prompt(play: Play) -> None:
    """With tool_choice required the answer has a tool call, though the prompt forbids it."""
    has_a_call(play.answer("call"))


@check("CC-CHOICE-002", required_after_a_tool_result, feature=TOOL_WORDS)
def test_required_gives_a_call_after_a_tool_result(play: Play) -> None:
    """With tool_choice required the answer has a tool call on a turn after a finished tool round as well."""
    has_a_call(play.answer("call"))


def has_a_call(answer: Answer) -> None:
    """The answer has at least one tool call."""
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)
    came = f"no call, and the text {answer.text!r}"
    expect(answer.tool_calls, "at least one tool call", came=came, at=answer.first.at_text)


@check("CC-CHOICE-007", three_cities, feature=("parallel_tool_calls", *TOOL_WORDS))
def test_parallel_tool_calls_false_gives_one_call_at_most(play: Play) -> None:
    """With parallel_tool_calls false there is at most one call, where the same prompt else brings several."""
    single, parallel = play.answer("single"), play.answer("parallel")
    calls = single.tool_calls

    expect(
        len(calls) <= 1,
        "at most one tool call",
        came=[f"{call.name} {call.arguments}" for call in calls],
        at=tuple(call.at for call in calls),
    )
    several = len(parallel.tool_calls)
    provoked(several > 1, f"the control brought {several} calls", at=parallel.first.at_text)
