"""Files that are no contract are the user's error, and another API's contract is read like our own."""

import re
from pathlib import Path

import pytest

from chatconform.contract import load_contract
from chatconform.errors import ContractError, UsageError

MINIMAL = "openapi: 3.2.0\ninfo: {title: t, version: '1'}\n"
LOOP = "components: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [", "is not YAML"),
        ("\0", "is not YAML"),
        ("[]", "not an OpenAPI document"),
        ("swagger: '2.0'", "not an OpenAPI document"),
        ("openapi: 3.0.3", "not an OpenAPI document"),
        ("openapi: 3.2.0", "not a complete OpenAPI document"),
        (MINIMAL + "paths: {/a: {get: {responses: {}}}}", "GET /a has no operationId"),
        (MINIMAL + "paths: {/a: {get: {operationId: x}}}", "not a complete OpenAPI document"),
        (MINIMAL + "paths: {/a: {get: {operationId: x, responses: {200: {$ref: '#/b'}}}}}", "leads nowhere"),
        (
            MINIMAL
            + "paths: {/a: {get: {operationId: x, responses: {}}, put: {operationId: x, responses: {}}}}",
            "operationId x occurs more than once",
        ),
    ],
)
def test_an_unusable_file_is_the_users_error(tmp_path: Path, text: str, reason: str) -> None:
    """A file that is no contract raises a usage error that names the file and the reason."""
    file = tmp_path / "contract.yaml"
    file.write_text(text)

    with pytest.raises(UsageError, match=re.escape(reason)) as caught:
        load_contract(file)
    assert str(file) in str(caught.value)


def test_a_missing_file_is_the_users_error(tmp_path: Path) -> None:
    """A file that does not exist raises a usage error, not an OSError."""
    with pytest.raises(ContractError, match="No such file"):
        load_contract(tmp_path / "absent.yaml")


def test_another_api_can_be_read(tmp_path: Path) -> None:
    """Another document, with numbers for statuses, ranges and optional security, is read alike."""
    file = tmp_path / "other.yaml"
    file.write_text(
        MINIMAL + "security: [{key: []}, {}]\n"
        "paths: {'/e': {parameters: [{name: q, in: query, schema: {type: integer}}],"
        " post: {operationId: e, responses: {200: {description: fine}, 4XX: {description: wrong},"
        " default: {description: perhaps}}}}}\n"
    )
    operation = load_contract(file).operation("e")

    assert not operation.secured
    assert [operation.response(status).status for status in (200, 404, 500)] == ["200", "4XX", "default"]  # type: ignore[union-attr]
    assert [parameter.name for parameter in operation.parameters] == ["q"]
    with pytest.raises(ContractError, match="takes no JSON body"):
        _ = operation.request_schema


def test_a_circle_of_references_is_an_error(tmp_path: Path) -> None:
    """References that refer to each other end in an error, not in a hang."""
    file = tmp_path / "loop.yaml"
    file.write_text(MINIMAL + LOOP)
    looped = load_contract(file)

    for ask in (looped.resolve, looped.validator):
        with pytest.raises(ContractError, match="circle"):
            ask("#/components/schemas/A")
    with pytest.raises(ContractError, match=r"circle|nowhere"):
        looped.resolve("#/components/schemas/A/type")
