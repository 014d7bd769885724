"""What a request may come to that a server is free to refuse, but never to fail at."""

from chatconform.suite import (
    Answer,
    Evidence,
    Play,
    ToolCall,
    at_event,
    at_status,
    expect,
    expect_no_server_failure,
    expect_refused,
    provoked,
)
from chatconform.suites.tools.offers import DEFAULTS
from chatconform.suites.wire import measured

TOOL_WORDS = ("tools", "tool_choice", "tool calling", "function calling")


def settled(play: Play, step: str) -> int:
    """The status of a step that may be refused; a failure of the server breaks the rule."""
    measured(play, step)
    return expect_no_server_failure(play, step)


def refuses(play: Play, step: str) -> bool:
    """Whether a step was refused, cleanly and before any event, rather than answered."""
    status = settled(play, step)
    if status != 200:
        expect_refused(play, step)
        return True
    broken_off = error_events(play, step)
    expect(not broken_off, "a 4xx before any event", came="an error in the stream", at=broken_off)
    play.answer(step)
    return False


def accepted(play: Play, step: str) -> Answer:
    """The answer of a step that the contract allows; whatever refuses or fails it breaks the rule."""
    status = settled(play, step)
    expect(status == 200, "an answer with status 200", came=status, at=at_status(play[step]))
    broken_off = error_events(play, step)
    expect(not broken_off, "an answer without an error", came="an error in the stream", at=broken_off)
    return play.answer(step)


def error_events(play: Play, step: str) -> tuple[Evidence, ...]:
    """The events of a stream that bear an error."""
    exchange = play[step]
    if not exchange.is_stream:
        return ()
    chunks = play.response(step).stream.chunks
    return tuple(at_event(exchange, event.index) for event in chunks if (event.chunk or {}).get("error"))


def camp(refused: list[bool], *, accepted_as: str = "accepted") -> str:
    """One word for what several steps came to."""
    if all(refused):
        return "refused"
    return "some-refused" if any(refused) else accepted_as


def control_of(play: Play) -> Answer:
    """The answer to the question that brings several calls, whichever default was refused beside it."""
    for part in DEFAULTS:
        step = play.part("several", part)
        if play.response(step).status == 200:
            return play.answer(step)
    return play.answer("several")


def calls_in(answer: Answer) -> tuple[ToolCall, ...]:
    """The calls of an answer that was meant to have some."""
    # A model that talks until its limit may not have come to its call.
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)
    provoked(answer.tool_calls, "the model made no tool call", at=answer.first.at_text)
    return answer.tool_calls


def no_call(answer: Answer, expected: str) -> None:
    """The answer has no calls; the evidence points at the first that it has."""
    calls = answer.tool_calls
    names = [call.name for call in calls]
    expect(not calls, expected, came=f"calls of {', '.join(names)}", at=tuple(call.at for call in calls[:1]))
