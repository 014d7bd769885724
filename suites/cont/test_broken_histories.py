"""Histories that are broken: refused with 400 or taken as they are, never a failure of the server."""

from chatconform.suite import Observation, Play, check
from chatconform.suites.cont.scenarios import MALFORMED, malformed_arguments, unpaired_messages
from chatconform.suites.tools.outcomes import TOOL_WORDS, camp, refuses


@check("CC-CONT-011", malformed_arguments, feature=TOOL_WORDS)
def test_malformed_arguments_in_the_history_never_fail_the_server(play: Play) -> Observation:
    """Arguments in the history that are no JSON object are taken as text or refused with 400, never 5xx."""
    play.answer("control")
    refused = [refuses(play, step) for step in MALFORMED]
    return Observation(topic="malformed-arguments", camp=camp(refused, accepted_as="opaque-text"))


@check("CC-CONT-012", unpaired_messages, feature=TOOL_WORDS)
def test_a_result_without_a_call_is_refused_or_taken(play: Play) -> Observation:
    """A tool message that answers no call is refused with 400 or taken, never 5xx."""
    play.answer("control")
    refused = [refuses(play, step) for step in ("result-without-call", "result-of-unknown-call")]
    return Observation(topic="orphan-tool-message", camp=camp(refused))


@check("CC-CONT-013", unpaired_messages, feature=TOOL_WORDS)
def test_a_call_without_a_result_is_refused_or_taken(play: Play) -> Observation:
    """A call that no tool message answers is refused with 400 or taken, never 5xx."""
    play.answer("control")
    refused = [refuses(play, step) for step in ("call-without-result", "calls-without-results")]
    return Observation(topic="unanswered-tool-call", camp=camp(refused))
