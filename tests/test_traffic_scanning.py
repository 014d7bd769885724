"""Walking through JSON of any size: values come out as they went in, whatever the document is cut into."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.traffic.scanning import Misread, Scanner

texts = st.text(st.sampled_from('ab"\\\n{}[],:é🦀 '), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


class Pieces:
    """Gives the document in pieces of a few bytes, whatever is asked for."""

    def __init__(self, document: bytes, size: int) -> None:
        self._left = document
        self._size = size

    def read(self, size: int, /) -> bytes:
        piece, self._left = self._left[: min(self._size, size)], self._left[min(self._size, size) :]
        return piece


def items_of(document: bytes, size: int = 7, keep: int = 1 << 20) -> tuple[list[tuple[int, Any]], str]:
    """The items of an array with their offsets, and how it ended if not as it should."""
    scanner, found = Scanner(Pieces(document, size)), []
    try:
        for offset in scanner.items():
            raw = scanner.value(keep)
            found.append((offset, raw))
    except Misread as error:
        return found, str(error)
    return found, ""


@given(st.lists(values, max_size=6), st.integers(1, 40), st.sampled_from([None, 2]), st.booleans())
def test_items_come_out_as_they_went_in(given: list[Any], size: int, indent: int | None, plain: bool) -> None:
    """Each item is handed out whole, with the offset of its first byte, however the document came."""
    document = json.dumps(given, indent=indent, ensure_ascii=plain).encode()

    found, trouble = items_of(document, size)

    assert trouble == ""
    assert [json.loads(raw) for _, raw in found] == given
    assert all(document[offset : offset + len(raw)] == raw for offset, raw in found)


@given(st.lists(values, min_size=1, max_size=6), st.data())
def test_what_came_before_a_cut_stands(given: list[Any], data: st.DataObject) -> None:
    """A document that is cut anywhere gives the items before the cut, and says that it was cut."""
    document = json.dumps(given).encode()
    cut = data.draw(st.integers(0, len(document) - 1))

    found, trouble = items_of(document[:cut])

    assert trouble
    assert [json.loads(raw) for _, raw in found] == given[: len(found)]


@given(st.binary(max_size=60) | st.text(st.sampled_from('{}[]",:\\ a1'), max_size=60).map(str.encode))
def test_nothing_else_is_raised(document: bytes) -> None:
    """Whatever the bytes are, the document is read, or misread at one of its bytes."""
    scanner = Scanner(Pieces(document, 5))
    with contextlib.suppress(Misread):
        for _ in scanner.members():
            scanner.value(10)
    assert 0 <= scanner.offset <= len(document)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_value_that_is_too_large_is_passed(size: int) -> None:
    """An item of more bytes than are kept is left out, and the next one is read."""
    found, trouble = items_of(json.dumps(["x" * 500, [1] * 500, "small"]).encode(), size, keep=100)

    assert trouble == ""
    assert [raw for _, raw in found] == [None, None, b'"small"']


def test_nesting_is_bounded() -> None:
    """A bomb of brackets is misread, not followed."""
    _, trouble = items_of(b"[" * 100_000, 1000)

    assert "nested" in trouble
