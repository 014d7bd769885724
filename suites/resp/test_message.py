"""The message of a plain answer: who speaks, the text, why it ended, and what else may stand there."""

from __future__ import annotations

from chatconform.suite import (
    Answer,
    Exchange,
    Observation,
    Play,
    check,
    expect,
    invariant,
    provoked,
)
from chatconform.suites.forms import answers, completions
from chatconform.suites.resp.scenarios import WORD_LIMIT, greeting, one_word
from chatconform.suites.wire import Part, choices_of

FINISH_REASONS = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
MARKUP = (
    "<|im_end|>",
    "<|im_start|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<|start_header_id|>",
    "</s>",
    "<end_of_turn>",
    "<tool_call>",
    "[TOOL_CALLS]",
)
REASONING = ("reasoning_content", "reasoning")


@invariant("CC-RESP-004", completions, provoked_by=greeting)
def test_the_message_has_the_role_assistant_and_content(exchange: Exchange) -> None:
    """Every message has role 'assistant' and the member content, which is a string or null."""
    for part in choices_of(exchange):
        message = part.inner
        expect(
            message.get("role") == "assistant",
            "role 'assistant'",
            came=message.get("role", "none"),
            at=part.at,
        )
        expect("content" in message, "the member content", came=message, at=part.at)
        content = message["content"]
        expect(
            content is None or isinstance(content, str),
            "content as a string or null",
            came=content,
            at=part.at,
        )


@check("CC-RESP-004", greeting)
def test_a_plain_question_is_answered_with_text(play: Play) -> None:
    """The answer to a plain question that ended with `stop` is a text that is not empty."""
    answer = play.answer("answer")
    provoked(
        answer.finish_reason == "stop", f"it ended with {answer.finish_reason}", at=answer.first.at_finish
    )
    provoked(not answer.first.refusal, "the model refused", at=answer.first.at_text)

    expect(answer.text.strip(), "a text", came=answer.text, at=answer.first.at_text)


@invariant("CC-RESP-005", completions, provoked_by=greeting)
def test_refusal_and_logprobs_are_present_if_only_as_null(exchange: Exchange) -> Observation:
    """Every message has the member refusal, and every choice the member logprobs; null where unused."""
    for part in choices_of(exchange):
        expect("refusal" in part.inner, "the member refusal", came=part.inner, at=part.at)
        expect("logprobs" in part.value, "the member logprobs", came=part.value, at=part.at)
    return Observation(topic="unused-members", camp="null-keys-present")


@invariant("CC-RESP-006", completions, provoked_by=(greeting, one_word))
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


@check("CC-RESP-007", one_word)
def test_a_natural_end_gives_stop(play: Play) -> None:
    """An answer that ends by itself, far below its limit, has finish reason `stop`."""
    answer = play.answer("answer")
    provoked(not _limited(answer), "the limit may have ended the answer", at=answer.first.at_finish)

    expect(
        answer.finish_reason == "stop",
        "finish_reason stop",
        came=answer.finish_reason,
        at=answer.first.at_finish,
    )


def _limited(answer: Answer) -> bool:
    """Whether the limit may have ended it."""
    # Hidden reasoning counts as well: without usage only the whole expected text tells that it did not.
    if answer.usage is not None:
        return answer.usage.completion_tokens >= WORD_LIMIT
    return answer.finish_reason != "stop" and answer.text.strip(" .!\"'*\n").upper() != "OK"


@invariant("CC-RESP-009", answers, provoked_by=greeting)
def test_no_call_means_no_list_of_calls(exchange: Exchange) -> Observation | None:
    """Where no tool was called, a message has no empty array tool_calls; in deltas it is recorded."""
    empty = [part for part in choices_of(exchange) if part.inner.get("tool_calls") == []]
    if exchange.is_stream:
        return Observation(topic="empty-tool-calls-in-deltas", camp="sent" if empty else "none")
    for part in empty:
        expect(False, "no tool_calls, or null", came=[], at=part.at)
    return None


@invariant("CC-RESP-010", answers, provoked_by=greeting)
def test_no_markup_leaks_into_the_text(exchange: Exchange) -> None:
    """No role marker, end-of-turn token or tool markup stands in the text, unless the request had it."""
    sent = exchange.request.body.decode("utf-8", errors="replace")
    foreign = [mark for mark in MARKUP if mark not in sent]
    texts: dict[int, str] = {}
    for part in choices_of(exchange):
        texts[part.index] = text = texts.get(part.index, "") + _content(part)
        leaked = [mark for mark in foreign if mark in text]
        expect(not leaked, "a text without template markup", came=text[-200:], at=part.at)


def _content(part: Part) -> str:
    content = part.inner.get("content")
    return content if isinstance(content, str) else ""


@invariant("CC-RESP-013", answers, provoked_by=greeting)
def test_reasoning_is_text_or_null(exchange: Exchange) -> Observation:
    """`reasoning_content` and `reasoning` may be missing; where present they are a string or null."""
    used: set[str] = set()
    for part in choices_of(exchange):
        for name in REASONING:
            value = part.inner.get(name)
            expect(
                value is None or isinstance(value, str), f"{name} as a string or null", came=value, at=part.at
            )
            used |= {name} if value else set()
    return Observation(topic="reasoning", camp="+".join(sorted(used)).replace("_", "-") or "none")
