"""A stop sequence ends the text before it, with finish reason `stop`."""

from chatconform.suite import Play, check, expect, expect_finish, provoked
from chatconform.suites.stop.scenarios import VOWELS, vowels, word_in_a_count


@check("CC-STOP-001", vowels, feature="stop")
def test_any_of_four_stops_ends_the_text_before_it(play: Play) -> None:
    """Generation ends at a stop string, the text does not contain it, and the finish reason is `stop`."""
    control, stopped = play.answer("control"), play.answer("stopped")
    provoked(
        any(vowel in control.text for vowel in VOWELS),
        "the control has none of the stop strings",
        at=control.first.at_text,
    )

    expect(
        not any(vowel in stopped.text for vowel in VOWELS),
        f"a text without {', '.join(VOWELS)}",
        came=stopped.text,
        at=stopped.first.at_text,
    )
    expect_finish(stopped, "stop")


@check("CC-STOP-001", word_in_a_count, feature="stop")
def test_text_before_the_stop_is_kept(play: Play) -> None:
    """The text up to the stop string is returned, and nothing after it."""
    control, stopped = play.answer("control"), play.answer("stopped")
    provoked(
        "four five" in control.text.lower(),
        "the control does not count from four to five",
        at=control.first.at_text,
    )

    expect(
        "five" not in stopped.text.lower(),
        "a text that ends before five",
        came=stopped.text,
        at=stopped.first.at_text,
    )
    expect(
        "four" in stopped.text.lower(),
        "the text before the stop string, with four",
        came=stopped.text,
        at=stopped.first.at_text,
    )
    expect_finish(stopped, "stop")
