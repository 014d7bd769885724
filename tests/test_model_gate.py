"""Stop strings and whole characters: the gate between tokens and text."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.reference_server.model import (
    ChatRequest,
    FinishReason,
    Text,
    Token,
    encode,
    folded,
    generate,
)
from chatconform.reference_server.model.gate import Gate
from chatconform.reference_server.model.tokens import shown

_TEXT = st.text(st.sampled_from("abcé漢🦀 \n"), max_size=40)
_STOPS = st.lists(st.text(st.sampled_from("abcé漢🦀 \n"), min_size=1, max_size=4), max_size=5)


def _token(data: bytes) -> Token:
    number, text = shown(data)
    return Token(id=number, text=text, data=data, logprob=-0.5)


def _through(text: str, stops: list[str], cuts: list[bytes]) -> tuple[list[Text], str | None]:
    gate = Gate(tuple(stops))
    texts: list[Text | None] = []
    for data in cuts:
        texts.append(gate.push(_token(data)))
        if gate.matched:
            break
    else:
        texts.append(gate.flush())
    return [each for each in texts if each is not None], gate.matched


def _expected(text: str, stops: list[str]) -> str:
    """Cut at the stop string that is complete first, by trying every beginning of the text."""
    for end in range(1, len(text) + 1):
        starts = [end - len(stop) for stop in stops if text[:end].endswith(stop)]
        if starts:
            return text[: min(starts)]
    return text


@given(_TEXT, _STOPS, st.data())
def test_the_text_ends_at_the_first_complete_stop_string_wherever_tokens_begin(
    text: str, stops: list[str], data: st.DataObject
) -> None:
    """Token borders, also inside characters, make no difference to where a stop string cuts."""
    raw = text.encode()
    marks = sorted(data.draw(st.sets(st.integers(0, len(raw)), max_size=10)) | {0, len(raw)})
    cuts = [raw[start:end] for start, end in itertools.pairwise(marks)]
    texts, matched = _through(text, stops, cuts)
    whole = "".join(each.text for each in texts)
    # A token of several characters may complete two stop strings at once; the first complete one still wins.
    assert whole == _expected(text, stops)
    assert (matched is not None) == (whole != text)


@given(_TEXT, _STOPS)
def test_each_text_is_the_bytes_of_its_tokens(text: str, stops: list[str]) -> None:
    """`Text.tokens` are exactly the tokens of the text, a token cut by a stop string shortened."""
    texts, _ = _through(text, stops, encode(text))
    for each in texts:
        assert b"".join(token.data for token in each.tokens).decode() == each.text
        assert each.text


@given(_TEXT, _STOPS)
def test_nothing_that_could_begin_a_stop_string_is_let_through(text: str, stops: list[str]) -> None:
    """While more tokens may come, the tail that could become a stop string stays inside."""
    gate = Gate(tuple(stops))
    emitted, seen = "", b""
    for data in encode(text):
        each = gate.push(_token(data))
        if gate.matched:
            return
        emitted += each.text if each is not None else ""
        seen += data
        known = seen.decode("utf-8", "ignore")
        tails = [size for stop in stops for size in range(1, len(stop)) if known.endswith(stop[:size])]
        assert len(emitted) <= len(known) - max(tails, default=0)


@pytest.mark.parametrize(
    ("stop", "text"),
    [
        ("DE", "ABC"),
        (["DE"], "ABC"),
        (["zz", "yy", "xx", "ww", "F"], "ABCDE"),
        ("ABC", ""),
        ("YZ", "ABCDEFGHIJKLMNOPQRSTUVWX"),
        ("Za", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ],
)
def test_a_stop_string_inside_a_token_ends_the_answer(stop: str | list[str], text: str) -> None:
    """A stop string needs no token border, and any number of them is honoured."""
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": "Recite the alphabet without spaces."}],
        "stop": stop,
    }
    written = folded(generate(ChatRequest.from_body(body), entropy=1))
    assert written.text == text
    assert written.reason is FinishReason.STOP


def test_a_stop_string_across_tokens_ends_the_answer() -> None:
    """What the text has before the stop string stays, without a part of it."""
    for stop in ("three four", "ree f", " three"):
        body = {
            "model": "m",
            "messages": [
                {"role": "user", "content": "Count in words from one to ten, separated by single spaces."}
            ],
            "stop": [stop],
        }
        written = folded(generate(ChatRequest.from_body(body), entropy=1))
        assert written.text == "one two three four five"[: "one two three four five".index(stop)]
        assert written.reason is FinishReason.STOP
