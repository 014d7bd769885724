"""Sampling parameters of the reference model."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.reference_server.model import ChatRequest, Written, encode, folded, generate, token_id

_WORD = "Pick a random 5 letter word."
_STORY = "Write a 60 word story about a lighthouse."
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


def test_a_presence_penalty_lowers_what_was_used_once() -> None:
    """The log probability of a used token falls by the penalty, not by its number of uses."""
    free, fined = (
        _write(
            "Repeat the word go forever", max_tokens=5, logprobs=True, top_logprobs=20, presence_penalty=each
        ).tokens
        for each in (0, 2)
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


def test_what_is_no_token_id_biases_nothing() -> None:
    """Ids of other tokenisers are accepted and have nothing to act on."""
    assert _write("Say OK.", logit_bias={"50256": -100, "5": 100, "99999999999999999999": 100}).text == "OK"


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
