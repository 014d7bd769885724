"""The message of a plain answer: who speaks, the text, why it ended, and what else may stand there."""

from __future__ import annotations

from chatconform.contract import load_contract
from chatconform.suite import (
    USUAL_LIMIT,
    Answer,
    Exchange,
    Observation,
    Play,
    check,
    expect,
    expect_finish,
    invariant,
    provoked,
)
from chatconform.suites.forms import completions
from chatconform.suites.resp.scenarios import greeting, limited_greeting
from chatconform.suites.wire import choices_of

FINISH_REASONS = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
ANNOTATIONS = "#/components/schemas/ResponseMessage/properties/annotations"
BESIDE_NULL = ("refusal", "tool_calls", "function_call", "audio")


@invariant("CC-RESP-004", completions, provoked_by=greeting)
def test_the_message_has_the_role_assistant_and_content(exchange: Exchange) -> None:
    """Every message has role 'assistant' and the member content, which is a string or null."""
    for part in choices_of(exchange):
        message = part.inner
        role = message.get("role", "none")
        expect(role == "assistant", "role 'assistant'", came=role, at=part.at)
        expect("content" in message, "the member content", came=message, at=part.at)
        content = message["content"]
        expect(
            content is None or isinstance(content, str),
            "content as a string or null",
            came=content,
            at=part.at,
        )


@check("CC-RESP-016", limited_greeting)
def test_a_plain_question_is_answered_with_text(play: Play) -> None:
    """The answer to a plain question that ended with `stop` is a text that is not empty."""
    answer = play.answer("answer")
    provoked(
        answer.finish_reason == "stop", f"it ended with {answer.finish_reason}", at=answer.first.at_finish
    )
    provoked(not answer.first.refusal, "the model refused", at=answer.first.at_text)
    provoked(not _is_null(play["answer"]), "content is null: a rule of its own", at=answer.first.at_text)

    expect(answer.text.strip(), "a text", came=answer.text, at=answer.first.at_text)


def _is_null(exchange: Exchange) -> bool:
    return not exchange.is_stream and any(
        part.inner.get("content", "") is None for part in choices_of(exchange)
    )


@invariant("CC-RESP-021", completions, provoked_by=greeting)
def test_content_is_null_only_beside_something_else(exchange: Exchange) -> None:
    """Where a message ended with `stop`, content is null only beside a call, a refusal or sound."""
    for part in choices_of(exchange):
        null = "content" in part.inner and part.inner["content"] is None
        alone = not any(part.inner.get(name) for name in BESIDE_NULL)
        ended = part.value.get("finish_reason") == "stop"
        expect(not (null and alone and ended), "a text, even an empty one", came=part.inner, at=part.at)


@invariant("CC-RESP-005", completions, provoked_by=greeting)
def test_refusal_and_logprobs_are_present_if_only_as_null(exchange: Exchange) -> Observation:
    """Every message has the member refusal, and every choice the member logprobs; null where unused."""
    for part in choices_of(exchange):
        expect("refusal" in part.inner, "the member refusal", came=part.inner, at=part.at)
        expect("logprobs" in part.value, "the member logprobs", came=part.value, at=part.at)
    return Observation(topic="unused-members", camp="null-keys-present")


@invariant("CC-RESP-017", completions, provoked_by=greeting)
def test_a_refusal_is_text_or_null(exchange: Exchange) -> None:
    """`message.refusal`, where it is present, is a string or null."""
    for part in choices_of(exchange):
        refusal = part.inner.get("refusal")
        expect(refusal is None or isinstance(refusal, str), "a string or null", came=refusal, at=part.at)


@invariant("CC-RESP-018", completions, provoked_by=greeting)
def test_annotations_are_whole(exchange: Exchange) -> Observation:
    """`message.annotations`, where present, is null or a list of typed objects; a citation names its page."""
    schema, seen = load_contract().validator(ANNOTATIONS), False
    for part in choices_of(exchange):
        annotations = part.inner.get("annotations")
        seen = seen or bool(annotations)
        broken = schema.violations(annotations)
        told = "; ".join(f"{each.param}: {each.message}" for each in broken[:3])
        expect(not broken, "null, or a list of whole annotations", came=told, at=part.at)
    return Observation(topic="annotations", camp="sent" if seen else "none")


@invariant("CC-RESP-006", completions, provoked_by=greeting)
def test_the_finish_reason_is_one_of_the_five_words(exchange: Exchange) -> None:
    """Every choice of a plain answer has one of the five finish reasons: never null, empty or a vendor's."""
    for part in choices_of(exchange):
        reason = part.value.get("finish_reason")
        expect(
            isinstance(reason, str) and reason in FINISH_REASONS,
            f"one of {', '.join(sorted(FINISH_REASONS))}",
            came=reason,
            at=part.at,
        )


@check("CC-RESP-007", limited_greeting)
def test_a_natural_end_gives_stop(play: Play) -> None:
    """An answer that ends by itself, far below its limit, has finish reason `stop`."""
    answer = play.answer("answer")
    provoked(_is_below_its_limit(answer), "the limit may have ended the answer", at=answer.first.at_finish)
    filtered = answer.finish_reason == "content_filter" or answer.first.refusal
    provoked(not filtered, "the answer was withheld", at=answer.first.at_finish)

    expect_finish(answer, "stop")


def _is_below_its_limit(answer: Answer) -> bool:
    # Hidden reasoning counts as well: without usage nothing but the word `stop` tells of an end of its own.
    if answer.usage is None:
        return answer.finish_reason == "stop"
    return answer.usage.generated_tokens < USUAL_LIMIT
