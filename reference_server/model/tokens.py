r"""The tokeniser: byte-level and reversible, with tokens of at most six bytes.

Tokens are, in this order of preference: up to five ASCII letters with an optional space before them; up to
three digits with an optional space before them; a run of up to six spaces that leaves the last one to a word;
a line break with up to five more; two bytes that begin a non-ASCII character and then its other one or two
bytes (so `é` is one token, `漢` and `🦀` are two); any other single byte.

Their ids: see `token_ids`.
"""

import re
from functools import lru_cache

from chatconform.reference_server.model.token_ids import token_id

_TOKEN = re.compile(
    rb" ?[A-Za-z]{1,5}"
    rb"| ?[0-9]{1,3}"
    rb"| {1,6}(?![A-Za-z0-9])| {1,5}(?= )"
    rb"|\n{1,6}"
    rb"|[\xc2-\xf4][\x80-\xbf]|[\x80-\xbf]{1,2}"
    rb"|.",
    re.DOTALL,
)


def encode(text: str) -> list[bytes]:
    """Cut text into tokens; joined they are its UTF-8 form (a lone surrogate becomes `?`)."""
    tokens: list[bytes] = _TOKEN.findall(text.encode("utf-8", "replace"))
    return tokens


def count(text: str) -> int:
    """Tell how many tokens a text has."""
    return len(encode(text))


def is_continuation(data: bytes) -> bool:
    """Tell whether bytes go on within a character that an earlier token began."""
    return 0x80 <= data[0] < 0xC0


def belong_together(one: bytes, next_one: bytes) -> bool:
    """Tell whether two tokens in a row are parts of one word or number, or of one character."""
    return is_continuation(next_one) or (one[-1:].isalnum() and next_one[:1].isalnum())


def is_whole(data: bytes) -> bool:
    """Tell whether bytes are whole characters."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=8192)
def shown(data: bytes) -> tuple[int, str]:
    r"""Return a token's id and its text, `bytes:\xf0\x9f` where the bytes are not whole characters."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "bytes:" + "".join(f"\\x{byte:02x}" for byte in data)
    return token_id(data), text
