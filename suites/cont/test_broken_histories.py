"""Histories that are odd or broken: taken as they are or refused with 400, never a failure of the server."""

from __future__ import annotations

from chatconform.suite import Observation, Play, check
from chatconform.suites.cont.oddities import HARMLESS, MALFORMED
from chatconform.suites.cont.scenarios import odd_histories, unpaired_messages
from chatconform.suites.tools.outcomes import TOOL_WORDS, accepted, camp, refuses, settled

UNPAIRED_RESULTS = ("result-of-unknown-call", "result-without-call")
UNPAIRED_CALLS = ("call-without-result", "calls-without-results")


@check("CC-CONT-011", odd_histories, feature=TOOL_WORDS)
def test_malformed_arguments_in_the_history_never_fail_the_server(play: Play) -> Observation:
    """Arguments in the history that are no JSON object are taken as text or refused with 400, never 5xx."""
    refused = [_refuses_oddity(play, name) for name in MALFORMED]
    if play.has("all-streamed") and not any(refused):
        refuses(play, "all-streamed")
    return Observation(topic="malformed-arguments", camp=camp(refused, accepted_as="opaque-text"))


@check("CC-CONT-016", odd_histories, feature=TOOL_WORDS)
def test_a_tool_history_needs_no_tools_in_the_request(play: Play) -> Observation:
    """A history with calls and results is accepted by a request that defines no tools."""
    step = _step_of(play, "no-tools")
    settled(play, step)

    play.answer(step)
    return Observation(topic="tool-history-without-tools", camp="independent")


@check("CC-CONT-050", odd_histories, feature=TOOL_WORDS)
def test_an_empty_tool_result_is_accepted(play: Play) -> None:
    """A tool result that is an empty string is accepted, as a tool may have nothing to say."""
    accepted(play, _step_of(play, "empty-result"))


@check("CC-CONT-052", odd_histories, feature=TOOL_WORDS)
def test_a_name_on_a_tool_result_is_accepted(play: Play) -> None:
    """A tool result that also bears the tool's name, as older clients send it, is accepted."""
    accepted(play, _step_of(play, "named-result"))


@check("CC-CONT-048", odd_histories, feature=(*TOOL_WORDS, "refusal", "content", "part"))
def test_a_refusal_in_the_history_is_accepted(play: Play) -> None:
    """An earlier refusal of the assistant is accepted, in its field and as a part of the content."""
    for name in ("refusal-field", "refusal-part"):
        step = _step_of(play, name)
        settled(play, step)
        play.answer(step)


@check("CC-CONT-012", unpaired_messages, feature=TOOL_WORDS)
def test_a_result_without_a_call_is_refused_or_taken(play: Play) -> Observation:
    """A tool message that answers no call is refused with 400 or taken, never 5xx."""
    play.answer("control")
    refused = [refuses(play, step) for step in _performed(play, *UNPAIRED_RESULTS)]
    return Observation(topic="orphan-tool-message", camp=camp(refused))


@check("CC-CONT-013", unpaired_messages, feature=TOOL_WORDS)
def test_a_call_without_a_result_is_refused_or_taken(play: Play) -> Observation:
    """A call that no tool message answers is refused with 400 or taken, never 5xx."""
    play.answer("control")
    refused = [refuses(play, step) for step in _performed(play, *UNPAIRED_CALLS)]
    return Observation(topic="unanswered-tool-call", camp=camp(refused))


def _performed(play: Play, core: str, *more: str) -> list[str]:
    """The core case, and those others that a thorough run sends."""
    return [core, *(step for step in more if play.has(step))]


def _step_of(play: Play, oddity: str) -> str:
    """The step that tells of an oddity: by itself, beside other harmless ones, or beside all."""
    if play.has(oddity):
        return oddity
    return "harmless" if play.has("harmless") and oddity in HARMLESS else "all"


def _refuses_oddity(play: Play, oddity: str) -> bool:
    """Whether an oddity is refused, where an ordinary history is not."""
    if play.has("control"):
        play.answer("control")
    return refuses(play, _step_of(play, oddity))
