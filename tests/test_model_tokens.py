"""The tokeniser of the reference model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.reference_server.model import encode, token_bytes, token_id


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_joined_tokens_are_the_text(text: str) -> None:
    """Tokenising is reversible for any text."""
    assert b"".join(encode(text)).decode() == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_ids_give_their_bytes_back_and_stay_exact_in_json(text: str) -> None:
    """A token's id can be turned back into its bytes and fits a double."""
    for data in encode(text):
        assert 0 < len(data) <= 6
        assert token_bytes(token_id(data)) == data
        assert token_id(data) < 2**53


@given(st.integers(0, 2**60) | st.integers(0, 800_000_000))
def test_a_number_is_a_token_id_only_when_its_bytes_have_that_id(number: int) -> None:
    """No two numbers name the same token."""
    data = token_bytes(number)
    assert data is None or token_id(data) == number


def test_small_numbers_are_tokens() -> None:
    """As with a trained vocabulary, every number up to some hundred thousand names a token, each another."""
    known = [token_bytes(number) for number in range(250_000)]
    assert None not in known
    assert len(set(known)) == len(known)
    assert all(encode(data.decode()) == [data] for data in known if data is not None)


@pytest.mark.parametrize(
    ("data", "number"),
    [
        (b"!", 0),
        (b"~", 31),
        (b" a", 32),
        (b"a", 33),
        (b"Z", 135),
        (b" aa", 136),
        (b" iq", 1000),
        (b"ZZZZZ", 775_318_055),
        (b" 0", 775_318_056),
        (b"999", 775_320_275),
        (b"\n", 775_320_276 + 256 + 10),
    ],
)
def test_ids_are_stable(data: bytes, number: int) -> None:
    """The numbering is fixed, since profiles of targets may name ids."""
    assert (token_id(data), token_bytes(number)) == (number, data)


@pytest.mark.parametrize("data", [b"ab!", b"  a", b"abcdef", b"1234", b"\n ", b"\xe6\xbc\xa2"])
def test_bytes_that_are_no_token_have_no_id_of_their_own(data: bytes) -> None:
    """What the tokeniser never makes cannot be named."""
    assert token_bytes(token_id(data)) is None


def test_words_keep_their_space_and_long_words_are_cut() -> None:
    """Tokens are pieces of words, groups of digits and single marks."""
    assert encode("The beautiful  cat, 12345!\n\nx") == [
        b"The",
        b" beaut",
        b"iful",
        b" ",
        b" cat",
        b",",
        b" 123",
        b"45",
        b"!",
        b"\n\n",
        b"x",
    ]


def test_an_emoji_takes_more_than_one_token() -> None:
    """A character of three or four bytes is cut between its bytes."""
    assert len(encode("🦀")) == 2
    assert len(encode("漢")) == 2
    assert len(encode("é")) == 1


def test_a_lone_surrogate_does_not_break_the_tokeniser() -> None:
    """What JSON lets through and UTF-8 does not becomes a question mark."""
    assert encode("a\ud800") == [b"a", b"?"]
