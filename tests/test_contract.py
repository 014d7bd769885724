"""The contract document is sound, and the loader gives it to the engine as typed values."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator, OpenAPIV32SpecValidator

from chatconform import resources
from chatconform.contract import Contract, load_contract
from chatconform.errors import ContractError

SPEC = resources.data("spec/openapi.yaml")

COMPONENTS = [
    "CreateChatCompletionRequest",
    "Message",
    "DeveloperMessage",
    "SystemMessage",
    "UserMessage",
    "AssistantMessage",
    "ToolMessage",
    "FunctionMessage",
    "TextPart",
    "ImagePart",
    "AudioPart",
    "FilePart",
    "RefusalPart",
    "UserContentPart",
    "Tool",
    "FunctionTool",
    "CustomTool",
    "FunctionDefinition",
    "FunctionParameters",
    "ToolChoice",
    "NamedFunctionChoice",
    "NamedCustomChoice",
    "AllowedToolsChoice",
    "ResponseFormat",
    "ResponseFormatText",
    "ResponseFormatJsonObject",
    "ResponseFormatJsonSchema",
    "StreamOptions",
    "Stop",
    "Completion",
    "Choice",
    "ResponseMessage",
    "ToolCall",
    "FunctionToolCall",
    "CustomToolCall",
    "Chunk",
    "ChunkChoice",
    "Delta",
    "ToolCallDelta",
    "FinishReason",
    "Usage",
    "ChoiceLogprobs",
    "TokenLogprob",
    "Error",
    "ErrorResponse",
    "Model",
    "ModelList",
    "ServerSentEvent",
]


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract()


def nodes(node: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every node of a document with the keys that lead to it."""
    yield at, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from nodes(child, (*at, key))


class UniqueKeys(yaml.SafeLoader):
    """A YAML loader that refuses a mapping with a key written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: a key is written twice"
        return super().construct_mapping(node, deep)


def test_document_is_openapi_3_2(contract: Contract) -> None:
    """An independent validator accepts the document as OpenAPI 3.2."""
    assert contract.document["openapi"] == "3.2.0"
    assert list(OpenAPIV32SpecValidator(contract.copy()).iter_errors()) == []


def test_view_is_openapi_3_1(contract: Contract) -> None:
    """The derived view is OpenAPI 3.1 to the same validator, which refuses what only 3.2 has."""
    view = contract.view_3_1()

    assert list(OpenAPIV31SpecValidator(view).iter_errors()) == []
    assert list(OpenAPIV31SpecValidator({**contract.copy(), "openapi": "3.1.0"}).iter_errors()) != []


def test_view_loses_only_what_is_new(contract: Contract) -> None:
    """The view has the same schemas, operations and JSON examples as the document."""
    full, view = contract.copy(), contract.view_3_1()

    assert view["components"]["schemas"] == full["components"]["schemas"]
    assert {path: item.keys() for path, item in view["paths"].items()} == {
        path: item.keys() for path, item in full["paths"].items()
    }
    stream = full["paths"]["/chat/completions"]["post"]["responses"]["200"]["content"]["text/event-stream"]
    seen = view["paths"]["/chat/completions"]["post"]["responses"]["200"]["content"]["text/event-stream"]
    assert "itemSchema" not in seen
    assert seen["examples"]["text"]["value"] == stream["examples"]["text"]["dataValue"]
    assert contract.copy() == full


def test_no_key_is_written_twice() -> None:
    """No mapping of the file has a key twice, of which YAML would silently drop the first."""
    assert yaml.load(SPEC.read_bytes(), Loader=UniqueKeys)["openapi"] == "3.2.0"


def test_every_reference_resolves(contract: Contract) -> None:
    """Every $ref and every discriminator target leads somewhere, inside itemSchema too."""
    references = [
        value
        for at, value in nodes(contract.copy())
        if isinstance(value, str) and at and (at[-1] == "$ref" or at[-2:-1] == ("mapping",))
    ]

    assert len(references) > 100
    for reference in references:
        assert contract.resolve(reference) is not None


def test_every_schema_compiles(contract: Contract) -> None:
    """Every schema position in the document is a schema that compiles."""
    positions = [
        "#" + "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in at)
        for at, _ in nodes(contract.copy())
        if at
        and (
            (at[-1] in {"schema", "itemSchema"} and "paths" in at)
            or (at[:2] == ("components", "schemas") and len(at) == 3)
        )
    ]

    assert len(positions) >= len(COMPONENTS) + 5
    for position in positions:
        assert isinstance(contract.validator(position).is_valid({}), bool)


def test_components_are_the_agreed_ones(contract: Contract) -> None:
    """The components have exactly the names that the rest of the project uses."""
    assert sorted(contract.document["components"]["schemas"]) == sorted(COMPONENTS)


def test_everything_is_described(contract: Contract) -> None:
    """Every component and every member of one says what it is, itself or through what it refers to."""
    schemas = contract.copy()["components"]["schemas"]
    members = {
        (name, *at): node
        for name, schema in schemas.items()
        for at, node in nodes(schema)
        if (not at or at[-2:-1] == ("properties",)) and not {"if", "else", "examples", "contains"} & set(at)
    }
    silent = [
        ".".join(map(str, at))
        for at, node in members.items()
        if len(
            contract.resolve(node["$ref"] if "$ref" in node else "#/components/schemas/" + at[0])[
                "description"
            ]
        )
        < 8
        or ("$ref" not in node and len(node.get("description", "")) < 5)
    ]

    assert len(members) > 200
    assert silent == []


def test_nullable_is_never_used(contract: Contract) -> None:
    """Nullability is a type of JSON Schema 2020-12, not the keyword of OpenAPI 3.0."""
    assert [at for at, _ in nodes(contract.copy()) if at and at[-1] == "nullable"] == []


def test_requests_stay_open(contract: Contract) -> None:
    """No object forbids members that it does not name: that is the server's own policy."""
    assert [
        at
        for at, node in nodes(contract.copy())
        if at and at[-1] == "additionalProperties" and node is False and "value" not in at
    ] == []


def test_digest_is_of_the_file(contract: Contract) -> None:
    """The digest tells which bytes a run was judged by."""
    assert contract.digest == hashlib.sha256(SPEC.read_bytes()).hexdigest()
    assert re.fullmatch(r"\d{4}\.\d+\.\d+", contract.version)


def test_operations_are_typed(contract: Contract) -> None:
    """The three operations have their method, path, security, body and answers."""
    chat, models, model = contract.operations

    assert [(o.operation_id, o.method, o.path) for o in contract.operations] == [
        ("createChatCompletion", "POST", "/chat/completions"),
        ("listModels", "GET", "/models"),
        ("retrieveModel", "GET", "/models/{model}"),
    ]
    assert all(operation.secured for operation in contract.operations)
    assert chat.request_required
    assert chat.request_schema == "#/components/schemas/CreateChatCompletionRequest"
    assert list(chat.responses) == [
        "200",
        "400",
        "401",
        "403",
        "404",
        "405",
        "413",
        "415",
        "429",
        "500",
        "503",
    ]
    assert chat.responses["200"].content["application/json"].schema == "#/components/schemas/Completion"
    assert (
        chat.responses["200"].content["text/event-stream"].item_schema
        == "#/components/schemas/ServerSentEvent"
    )
    assert models.responses["200"].content["application/json"].schema == "#/components/schemas/ModelList"
    assert [(p.name, p.location, p.required, p.multi_segment) for p in model.parameters] == [
        ("model", "path", True, True)
    ]
    assert contract.operation("retrieveModel") is model


def test_every_answer_has_its_headers(contract: Contract) -> None:
    """Every answer documents x-request-id, 405 requires Allow, and 429 tells how long to wait."""
    for operation in contract.operations:
        for status, response in operation.responses.items():
            assert "x-request-id" in response.headers
            if status != "200":
                assert response.content["application/json"].schema == "#/components/schemas/ErrorResponse"
        assert operation.responses["405"].headers["allow"].required
        limits = operation.responses["429"].headers
        assert {
            f"x-ratelimit-{a}-{b}" for a in ("limit", "remaining", "reset") for b in ("requests", "tokens")
        } <= set(limits)
        waits = contract.validator(limits["retry-after"].schema)
        assert (waits.is_valid(1), waits.is_valid(0), waits.is_valid(1.5)) == (True, False, False)


@pytest.mark.parametrize(("status", "found"), [(200, "200"), (404, "404"), (418, None), (599, None)])
def test_answer_of_a_status(contract: Contract, status: int, found: str | None) -> None:
    """A status is described by its own entry, and by none if the document has none."""
    response = contract.operation("createChatCompletion").response(status)

    assert (response.status if response else None) == found


def test_rules_in_words_are_complete(contract: Contract) -> None:
    """Stream rules and request rules have unique ids, a sentence, and name requirements by their ids."""
    request_rules = contract.operation("createChatCompletion").request_rules

    for rules in (contract.stream_rules, request_rules):
        assert len({rule.id for rule in rules}) == len(rules) >= 7
        for rule in rules:
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
            assert re.fullmatch(r"[A-Z].+\.", rule.rule)
            assert rule.requirement is None or re.fullmatch(r"CC-[A-Z]+-\d{3}", rule.requirement)
    assert {rule.id for rule in contract.stream_rules} >= {
        "role-first",
        "one-finish-per-choice",
        "nothing-after-finish",
        "same-id",
        "same-created",
        "same-model",
        "usage-chunk-last-with-empty-choices",
        "done-last",
    }


def test_document_cannot_be_changed(contract: Contract) -> None:
    """The shared document is read-only, and a copy is the caller's own."""
    with pytest.raises(TypeError):
        contract.document["openapi"] = "4"  # type: ignore[index]
    copied = contract.copy()
    copied["paths"].clear()

    assert "/models" in contract.document["paths"]


def test_resolving_keeps_what_stands_beside_a_reference(contract: Contract) -> None:
    """A parameter that refers to a component keeps its own description and default."""
    stop = contract.resolve("#/components/schemas/CreateChatCompletionRequest/properties/stop")

    assert stop["default"] is None
    assert len(stop["oneOf"]) == 3
    assert stop["description"] != contract.resolve("#/components/schemas/Stop")["description"]


@pytest.mark.parametrize(
    "pointer",
    [
        "#/nowhere",
        "#/paths/0",
        "#/components/schemas/Message/oneOf/6",
        "#/tags/x",
        "components",
        "file.yaml#/a",
    ],
)
def test_a_pointer_to_nowhere_is_an_error(contract: Contract, pointer: str) -> None:
    """A pointer that leads nowhere raises ContractError and is quoted."""
    with pytest.raises(ContractError, match=re.escape(pointer)):
        contract.resolve(pointer)


def test_an_unknown_operation_is_an_error(contract: Contract) -> None:
    """Asking for an unknown operation names those that exist."""
    with pytest.raises(ContractError, match="createChatCompletion, listModels, retrieveModel"):
        contract.operation("createEmbedding")


def test_folders_are_found() -> None:
    """Every folder of the project is found, and unknown ones are refused."""
    from chatconform.errors import HarnessError

    assert resources.folder("spec") == SPEC.parent
    assert resources.text("spec/openapi.yaml").startswith("#")
    for wrong in (
        lambda: resources.folder("etc"),
        lambda: resources.data("spec/../pyproject.toml"),
        lambda: resources.load("no.such"),
    ):
        with pytest.raises(HarnessError):
            wrong()
    assert resources.load("errors").HarnessError is HarnessError


def test_named_requirements_exist(contract: Contract) -> None:
    """Every requirement that the contract names is a row of the ledger."""
    rows = "".join(file.read_text() for file in resources.folder("spec").glob("requirements/*.yaml"))
    named = set(re.findall(r"CC-[A-Z]+-\d{3}", SPEC.read_text()))

    assert len(named) > 20
    assert {name for name in named if f"id: {name}" not in rows} == set()
