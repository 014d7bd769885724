"""What breaks a union is found without the memory that the errors of all its branches take."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.contract import Contract, Validator, load_contract
from chatconform.contract.document import pointer_of
from chatconform.errors import ContractError

REQUEST = "CreateChatCompletionRequest"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "user", "text", "function"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["role", "content", "type", "text", "name", "tool_calls", "function", "custom", "id", "7"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
MEMBERS = st.sampled_from(["messages", "tools", "tool_choice", "response_format", "stop", "functions", "n"])


def written(change: Callable[[dict[str, Any]], None], folder: Path) -> Contract:
    """Our contract with a change."""
    document = load_contract().copy()
    change(document)
    file = folder / "contract.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return load_contract(file)


def unevaluated(document: dict[str, Any]) -> None:
    """Ask for what is asked anyhow, by a keyword that seals would blind."""
    document["components"]["schemas"]["Usage"]["unevaluatedProperties"] = True


@pytest.fixture(scope="module")
def unsealed(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    """Requests of a contract that is the same and has no seals."""
    return written(unevaluated, tmp_path_factory.mktemp("unsealed")).validator(REQUEST)


@given(st.dictionaries(MEMBERS, st.lists(VALUES, max_size=3) | VALUES, max_size=3))
def test_seals_change_nothing_of_what_is_told(unsealed: Validator, body: dict[str, Any]) -> None:
    """With seals and without, the same places are to blame, for the same reasons, in the same order."""
    request = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **body}
    assert load_contract().validator(REQUEST).violations(request) == unsealed.violations(request)


def test_a_large_broken_request_takes_memory_in_proportion() -> None:
    """Every part of every message is wrong: telling that takes a tenth of what the library's errors would."""
    part = {"type": "input_audio", "input_audio": {"data": "x" * 200, "format": "?"}, "more": ["y"] * 20}
    body = {"model": "m", "messages": [{"role": "user", "content": [part] * 10}] * 10}
    validator = load_contract().validator(REQUEST)
    validator.violations(body)
    tracemalloc.start()
    try:
        found = validator.violations(body)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) == 100
    assert most < 30 * len(json.dumps(body))


@pytest.mark.parametrize(
    ("at", "right", "wrong"),
    [
        ("#/components/schemas/ToolChoice/oneOf/0", "auto", "Auto"),
        ("#/components/schemas/AssistantMessage/properties/content", None, 5),
    ],
)
def test_a_schema_of_a_union_is_asked_by_itself(at: str, right: object, wrong: object) -> None:
    """A pointer into a union leads to where the document has its schema."""
    validator = load_contract().validator(at)
    assert validator.violations(right) == ()
    (violation,) = validator.violations(wrong)
    assert violation.path == ()
    assert load_contract().resolve(pointer_of(*violation.schema_path)) is not None


LONG_OR_X = [{"minLength": 3}, {"const": "x"}]


@pytest.mark.parametrize(
    ("odd", "right", "wrong"),
    [
        ({"anyOf": LONG_OR_X, "oneOf": [{"type": "string"}, {"type": "integer"}]}, "xyz", "y"),
        ({"oneOf": LONG_OR_X, "not": {"const": "abc"}}, "xyz", "abc"),
        ({"oneOf": LONG_OR_X, "not": {"const": "abc"}}, "x", "y"),
        ({"$id": "https://example.com/part", "oneOf": LONG_OR_X}, "x", "y"),
        ({"oneOf": LONG_OR_X, "allOf": [{"$ref": "#/components/schemas/Odd/oneOf/0"}]}, "xyz", "x"),
        ({"oneOf": [{"properties": {"a": {}}}, False], "unevaluatedProperties": False}, {"a": 1}, {"b": 1}),
        ({"additionalProperties": {"oneOf": LONG_OR_X}}, {"7": "x", "07": "x"}, {"7": "x", "07": "y"}),
        ({"additionalProperties": {"oneOf": LONG_OR_X}}, {"07": "x", "7": "x"}, {"07": "x", "7": "y"}),
        ({"const": {"oneOf": ["x"]}}, {"oneOf": ["x"]}, {"oneOf": ["y"]}),
    ],
)  # fmt: skip
def test_a_contract_with_odd_unions_is_told_as_well(
    odd: dict[str, Any], right: object, wrong: object, tmp_path: Path
) -> None:
    """What a seal would break is left as it is, and data that looks like a union is no union."""

    def change(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["Odd"] = odd

    validator = written(change, tmp_path).validator("Odd")
    assert validator.violations(right) == ()
    violations = validator.violations(wrong)
    assert violations
    assert all("Odd" in violation.schema_path or "$id" in odd for violation in violations)


def test_a_pointer_that_leads_nowhere_is_an_error() -> None:
    """A branch that a union does not have is nobody's schema."""
    with pytest.raises(ContractError, match="leads nowhere"):
        load_contract().validator("#/components/schemas/ToolChoice/oneOf/99")
