"""The numbers of tokens: a vocabulary without gaps at its beginning, so that any small number names a token.

In this order: the ASCII punctuation marks; words of up to five ASCII letters, the shorter ones first and `a`
before `Z`, each with a space before it and then without; numbers of up to three digits, in the same manner;
all other tokens, whose number is what their bytes spell after a leading one. So ids are stable, never
collide, can be turned back into bytes without a table, and stay below 2**53.
"""

from __future__ import annotations

import re
import string

_MARKS = string.punctuation.encode()
_LETTERS = string.ascii_letters.encode()
_DIGITS = string.digits.encode()
_OTHERS = re.compile(rb" {1,6}|\n{1,6}|[\xc2-\xf4][\x80-\xbf]|[\x80-\xbf]{1,2}|.", re.DOTALL)
_LONGEST = 6


def _strings(symbols: bytes, longest: int) -> int:
    """Return how many strings of 1 to `longest` symbols there are."""
    return sum(len(symbols) ** size for size in range(1, longest + 1))


_WORDS = len(_MARKS)
_NUMBERS = _WORDS + 2 * _strings(_LETTERS, 5)
_REST = _NUMBERS + 2 * _strings(_DIGITS, 3)


def token_id(data: bytes) -> int:
    """Return the id of a token."""
    if len(data) == 1 and data in _MARKS:
        return _MARKS.index(data)
    bare = data.removeprefix(b" ")
    if 0 < len(bare) <= 5 and bare.isalpha() and bare.isascii():
        return _WORDS + 2 * _rank(bare, _LETTERS) + (bare == data)
    if 0 < len(bare) <= 3 and bare.isdigit():
        return _NUMBERS + 2 * _rank(bare, _DIGITS) + (bare == data)
    return _REST + int.from_bytes(b"\x01" + data)


def token_bytes(number: int) -> bytes | None:
    """Return the bytes of a token id, or None where no token has that id."""
    if number < _WORDS:
        return _MARKS[number : number + 1] if number >= 0 else None
    if number < _NUMBERS:
        return _spaced(number - _WORDS, _LETTERS)
    if number < _REST:
        return _spaced(number - _NUMBERS, _DIGITS)
    spelled = number - _REST
    if spelled < 256 or spelled.bit_length() > 8 * _LONGEST + 1:
        return None
    data = spelled.to_bytes((spelled.bit_length() + 7) // 8)
    known = data[0] == 1 and _OTHERS.fullmatch(data, 1) and token_id(data[1:]) == number
    return data[1:] if known else None


def _spaced(number: int, symbols: bytes) -> bytes:
    rank, bare = divmod(number, 2)
    return (b"" if bare else b" ") + _string(rank, symbols)


def _rank(data: bytes, symbols: bytes) -> int:
    """Return the place of a string among all strings of these symbols, the shorter ones first."""
    rank = 0
    for symbol in data:
        rank = rank * len(symbols) + symbols.index(symbol) + 1
    return rank - 1


def _string(rank: int, symbols: bytes) -> bytes:
    found = bytearray()
    left = rank + 1
    while left:
        left, symbol = divmod(left - 1, len(symbols))
        found.append(symbols[symbol])
    return bytes(reversed(found))
