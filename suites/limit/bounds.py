"""Whether a limit bounded a completion, and whether the completion says so."""

from __future__ import annotations

from chatconform.suite import Answer, Choice, expect, provoked

# A server that cuts between bytes may count the token that completes a character.
TOLERANCE = 1
# No tokenizer makes one token of more than this many characters of prose.
LONGEST_TOKEN = 24
# Counts may be estimates; a limit that choices share leaves each of two a half of it.
SHARE = 0.75


def expect_bounded(answer: Answer, limit: int) -> None:
    """Each choice has at most so many tokens, by the target's count and by its text."""
    most = limit + (TOLERANCE if any(map(_may_be_split, answer.choices)) else 0)
    if answer.usage is not None:
        counted = answer.usage.completion_tokens
        expect(
            counted <= most * len(answer.choices),
            f"at most {limit} completion tokens" + (" a choice" if len(answer.choices) > 1 else ""),
            came=counted,
            at=(answer.usage.at, answer.first.at_text),
        )
    for choice in answer.choices:
        # The text speaks for itself, whatever the usage says: a word is a token at least.
        expect(
            is_short(choice.text, limit),
            f"a text of at most {limit} tokens",
            came=f"{len(choice.text.split())} words: {choice.text}",
            at=choice.at_text,
        )


def _may_be_split(choice: Choice) -> bool:
    """Whether a token may have been needed to complete a character: not where all that came is ASCII."""
    return not choice.text or bool(choice.reasoning) or not choice.text.isascii()


def is_short(text: str, limit: int) -> bool:
    """Whether a text may be one of so many tokens."""
    most = limit + TOLERANCE
    return len(text.split()) <= most and len(text) <= LONGEST_TOKEN * most


def longer_than(control: Answer, limit: int) -> None:
    """The control has to be longer than the limit, or its absence shows nothing."""
    counted = control.usage.completion_tokens if control.usage else 0
    longer = not is_short(control.text, limit) or control.finish_reason == "length" or counted > 2 * limit
    provoked(longer, "the control's answer is shorter than the limit", at=control.first.at_text)


def expect_cut(answer: Answer, limit: int) -> None:
    """Each choice that the limit cut has finish_reason length."""
    counted = answer.usage.completion_tokens if answer.usage else None
    for choice in answer.choices:
        # A text that ignores its limit was not cut, and one that ended below it was not either.
        provoked(is_short(choice.text, limit), "the answer is longer than its limit", at=choice.at_text)
        below = counted is not None and counted < (limit - TOLERANCE) * len(answer.choices)
        provoked(choice.finish_reason == "length" or not below, "the answer ended below its limit")
        # One without a finish reason breaks a rule of its own, whatever ended it.
        expect(
            choice.finish_reason in ("length", None),
            "finish_reason length",
            came=choice.finish_reason,
            at=choice.at_finish,
        )
    for choice in answer.choices:
        told = f"choice {choice.index} has no finish reason"
        provoked(choice.finish_reason is not None, told, at=choice.at_finish)


def expect_limits_of_their_own(answer: Answer, limit: int) -> None:
    """Several choices that were all cut have about as many tokens together as their limits allow."""
    cut = [choice for choice in answer.choices if choice.finish_reason == "length" and choice.text]
    if not len(cut) == len(answer.choices) > 1 or answer.usage is None:
        return
    counted = answer.usage.generated_tokens
    words = sum(len(f"{choice.text} {choice.reasoning}".split()) for choice in cut)
    # Fewer tokens than words are not those of all choices, which is the affair of another rule.
    expect(
        counted < words or counted > SHARE * limit * len(cut),
        f"about {limit} tokens for each of {len(cut)} choices that ended with length",
        came=f"{counted} for all of them",
        at=tuple(choice.at_finish for choice in cut),
    )
