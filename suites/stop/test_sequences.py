"""A stop sequence ends the text before it, with finish reason `stop`."""

from chatconform.suite import (
    AFTER_TOOL_RESULT,
    PLAIN,
    STREAMED,
    Observation,
    Play,
    at_status,
    check,
    expect,
    expect_finish,
    expect_refused,
    provoked,
)
from chatconform.suites.logprobs.scenarios import LAST, wide
from chatconform.suites.sample.scenarios import STOP, written_out
from chatconform.suites.stop.ends import expect_none_of, expect_stopped, first_stop, stopped, stops_of
from chatconform.suites.stop.scenarios import more_stops, stopped_story
from chatconform.suites.story import is_refused
from chatconform.suites.wire import measured

FEATURE = ("stop", "temperature")
# What stands before the last of the wide characters, and what a part of a character becomes.
BEFORE_LAST = "Übergröße"
BROKEN = "\ufffd"


@check("CC-STOP-001", stopped_story, paths=(PLAIN, STREAMED), feature=FEATURE)
def test_the_text_ends_before_a_stop_string(play: Play) -> None:
    """Generation ends at a stop string, the text does not contain it, and the finish reason is `stop`."""
    expect_stopped(play)


@check("CC-STOP-009", stopped_story, paths=(PLAIN, STREAMED), feature=FEATURE)
def test_the_text_before_the_stop_string_is_whole(play: Play) -> None:
    """The text up to the stop string is returned whole."""
    control, answer, _ = stopped(play)
    stops = stops_of(play, play.part("stopped", "stop"))
    provoked(first_stop(answer.text, stops) < 0, "the text goes on beyond the stop", at=answer.first.at_text)
    whole = control.text[: first_stop(control.text, stops)].strip()
    provoked(whole, "the control begins with a stop string", at=control.first.at_text)
    came = answer.text.strip()
    provoked(whole.startswith(came) or came.startswith(whole), "another text came", at=answer.first.at_text)

    expect(came == whole, f"the text {whole!r}", came=came, at=(answer.first.at_text, control.first.at_text))


@check("CC-STOP-002", stopped_story, paths=(AFTER_TOOL_RESULT,), feature=FEATURE)
def test_the_last_of_four_stop_strings_works(play: Play) -> None:
    """Of four stop strings the last one, which alone can occur, ends the text before it."""
    expect_stopped(play)


@check("CC-STOP-002", written_out, feature="stop")
def test_one_stop_string_may_stand_by_itself(play: Play) -> None:
    """A string that is no array ends the text before it, with the finish reason `stop`."""
    silent, answer = play.answer("control"), play.answer(play.part("written-out", "stop"))
    provoked(STOP in silent.text, f"the story without stop has no {STOP}", at=silent.first.at_text)

    expect_none_of(answer, [STOP])
    expect_finish(answer, "stop")


@check("CC-STOP-003", more_stops, feature="stop")
def test_five_stop_strings_are_refused_or_all_honoured(play: Play) -> Observation:
    """Five stop strings are refused by name, or the fifth ends the text as well; none is cut off silently."""
    control = play.answer("control")
    # Odd lists of other lengths are sent only where every case is wanted.
    for step in ("five", *filter(play.has, ("empty-list", "empty-string"))):
        status = measured(play, step).status
        expect(status < 500, "a status below 500", came=status, at=at_status(play[step]))
    if is_refused(play["five"]):
        expect_refused(play, "five", "stop")
        return Observation("more-than-four-stops", "refused")
    answer = play.answer("five")
    provoked("." in control.text, "the control has no full stop", at=control.first.at_text)
    expect(
        "." not in answer.text,
        "a refusal that names stop, or a text that the fifth stop string ends",
        came=answer.text,
        at=answer.first.at_text,
    )
    return Observation("more-than-four-stops", "all-honoured")


@check("CC-STOP-006", wide, paths=(PLAIN,), feature=FEATURE)
def test_a_stop_string_that_does_not_come_leaves_the_natural_end(play: Play) -> None:
    """Beside a stop string that never comes, the text ends by itself as it does without one."""
    answer = play.answer(play.part("wide", "stop"))
    provoked(answer.text, "the answer has no text", at=answer.first.at_finish)
    if answer.finish_reason == "length":
        unstopped = play.answer("unstopped")
        provoked(
            unstopped.finish_reason == "stop",
            "without a stop string the text runs to its limit as well",
            at=unstopped.first.at_finish,
        )

    expect_finish(answer, "stop")


@check("CC-STOP-008", wide, paths=(STREAMED,), feature=FEATURE)
def test_a_stop_string_of_wide_characters_works(play: Play) -> None:
    """A stop string beyond ASCII ends the text before it, and leaves no part of a character."""
    answer = play.answer(play.part("wide", "stop"))
    expect_none_of(answer, [LAST])
    provoked(BEFORE_LAST in answer.text, "the model did not repeat the text", at=answer.first.at_text)

    expect(BROKEN not in answer.text, "whole characters", came=answer.text, at=answer.first.at_text)
    expect_finish(answer, "stop")
