"""The contract's requests and examples are as documented, by two independent validators."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
import schemathesis

from chatconform.contract import load_contract

CONTRACT = load_contract()
DOCUMENT = CONTRACT.copy()
CHAT = CONTRACT.operation("createChatCompletion")
REQUEST = CONTRACT.validator(CHAT.request_schema)
USER = {"role": "user", "content": "Hi"}
TOOL = {"type": "function", "function": {"name": "f"}}
FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER


@cache
def second_opinion(pointer: str) -> jsonschema.Draft202012Validator:
    """The same schema in the other validator."""
    return jsonschema.Draft202012Validator(
        {**DOCUMENT, "$ref": CONTRACT.validator(pointer).pointer}, format_checker=FORMATS
    )


def request(**members: Any) -> dict[str, Any]:
    """A request that is legal but for the members given."""
    return {"model": "example-model", "messages": [USER], **members}


# One line of the table per parameter: type, bounds or values, default, nullable, deprecated.
# "-" stands for: no default is documented.
PARAMETERS: dict[str, tuple[Any, Any, Any, bool, bool]] = {
    "max_completion_tokens": ("integer", (1, None), "-", True, False),
    "max_tokens": ("integer", (1, None), "-", True, True),
    "temperature": ("number", (0, 2), 1, True, False),
    "top_p": ("number", (0, 1), 1, True, False),
    "n": ("integer", (1, 128), 1, True, False),
    "seed": ("integer", (-(2**63), 2**63 - 1), "-", True, True),
    "frequency_penalty": ("number", (-2, 2), 0, True, False),
    "presence_penalty": ("number", (-2, 2), 0, True, False),
    "logit_bias": ("object", None, None, True, False),
    "logprobs": ("boolean", None, False, True, False),
    "top_logprobs": ("integer", (0, 20), "-", True, False),
    "stream": ("boolean", None, False, True, False),
    "tools": ("array", (1, 128), "-", False, False),
    "parallel_tool_calls": ("boolean", None, True, False, False),
    "functions": ("array", (1, 128), "-", False, True),
    "reasoning_effort": ("string", "none minimal low medium high xhigh max", "medium", True, False),
    "verbosity": ("string", "low medium high", "medium", True, False),
    "modalities": ("array", (1, None), ["text"], True, False),
    "audio": ("object", None, "-", True, False),
    "service_tier": ("string", "auto default flex scale priority fast", "auto", True, False),
    "store": ("boolean", None, False, True, False),
    "metadata": ("object", (None, 16), None, True, False),
    "user": ("string", None, "-", False, True),
    "safety_identifier": ("string", (None, 64), "-", True, False),
    "prompt_cache_key": ("string", None, "-", True, False),
    "prompt_cache_options": ("object", None, "-", False, False),
    "prompt_cache_retention": ("string", "in_memory 24h", "-", True, True),
    "moderation": ("object", None, "-", True, False),
    "web_search_options": ("object", None, "-", False, False),
}
BOUNDS = {
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
    "string": ("minLength", "maxLength"),
}
# Parameters whose schema is a union or refers to a component: nullable, deprecated.
UNIONS = {
    "stop": (True, False),
    "stream_options": (True, False),
    "prediction": (True, False),
    "response_format": (False, False),
    "tool_choice": (False, False),
    "function_call": (False, True),
}


def test_table_is_complete() -> None:
    """The tables below and the contract name the same parameters."""
    properties = CONTRACT.resolve(CHAT.request_schema)["properties"]

    assert properties.keys() == {"model", "messages", *PARAMETERS, *UNIONS}
    assert CONTRACT.resolve(CHAT.request_schema)["required"] == ("model", "messages")


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameter_is_as_documented(name: str) -> None:
    """A parameter has the documented type, bounds or values, default, nullability and deprecation."""
    kind, limits, default, nullable, deprecated = PARAMETERS[name]
    schema = CONTRACT.resolve(CHAT.request_schema)["properties"][name]

    assert schema["type"] == ((kind, "null") if nullable else kind)
    assert schema.get("default", "-") == (tuple(default) if isinstance(default, list) else default)
    assert schema.get("deprecated", False) is deprecated
    if isinstance(limits, str):
        assert schema["enum"] == (*limits.split(), None) if nullable else tuple(limits.split())
    elif kind in BOUNDS:
        assert tuple(schema.get(key) for key in BOUNDS[kind]) == (limits or (None, None))


@pytest.mark.parametrize("name", [*PARAMETERS, *UNIONS])
def test_null_is_legal_where_documented(name: str) -> None:
    """A null is accepted for the parameters that allow it, and refused at the parameter for the others."""
    nullable = PARAMETERS[name][3] if name in PARAMETERS else UNIONS[name][0]

    blamed = {violation.param for violation in REQUEST.violations(request(**{name: None}))}
    assert blamed == (set() if nullable else {name})
    if name in UNIONS:
        assert (
            CONTRACT.resolve(CHAT.request_schema)["properties"][name].get("deprecated", False)
            is UNIONS[name][1]
        )


EDGES = [
    ("temperature", [0, 2, 0.7], [-0.01, 2.01, "1", True]),
    ("n", [1, 128, 2.0], [0, 129, 1.5]),
    ("max_tokens", [1, 10**9], [0, -1, "5"]),
    ("presence_penalty", [-2, 2], [-2.1, 2.1]),
    ("stop", ["a", ["a"], ["a"] * 4], [[], ["a"] * 5, [None], 5, {}]),
    ("logit_bias", [{}, {"50256": -100}, {"1": 100}], [{"1": 101}, {"1": -101}, {"the": 1}, {"1": 0.5}, []]),
    ("metadata", [{}, {"k" * 64: "v" * 512}], [{"k" * 65: ""}, {"k": "v" * 513}, {"k": 1}]),
    ("metadata", [{str(i): "" for i in range(16)}], [{str(i): "" for i in range(17)}]),
    ("safety_identifier", ["x" * 64], ["x" * 65]),
    ("tools", [[TOOL], [TOOL] * 128], [[], [TOOL] * 129, TOOL]),
    ("functions", [[{"name": "f"}]], [[], [{"name": "f"}] * 129, [{"name": ""}]]),
    (
        "prediction",
        [{"type": "content", "content": "x"}],
        [{"type": "content", "content": []}, {"content": "x"}],
    ),
    ("audio", [{"voice": "v", "format": "wav"}, {"voice": {"id": "v"}, "format": "mp3"}], [{"voice": "v"}]),
    ("modalities", [["text"], ["text", "audio"]], [["image"], []]),
    ("user", ["someone"], [5]),
    ("an_unknown_one", [None, {}, "x"], []),
]


@pytest.mark.parametrize(("name", "legal", "illegal"), EDGES, ids=[edge[0] for edge in EDGES])
def test_bounds_lie_where_documented(name: str, legal: list[Any], illegal: list[Any]) -> None:
    """The values at a bound are legal, and those just beyond it are not; both validators say so."""
    other = second_opinion(CHAT.request_schema)

    for value in legal:
        assert REQUEST.violations(request(**{name: value})) == ()
        assert other.is_valid(request(**{name: value}))
    for value in illegal:
        assert REQUEST.violations(request(**{name: value}))[0].param.startswith(name)
        assert not other.is_valid(request(**{name: value}))


@pytest.mark.parametrize(
    ("legal", "illegal"),
    [
        ({"stream": True, "stream_options": {"include_usage": True}}, {"stream_options": {}}),
        ({"stream_options": None}, {"stream": False, "stream_options": {}}),
        ({"logprobs": True, "top_logprobs": 0}, {"top_logprobs": 0}),
        ({"top_logprobs": None}, {"logprobs": None, "top_logprobs": 3}),
        ({"tools": [TOOL], "tool_choice": "required"}, {"tool_choice": "required"}),
        ({"tool_choice": "none"}, {"tool_choice": {"type": "function", "function": {"name": "f"}}}),
    ],
)
def test_parameters_that_need_others(legal: dict[str, Any], illegal: dict[str, Any]) -> None:
    """A parameter that needs another is legal with it, and without it the first is to blame, by a rule."""
    assert REQUEST.violations(request(**legal)) == ()
    (violation,) = REQUEST.violations(request(**illegal))
    assert violation.param in {"stream_options", "top_logprobs", "tool_choice"}
    assert violation.rule is not None
    assert violation.param in violation.message


def examples() -> Iterator[tuple[str, str, Any]]:
    """Every example of the document with the pointer of the schema that it belongs to."""
    for operation in CONTRACT.operations:
        at = f"#/paths/{operation.path.replace('/', '~1')}/{operation.method.lower()}"
        owners = [f"{at}/requestBody"] if operation.request else []
        for owner in [*owners, *(f"{at}/responses/{status}" for status in operation.responses)]:
            for name, media in CONTRACT.resolve(f"{owner}/content").items():
                for label, example in media["examples"].items():
                    yield f"{owner}/content/{name.replace('/', '~1')}/schema", label, plain(example)


def plain(value: Any) -> Any:
    """A read-only node as plain JSON."""
    return json.loads(json.dumps(value, default=dict))


EXAMPLES = list(examples())


@pytest.mark.parametrize(
    ("pointer", "label", "example"), EXAMPLES, ids=[f"{e[0][8:40]}-{e[1]}" for e in EXAMPLES]
)
def test_examples_are_legal(pointer: str, label: str, example: dict[str, Any]) -> None:
    """Every example has a summary and fits its schema, by two validators."""
    value = example["dataValue"] if "dataValue" in example else example["value"]

    assert example["summary"].endswith(".")
    assert CONTRACT.validator(pointer).violations(value) == ()
    assert second_opinion(pointer).is_valid(value)


def test_examples_cover_the_forms() -> None:
    """There are examples for each form of request, and for every status that is an error."""
    labels = {label for _, label, _ in EXAMPLES}

    assert {"plain", "stream", "tools", "tool-result", "parts", "json-schema", "text", "tool-calls"} <= labels
    assert len(EXAMPLES) > 30


def test_schema_examples_are_legal() -> None:
    """Every example inside a component fits that component."""
    seen = 0
    for name, schema in CONTRACT.document["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            assert CONTRACT.validator(name).violations(plain(example)) == ()
            seen += 1
    assert seen >= 8


def test_stream_examples_are_their_own_bytes() -> None:
    """The serialized form of a stream example is its events, and each event's JSON is a chunk."""
    stream = CONTRACT.resolve("#/paths/~1chat~1completions/post/responses/200/content/text~1event-stream")
    text = stream["examples"]["text"]

    assert text["serializedValue"] == "".join(f"data: {event['data']}\n\n" for event in text["dataValue"])
    for example in stream["examples"].values():
        *chunks, last = [event["data"] for event in example["dataValue"]]
        assert last == "[DONE]"
        for chunk in chunks:
            assert CONTRACT.validator("Chunk").violations(json.loads(chunk)) == ()


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
def test_validators_agree_on_generated_requests(mode: schemathesis.GenerationMode) -> None:
    """Schemathesis can read the contract: it makes many requests, and two validators agree on each."""
    schema = schemathesis.openapi.from_dict(CONTRACT.copy())
    operation = schema["/chat/completions"]["POST"]
    other = second_opinion(CHAT.request_schema)
    cases = schema.iter_coverage_cases(
        operation, generation_modes=[mode], generation_config=schema.config.generation
    )
    bodies = [case.body for case in cases if isinstance(case.body, dict)]

    assert len(bodies) > 200
    if mode is schemathesis.GenerationMode.POSITIVE:
        assert [REQUEST.violations(body) for body in bodies if not REQUEST.is_valid(body)] == []
    for body in bodies[::8]:
        assert REQUEST.is_valid(body) == other.is_valid(body), body
