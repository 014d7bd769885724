"""The tokeniser of the reference model."""

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


@given(st.integers(0, 2**60))
def test_a_number_is_a_token_id_only_when_its_bytes_have_that_id(number: int) -> None:
    """No two numbers name the same token."""
    data = token_bytes(number)
    assert data is None or token_id(data) == number


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
