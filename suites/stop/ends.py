"""How a stopped story ended, told beside the story that nothing stopped."""

from __future__ import annotations

from chatconform.suite import Answer, Play, expect, expect_finish, provoked
from chatconform.suites.forms import request_body
from chatconform.suites.wire import as_list


def stops_of(play: Play, step: str) -> list[str]:
    """The stop strings that a step sent; a single one as a list."""
    sent = request_body(play[step]).get("stop")
    return [sent] if isinstance(sent, str) else [each for each in as_list(sent) if isinstance(each, str)]


def first_stop(text: str, stops: list[str]) -> int:
    """Where the first of the stop strings begins in a text; -1 where it has none."""
    return min((place for place in map(text.find, stops) if place >= 0), default=-1)


def stopped(play: Play) -> tuple[Answer, Answer, list[str]]:
    """The story that nothing stopped, the stopped one, and the stop strings that it was stopped by.

    A fragment of a word among them is judged by rules of its own.
    """
    step = play.part("stopped", "stop")
    control, answer = play.answer("control"), play.answer(step)
    stops = [stop for stop in stops_of(play, step) if len(stop) == 1]
    provoked(
        first_stop(control.text, stops) >= 0,
        "the control has none of the stop strings",
        at=control.first.at_text,
    )
    return control, answer, stops


def expect_stopped(play: Play) -> None:
    """The text has none of the stop strings, and the finish reason says that it was stopped."""
    control, answer, stops = stopped(play)
    expect_none_of(answer, stops)
    # A text that differs from the control may have come to its limit before any stop string.
    elsewhere = answer.finish_reason == "length" and not control.text.startswith(answer.text)
    provoked(not elsewhere, "another text came, which its limit cut first", at=answer.first.at_text)
    provoked(
        answer.finish_reason != "length" or answer.text,
        "the model thought until its limit came",
        at=answer.first.at_finish,
    )
    expect_finish(answer, "stop")


def expect_none_of(answer: Answer, stops: list[str]) -> None:
    """No stop string is in the text."""
    expect(
        first_stop(answer.text, stops) < 0,
        f"a text without {' or '.join(map(repr, stops))}",
        came=answer.text,
        at=answer.first.at_text,
    )
