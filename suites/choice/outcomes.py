"""What a choice comes to: which tool is called, whether one is, and how many."""

import json
import re

from chatconform.suite import Answer, Json, expect, expect_finish, provoked
from chatconform.suites.tools.outcomes import TOOL_WORDS, calls_in, no_call
from chatconform.suites.wire import as_list, as_object

# How models write a call when nobody has read it out of their text.
MARKUP = re.compile(
    r"</?tool_?calls?\b|\[TOOL_CALLS\]|<\|python_tag\|>|<\|?tool[▁_]|<function[=_]|<\|channel\|>"
)
SINGLE_WORDS = ("parallel_tool_calls", *TOOL_WORDS)


def only_text(answer: Answer) -> None:
    """The answer is a text without a call, also without one that nobody has read out of it."""
    no_call(answer, "no tool call under tool_choice none")
    provoked(answer.finish_reason != "content_filter", "the answer was filtered", at=answer.first.at_finish)
    expect_finish(answer, "stop", "length")
    leaked = MARKUP.search(answer.text) or is_a_call(answer.text)
    expect(not leaked, "a text without the markup of a call", came=answer.text, at=answer.first.at_text)


def is_a_call(text: str) -> bool:
    """Whether the whole text is calls in JSON: one, an array of some, or one after the other."""
    entries = [entry for value in values_in(text) for entry in as_list(value) or [value]]
    return bool(entries) and all(map(is_written_call, entries))


def is_written_call(value: Json) -> bool:
    """Whether a value is a call as models write it."""
    written = as_object(value)
    return "name" in written and ("arguments" in written or "parameters" in written)


def values_in(text: str) -> list[Json]:
    """The JSON values that the whole text consists of; none where there is anything else."""
    decoder, values, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        try:
            value, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError):
            return []
        values.append(value)
        rest = rest[end:].lstrip(" \t\r\n,;")
    return values


def only_of_the_time(answer: Answer) -> None:
    """The answer calls get_time, and nothing else."""
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)
    names = [call.name for call in answer.tool_calls]
    provoked(all(names), "a call has no name", at=answer.first.at_text)
    expect(names, "a call of get_time", came=answer.text, at=answer.first.at_text)
    expect(set(names) == {"get_time"}, "calls of get_time only", came=names, at=answer.tool_calls[0].at)


def has_a_call(answer: Answer) -> None:
    """The answer has at least one tool call."""
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)
    came = f"no call, and the text {answer.text!r}"
    expect(answer.tool_calls, "at least one tool call", came=came, at=answer.first.at_text)


def one_at_most(answer: Answer) -> None:
    """The answer has no more than one call; an answer in text tells nothing."""
    calls = answer.tool_calls
    expect(
        len(calls) <= 1,
        "at most one tool call",
        came=[f"{call.name} {call.arguments}" for call in calls],
        at=tuple(call.at for call in calls),
    )
    calls_in(answer)


def brings_several(control: Answer) -> None:
    """The control shows that the prompt leads to several calls."""
    several = len(control.tool_calls)
    provoked(several > 1, f"the control brought {several} calls", at=control.first.at_text)
