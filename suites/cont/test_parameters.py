"""Parameters hold after a tool result and on later turns as they do on the first, plain and streamed."""

from chatconform.suite import (
    AFTER_TOOL_RESULT,
    AFTER_TOOL_RESULT_STREAMED,
    LATER_TURN,
    LATER_TURN_STREAMED,
    Answer,
    Exchange,
    NotJson,
    Play,
    check,
    expect,
    expect_finish,
    parse,
    provoked,
)
from chatconform.suites.cont.shapes import logprobs, several_choices, tiny_limit_with_tools, tool_result_json
from chatconform.suites.limit.scenarios import LIMIT, tiny_limit, tiny_limit_by_old_name
from chatconform.suites.stop.scenarios import VOWELS, vowels
from chatconform.suites.tools.outcomes import TOOL_WORDS
from chatconform.suites.wire import as_list, as_object, choices_of

LATER = (AFTER_TOOL_RESULT, LATER_TURN, AFTER_TOOL_RESULT_STREAMED, LATER_TURN_STREAMED)
# A server that cuts between bytes may count the token that completes a character.
MOST_TOKENS = LIMIT + 1
# No tokeniser makes one token of more than this many characters of prose.
LONGEST_TOKEN = 24


@check("CC-CONT-008", tiny_limit, paths=LATER, feature="max_completion_tokens")
def test_max_completion_tokens_holds_later_as_well(play: Play) -> None:
    """max_completion_tokens cuts the answer after a tool result and on a later turn, with length."""
    limited(play)


@check("CC-CONT-008", tiny_limit_by_old_name, paths=LATER, feature="max_tokens")
def test_max_tokens_holds_later_as_well(play: Play) -> None:
    """max_tokens cuts the answer after a tool result and on a later turn, which ends with length."""
    limited(play)


@check("CC-CONT-008", tiny_limit_with_tools, feature=("max_completion_tokens", *TOOL_WORDS))
def test_max_completion_tokens_holds_beside_tools(play: Play) -> None:
    """max_completion_tokens cuts an answer in text as well where the request defines tools."""
    calls = play.answer("limited").tool_calls
    provoked(not calls, "the model called a tool", at=calls[0].at if calls else None)

    limited(play)


def limited(play: Play) -> None:
    """The answer was cut at the limit, where the control is longer."""
    control, answer = play.answer("control"), play.answer("limited")
    # Too long is too long, whatever the control shows.
    if answer.usage is not None:
        spent, at = answer.usage.completion_tokens, (answer.usage.at, answer.first.at_text)
        expect(spent <= MOST_TOKENS, f"at most {LIMIT} completion tokens", came=spent, at=at)
    short = len(answer.text) <= MOST_TOKENS * LONGEST_TOKEN and len(answer.text.split()) <= MOST_TOKENS
    expect(short, f"a text of at most {LIMIT} tokens", came=answer.text, at=answer.first.at_text)

    longer = control.finish_reason == "length" or len(control.text) > MOST_TOKENS * LONGEST_TOKEN
    provoked(longer, "the control's answer is shorter than the limit", at=control.first.at_text)
    expect_finish(answer, "length")


@check("CC-CONT-009", vowels, paths=LATER, feature="stop")
def test_stop_holds_later_as_well(play: Play) -> None:
    """A stop sequence ends the answer after a tool result and on a later turn, with finish reason stop."""
    control, stopped = play.answer("control"), play.answer("stopped")
    would_come = any(vowel in control.text for vowel in VOWELS)
    provoked(would_come, "the control has none of the stop strings", at=control.first.at_text)

    clean = not any(vowel in stopped.text for vowel in VOWELS)
    expect(clean, f"a text without {', '.join(VOWELS)}", came=stopped.text, at=stopped.first.at_text)
    expect_finish(stopped, "stop")


@check("CC-CONT-018", logprobs, feature="logprobs")
def test_logprobs_come_after_a_tool_result_as_well(play: Play) -> None:
    """Logprobs that come on the first turn come after a tool result too."""
    first, later = play.answer("first"), play.answer("later")
    provoked(has_logprobs(play["first"]), "the first turn has no logprobs", at=first.first.at_text)
    provoked(later.text, "the answer has no text", at=later.first.at_text)

    expect(has_logprobs(play["later"]), "logprobs.content", came="none", at=later.first.at_text)


def has_logprobs(exchange: Exchange) -> bool:
    """Whether a choice, or one of its chunks, has log probabilities of its tokens."""
    return any(
        as_list(as_object(choice.value.get("logprobs")).get("content")) for choice in choices_of(exchange)
    )


@check("CC-CONT-018", several_choices, feature=("'n'", "n ", "choices"))
def test_n_holds_after_a_tool_result_as_well(play: Play) -> None:
    """N that gives two choices on the first turn gives two after a tool result too."""
    first, later = play.answer("first"), play.answer("later")
    provoked(len(first.choices) == 2, "the first turn has no two choices", at=first.first.at_text)

    expect(len(later.choices) == 2, "2 choices", came=len(later.choices), at=later.first.at_text)


@check("CC-CONT-018", tool_result_json, feature=("response_format", "json_object"))
def test_json_object_mode_holds_after_a_tool_result_as_well(play: Play) -> None:
    """json_object that gives an object on the first turn gives one after a tool result too."""
    first, later = play.answer("first"), play.answer("later")
    provoked(is_object(first), "the first turn's answer is no JSON object", at=first.first.at_text)
    provoked(later.finish_reason != "length", "the answer was cut by a limit", at=later.first.at_finish)

    expect(is_object(later), "a JSON object", came=later.text, at=later.first.at_text)


def is_object(answer: Answer) -> bool:
    """Whether the whole text is a JSON object."""
    try:
        return isinstance(parse(answer.text), dict)
    except NotJson:
        return False
