"""Sampling parameters of the reference model."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.reference_server.model import (
    ChatRequest,
    FinishReason,
    Written,
    encode,
    folded,
    generate,
    token_id,
)
from chatconform.reference_server.model.vocabulary import PROSE

_WORD = "Pick a random 5 letter word."
_STORY = "Write a 60 word story about a lighthouse."
_KINDS = [
    _WORD,
    _STORY,
    "Say OK.",
    "",
    "Hello!",
    "Count from 1 to 5.",
    "Repeat exactly: 漢字 🦀🦀 é",
    "Repeat the word go forever.",
    "What is 2 + 2?",
    "List three fruits.",
    "What is the capital of France? Answer in one word.",
]
_REPEAT = "Repeat exactly: the quick brown fox, 42 times over."


def _write(prompt: str, *, entropy: int = 1, choice: int = 0, **parameters: Any) -> Written:
    body = {"model": "m", "messages": [{"role": "user", "content": prompt}], **parameters}
    return folded(generate(ChatRequest.from_body(body), entropy=entropy, choice=choice))


@pytest.mark.parametrize("prompt", [_WORD, _STORY, "Tell me something nice."])
def test_temperature_zero_always_writes_the_same(prompt: str) -> None:
    """At temperature 0 neither entropy, nor the choice, nor the seed matters."""
    texts = {_write(prompt, temperature=0, entropy=each, choice=each, seed=each).text for each in range(6)}
    assert len(texts) == 1


@pytest.mark.parametrize(
    "prompt", [_WORD, _STORY, "Pick a random number between 1 and 10000.", "Name a fruit at random."]
)
def test_a_high_temperature_diversifies_open_text(prompt: str) -> None:
    """Open-ended text differs from request to request."""
    assert len({_write(prompt, temperature=1.5, entropy=each).text for each in range(8)}) > 2


@given(st.floats(0, 2), st.integers(0, 2**64), st.integers(0, 127))
@settings(max_examples=60)
def test_determined_text_stays_put_at_any_temperature(temperature: float, entropy: int, choice: int) -> None:
    """Sampling does not touch what the task determines."""
    assert _write(_REPEAT, temperature=temperature, entropy=entropy, choice=choice).text == _REPEAT[16:]


def test_a_seed_repeats_and_seeds_differ() -> None:
    """The same seed gives the same text whatever the entropy; several seeds give several texts."""
    assert len({_write(_STORY, seed=42, entropy=each).text for each in range(4)}) == 1
    assert len({_write(_STORY, seed=each, entropy=1).text for each in range(5)}) == 5


def test_choices_of_one_request_are_sampled_independently() -> None:
    """With and without a seed, the choices of a request differ."""
    for extra in ({}, {"seed": 7}):
        prompt = "Pick a random number between 1 and 10000. Reply with the number."
        assert len({_write(prompt, temperature=1.3, choice=each, **extra).text for each in range(4)}) > 1


def test_a_tiny_top_p_is_greedy() -> None:
    """With top_p 0.01 only the likeliest token is left, whatever the temperature."""
    greedy = _write(_STORY, temperature=0).text
    assert {_write(_STORY, temperature=1.5, top_p=0.01, entropy=each).text for each in range(5)} == {greedy}
    assert {_write(_STORY, temperature=1.5, top_p=0, entropy=each).text for each in range(3)} == {greedy}


@pytest.mark.parametrize("temperature", [0, 1])
def test_a_frequency_penalty_reduces_repetition(temperature: float) -> None:
    """A word that is to be said for ever comes less often the higher the penalty."""
    counts = [
        _write(
            "Repeat the word go forever", max_tokens=60, temperature=temperature, frequency_penalty=each
        ).text.count("go")
        for each in (0, 1, 2)
    ]
    assert counts[0] == 60
    assert counts[0] > counts[1] > counts[2]


_PENALTIES: list[dict[str, Any]] = [
    {"frequency_penalty": 2},
    {"presence_penalty": 2},
    {"frequency_penalty": 2, "presence_penalty": 2},
]
_LONG = [
    _STORY,
    "Write a story of 64 tokens.",
    "Write one long sentence about rivers of 30 words.",
    "Tell me a tale of a fox.",
    "Explain how rain forms.",
    "Compose a poem about the moon.",
    "Write a paragraph on tea.",
]


def _first_repetition(written: Written) -> int:
    seen: set[bytes] = set()
    for place, token in enumerate(written.tokens):
        if token.data in seen:
            return place
        seen.add(token.data)
    raise AssertionError("nothing is repeated")


@pytest.mark.parametrize("prompt", _LONG)
@pytest.mark.parametrize("penalties", _PENALTIES, ids=str)
def test_a_penalty_changes_open_text_soon_after_its_first_repetition(
    prompt: str, penalties: dict[str, Any]
) -> None:
    """Up to its first repeated token a text is the same with a penalty, and a few tokens later it is not."""
    free = _write(prompt, temperature=0, max_tokens=64)
    fined = _write(prompt, temperature=0, max_tokens=64, **penalties)
    first = _first_repetition(free)
    assert first < 24
    assert [token.data for token in free.tokens[:first]] == [token.data for token in fined.tokens[:first]]
    assert free.text[: len(free.text) // 2] != fined.text[: len(free.text) // 2]


@pytest.mark.parametrize("penalties", _PENALTIES, ids=str)
@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("Write the word apple thirty times", "apple"),
        ("Say tea 30 times.", "tea"),
        ("Repeat the word go forever.", "go"),
    ],
)
def test_each_penalty_reduces_what_is_repeated(prompt: str, word: str, penalties: dict[str, Any]) -> None:
    """A word that is asked for many times comes at most half as often with a penalty of 2."""
    free = _write(prompt, temperature=0, max_tokens=30).text.split().count(word)
    fined = _write(prompt, temperature=0, max_tokens=30, **penalties).text.split().count(word)
    assert free == 30
    assert 0 < fined <= free / 2


@pytest.mark.parametrize(
    "prompt", [_REPEAT, "Repeat exactly: a b a b a b", "Count from 1 to 9.", "What is 3 + 3?"]
)
def test_a_penalty_leaves_determined_text_alone(prompt: str) -> None:
    """What the task determines is not given up for a few repetitions in it."""
    penalties = {"frequency_penalty": 2, "presence_penalty": 2}
    assert _write(prompt, **penalties).text == _write(prompt).text


def test_a_penalty_never_breaks_a_word_or_a_character() -> None:
    """Only whole words give way: repeated endings stay with their words, characters of many bytes whole."""
    text = _write(
        "Write a 200 word story about 漢字 and é.", temperature=0, frequency_penalty=2, presence_penalty=2
    ).text
    known = {word for kind in PROSE.values() for word in kind}
    broken = [word for word in text.split() if len(word) > 3 and any(each[:-1] == word for each in known)]
    assert broken == []
    assert "\ufffd" not in text


def test_braces_in_a_topic_are_only_text() -> None:
    """A topic is never taken for a place to fill in."""
    assert "{foo}" in _write("Write a story about {foo} bars.", temperature=0).text


def test_a_presence_penalty_lowers_what_was_used_once() -> None:
    """The log probability of a used token falls by the penalty, not by its number of uses."""
    free, fined = (
        _write(
            "Repeat the word go forever", max_tokens=5, logprobs=True, top_logprobs=20, presence_penalty=each
        ).tokens
        for each in (0, 0.5)
    )
    assert free[0].logprob == fined[0].logprob
    assert fined[3].logprob < free[3].logprob
    assert math.isclose(fined[2].logprob, fined[4].logprob, abs_tol=1e-9)


def test_a_banned_token_does_not_come_and_a_forced_one_does() -> None:
    """logit_bias acts by token id: -100 removes a token, +100 makes it come."""
    names = {data: str(token_id(data)) for data in (b"OK", b" the", b"!")}
    assert "OK" not in _write("Reply with OK only.", logit_bias={names[b"OK"]: -100}).text
    story = _write(_STORY, logit_bias={names[b" the"]: -100})
    assert b" the" not in {token.data for token in story.tokens}
    assert set(_write("Repeat exactly: one two three", logit_bias={names[b"!"]: 100}).text) == {"!"}


@pytest.mark.parametrize(
    "bias", [{"800000000": 100}, {"99999999999999999999": 100}, {"9" * 5000: 100}, {"9" * 16: -100}]
)
def test_what_is_no_token_id_biases_nothing(bias: dict[str, int]) -> None:
    """Ids beyond the vocabulary are accepted and have nothing to act on, however long they are."""
    assert _write("Say OK.", logit_bias=bias).text == "OK"


@given(st.sampled_from(_KINDS), st.integers(0, 200_000), st.floats(0, 2), st.integers(1, 30))
@settings(max_examples=100)
def test_a_forced_token_comes_until_the_limit(
    prompt: str, number: int, temperature: float, limit: int
) -> None:
    """A bias of 100 on any small id outdoes every other token, the end of the text too, for any prompt."""
    written = _write(prompt, logit_bias={str(number): 100}, temperature=temperature, max_tokens=limit)
    assert {token.id for token in written.tokens} == {number}
    assert written.completion_tokens == len(written.tokens) == limit
    assert written.reason is FinishReason.LENGTH


@pytest.mark.parametrize("bias", [1, 5, 50])
def test_a_smaller_bias_leaves_determined_text_and_its_end_alone(bias: int) -> None:
    """Only a bias that outweighs the margin of determined text moves it."""
    assert _write("Say OK.", logit_bias={"1000": bias, "7": bias}).text == "OK"


def test_a_bias_does_not_break_characters_or_json() -> None:
    """A part of a character is offered only inside it, and constrained text stays as it is."""
    part = str(token_id("漢".encode()[:2]))
    assert _write("Say OK.", logit_bias={part: 100}).text == "OK"
    assert _write("Repeat exactly: 漢 漢", logit_bias={"1000": 100}, max_tokens=3).text == " iq" * 3
    form = {"response_format": {"type": "json_object"}, "logit_bias": {"1000": 100}}
    assert json.loads(_write("Reply in JSON.", **form).text)


def test_the_end_of_a_text_is_no_alternative() -> None:
    """Where a forced token takes the place of the end, the end is not told among the likeliest tokens."""
    written = _write("Say OK.", logit_bias={"1000": 100}, max_tokens=4, logprobs=True, top_logprobs=20)
    assert all(each.data for token in written.tokens for each in token.top)
    assert [len(token.top) for token in written.tokens] == [20] * 4


def test_banned_tokens_keep_a_word_out_in_all_its_forms() -> None:
    """With each token of a word at -100 the word does not come, whatever the temperature."""
    ids = [token_id(data) for word in ("apple", " apple", "Apple", " Apple") for data in encode(word)]
    for temperature in (0, 1, 2):
        banned = _write(
            "Write the word apple five times.",
            temperature=temperature,
            logit_bias=dict.fromkeys(map(str, ids), -100),
        )
        assert banned.text
        assert "apple" not in banned.text.lower()


@given(st.integers(0, 20), st.floats(0, 2), st.integers(0, 1000))
@settings(max_examples=50)
def test_top_logprobs_are_sorted_and_the_chosen_token_has_its_own(
    top: int, temperature: float, entropy: int
) -> None:
    """There are as many alternatives as asked for, best first, and probabilities do not exceed one."""
    written = _write(
        _STORY, logprobs=True, top_logprobs=top, temperature=temperature, entropy=entropy, max_tokens=20
    )
    for token in written.tokens:
        values = [each.logprob for each in token.top]
        assert len(values) == top
        assert values == sorted(values, reverse=True)
        assert token.logprob <= 0
        assert sum(map(math.exp, values)) <= 1 + 1e-9
        assert all(each.logprob == token.logprob for each in token.top if each.data == token.data)


def test_at_temperature_zero_the_chosen_token_comes_first() -> None:
    """Greedy text takes the likeliest token everywhere."""
    written = _write(_STORY, temperature=0, logprobs=True, top_logprobs=3)
    assert all(token.top[0].data == token.data for token in written.tokens)


@pytest.mark.parametrize("prompt", [_STORY, "Repeat exactly: 漢字 🦀🦀 é"])
@pytest.mark.parametrize("temperature", [0, 0.7, 1, 2])
def test_asking_for_logprobs_changes_nothing_else(prompt: str, temperature: float) -> None:
    """The fast path and the path with alternatives draw the same tokens with the same probabilities."""
    plain = _write(prompt, temperature=temperature, seed=3)
    told = _write(prompt, temperature=temperature, seed=3, logprobs=True, top_logprobs=5)
    assert plain.text == told.text
    assert [token.data for token in plain.tokens] == [token.data for token in told.tokens]
    assert all(
        math.isclose(one.logprob, other.logprob, abs_tol=1e-12)
        for one, other in zip(plain.tokens, told.tokens, strict=True)
    )


def test_tokens_reassemble_the_text() -> None:
    """Joined token bytes are the text, also where a character has several tokens."""
    written = _write("Repeat exactly: 漢字 🦀🦀 é")
    assert b"".join(token.data for token in written.tokens) == written.text.encode()
    assert [token.data for token in written.tokens] == encode(written.text)
    assert written.tokens[0].text == "bytes:\\xe6\\xbc"
