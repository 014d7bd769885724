"""Puts the pieces of an answer together as a careful application does: by index, and by id within one index.

The wire's own reading and a client that hands over single chunks go through the same hands, so that only
what the client did to the chunks can differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chatconform.oracles.reading import Call, Choice, Reading, Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A piece of a call; `index` is nothing where none was said."""

    index: int | None = None
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A piece of a choice."""

    index: int = 0
    role: str = ""
    text: str = ""
    refusal: str = ""
    calls: tuple[Fragment, ...] = ()
    function: Fragment | None = None
    finish_reason: str = ""


@dataclass(slots=True)
class _Call:
    index: int
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def add(self, piece: Fragment) -> None:
        self.id = self.id or piece.id
        # Some servers repeat the name with every piece, a few send it in pieces.
        if piece.name != self.name:
            self.name += piece.name
        self.arguments.append(piece.arguments)

    def whole(self) -> Call:
        return Call(id=joined(self.id), name=joined(self.name), arguments=joined(*self.arguments))


@dataclass(slots=True)
class _Choice:
    role: str = ""
    text: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    calls: list[_Call] = field(default_factory=list)
    latest: dict[int, _Call] = field(default_factory=dict)
    function: _Call | None = None
    finish_reason: str = ""

    def add(self, delta: Delta) -> None:
        self.role = self.role or delta.role
        self.text.append(delta.text)
        self.refusal.append(delta.refusal)
        for piece in delta.calls:
            self._call(piece).add(piece)
        if delta.function is not None:
            self.function = self.function or _Call(index=0)
            self.function.add(delta.function)
        self.finish_reason = delta.finish_reason or self.finish_reason

    def _call(self, piece: Fragment) -> _Call:
        """The call that a piece belongs to: another id under the same index is another call."""
        known = self.calls[-1] if self.calls else None
        if piece.index is not None:
            known = self.latest.get(piece.index)
        if known is not None and (not piece.id or not known.id or piece.id == known.id):
            return known
        made = _Call(index=len(self.calls) if piece.index is None else piece.index)
        self.calls.append(made)
        self.latest[made.index] = made
        return made

    def whole(self) -> Choice:
        return Choice(
            role=joined(self.role),
            text=joined(*self.text),
            refusal=joined(*self.refusal),
            calls=tuple(call.whole() for call in sorted(self.calls, key=lambda call: call.index)),
            function=self.function.whole() if self.function else None,
            finish_reason=joined(self.finish_reason),
        )


class Assembly:
    """An answer in the making."""

    def __init__(self) -> None:
        self._choices: dict[int, _Choice] = {}
        self._usage: Tokens | None = None

    def add(self, delta: Delta) -> None:
        """Take a piece of a choice."""
        self._choices.setdefault(delta.index, _Choice()).add(delta)

    def count(self, usage: Tokens) -> None:
        """Take a usage object; one that says nothing does not undo another."""
        if usage != Tokens():
            self._usage = usage

    def reading(self, *, cut: str = "") -> Reading:
        """The answer as far as it came."""
        choices = tuple(self._choices[index].whole() for index in sorted(self._choices))
        return Reading(choices=choices, usage=self._usage, cut=cut)


def joined(*pieces: str) -> str:
    """The pieces as one text; halves of a character that came apart are one again, as in other languages."""
    return "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
