"""Members that every body gets, without changing anything else of its text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.client.extending import extended

MEMBERS = {"organisation": {"id": 7}, "é": ["x"]}


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"{}", '{"organisation": {"id": 7}, "é": ["x"]}'),
        (b' {"a": "}" }\n', ' {"a": "}" , "organisation": {"id": 7}, "é": ["x"]}\n'),
        (b'{"organisation": 1}', '{"organisation": 1, "é": ["x"]}'),
        (b'{"organisation": 1, "\\u00e9": 2}', '{"organisation": 1, "\\u00e9": 2}'),
    ],
)
def test_what_is_missing_stands_at_the_end(content: bytes, wanted: str) -> None:
    """Members that the body has keep their value, and its text stays as it is."""
    assert extended(content, MEMBERS).decode() == wanted


@pytest.mark.parametrize("content", [b"", b"[]", b'"{}"', b'{"a": NaN}', b"{} x", b"\xff{}", b"{'a': 1}"])
def test_what_is_no_object_stays_as_it_is(content: bytes) -> None:
    """A text that is broken on purpose is not touched."""
    assert extended(content, MEMBERS) == content


@given(st.dictionaries(st.text('ab{}"', max_size=3), st.integers() | st.text('{}"', max_size=3), max_size=4))
def test_the_rest_is_the_same(body: dict[str, object]) -> None:
    """Every member of before is there after, in its place."""
    after = json.loads(extended(json.dumps(body).encode(), MEMBERS))

    assert list(after.items()) == [*body.items(), *MEMBERS.items()]
