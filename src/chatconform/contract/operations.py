"""The operations of a contract as typed values: routes, parameters, bodies, answers and rules in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from chatconform.contract.document import Document, pointer_of
from chatconform.errors import ContractError

# https://spec.openapis.org/oas/v3.2.0#path-item-object: the fixed fields that hold operations.
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRule:
    """A rule about the order of a stream's events, which no schema can say.

    Attributes:
        id: Names the rule.
        rule: What must hold, as a sentence.
        requirement: The id of the requirement that tests it, or None.
    """

    id: str
    rule: str
    requirement: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProseRule:
    """A rule about a request that no schema can say.

    Attributes:
        id: Names the rule.
        rule: What must hold, as a sentence.
        param: The member to blame, with `[]` for every position of a list.
        requirement: The id of the requirement that tests it, or None.
    """

    id: str
    rule: str
    param: str
    requirement: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of an operation, outside the body.

    Attributes:
        name: What it is called.
        location: `path`, `query`, `header` or `cookie`.
        required: Whether a request needs it.
        schema: The pointer of its schema.
        multi_segment: Whether a path parameter may hold slashes.
    """

    name: str
    location: str
    required: bool
    schema: str
    multi_segment: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header of a response: name in lower case, whether it has to be there, pointer of its schema."""

    name: str
    required: bool
    schema: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaType:
    """A form that a body may have.

    Attributes:
        name: Such as `application/json`.
        schema: The pointer of the schema of the whole body, or None.
        item_schema: The pointer of the schema of each item of a sequence, or None.
        stream_rules: What holds for the order of a sequence.
    """

    name: str
    schema: str | None
    item_schema: str | None
    stream_rules: tuple[StreamRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer of an operation: status as written (`404`, `4XX`, `default`), headers and forms by name."""

    status: str
    description: str
    headers: Mapping[str, Header]
    content: Mapping[str, MediaType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a client may ask of a server.

    Attributes:
        operation_id: Names the operation.
        method: In capitals.
        path: The template, such as `/models/{model}`, to be put behind the base URL.
        parameters: Outside the body; those of the path included.
        request: The forms of the request's body by name; empty where there is none.
        request_required: Whether the body may be missing.
        request_rules: What no schema of the body can say.
        responses: The answers by status as written.
        secured: Whether a key is needed.
    """

    operation_id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    request: Mapping[str, MediaType]
    request_required: bool
    request_rules: tuple[ProseRule, ...]
    responses: Mapping[str, Response]
    secured: bool

    @property
    def request_schema(self) -> str:
        """The pointer of the schema of a JSON body.

        Raises:
            ContractError: The operation takes no JSON body.
        """
        json = self.request.get("application/json")
        if json is None or json.schema is None:
            raise ContractError(f"{self.operation_id} takes no JSON body")
        return json.schema

    def response(self, status: int) -> Response | None:
        """Return the answer that describes a status, the exact one before a range before the default."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None


def operations(document: Document) -> Iterator[Operation]:
    """Yield every operation of a document.

    Raises:
        ContractError: An operation has no id, or a part of it leads nowhere.
    """
    for path, item in document.tree.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield _operation(document, path, method, pointer_of("paths", path))


def _operation(document: Document, path: str, method: str, item: str) -> Operation:
    at = f"{item}/{method}"
    node = document.resolve(at)
    if not isinstance(node.get("operationId"), str):
        raise ContractError(f"{document.source}: {method.upper()} {path} has no operationId")
    body = document.resolve(f"{at}/requestBody") if "requestBody" in node else {}
    request = _content(document, f"{at}/requestBody") if body else MappingProxyType({})
    return Operation(
        operation_id=node["operationId"],
        method=method.upper(),
        path=path,
        parameters=(*_parameters(document, item), *_parameters(document, at)),
        request=request,
        request_required=bool(body.get("required", False)),
        request_rules=tuple(_request_rules(document, request)),
        responses=MappingProxyType({status: _response(document, at, status) for status in node["responses"]}),
        secured=_secured(node.get("security", document.tree.get("security", ()))),
    )


def _secured(alternatives: tuple[Mapping[str, Any], ...]) -> bool:
    # "To make security optional, an empty security requirement can be included in the array."
    return bool(alternatives) and all(alternatives)


def _parameters(document: Document, owner: str) -> Iterator[Parameter]:
    for position in range(len(document.resolve(owner).get("parameters", ()))):
        at = document.locate(f"{owner}/parameters/{position}")
        node = document.resolve(at)
        yield Parameter(
            name=node["name"],
            location=node["in"],
            required=node.get("required", False),
            schema=document.locate(f"{at}/schema"),
            multi_segment=node.get("x-multi-segment", False),
        )


def _response(document: Document, operation: str, status: str) -> Response:
    at = document.locate(f"{operation}/responses/{status}")
    node = document.resolve(at)
    headers = {name.lower(): _header(document, at, name) for name in node.get("headers", {})}
    return Response(
        status=status,
        description=node["description"].strip(),
        headers=MappingProxyType(headers),
        content=_content(document, at),
    )


def _header(document: Document, response: str, name: str) -> Header:
    at = document.locate(response + pointer_of("headers", name)[1:])
    node = document.resolve(at)
    return Header(
        name=name.lower(), required=node.get("required", False), schema=document.locate(f"{at}/schema")
    )


def _content(document: Document, owner: str) -> Mapping[str, MediaType]:
    owner = document.locate(owner)
    content = document.resolve(owner).get("content", {})
    return MappingProxyType({name: _media_type(document, owner, name) for name in content})


def _media_type(document: Document, owner: str, name: str) -> MediaType:
    at = owner + pointer_of("content", name)[1:]
    node = document.resolve(at)
    return MediaType(
        name=name,
        schema=document.locate(f"{at}/schema") if "schema" in node else None,
        item_schema=document.locate(f"{at}/itemSchema") if "itemSchema" in node else None,
        stream_rules=tuple(
            StreamRule(id=rule["id"], rule=rule["rule"], requirement=rule.get("requirement"))
            for rule in node.get("x-stream-rules", ())
        ),
    )


def _request_rules(document: Document, request: Mapping[str, MediaType]) -> Iterator[ProseRule]:
    for media_type in request.values():
        schema = document.resolve(media_type.schema) if media_type.schema else {}
        for rule in schema.get("x-rules", ()):
            yield ProseRule(
                id=rule["id"], rule=rule["rule"], param=rule["param"], requirement=rule.get("requirement")
            )
