"""The elements of a contract: everything in it that a requirement can speak for, each once.

* An *operation* is a method on a path, a *status* an answer that an operation documents.
* A *parameter* is what a client sends: a parameter of an operation, or a member of a request's body. A
  *field* is what a server sends: a header, or a member of an answer. Members count at every depth that the
  schemas describe.
* A *value* is an entry of an `enum`, or a `const`; null, which says that a member is absent, is none.

A component is listed once, at its own place, however often it is referred to. What requests and answers share
counts as fields: a server is judged by what it writes itself.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from chatconform.contract.document import Document, plain_pointer, pointer_of
from chatconform.contract.operations import MediaType, Operation
from chatconform.contract.schemas import Place, members, references, values

_COMPONENTS = ("components", "schemas")


class ElementKind(StrEnum):
    """What an element is, in the order in which elements are listed."""

    OPERATION = "operation"
    STATUS = "status"
    PARAMETER = "parameter"
    FIELD = "field"
    VALUE = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A piece of a contract that a requirement can speak for.

    Attributes:
        kind: What it is.
        owner: The operation or the schema that it belongs to, such as `ImagePart`; `headers` for a header.
        name: Its name within its owner, such as `404`, `image_url.detail` or `image_url.detail=high`.
        pointer: Its place in the document, as a plain JSON pointer.
    """

    kind: ElementKind
    owner: str
    name: str
    pointer: str


def elements(document: Document, operations: Iterable[Operation]) -> tuple[Element, ...]:
    """Return the elements of a document, those of one kind together, in the order in which they are found."""
    kinds = list(ElementKind)
    found = _Listing(document).all(tuple(operations))
    return tuple(sorted(found, key=lambda element: kinds.index(element.kind)))


class _Listing:
    """One walk through a document, which remembers where it has been."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.visited: set[Place] = set()
        self.named: set[tuple[str, Place]] = set()
        self.referred: deque[str] = deque()

    def all(self, operations: tuple[Operation, ...]) -> Iterator[Element]:
        for operation in operations:
            yield from self._operation(operation)
        # Answers before requests, so that what both share is a field.
        for operation in operations:
            for response in operation.responses.values():
                yield from self._body(response.content, ElementKind.FIELD, operation)
        for operation in operations:
            yield from self._body(operation.request, ElementKind.PARAMETER, operation)

    def _operation(self, operation: Operation) -> Iterator[Element]:
        place = ("paths", operation.path, operation.method.lower())
        title = f"{operation.method} {operation.path}"
        yield _element(ElementKind.OPERATION, operation.operation_id, title, place)
        for owner in (place[:2], place):
            yield from self._parameters(owner, operation)
        for status in operation.responses:
            at = (*place, "responses", status)
            yield _element(ElementKind.STATUS, operation.operation_id, status, at)
            yield from self._headers(at)

    def _parameters(self, owner: Place, operation: Operation) -> Iterator[Element]:
        for position in range(len(self.document.resolve(pointer_of(*owner)).get("parameters", ()))):
            place = self._located((*owner, "parameters", str(position)))
            if place not in self.visited:
                self.visited.add(place)
                name = self.document.resolve(pointer_of(*place))["name"]
                yield _element(ElementKind.PARAMETER, operation.operation_id, name, place)
                yield from self._inside(place, operation.operation_id, (name,), ElementKind.PARAMETER)

    def _headers(self, response: Place) -> Iterator[Element]:
        at = self._located(response)
        for name in self.document.resolve(pointer_of(*at)).get("headers", {}):
            place = self._located((*at, "headers", name))
            if place not in self.visited:
                self.visited.add(place)
                yield _element(ElementKind.FIELD, "headers", name, place)
                yield from self._inside(place, "headers", (name,), ElementKind.FIELD)

    def _body(
        self, content: Mapping[str, MediaType], kind: ElementKind, operation: Operation
    ) -> Iterator[Element]:
        for form in content.values():
            for schema in (form.schema, form.item_schema):
                if schema is not None:
                    yield from self._schemas(schema, operation.operation_id, kind)

    def _schemas(self, pointer: str, beside: str, kind: ElementKind) -> Iterator[Element]:
        """A schema, then those that it refers to, each whole before the next."""
        self.referred.append(pointer)
        while self.referred:
            place = self.document.place(self.referred.popleft())
            if place not in self.visited:
                self.visited.add(place)
                owner = place[-1] if place[:-1] == _COMPONENTS else beside
                yield from self._inside(place, owner, (), kind)

    def _inside(self, place: Place, owner: str, path: Place, kind: ElementKind) -> Iterator[Element]:
        for each in values(self.document, place):
            shown = each.value if isinstance(each.value, str) else json.dumps(each.value)
            name = f"{'.'.join(path)}={shown}" if path else shown
            yield _element(ElementKind.VALUE, owner, name, each.place)
        for member in members(self.document, place):
            inner = (*path, member.name)
            # What several branches or conditions describe is one member, which stands where it comes first.
            if (owner, inner) not in self.named:
                self.named.add((owner, inner))
                yield _element(kind, owner, ".".join(inner), member.place)
            yield from self._inside(member.place, owner, inner, kind)
        self.referred.extend(references(self.document, place))

    def _located(self, place: Place) -> Place:
        return self.document.place(self.document.locate(pointer_of(*place)))


def _element(kind: ElementKind, owner: str, name: str, place: Place) -> Element:
    return Element(kind=kind, owner=owner, name=name, pointer=plain_pointer(*place))
