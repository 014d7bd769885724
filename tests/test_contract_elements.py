"""The elements of a contract, each listed once, and what a pointer speaks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from chatconform.contract import Contract, Element, ElementKind, load_contract
from chatconform.errors import ContractError

OWN = load_contract()
SMALL = """
openapi: 3.2.0
info: {title: t, version: '1'}
paths:
  /things/{id}:
    parameters: [{$ref: '#/components/parameters/Id'}]
    put:
      operationId: putThing
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
      responses:
        200:
          description: fine
          headers: {X-Left: {$ref: '#/components/headers/Left'}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        404: {$ref: '#/components/responses/Gone'}
    get:
      operationId: getThing
      responses:
        200: {description: fine, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        404: {$ref: '#/components/responses/Gone'}
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: string, enum: [one, two]}}
  headers:
    Left: {schema: {type: integer}}
  responses:
    Gone: {description: gone, headers: {X-Left: {$ref: '#/components/headers/Left'}}}
  schemas:
    Order:
      required: [kind, size, shared]
      properties:
        kind: {const: order}
        size: {enum: [small, 2, null]}
        shared: {$ref: '#/components/schemas/Shared'}
        note:
          type: object
          required: [text]
          properties:
            text: {type: string}
            tone: {enum: [warm, cold]}
        list:
          type: array
          items: {type: object, properties: {inner: {type: string}}}
      dependentSchemas:
        note: {if: {properties: {kind: {const: other}}}, else: {properties: {size: {const: small}}}}
    Thing:
      required: [shared]
      properties:
        shared: {$ref: '#/components/schemas/Shared'}
        either:
          oneOf:
            - {type: object, required: [type, left], properties: {type: {const: left}, left: {type: string}}}
            - {type: object, required: [type], properties: {type: {const: right}, right: {type: string}}}
        told:
          if: {properties: {seen: {type: string}}}
          then: {properties: {then: {type: string}}}
    Shared:
      properties:
        level: {enum: [low, high]}
        again: {$ref: '#/components/schemas/Shared'}
"""
ORDER = "/components/schemas/Order"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    file = tmp_path_factory.mktemp("contract") / "small.yaml"
    file.write_text(SMALL, encoding="utf-8")
    return load_contract(file)


def named(elements: Iterable[Element], kind: ElementKind) -> list[str]:
    return [f"{element.owner} {element.name}" for element in elements if element.kind is kind]


def spoken(contract: Contract, pointer: str) -> set[str]:
    """The names of the elements that a pointer speaks for."""
    reached = contract.reached(pointer)
    return {f"{each.owner} {each.name}" for each in contract.elements() if each.pointer in reached}


def test_operations_statuses_and_what_is_sent_are_listed(small: Contract) -> None:
    """Statuses are those of each operation; a parameter and a member of a body are parameters."""
    found = small.elements()
    assert named(found, ElementKind.OPERATION) == ["getThing GET /things/{id}", "putThing PUT /things/{id}"]
    assert named(found, ElementKind.STATUS) == [
        "getThing 200",
        "getThing 404",
        "putThing 200",
        "putThing 404",
    ]
    assert named(found, ElementKind.PARAMETER) == [
        *("getThing id", "Order kind", "Order size", "Order shared", "Order note", "Order note.text"),
        *("Order note.tone", "Order list", "Order list.inner"),
    ]


def test_what_is_answered_is_listed_with_its_headers(small: Contract) -> None:
    """Headers and members of answers are fields, and so is what requests have in common with answers."""
    assert named(small.elements(), ElementKind.FIELD) == [
        *("headers X-Left", "Thing shared", "Thing either", "Thing either.type", "Thing either.left"),
        *("Thing either.right", "Thing told", "Thing told.then", "Shared level", "Shared again"),
    ]


def test_values_are_listed_and_null_is_none(small: Contract) -> None:
    """Each entry of an enum and each constant is a value, strings bare; what a condition asks is none."""
    assert sorted(named(small.elements(), ElementKind.VALUE)) == [
        *("Order kind=order", "Order note.tone=cold", "Order note.tone=warm", "Order size=2"),
        *("Order size=small", "Shared level=high", "Shared level=low", "Thing either.type=left"),
        *("Thing either.type=right", "getThing id=one", "getThing id=two"),
    ]


def test_elements_of_one_kind_stand_together(small: Contract) -> None:
    """The list goes by kinds."""
    kinds = [element.kind for element in small.elements()]
    assert kinds == sorted(kinds, key=list(ElementKind).index)


def test_every_element_of_the_contract_is_listed_once_at_its_place() -> None:
    """No pointer occurs twice, each leads to a node, and no member of a schema has the name of another."""
    found = OWN.elements()
    assert [pointer for pointer, count in Counter(each.pointer for each in found).items() if count > 1] == []
    names = Counter((each.owner, each.name) for each in found)
    assert [name for name, count in names.items() if count > 1] == []
    assert all(OWN.resolve(each.pointer) is not None for each in found)


@pytest.mark.parametrize(
    ("kind", "name", "pointer"),
    [
        ("operation", "retrieveModel GET /models/{model}", "/paths/~1models~1{model}/get"),
        ("status", "listModels 429", "/paths/~1models/get/responses/429"),
        ("parameter", "retrieveModel model", "/paths/~1models~1{model}/get/parameters/0"),
        ("parameter", "AudioPart input_audio.format", None),
        ("parameter", "AllowedToolsChoice allowed_tools.tools", None),
        ("field", "headers Retry-After", "/components/headers/RetryAfter"),
        ("field", "ResponseMessage annotations.url_citation.title", None),
        ("field", "TokenLogprob top_logprobs.bytes", None),
        ("field", "Error param", "/components/schemas/Error/properties/param"),
        ("field", "Model owned_by", None),
        ("value", "FinishReason content_filter", "/components/schemas/FinishReason/enum/3"),
        ("value", "ToolChoice required", "/components/schemas/ToolChoice/oneOf/0/enum/2"),
        ("value", "ServerSentEvent data=[DONE]", None),
        ("value", "CreateChatCompletionRequest modalities=audio", None),
    ],
)
def test_the_contract_has_such_elements(kind: str, name: str, pointer: str | None) -> None:
    """What requests and answers have at any depth, their streams included, is found under its name."""
    (found,) = (each for each in OWN.elements() if f"{each.owner} {each.name}" == name)
    assert found.kind == kind
    assert pointer in {None, found.pointer}


def test_every_property_of_every_schema_is_an_element() -> None:
    """Nothing that the contract's schemas describe is left out."""
    found = {each.pointer for each in OWN.elements()}
    for name, schema in OWN.document["components"]["schemas"].items():
        for member in schema.get("properties", {}):
            assert f"/components/schemas/{name}/properties/{member}" in found


def test_a_pointer_speaks_for_what_leads_there(small: Contract) -> None:
    """Whoever points at an inner member, or at a value, speaks for the members around it."""
    note = f"{ORDER}/properties/note"
    assert spoken(small, f"{note}/properties/tone/enum/1") == {
        *("Order note", "Order note.tone", "Order note.tone=cold"),
    }
    assert spoken(small, "/paths/~1things~1{id}/put/responses/200/content") == {
        *("putThing PUT /things/{id}", "putThing 200"),
    }


def test_a_pointer_at_a_member_speaks_for_its_values_and_what_it_requires(small: Contract) -> None:
    """The values of a member and the members that its object requires come with it; optional ones do not."""
    assert spoken(small, f"{ORDER}/properties/size") == {"Order size", "Order size=small", "Order size=2"}
    assert spoken(small, f"{ORDER}/properties/note") == {"Order note", "Order note.text"}
    assert spoken(small, "/components/schemas/Thing/properties/either") == {
        *("Thing either", "Thing either.type", "Thing either.type=left", "Thing either.type=right"),
        "Thing either.left",
    }


def test_a_pointer_at_a_schema_speaks_for_what_it_requires(small: Contract) -> None:
    """A whole schema stands for its required members and their constants, not for values of their enums."""
    assert spoken(small, ORDER) == {"Order kind", "Order kind=order", "Order size", "Order shared"}
    assert spoken(OWN, "/components/schemas/FinishReason") == {
        f"FinishReason {word}" for word in ("stop", "length", "tool_calls", "content_filter", "function_call")
    }


def test_a_pointer_at_properties_speaks_for_each(small: Contract) -> None:
    """All members at once are spoken for as if each was pointed at."""
    assert spoken(small, f"{ORDER}/properties/note/properties") == {
        *("Order note", "Order note.text", "Order note.tone", "Order note.tone=warm", "Order note.tone=cold"),
    }


def test_nothing_is_spoken_for_through_a_reference_to_a_schema(small: Contract) -> None:
    """What other places use as well has to be pointed at by itself; headers and parameters are followed."""
    assert spoken(small, f"{ORDER}/properties/shared") == {"Order shared"}
    assert spoken(small, "/components/schemas/Shared/properties/again") == {"Shared again"}
    assert spoken(small, "/paths/~1things~1{id}/get/responses/404/headers/X-Left") == {"headers X-Left"}
    assert spoken(small, "/paths/~1things~1{id}/parameters/0") == {
        *("getThing id", "getThing id=one", "getThing id=two"),
    }


def test_a_pointer_at_an_operation_does_not_speak_for_its_statuses(small: Contract) -> None:
    """An operation, its body, and its answers all together say nothing of single statuses."""
    operation = "/paths/~1things~1{id}/put"
    for pointer in (operation, f"{operation}/requestBody", f"{operation}/responses"):
        assert spoken(small, pointer) == {"putThing PUT /things/{id}"}


def test_a_pointer_that_leads_nowhere_is_refused(small: Contract) -> None:
    """A place that does not exist speaks for nothing, and says so."""
    with pytest.raises(ContractError, match="leads nowhere"):
        small.reached(f"{ORDER}/properties/nothing")
