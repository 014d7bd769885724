"""Values for JSON Schemas, judged by another validator than the one the model uses."""

import json
import re
import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.reference_server.model import ChatRequest, FinishReason, folded, generate
from chatconform.reference_server.model.patterns import matching

_NAMES = st.sampled_from(
    ["city", "name", "count", "unit", "tags", "date", "id", "é_x", "from", "to", "note", "items"]
)
_PROMPT = 'Book a table in Paris for Maria, 12 people, on 2025-06-01, code AX-19. Call it "quiet corner".'


@st.composite
def _strings(draw: st.DrawFn) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    kind = draw(st.sampled_from(["free", "length", "format", "pattern", "enum"]))
    if kind == "length":
        least = draw(st.integers(0, 12))
        schema |= {"minLength": least, "maxLength": least + draw(st.integers(0, 12))}
    if kind == "format":
        formats = ["date", "date-time", "time", "email", "uuid", "ipv4", "ipv6", "hostname", "duration"]
        schema["format"] = draw(st.sampled_from(formats))
    if kind == "pattern":
        patterns = [
            r"^[A-Z]{3}-\d{4}$",
            r"^\+?\d{5,9}$",
            r"^(yes|no)$",
            r"^@[a-zA-Z0-9_]+$",
            r"^[^aeiou]{2,}$",
            r"\w+\.\w{2,3}",
        ]
        schema["pattern"] = draw(st.sampled_from(patterns))
    if kind == "enum":
        schema["enum"] = draw(st.lists(st.text(max_size=6), min_size=1, max_size=4, unique=True))
    return schema


@st.composite
def _numbers(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["integer", "number"]))
    schema: dict[str, Any] = {"type": kind}
    low = draw(st.integers(-100, 100))
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = low + draw(st.integers(12, 50))
    if draw(st.booleans()):
        schema["multipleOf"] = draw(st.sampled_from([1, 2, 5] if kind == "integer" else [1, 2, 0.5, 0.25]))
    return schema


_LEAVES = st.one_of(
    _strings(),
    _numbers(),
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.sampled_from(
        [{"type": ["string", "null"]}, {"type": ["null", "integer"]}, {"const": {"a": 1}}, {"const": 3}]
    ),
    st.lists(
        st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=3)), min_size=1, max_size=4
    ).map(lambda options: {"enum": options}),
)


@st.composite
def _objects(draw: st.DrawFn, parts: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    properties = draw(st.dictionaries(_NAMES, parts, max_size=4))
    required = draw(st.sampled_from([list(properties), list(properties)[:1], []]))
    schema = {"type": "object", "properties": properties, "additionalProperties": draw(st.booleans())}
    return schema | ({"required": required} if required else {})


@st.composite
def _arrays(draw: st.DrawFn, parts: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array", "items": draw(parts)}
    least = draw(st.integers(0, 3))
    if draw(st.booleans()):
        schema |= {"minItems": least, "maxItems": least + draw(st.integers(0, 2))}
    return schema


def _branches(parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(parts, min_size=1, max_size=3).map(lambda branches: {"anyOf": branches})


_SCHEMAS = st.recursive(
    _LEAVES, lambda parts: st.one_of(_objects(parts), _arrays(parts), _branches(parts)), max_leaves=8
)
_TOP = _objects(_SCHEMAS)


def _judge(schema: Any, value: Any) -> None:
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(value)


def _arguments(schema: Any, prompt: str = _PROMPT) -> Any:
    tool = {"type": "function", "function": {"name": "book", "parameters": schema}}
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": prompt}],
        "tools": [tool],
        "tool_choice": "required",
    }
    return json.loads(folded(generate(ChatRequest.from_body(body), entropy=1)).calls[0].arguments)


def _formatted(schema: Any, prompt: str = _PROMPT, **more: Any) -> Any:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, **more}}
    body = {"model": "m", "messages": [{"role": "user", "content": prompt}], "response_format": form}
    return json.loads(folded(generate(ChatRequest.from_body(body), entropy=1)).text)


@given(_TOP)
@settings(max_examples=250)
def test_values_are_valid_against_their_schema(schema: dict[str, Any]) -> None:
    """Whatever schema of the usual subset comes, arguments and formatted answers satisfy it."""
    _judge(schema, _arguments(schema))
    _judge(schema, _formatted(schema, strict=True))


_TREE = {
    "type": "object",
    "properties": {"value": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#"}}},
    "required": ["value", "children"],
    "additionalProperties": False,
}
_LINKED = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            },
            "required": ["id", "next"],
            "additionalProperties": False,
        }
    },
    "type": "object",
    "properties": {"head": {"$ref": "#/$defs/node"}},
    "required": ["head"],
    "additionalProperties": False,
}
_SHAPES = {
    "type": "object",
    "properties": {
        "shape": {
            "oneOf": [
                {
                    "type": "object",
                    "properties": {"kind": {"const": "circle"}, "r": {"type": "number", "minimum": 0}},
                    "required": ["kind", "r"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"kind": {"const": "square"}, "a": {"type": "number"}},
                    "required": ["kind", "a"],
                    "additionalProperties": False,
                },
            ]
        },
        "both": {"allOf": [{"type": "integer", "minimum": 3}, {"maximum": 4}, {"multipleOf": 4}]},
        "unique": {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True},
        "words": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 4,
            "maxItems": 4,
            "uniqueItems": True,
        },
        "pair": {
            "type": "array",
            "prefixItems": [{"type": "string"}, {"type": "boolean"}],
            "items": False,
            "minItems": 2,
        },
        "map": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    },
    "required": ["shape", "both", "unique", "words", "pair", "map"],
}


@pytest.mark.parametrize("schema", [_TREE, _LINKED, _SHAPES], ids=["tree", "linked", "shapes"])
def test_references_branches_and_recursion_end_in_valid_values(schema: dict[str, Any]) -> None:
    """Recursive schemas end, branches are told apart, sets have different items."""
    _judge(schema, _arguments(schema))
    _judge(schema, _formatted(schema))


_PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "city": {"type": "string"},
        "mood": {"type": "string", "enum": ["sad", "happy", "neutral"]},
        "when": {"type": "string", "format": "date"},
        "contact": {
            "type": "object",
            "properties": {"email": {"type": "string"}},
            "required": ["email"],
            "additionalProperties": False,
        },
        "hobbies": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["name", "age", "city", "mood", "when", "contact", "hobbies"],
    "additionalProperties": False,
}


def test_values_come_from_the_conversation() -> None:
    """Names, numbers, dates, addresses and enum words are taken from the text."""
    prompt = (
        "Extract: the customer Maria is 34 years old, lives in Lisbon, is happy, signed up on"
        " 2024-11-05 with "
        "maria@example.org, and likes 'chess' and 'rowing'. Add an extra key and answer in prose!"
    )
    value = _formatted(_PERSON, prompt, strict=True)
    assert value == {
        "name": "Maria",
        "age": 34,
        "city": "Lisbon",
        "mood": "happy",
        "when": "2024-11-05",
        "contact": {"email": "maria@example.org"},
        "hobbies": ["chess", "rowing"],
    }


@pytest.mark.parametrize(
    "schema", [{"type": "object", "not": {}}, {"$ref": "#/$defs/missing"}, {"type": "nonsense"}, {}]
)
def test_what_cannot_be_satisfied_is_attempted(schema: dict[str, Any]) -> None:
    """A schema beyond the model gives JSON all the same, and no error."""
    assert isinstance(_arguments(schema), dict)
    json.dumps(_formatted(schema))


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\d{3}$",
        "a|b",
        "^[a-f0-9]{8}$",
        "x*y+",
        r"^\(\d{3}\) \d{3}-\d{4}$",
        "^(?:ab){2,3}$",
        r"[\w.]+@[\w.]+",
    ],
)
def test_simple_patterns_are_matched(pattern: str) -> None:
    """A made string matches the pattern it was made for."""
    made = matching(pattern)
    assert made is not None
    assert re.search(pattern, made)


@pytest.mark.parametrize("pattern", [r"(?=a)b", r"(a)\1", "[", "(", r"\p{L}", "*", "(?<n>a)"])
def test_other_patterns_are_left_alone(pattern: str) -> None:
    """What the generator does not understand it does not guess."""
    assert matching(pattern) is None


_HOSTILE: list[dict[str, Any]] = [
    {"$ref": "#"},
    {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
    {"anyOf": [{"$ref": "#"}]},
    {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
    {"type": "object", "properties": {name: {"$ref": "#"} for name in "abcdefghij"}},
    {"type": "array", "items": {"$ref": "#"}, "minItems": 3},
    {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "integer"}, "minItems": 10**9}},
    },
    {"type": "object", "properties": {"a": {"type": "string", "minLength": 10**12}}},
    {"type": "object", "properties": {"a": {"type": "string", "pattern": "((a{999}){999}){999}"}}},
    {"type": "object", "minProperties": 10**9},
    {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/schema.json"}}},
    {"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}},
    {"type": "object", "properties": {"a": {"multipleOf": 0.001, "minimum": 10**300}}},
    {"type": "object", "properties": {"a": {"type": "integer", "minimum": 5, "maximum": 1}}},
    {"type": "object", "properties": {"a": False}, "required": ["a"]},
    {"type": "object", "properties": {"a" * 5000: {"type": "number"}}},
]


@pytest.mark.parametrize("schema", _HOSTILE, ids=range(len(_HOSTILE)))
def test_a_hostile_schema_costs_little_and_breaks_nothing(schema: dict[str, Any]) -> None:
    """Endless, huge, contradictory and outward-referring schemas end in some JSON, soon."""
    begun = time.process_time()
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    body = {"model": "m", "messages": [{"role": "user", "content": _PROMPT}], "response_format": form}
    written = folded(generate(ChatRequest.from_body(body), entropy=1))
    if written.reason is FinishReason.STOP:
        json.loads(written.text)
    assert isinstance(_arguments(schema), dict)
    assert time.process_time() - begun < 8
