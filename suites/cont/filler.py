"""Texts of a known length, for the oracle that counts the prompt's tokens.

Whether a text reached the model can be told without reading the answer: the count of prompt tokens grows
by about as much as the text is long. The oracle holds only where a longer user message is seen to raise the
count.
"""

from chatconform.suite import Answer, Play, Stage, expect, prompt, provoked

# An ordinary word is one token or more; a server may count several words as one only if it compresses.
LEAST_PER_WORD = 0.5


def filler(stage: Stage, words: int) -> str:
    """Ordinary words in random order, so that no cache has seen them."""
    return " ".join(stage.dice.choices(prompt("plain-words").split(), k=words))


def prompt_tokens(play: Play, step: str) -> int:
    """The prompt's tokens by the target's own count."""
    return counted(play.answer(step))


def counted(answer: Answer) -> int:
    """The prompt's tokens of an answer; without a count nothing can be told."""
    provoked(answer.usage is not None, "the answer has no usage", at=answer.first.at_finish)
    return answer.usage.prompt_tokens if answer.usage else 0


def growth(play: Play, shorter: str, longer: str) -> int:
    """By how many prompt tokens one step exceeds another."""
    return prompt_tokens(play, longer) - prompt_tokens(play, shorter)


def counts_honestly(play: Play, shorter: str, longer: str, words: int) -> None:
    """The usage is honest: a user message that is longer by so many words is counted as longer."""
    grown = growth(play, shorter, longer)
    told = f"usage is not honest: {words} more words of a user message added {grown} prompt tokens"
    provoked(grown >= words * LEAST_PER_WORD, told)


def reached_the_model(play: Play, shorter: str, longer: str, words: int) -> None:
    """The words by which one step's request is longer were counted, so they reached the model."""
    without, usage = play.answer(shorter).usage, play.answer(longer).usage
    least = int(words * LEAST_PER_WORD)
    if usage is not None and without is not None:
        expect(
            usage.prompt_tokens - without.prompt_tokens >= least,
            f"at least {least} prompt_tokens more for {words} words, which are counted in a user message",
            came=f"{usage.prompt_tokens} with them, {without.prompt_tokens} without",
            at=(usage.at, without.at),
        )
