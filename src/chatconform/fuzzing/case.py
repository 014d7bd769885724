"""A generated request: its body, and what the contract says of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from chatconform.wire.jsontext import Json

# What decides in which form an answer comes: a request that is about it cannot be sent in both.
_FORM = frozenset({"stream", "stream_options"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A body that was generated from the contract.

    `told` says in words what is special about it, `place` are the names of the members that lead to it (none
    for the whole body), `kind` is a word for the sort of speciality, and `allowed` tells whether the contract
    allows it.
    """

    told: str
    place: tuple[str, ...]
    kind: str
    allowed: bool
    body: Json

    @property
    def member(self) -> str:
        """The top-level member that it is about; empty for the whole body."""
        return self.place[0] if self.place else ""

    @property
    def content(self) -> bytes:
        """The body as JSON; lone surrogates, which generated texts may have, stay escaped."""
        return json.dumps(self.body).encode()

    def streamed(self) -> Case | None:
        """The same request as a stream; nothing where the form is what it is about, or it is no object."""
        if not isinstance(self.body, dict) or _FORM & {self.member, *self.body}:
            return None
        return replace(self, body={**self.body, "stream": True})
