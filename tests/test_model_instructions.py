"""Instructions that any real chat model follows, in many wordings."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.reference_server.model import ChatRequest, FinishReason, Written, folded, generate


def _write(prompt: str, *, system: str = "", entropy: int = 1, **parameters: Any) -> Written:
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": prompt})
    return folded(
        generate(ChatRequest.from_body({"model": "m", "messages": messages, **parameters}), entropy=entropy)
    )


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Reply with the single word OK.", "OK"),
        ("Reply with OK only.", "OK"),
        ("Reply with only the word banana", "banana"),
        ("Please answer with just the word yes", "yes"),
        ("Say OK.", "OK"),
        ("Say hello. Do not call any tool.", "hello"),
        ("Say this is a test", "this is a test"),
        ("Say the word banana and nothing else.", "banana"),
        ('respond with exactly "pong"', "pong"),
        ("Could you say 'good morning'?", "good morning"),
        ("Repeat exactly: 漢字 🦀🦀 é", "漢字 🦀🦀 é"),
        ("Repeat after me: the cat sat.", "the cat sat."),
        ("Echo this back: hello, world", "hello, world"),
        ("Repeat the following text verbatim:\nabc\ndef", "abc\ndef"),
        ("Write exactly the following sentence, and nothing else: I am here.", "I am here."),
        ('Output the string "x-42" without quotes.', "x-42"),
        ("Please repeat this line exactly as it is: a b  c", "a b  c"),
        ("Respond with only: DONE", "DONE"),
        ("Print the token 9f3a-77.", "9f3a-77"),
        ("Return exactly `{}`", "{}"),
        ("Repeat exactly: would you please say it as is?", "would you please say it as is?"),
        ("Repeat this text: I am here. Do not add anything.", "I am here."),
        ('Print exactly this JSON: {"a": 1}', '{"a": 1}'),
        ("Say hi in one word", "hi"),
        ("Respond with an emoji: 🦀", "🦀"),
    ],
)
def test_what_is_to_be_said_is_said(prompt: str, text: str) -> None:
    """The payload comes back as it is, and the answer ends by itself."""
    written = _write(prompt)
    assert (written.text, written.reason) == (text, FinishReason.STOP)


@given(st.text(st.sampled_from("abcXYZ019 é漢🦀-_/+"), min_size=1).filter(lambda text: text == text.strip()))
@settings(max_examples=60)
def test_any_quoted_text_is_repeated(text: str) -> None:
    """No payload is special."""
    for lead in ("Repeat exactly:", "Say", "Reply with exactly", "Echo", "Write only the text"):
        assert _write(f'{lead} "{text}"').text == text


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Count from 1 to 5 separated by spaces.", "1 2 3 4 5"),
        ("Count from 1 to 5.", "1, 2, 3, 4, 5"),
        ("Count from one to four in English words, separated by single spaces", "one two three four"),
        ("Count one two three ... six", "one two three four five six"),
        ("Count: one two three four five", "one two three four five"),
        ("List the numbers from 8 to 11, one per line", "8\n9\n10\n11"),
        ("Count down from 4 to 1", "4, 3, 2, 1"),
        ("Count backwards from 3 to 1 using dashes", "3-2-1"),
        ("count to three", "one, two, three"),
        ("Please count up to 3, comma separated", "1, 2, 3"),
        ("Count from 2 to 10 by 4 with spaces", "2 6 10"),
        ("Print the numbers 1 through 3 separated by ' | '", "1 | 2 | 3"),
        ("Recite the alphabet without spaces", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("Write the lowercase alphabet as one word", "abcdefghijklmnopqrstuvwxyz"),
        ("List the letters of the alphabet from A to E, separated by commas.", "A, B, C, D, E"),
        ("Repeat the word 'go' 3 times", "go go go"),
        ("Say hello four times, one per line", "hello\nhello\nhello\nhello"),
        ("Write the word no twice.", "no no"),
        ("Repeat this word 3 times: apple", "apple apple apple"),
    ],
)
def test_sequences_are_exact(prompt: str, text: str) -> None:
    """Counting, the alphabet and repetition keep to the range, the form and the separator."""
    assert _write(prompt).text == text


@pytest.mark.parametrize(
    "prompt",
    [
        "Repeat the word go forever",
        "Say the word go over and over again without stopping.",
        "Repeat 'go' endlessly.",
        "Keep saying the word go indefinitely",
        "Please repeat the word go again and again, never stop.",
    ],
)
def test_what_has_no_end_runs_into_the_limit(prompt: str) -> None:
    """Repetition for ever is cut by the limit."""
    written = _write(prompt, max_tokens=40)
    assert written.text.split() == ["go"] * 40
    assert written.reason is FinishReason.LENGTH


@pytest.mark.parametrize("size", [20, 100, 500])
@pytest.mark.parametrize(
    "wording",
    [
        "Write a {} word story about rivers.",
        "Write a {}-word essay on rivers",
        "In {} words, describe rivers.",
    ],
)
def test_a_text_has_the_length_that_was_asked_for(wording: str, size: int) -> None:
    """Long texts really are long, and speak of their topic."""
    written = _write(wording.format(size))
    assert abs(len(written.text.split()) - size) <= size * 0.1
    assert "rivers" in written.text
    assert written.reason is FinishReason.STOP


def test_one_sentence_is_one_sentence() -> None:
    """A sentence about something mentions it and ends with a full stop."""
    for prompt in (
        "Write one long English sentence about rivers.",
        "Write a sentence about rivers",
        "Give me a one sentence summary about rivers.",
        "Write 1 sentence about rivers",
    ):
        text = _write(prompt).text
        assert "rivers" in text
        assert text.count(".") == 1
        assert text.endswith(".")


@pytest.mark.parametrize(
    ("prompt", "lines"),
    [
        ("List three fruits.", 3),
        ("Name five colours, one per line", 5),
        ("Give me 4 different animals", 4),
        ("List 3 benefits of walking", 3),
    ],
)
def test_lists_have_as_many_different_items_as_asked_for(prompt: str, lines: int) -> None:
    """Items are distinct, one a line."""
    items = [re.sub(r"^\d+\. ", "", line) for line in _write(prompt).text.split("\n")]
    assert len(set(items)) == len(items) == lines


@pytest.mark.parametrize(
    ("prompt", "pattern"),
    [
        ("Pick a random 5 letter word", r"[a-z]{5}"),
        ("Choose a random number between 3 and 9.", r"[3-9]"),
        ("Give me a random four digit number", r"[1-9]\d{3}"),
        ("Flip a coin", r"Heads|Tails"),
        ("Pick one of: red, green, blue", r"red|green|blue"),
        ("Roll a die.", r"[1-6]"),
    ],
)
def test_random_picks_keep_to_what_was_asked_for(prompt: str, pattern: str) -> None:
    """Whatever the entropy, the pick is a legal one."""
    for entropy in range(20):
        assert re.fullmatch(pattern, _write(prompt, entropy=entropy, temperature=2).text)


@given(st.integers(-999, 999), st.integers(1, 999))
@settings(max_examples=50)
def test_sums_are_right(one: int, other: int) -> None:
    """Arithmetic of two numbers, in signs and in words."""
    assert _write(f"What is {one} + {other}? Reply with only the number.").text == str(one + other)
    assert _write(f"Multiply {one} by {other} and answer with just the number").text == str(one * other)
    assert f" {one - other}." in _write(f"What's {one} minus {other}?").text


@pytest.mark.parametrize(
    "prompt",
    [
        "hi",
        "Hello!",
        "How are you?",
        "What is the meaning of life?",
        "Explain how magnets work.",
        "My cat is asleep.",
        "Why is the sea salty?",
        "Tell me a joke",
        "asdf",
        "?",
        "x",
        "Tell me something about bread.",
        "Can you help me?",
        "What is the weather in Paris? Use the tool.",
        "Write something.",
        "Plan a trip to Rome for me",
        "…",
        "Who wrote Hamlet?",
        "Is water wet?",
        "Summarise the plot of a film.",
        "thanks",
    ],
)
def test_any_prompt_gets_an_english_sentence(prompt: str) -> None:
    """The answer to anything has vowels, ends by itself, and has no markup."""
    written = _write(prompt)
    assert re.search(r"[aeiou]", written.text)
    assert len(written.text.split()) >= 3
    assert written.text[-1] in ".?!"
    assert written.reason is FinishReason.STOP
    assert "```" not in written.text


def test_letter_stops_fire_on_ordinary_answers() -> None:
    """Any English text meets a vowel."""
    for prompt in ("Write one long English sentence about rivers.", "hi", "What is snow?"):
        written = _write(prompt, stop=["e", "a", "i", "o"])
        assert written.text
        assert not set(written.text) & set("eaio")
        assert written.reason is FinishReason.STOP


def test_instructions_shape_the_answer() -> None:
    """Simple directives of a system message are obeyed."""
    assert _write("What is snow?", system="Always end your answer with the word BANANA.").text.endswith(
        "BANANA"
    )
    assert _write("hi", system="Start every reply with 'Ahoy'.").text.startswith("Ahoy ")
    assert _write("What is snow?", system="Always answer with the word PONG.").text == "PONG"
    assert _write("hi", system="Write in uppercase.").text.isupper()
    assert "réponse" in _write("What is snow?", system="Answer in French.").text
