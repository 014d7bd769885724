"""What a content filter removes is reported as filtered, never as a normal end."""

from __future__ import annotations

from chatconform.suite import (
    STREAMED,
    Answer,
    Exchange,
    Observation,
    Play,
    at_body,
    at_status,
    check,
    expect,
    expect_finish,
    provoked,
)
from chatconform.suites.safety.scenarios import blocked_prompt, filtered_answer
from chatconform.suites.tools.outcomes import error_events, settled
from chatconform.suites.wire import choices_of, measured

BLOCKED = {400: "bad-request-400", 403: "forbidden-403", 422: "unprocessable-422"}


@check("CC-SAFETY-001", filtered_answer)
def test_a_filtered_answer_ends_with_content_filter(play: Play) -> None:
    """An answer from which the filter removed its trigger ends with finish_reason content_filter."""
    step = _step(play)
    blocked = measured(play, step).status in BLOCKED
    provoked(not blocked, "the prompt was blocked, before any answer", at=at_status(play[step]))
    answer = play.answer(step)
    if answer.finish_reason != "content_filter":
        _would_have_been_filtered(play, answer.text, play[step])
    expect_finish(answer, "content_filter")


@check("CC-SAFETY-002", filtered_answer, paths=(STREAMED,))
def test_a_block_in_mid_stream_is_no_normal_end(play: Play) -> None:
    """A stream that is blocked after text ends with content_filter or an error event, and not with stop."""
    step = _step(play)
    measured(play, step)
    exchange = play[step]
    choices = list(choices_of(exchange))
    text = "".join(str(part.inner.get("content") or "") for part in choices)
    provoked(text, "no text came before the block", at=at_body(exchange))
    reasons = [str(part.value["finish_reason"]) for part in choices if part.value.get("finish_reason")]
    told = "content_filter" in reasons or bool(error_events(play, step))
    if not told:
        _would_have_been_filtered(play, text, exchange)
    came = ", ".join(reasons) or "no finish_reason"
    expect(told, "content_filter or an error event", came=came, at=at_body(exchange))
    expect("stop" not in reasons, "no finish_reason stop beside it", came=came, at=at_body(exchange))


@check("CC-SAFETY-003", blocked_prompt)
def test_a_blocked_prompt_is_reported(play: Play) -> Observation:
    """A blocked prompt is refused with 400, 403 or 422, or ends with content_filter, never with stop."""
    camps = [_report_of(play, step) for step in ("prompt", "prompt-streamed") if _is_sent(play, step)]
    return Observation(topic="blocked-prompt", camp=camps[0] if len(set(camps)) == 1 else "form-dependent")


def _is_sent(play: Play, step: str) -> bool:
    return step == "prompt" or play.has(step)


def _report_of(play: Play, step: str) -> str:
    status = settled(play, step)
    if status != 200:
        at = at_status(play[step])
        expect(status in BLOCKED, "a refusal with 400, 403 or 422", came=status, at=at)
        return BLOCKED[status]
    answer: Answer = play.answer(step)
    if answer.finish_reason != "content_filter":
        provoked(not answer.text, "the prompt was not blocked", at=answer.first.at_text)
    expect_finish(answer, "content_filter")
    return "finish-reason-200"


def _step(play: Play) -> str:
    return "in-pieces" if play.has("in-pieces") else "written"


def _would_have_been_filtered(play: Play, text: str, exchange: Exchange) -> None:
    """The model would have written the trigger: it writes a code in the same place."""
    trigger, at = play.note("trigger"), at_body(exchange)
    provoked(trigger not in text, "the filter let its trigger through", at=at)
    control = play.answer("control")
    said = play.note("code") in control.text
    provoked(said, "the model does not say what it is asked for", at=control.first.at_text)
