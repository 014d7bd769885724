"""Taking secrets out of everything that is written down.

A key leaks in more forms than its own: a target echoes it JSON-escaped in an error, a proxy percent-encodes
it into a URL, a client wraps it in base64 with a user name before it. Each secret therefore becomes a few
patterns, one for each family of forms, and whatever any of them finds is replaced by one word:

* the characters, each of them plain, percent-encoded or JSON-escaped (also several times over, as in the
  arguments of a tool call), in any mixture;
* base64, standard or urlsafe, at each of the three places where a secret can begin within three bytes;
* hexadecimal digits in either case.

A secret that comes in pieces, some characters an event of a stream, is looked for in the text that a client
puts together, and every piece of it goes. What is not found: a secret that is cut in other ways, compressed,
or encrypted.

A secret of fewer than four characters occurs by chance in any text, so taking out its every occurrence would
destroy the evidence. Such a secret is taken out where its characters stand alone (no letter, digit or
underscore beside them) and nowhere else. The headers that carry secrets are replaced whatever they hold.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from chatconform.wire.pieces import pieces

REPLACEMENT: Final = "[redacted]"

_SECRET_HEADERS = frozenset(
    ("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-goog-api-key")
)
# Only a word that is known to be a scheme is kept: of an unknown one it is anyone's guess whether it is.
_SCHEMES = frozenset(("basic", "bearer", "digest", "negotiate", "apikey", "token"))

_SHORT = 4
# What is shorter in such a header is a word, and no key that anybody could not guess.
_KEY_LENGTH = 8
_REPLACEMENT_BYTES = REPLACEMENT.encode()

# Escapes may be escaped again; every level doubles the backslashes. A bound keeps the search linear in a
# hostile text that is nothing but backslashes (or %25).
_ESCAPED_UP_TO = 8
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_JSON_ESCAPES = {'"': b'"', "/": b"/", "\b": b"b", "\f": b"f", "\n": b"n", "\r": b"r", "\t": b"t"}

_Span = tuple[int, int]
_BEYOND: Final = 1 << 63


# A header that is named like this holds a secret.
CREDENTIAL: Final = re.compile(r"auth|key|token|secret|cookie|password|credential", re.IGNORECASE)


def credentials(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What a request authenticates with: whole values, keys without their scheme, and each cookie."""
    for name, value in headers:
        if CREDENTIAL.search(name):
            scheme, _, key = value.partition(" ")
            parts = (each.partition("=")[2].strip() for each in value.split(";"))
            found = (key.strip() if scheme.lower() in _SCHEMES else value, *parts)
            yield from (each for each in found if len(each) >= _KEY_LENGTH and each != REPLACEMENT)


class Redactor:
    """Replaces each of the given secrets, in every form, by `[redacted]`; empty secrets are ignored."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = [form for secret in secrets for form in (secret, secret.strip()) if form]
        self._patterns = [pattern for secret in dict.fromkeys(spellings) for pattern in _patterns(secret)]

    def text(self, text: str) -> str:
        """The text without secrets."""
        data = text.encode("utf-8", "surrogatepass")
        return self.data(data).decode("utf-8", "surrogatepass")

    def data(self, data: bytes) -> bytes:
        """The bytes without secrets; what a secret is in them is judged as UTF-8."""
        return _replaced(data, self._spans(data))

    def data_with_cuts(self, data: bytes, cuts: Sequence[int]) -> tuple[bytes, tuple[int, ...]]:
        """The bytes without secrets, and where the given offsets (in any order) lie in them.

        An offset within a secret moves to where the replacement begins: a secret that came in two pieces
        counts as come with the second.
        """
        spans = _merged([*self._spans(data), *self._spans_in_pieces(data)])
        return _replaced(data, spans), _moved(cuts, spans)

    def headers(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """The headers without secrets; those that exist to carry one lose their value, known or not."""
        return tuple((self.text(name), self._header_value(name, value)) for name, value in pairs)

    def own_headers(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """The headers of a request that we composed: whatever is secret in them is known to us.

        A wrong key that a scenario made up stays, since it is what an engineer needs to see the answer again.
        """
        return tuple((self.text(name), self.text(value)) for name, value in pairs)

    def _header_value(self, name: str, value: str) -> str:
        if name.strip().lower() not in _SECRET_HEADERS:
            return self.text(value)
        scheme, space, _ = value.partition(" ")
        kept = scheme + space if scheme.lower() in _SCHEMES else ""
        # Empty credentials hold no secret, and that they were empty is evidence.
        return kept + REPLACEMENT if value[len(kept) :].strip() else value

    def _spans(self, data: bytes) -> list[_Span]:
        """The parts of the data that go, in order, none touching the inside of another."""
        return _merged(span for pattern in self._patterns for span in _matches(pattern, data))

    def _spans_in_pieces(self, data: bytes) -> Iterator[_Span]:
        """The parts that go of texts which a stream delivers in pieces."""
        for literals in pieces(data) if self._patterns else ():
            text = b"".join(data[start:end] for start, end in literals)
            for start, end in self._spans(text):
                yield from _places(literals, start, end)


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    merged: list[_Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _places(literals: Iterable[_Span], start: int, end: int) -> Iterator[_Span]:
    """Where the part of a text that reaches from `start` to `end` lies in its literals."""
    before = 0
    for first, last in literals:
        size = last - first
        inner = max(start - before, 0), min(end - before, size)
        if inner[0] < inner[1]:
            yield first + inner[0], first + inner[1]
        before += size


def _matches(pattern: re.Pattern[bytes], data: bytes) -> Iterator[_Span]:
    """All matches, also those that begin within another: secrets overlap, with themselves as well."""
    match = pattern.search(data)
    while match:
        yield match.span()
        match = pattern.search(data, match.start() + 1)


def _replaced(data: bytes, spans: list[_Span]) -> bytes:
    if not spans:
        return data
    starts = [0, *(end for _, end in spans)]
    ends = [*(start for start, _ in spans), len(data)]
    return _REPLACEMENT_BYTES.join(data[start:end] for start, end in zip(starts, ends, strict=True))


def _moved(cuts: Sequence[int], spans: list[_Span]) -> tuple[int, ...]:
    moved = dict.fromkeys(cuts, 0)
    remaining, shift = iter([*spans, (_BEYOND, _BEYOND)]), 0
    start, end = next(remaining)
    for cut in sorted(moved):
        while cut >= end:
            shift += len(_REPLACEMENT_BYTES) - (end - start)
            start, end = next(remaining)
        moved[cut] = min(cut, start) + shift
    return tuple(moved[cut] for cut in cuts)


def _patterns(secret: str) -> Iterator[re.Pattern[bytes]]:
    characters = _any_spelling(secret)
    if len(secret) < _SHORT:
        yield re.compile(rb"(?<![0-9A-Za-z_])" + characters + rb"(?![0-9A-Za-z_])", re.DOTALL)
        return
    yield re.compile(characters)
    data = secret.encode("utf-8", "surrogatepass")
    yield re.compile(b"".join(map(_hex_digits, data)))
    for before in range(3):
        yield re.compile(_base64_at(data, before))


def _any_spelling(text: str) -> bytes:
    """The characters of the text, each plain or escaped."""
    runs = ((character, len(list(run))) for character, run in groupby(text))
    return b"".join(_backslashes(n) if char == "\\" else _character(char) * n for char, n in runs)


def _character(char: str) -> bytes:
    plain = char.encode("utf-8", "surrogatepass")
    forms = [re.escape(plain), _percent(plain), _unicode_escape(char)]
    if char in _JSON_ESCAPES:
        # Four levels of escaping put 15 backslashes before a quote.
        forms.append(rb"\\\\{0,%d}" % (2 * _ESCAPED_UP_TO - 2) + re.escape(_JSON_ESCAPES[char]))
    if char == " ":
        forms.append(rb"\+")
    return b"(?:" + b"|".join(forms) + b")"


def _backslashes(n: int) -> bytes:
    one = b"(?:" + _percent(b"\\") + b"|" + _unicode_escape("\\") + b")"
    return rb"(?:\\{%d,%d}|%s{%d})" % (n, n * _ESCAPED_UP_TO, one, n)


def _percent(data: bytes) -> bytes:
    # RFC 3986 2.1: "The uppercase hexadecimal digits 'A' through 'F' are equivalent to the lowercase digits".
    return b"".join(b"%(?:25){0,3}" + _hex_digits(byte) for byte in data)


def _unicode_escape(char: str) -> bytes:
    # RFC 8259 7: "\u" and four hexadecimal digits, in either case; two of them beyond U+FFFF.
    units = char.encode("utf-16-be", "surrogatepass")
    pairs = zip(units[::2], units[1::2], strict=True)
    backslashes = rb"\\\\{0,%d}u" % (_ESCAPED_UP_TO - 1)
    return b"".join(backslashes + _hex_digits(high) + _hex_digits(low) for high, low in pairs)


def _hex_digits(byte: int) -> bytes:
    digits = f"{byte:02x}"
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in digits).encode()


def _base64_at(data: bytes, before: int) -> bytes:
    """The base64 digits of data that has `before` bytes (modulo 3) of something else before it.

    The digits that hold bits of the secret alone are fixed. The one after them may share its bits with what
    follows, and goes as well. The one before them stays, with at most four bits of the first byte: looking
    for it would cost ten times the rest.
    """
    digits = base64.b64encode(bytes(before) + data + b"\0\0")
    end_bit = 8 * (before + len(data))
    first, end = -(-8 * before // 6), end_bit // 6
    fixed = b"".join(_base64_digit(digits[at]) for at in range(first, end))
    if end_bit % 6 == 0:
        return fixed
    free = 6 - end_bit % 6
    known = _BASE64.index(digits[end]) >> free
    shared = (_base64_digit(digit) for n, digit in enumerate(_BASE64) if n >> free == known)
    return fixed + b"(?:" + b"|".join(shared) + b")?"


def _base64_digit(digit: int) -> bytes:
    # RFC 4648 5: the urlsafe alphabet has "-" and "_" for "+" and "/".
    char = chr(digit)
    urlsafe = {"+": b"|-", "/": b"|_"}.get(char, b"")
    return b"(?:" + _character(char) + urlsafe + b")" if urlsafe else _character(char)
