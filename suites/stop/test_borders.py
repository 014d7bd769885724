"""A stop string is found wherever it begins and ends: within tokens, across them, and in tool calls."""

from chatconform.suite import (
    PLAIN,
    STREAMED,
    NotJson,
    Observation,
    Play,
    check,
    expect,
    parse,
    provoked,
)
from chatconform.suites.stop.ends import first_stop, stopped
from chatconform.suites.stop.scenarios import CITY, stop_in_a_call, stopped_story
from chatconform.suites.tools.outcomes import TOOL_WORDS

FEATURE = ("stop", "temperature")


@check("CC-STOP-004", stopped_story, paths=(STREAMED,), feature=FEATURE)
def test_no_part_of_a_stop_string_is_streamed(play: Play) -> None:
    """A stop string that crosses the border between two words ends the stream before its first letter."""
    _ends_before_the_fragment(play)


@check("CC-STOP-005", stopped_story, paths=(PLAIN,), feature=FEATURE)
def test_a_stop_string_within_a_word_ends_the_text(play: Play) -> None:
    """A stop string that begins and ends inside a word ends the text before it."""
    _ends_before_the_fragment(play)


def _ends_before_the_fragment(play: Play) -> None:
    control, answer, others = stopped(play)
    fragment = play.notes.get("fragment", "")
    provoked(fragment, "the control has no long words in its first sentence", at=control.first.at_text)
    # Where the text goes on beyond every stop string, they are ignored: that is another rule's affair.
    provoked(first_stop(answer.text, others) < 0, "no stop string ended the text", at=answer.first.at_text)
    before = control.text[: control.text.find(fragment)]
    rest = answer.text.removeprefix(before)
    provoked(rest != answer.text or not before, "another text came", at=answer.first.at_text)

    # One letter more may be what came before the stop string could be known.
    expect(
        not rest or (len(rest) == 1 and fragment.startswith(rest)),
        f"a text that ends before {fragment!r}",
        came=answer.text,
        at=(answer.first.at_text, control.first.at_text),
    )


@check("CC-STOP-007", stop_in_a_call, feature=("stop", *TOOL_WORDS))
def test_a_stop_string_does_not_corrupt_a_call(play: Play) -> Observation:
    """A call whose arguments hold a stop string is whole, or is not reported as complete."""
    answer = play.answer("call")
    expect(CITY not in answer.text, f"a text without {CITY!r}", came=answer.text, at=answer.first.at_text)
    calls = answer.tool_calls
    if answer.finish_reason != "tool_calls":
        provoked(answer.finish_reason == "stop", "the answer was cut by its limit", at=answer.first.at_finish)
        provoked(calls or not answer.text, "the model answered in text", at=answer.first.at_text)
        return Observation("stop-in-arguments", "applies-to-arguments")
    provoked(calls, "the answer has no calls", at=answer.first.at_finish)
    for call in calls:
        expect(
            _is_object(call.arguments),
            "whole arguments, or another finish_reason than tool_calls",
            came=call.arguments,
            at=(call.at, answer.first.at_finish),
        )
    return Observation("stop-in-arguments", "text-only")


def _is_object(arguments: str) -> bool:
    try:
        return isinstance(parse(arguments), dict)
    except NotJson:
        return False
