"""null for a parameter is as if it had not been sent."""

from __future__ import annotations

from chatconform.suite import USUAL_LIMIT, Answer, Play, at_body, at_status, check, expect, provoked
from chatconform.suites.req.parameters import NULLS, nulls
from chatconform.suites.req.refusing import accepted_control
from chatconform.suites.wire import choices_of, measured


@check("CC-REQ-010", nulls)
def test_null_means_the_default(play: Play) -> None:
    """Null for temperature, top_p, the penalties, seed and logit_bias is accepted."""
    _accepted(play, "sampling")


@check("CC-REQ-033", nulls)
def test_null_for_a_limit_is_no_limit(play: Play) -> None:
    """Null for max_tokens and max_completion_tokens is accepted, and cuts no answer short."""
    answer = _accepted(play, "limits")
    used = answer.usage.generated_tokens if answer.usage else USUAL_LIMIT
    # Who calls every end a cut breaks another rule.
    provoked(play.answer("control").finish_reason != "length", "the control ends with length as well")
    expect(
        answer.finish_reason != "length" or used >= USUAL_LIMIT,
        "an answer that no limit has cut",
        came=f"finish_reason length after {used} tokens",
        at=answer.first.at_finish,
    )


@check("CC-REQ-034", nulls)
def test_null_for_stop_is_no_stop_string(play: Play) -> None:
    """Null for stop is accepted."""
    _accepted(play, "stop")


@check("CC-REQ-035", nulls)
def test_null_for_n_is_one_choice(play: Play) -> None:
    """Null for n is accepted, and gives one choice."""
    answer = _accepted(play, "n")
    expect(len(answer.choices) == 1, "one choice", came=str(len(answer.choices)), at=at_body(answer.exchange))


@check("CC-REQ-036", nulls)
def test_null_for_logprobs_is_none(play: Play) -> None:
    """Null for logprobs and top_logprobs is accepted, and gives no log probabilities."""
    answer = _accepted(play, "logprobs")
    for part in choices_of(answer.exchange):
        came = part.value.get("logprobs")
        given = came.get("content") if isinstance(came, dict) else came
        expect(not given, "no log probabilities", came=came, at=part.at)


@check("CC-REQ-037", nulls)
def test_null_for_stream_is_a_plain_answer(play: Play) -> None:
    """Null for stream and stream_options is accepted, and gives a plain answer."""
    exchange = _accepted(play, "stream").exchange
    expect(not exchange.is_stream, "a plain answer", came="an event stream", at=at_body(exchange))


@check("CC-REQ-038", nulls, feature=NULLS["labels"])
def test_null_for_a_label_is_accepted(play: Play) -> None:
    """Null for metadata, store, service_tier, safety_identifier and prompt_cache_key is accepted."""
    _tolerated(play, "labels")


@check("CC-REQ-039", nulls, feature=NULLS["manner"])
def test_null_for_a_manner_is_accepted(play: Play) -> None:
    """Null for reasoning_effort, verbosity, modalities, audio and prediction is accepted."""
    _tolerated(play, "manner")


def _accepted(play: Play, group: str) -> Answer:
    """The answer to the nulls of a group; a refusal breaks the rule, whatever it names."""
    accepted_control(play)
    step = play.part("nulls", group)
    status = measured(play, step).status
    told = ", ".join(NULLS[group])
    expect(status == 200, f"status 200 for null in {told}", came=str(status), at=at_status(play[step]))
    return play.answer(step)


def _tolerated(play: Play, group: str) -> Answer:
    """The answer to the nulls of a group; a server that knows none of the members may say so."""
    accepted_control(play)
    return play.answer(play.part("nulls", group))
