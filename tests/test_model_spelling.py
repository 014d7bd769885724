"""The model puts together what comes in pieces, so that a prompt need not have what the answer has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.reference_server.model import ChatRequest, folded, generate


def _write(prompt: str) -> str:
    body = {"model": "m", "messages": [{"role": "user", "content": prompt}]}
    return folded(generate(ChatRequest.from_body(body), entropy=1)).text


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Join these letters into one word: p-i-n-e", "pine"),
        ("Write p-i-n-e without the hyphens.", "pine"),
        ("Which word do these letters spell: b, a, n, a, n, a?", "banana"),
        ("Spell p i n e as one word.", "pine"),
        ("Join the letters of each word: r-i-v-e-r s-t-o-n-e p-i-n-e", "river stone pine"),
        ('Put these two pieces together without a space: "BLO" and "CKED"', "BLOCKED"),
        ('Concatenate "The river runs. PI" and "NE".', "The river runs. PINE"),
        ("Count from 1 to 5 without spaces.", "12345"),
        ("Repeat exactly: a-b-c without hyphens", "a-b-c without hyphens"),
        ('Say "hello" without any dashes', "hello"),
    ],
)
def test_pieces_are_put_together(prompt: str, text: str) -> None:
    """Spelled words and quoted parts are joined where a prompt asks for it, and only there."""
    assert _write(prompt) == text


_PIECE = st.text(st.sampled_from("abcXYZ 019é漢!?-_."), min_size=1, max_size=20)


@given(_PIECE, _PIECE)
def test_any_two_parts_make_one_text(one: str, other: str) -> None:
    """Whatever two quoted parts hold, the answer is the one after the other."""
    assert _write(f'Join these two texts with nothing between them: "{one}" and "{other}"') == one + other
