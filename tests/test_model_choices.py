"""Several choices, seeds and a tiny top_p: what differs, and what does not."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.reference_server.model import ChatRequest, encode, folded, generate
from chatconform.reference_server.model.vocabulary import LISTS, WORDS

_OPEN = [
    "Write five random words",
    "Give me 6 random words, separated by spaces.",
    "Five random words, please.",
    "Write a random sequence of words",
    "List some random animals.",
    "Output eight random numbers between 1 and 100000.",
    "Generate a random string of ten letters.",
    "Write a random sentence.",
    "Tell me a story.",
    "Surprise me.",
    "What do you make of this rain?",
]


def _texts(prompt: str, *, entropy: int, n: int = 3, **parameters: Any) -> list[str]:
    body = {"model": "m", "messages": [{"role": "user", "content": prompt}], "n": n, "max_tokens": 24}
    request = ChatRequest.from_body({**body, **parameters})
    return [folded(generate(request, entropy=entropy, choice=choice)).text for choice in range(n)]


@pytest.mark.parametrize("temperature", [1.5, 2])
@pytest.mark.parametrize("prompt", _OPEN)
def test_a_seed_repeats_all_choices_and_another_gives_others(prompt: str, temperature: float) -> None:
    """Choices of one seed differ from each other, come again with the seed, and not with another one."""
    first = _texts(prompt, entropy=1, temperature=temperature, seed=7)
    assert len(set(first)) == 3
    assert _texts(prompt, entropy=2, temperature=temperature, seed=7) == first
    assert _texts(prompt, entropy=1, temperature=temperature, seed=8) != first


@pytest.mark.parametrize("prompt", _OPEN)
def test_without_a_seed_requests_differ(prompt: str) -> None:
    """Where no seed is given, the same request gets other choices each time."""
    assert _texts(prompt, entropy=1, temperature=1.5) != _texts(prompt, entropy=2, temperature=1.5)


@pytest.mark.parametrize("top_p", [0.001, 0.01])
@pytest.mark.parametrize("temperature", [1, 1.5, 2])
@pytest.mark.parametrize(
    "prompt",
    [
        *_OPEN,
        "Pick a random number between 1 and 10000.",
        "Pick a random number between 1 and 999.",
        "Pick a 7-digit number.",
        "Think of a word.",
        "Pick a random 5 letter word.",
        "Pick one of sea, seas, seaside or sea salt",
        "Hello!",
        "Say yes or no at random.",
    ],
)
def test_a_tiny_top_p_is_as_temperature_zero(prompt: str, temperature: float, top_p: float) -> None:
    """With next to no mass left all choices are the likeliest text, however hot they are drawn."""
    greedy = _texts(prompt, entropy=1, temperature=0)
    assert len(set(greedy)) == 1
    for entropy in range(4):
        assert _texts(prompt, entropy=entropy, temperature=temperature, top_p=top_p) == greedy


@given(st.sampled_from(_OPEN), st.integers(0, 2**64), st.integers(0, 2**63 - 1))
@settings(max_examples=30)
def test_temperature_zero_ignores_entropy_choice_and_seed(prompt: str, entropy: int, seed: int) -> None:
    """At temperature 0 every choice of every request is the same text."""
    texts = _texts(prompt, entropy=entropy, temperature=0, seed=seed)
    assert texts == _texts(prompt, entropy=0, temperature=0)
    assert len(set(texts)) == 1


@given(st.integers(-500, 10**9), st.integers(0, 10**9), st.integers(0, 2**64))
@settings(max_examples=60)
def test_a_random_number_lies_in_its_range(low: int, size: int, entropy: int) -> None:
    """A pick of a number keeps both bounds, whatever they are."""
    prompt = f"Pick a random number between {low} and {low + size}."
    (text,) = _texts(prompt, entropy=entropy, n=1, temperature=1.5)
    assert low <= int(text) <= low + size


@pytest.mark.parametrize(
    ("prompt", "size", "known"),
    [
        ("Write five random words", 5, WORDS),
        ("Name three random animals", 3, LISTS["animal"]),
        ("I need 4 random cities.", 4, LISTS["city"]),
    ],
)
def test_several_random_things_are_listed(prompt: str, size: int, known: tuple[str, ...]) -> None:
    """As many different things of the kind come as are asked for."""
    (text,) = _texts(prompt, entropy=3, n=1, max_tokens=100)
    things = [line.partition(". ")[2] for line in text.splitlines()]
    assert len(set(things)) == size
    assert set(things) <= set(known)


@pytest.mark.parametrize("size", [1, 2, 9, 11, 30])
def test_a_random_word_of_any_length_has_that_length(size: int) -> None:
    """Where the vocabulary has no word of a length, one is made up."""
    for entropy in range(5):
        (text,) = _texts(f"Make up a random {size} letter word.", entropy=entropy, n=1, temperature=2)
        assert len(text) == size
        assert text.isalpha()
        assert encode(text)
