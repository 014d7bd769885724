"""The gate between sampled tokens and emitted text: whole characters, and no part of a stop string.

A stop string counts wherever it comes, also inside a token or across tokens. Of several, the one that is
complete first wins (the longest, where they are complete at the same character), so that the text does not
depend on where tokens begin. Text is held back while its tail could still become a stop string.
"""

from chatconform.reference_server.model.pieces import Text, Token
from chatconform.reference_server.model.tokens import shown


class Gate:
    """Collects tokens and lets text through; `matched` is the stop string that closed it."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._tokens: list[Token] = []
        self._data = b""
        self.matched: str | None = None

    def push(self, token: Token) -> Text | None:
        """Take a token and return the text that is now certain, if any."""
        if not self._stops and not self._tokens and token.data.isascii():
            return Text(text=token.text, tokens=(token,))  # nothing to wait for: the common case, kept fast
        self._tokens.append(token)
        self._data += token.data
        try:
            text = self._data.decode()
        except UnicodeDecodeError:  # the middle of a character
            return None
        found = first_stop(text, self._stops)
        if found is None:
            held = _held(text, self._stops)
            return self._release(len(text[: len(text) - held].encode()))
        start, self.matched = found
        return self._cut(len(text[:start].encode()))

    def flush(self) -> Text | None:
        """Return what is still held back; half a character at its end is dropped."""
        return self._cut(len(self._data.decode("utf-8", "ignore").encode()))

    def _release(self, size: int) -> Text | None:
        """Let whole tokens through that lie within the first `size` bytes and end with a character."""
        end = done = taken = 0
        for index, token in enumerate(self._tokens):
            end += len(token.data)
            if end > size:
                break
            if end == len(self._data) or self._data[end] & 0xC0 != 0x80:
                done, taken = end, index + 1
        return self._take(done, self._tokens[:taken], self._tokens[taken:])

    def _cut(self, size: int) -> Text | None:
        """Let exactly `size` bytes through, shortening the last token, and forget the rest."""
        kept: list[Token] = []
        left = size
        for token in self._tokens:
            if left <= 0:
                break
            kept.append(token if len(token.data) <= left else _shortened(token, left))
            left -= len(token.data)
        return self._take(size, kept, [])

    def _take(self, size: int, released: list[Token], held: list[Token]) -> Text | None:
        data, self._data = self._data[:size], self._data[size:] if held else b""
        self._tokens = held
        return Text(text=data.decode(), tokens=tuple(released)) if data else None


def first_stop(text: str, stops: tuple[str, ...]) -> tuple[int, str] | None:
    """Return where the stop string that is complete first begins, and which it is."""
    found = [(start + len(stop), start, stop) for stop in stops if (start := text.find(stop)) >= 0]
    if not found:
        return None
    _, start, stop = min(found)
    return start, stop


def _held(text: str, stops: tuple[str, ...]) -> int:
    """Return how many characters at the end of a text could be the beginning of a stop string."""
    return max((_overlap(text, stop) for stop in stops), default=0)


def _overlap(text: str, stop: str) -> int:
    for size in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:size]):
            return size
    return 0


def _shortened(token: Token, size: int) -> Token:
    """Return the part of a token before a stop string, with the whole token's probability."""
    data = token.data[:size]
    number, text = shown(data)
    return Token(id=number, text=text, data=data, logprob=token.logprob, top=token.top)
