"""What a requirement speaks for by pointing at a place of the contract.

1. *What the pointer leads to, and what leads there*: whoever judges the role of a message has read the
   message, and whoever judges a value has sent the parameter that has it.
2. *Its values*: those of the `enum` or the `const` of the member, or of the schema, that it leads to.
3. *What no such object is without*: the members that it requires with their constants, and theirs in turn. A
   pointer at a whole schema does not speak for members that may be left out, nor for the values of an `enum`
   further down; a requirement that is about them points at them.
4. A pointer at the `properties` of a schema is one at each of them.

Nothing reaches through a reference, or what is used in many places would be spoken for by accident:
components are pointed at by themselves. Only a reference to a header, or to a parameter of an operation, is
followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatconform.contract.document import Document, plain_pointer
from chatconform.contract.schemas import Place, members, values

_FOLLOWED = (("components", "headers"), ("components", "parameters"))


def reached(document: Document, pointer: str) -> frozenset[str]:
    """Return the plain pointers of all that a pointer speaks for; those of elements are among them.

    Raises:
        ContractError: The pointer leads nowhere.
    """
    place = _meant(document, pointer)
    outer = (place[:length] for length in range(1, len(place) + 1))
    inner = _all_members(document, place) if place[-1:] == ("properties",) else _owned(document, place)
    return frozenset(plain_pointer(*each) for each in (*outer, *inner))


def _meant(document: Document, pointer: str) -> Place:
    located = document.place(document.locate(pointer))
    return located if located[:2] in _FOLLOWED else document.place(pointer)


def _owned(document: Document, place: Place) -> Iterator[Place]:
    yield from (value.place for value in values(document, place))
    yield from _required(document, place)


def _required(document: Document, place: Place) -> Iterator[Place]:
    for member in members(document, place):
        if member.required:
            yield member.place
            yield from (value.place for value in values(document, member.place) if value.constant)
            yield from _required(document, member.place)


def _all_members(document: Document, place: Place) -> Iterator[Place]:
    for name in document.node(place):
        yield (*place, name)
        yield from _owned(document, (*place, name))
