"""The reference server refuses every kind of bad request with the error object, streamed or not."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.contract import load_contract
from chatconform.reference_server import ModelCard, Settings, UnknownParameters, create_app
from chatconform.reference_server.threaded import ThreadedServer

USER = {"role": "user", "content": "Say hello."}
BASE: dict[str, Any] = {"model": "reference-1", "messages": [USER]}
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "rain"}
OPEN_SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    chosen = Settings(check_responses=True, context_length=300)
    with (
        ThreadedServer(create_app(load_contract(), chosen)) as server,
        httpx2.Client(base_url=f"{server.site}/v1") as client,
    ):
        yield client


def _schema_format(schema: dict[str, Any], *, strict: bool) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": strict}}


def _arguments(text: str) -> list[dict[str, Any]]:
    call = {**CALL, "function": {"name": "get_weather", "arguments": text}}
    return [USER, {**CALLING, "tool_calls": [call]}, RESULT]


def _broken_arguments() -> list[dict[str, Any]]:
    texts = ['{"city":', "not json", "", " ", "[]", '"Paris"', "null", "1e999", "[" * 30]
    calls = [
        {"id": f"c{number}", "type": "function", "function": {"name": "get_weather", "arguments": text}}
        for number, text in enumerate(texts)
    ]
    results = [{**RESULT, "tool_call_id": call["id"]} for call in calls]
    return [USER, {**CALLING, "tool_calls": calls}, *results]


# What the body has beside BASE -> param and code of the error.
REFUSED: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "no messages at all": ({"messages": []}, "messages", "empty_array"),
    "messages of another type": ({"messages": "hi"}, "messages", "invalid_type"),
    "an invented role": (
        {"messages": [{"role": "robot", "content": ""}]},
        "messages[0].role",
        "invalid_value",
    ),
    "a message without content": (
        {"messages": [{"role": "user"}]},
        "messages[0].content",
        "missing_required_parameter",
    ),
    "an unknown part": (
        {"messages": [{"role": "user", "content": [{"type": "hologram"}]}]},
        "messages[0].content[0].type",
        "invalid_value",
    ),
    "an assistant without content": (
        {"messages": [USER, {"role": "assistant", "content": None}]},
        "messages[1].content",
        None,
    ),
    "temperature too high": ({"temperature": 2.1}, "temperature", "decimal_above_max_value"),
    "temperature too low": ({"temperature": -1}, "temperature", "decimal_below_min_value"),
    "temperature as text": ({"temperature": "0.5"}, "temperature", "invalid_type"),
    "no choice": ({"n": 0}, "n", "integer_below_min_value"),
    "too many choices": ({"n": 129}, "n", "integer_above_max_value"),
    "half a choice": ({"n": 1.5}, "n", "invalid_type"),
    "no tokens": ({"max_tokens": 0}, "max_tokens", "integer_below_min_value"),
    "negative tokens": ({"max_completion_tokens": -1}, "max_completion_tokens", "integer_below_min_value"),
    "five stop strings": ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "array_above_max_length"),
    "an empty list of stop strings": ({"stop": []}, "stop", "empty_array"),
    "an empty list of tools": ({"tools": []}, "tools", "empty_array"),
    "too many tools": (
        {"tools": [{"type": "function", "function": {"name": f"f{i}"}} for i in range(129)]},
        "tools",
        "array_above_max_length",
    ),
    "a tool name with a dot": (
        {"tools": [{"type": "function", "function": {"name": "a.b"}}]},
        "tools[0].function.name",
        "invalid_value",
    ),
    "two tools of one name": ({"tools": [WEATHER, WEATHER]}, "tools[1].function.name", "invalid_value"),
    "stream options without stream": ({"stream_options": {"include_usage": True}}, "stream_options", None),
    "top_logprobs without logprobs": ({"top_logprobs": 2}, "top_logprobs", None),
    "tool choice without tools": ({"tool_choice": "required"}, "tool_choice", None),
    "a tool choice that matches no tool": (
        {"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "nope"}}},
        "tool_choice",
        "invalid_value",
    ),
    "allowed tools that match no tool": (
        {
            "tools": [WEATHER],
            "tool_choice": {
                "type": "allowed_tools",
                "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "x"}}]},
            },
        },
        "tool_choice",
        "invalid_value",
    ),
    "a malformed tool choice": (
        {"tools": [WEATHER], "tool_choice": "sometimes"},
        "tool_choice",
        "invalid_value",
    ),
    "a function call that matches no function": (
        {"functions": [{"name": "f"}], "function_call": {"name": "g"}},
        "function_call",
        "invalid_value",
    ),
    "a result without a call": ({"messages": [USER, RESULT]}, "messages[1].tool_call_id", None),
    "a result for another call": (
        {"messages": [USER, CALLING, {**RESULT, "tool_call_id": "c2"}]},
        "messages[2].tool_call_id",
        None,
    ),
    "a call without a result": ({"messages": [USER, CALLING, USER]}, "messages[1].tool_calls", None),
    "a prompt over the context": (
        {"messages": [{"role": "user", "content": "many words " * 200}]},
        "messages",
        "context_length_exceeded",
    ),
    "json_object without the word": ({"response_format": {"type": "json_object"}}, "messages", None),
    "an unknown response format": (
        {"response_format": {"type": "xml"}},
        "response_format.type",
        "invalid_value",
    ),
    "a response format as a word": ({"response_format": "json"}, "response_format", "invalid_type"),
    "a schema without a name": (
        {"response_format": {"type": "json_schema", "json_schema": {}}},
        "response_format.json_schema.name",
        "missing_required_parameter",
    ),
    "a strict schema that is open": (
        {"response_format": _schema_format(OPEN_SCHEMA, strict=True)},
        "response_format",
        "invalid_json_schema",
    ),
    "a strict schema with an optional member": (
        {"response_format": _schema_format({**OPEN_SCHEMA, "additionalProperties": False}, strict=True)},
        "response_format",
        "invalid_json_schema",
    ),
    "a schema that is none": (
        {"response_format": _schema_format({"type": 123}, strict=False)},
        "response_format",
        "invalid_json_schema",
    ),
    "a strict tool that is open": (
        {
            "tools": [
                {"type": "function", "function": {"name": "f", "parameters": OPEN_SCHEMA, "strict": True}}
            ]
        },
        "tools[0].function.parameters",
        "invalid_function_parameters",
    ),
    "an unknown parameter": ({"x_new": 1}, "x_new", "unknown_parameter"),
}


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("name", REFUSED)
def test_bad_body(client: httpx2.Client, name: str, stream: bool) -> None:
    """A body that breaks a rule is answered with 400, JSON, and the member to blame, before any stream."""
    change, param, code = REFUSED[name]
    streaming = {"stream": True} if stream and "stream_options" not in change else {}

    response = client.post("/chat/completions", json={**BASE, **streaming, **change})

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)
    assert error["message"]


ACCEPTED: dict[str, dict[str, Any]] = {
    "nulls mean defaults": dict.fromkeys(
        [
            "temperature",
            "top_p",
            "max_completion_tokens",
            "n",
            "stop",
            "stream",
            "stream_options",
            "seed",
            "logit_bias",
            "frequency_penalty",
            "presence_penalty",
            "logprobs",
            "top_logprobs",
            "metadata",
        ]
    ),
    "bounds": {"temperature": 2, "top_p": 0, "presence_penalty": -2, "frequency_penalty": 2},
    "a whole number with a point": {"max_completion_tokens": 8.0},
    "parameters without an effect": {
        "user": "u",
        "metadata": {"a": "b"},
        "store": False,
        "service_tier": "auto",
    },
    "a developer": {"messages": [{"role": "developer", "content": "Be brief."}, USER]},
    "parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": "Say hello."}]}]},
    "a tool round": {"messages": [USER, CALLING, RESULT], "tools": [WEATHER]},
    "a tool round without tools": {"messages": [USER, CALLING, RESULT]},
    "an open call at the end": {"messages": [USER, CALLING]},
    "arguments that are no JSON object, several in one message": {"messages": _broken_arguments()},
    "no messages of the user": {"messages": [{"role": "system", "content": "Say hello."}]},
    "tool choice none without tools": {"tool_choice": "none"},
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_unusual_but_legal_body(client: httpx2.Client, name: str) -> None:
    """A body that is only unusual is served."""
    response = client.post("/chat/completions", json={**BASE, **ACCEPTED[name]})

    assert response.status_code == 200, response.text
    assert response.json()["choices"][0]["finish_reason"] in {"stop", "length", "tool_calls"}


@pytest.mark.parametrize("missing", ["model", "messages"])
def test_missing_member(client: httpx2.Client, missing: str) -> None:
    """A missing member is named, and a missing conversation is not taken for an unknown model."""
    body = {key: value for key, value in {**BASE, "model": "nothing"}.items() if key != missing}

    response = client.post("/chat/completions", json=body)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == missing
    assert response.json()["error"]["code"] == "missing_required_parameter"


@pytest.mark.parametrize(
    "content",
    [
        b'{"model": "m", ',
        b"",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b'{"model": "\xff"}',
        b'{"n": NaN}',
        b'{"a": "\\ud800"}',
        b"\xef\xbb\xbf{}",
        b"[" * 5000,
        b'{"a":' * 5000,
    ],
    ids=[
        "cut",
        "empty",
        "list",
        "null",
        "text",
        "not UTF-8",
        "not UTF-8 inside",
        "NaN",
        "lone surrogate",
        "mark",
        "deep list",
        "deep object",
    ],
)
def test_not_a_json_object(client: httpx2.Client, content: bytes) -> None:
    """A body that is no JSON object is the client's fault, whatever it is instead."""
    response = client.post("/chat/completions", content=content, headers={"content-type": "application/json"})

    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_duplicate_members(client: httpx2.Client) -> None:
    """Of a member that stands twice the last one counts."""
    content = b'{"model": "nothing", "model": "reference-1", "messages": [{"role": "user", "content": "hi"}]}'

    response = client.post("/chat/completions", content=content, headers={"content-type": "application/json"})

    assert response.status_code == 200


@pytest.mark.parametrize("depth", [60, 70, 300])
def test_deep_schemas(client: httpx2.Client, depth: int) -> None:
    """A deeply nested schema is served or refused, and never breaks the server."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}

    response = client.post("/chat/completions", json={**BASE, "tools": [tool], "tool_choice": "required"})

    # Two levels of JSON for each level of schema; 64 are the limit, and the context is small.
    assert response.status_code == 400
    assert response.json()["error"]["param"] in {"messages", "tools[0].function.parameters"}


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("model", ["nothing", "reference-embedding-1", "Reference-1", "x" * 5000])
def test_unknown_model(client: httpx2.Client, model: str, stream: bool) -> None:
    """A model that is not served, or is none for chat, is a 404 that repeats no endless name."""
    response = client.post("/chat/completions", json={**BASE, "model": model, "stream": stream})

    assert response.status_code == 404
    error = response.json()["error"]
    assert (error["code"], error["param"], error["type"]) == (
        "model_not_found",
        "model",
        "invalid_request_error",
    )
    assert len(error["message"]) < 200


def test_all_wrong_members_are_named(client: httpx2.Client) -> None:
    """A refusal blames one member and names the others, so that a caller mends all of it at once."""
    wrong = {"temperature": "x", "n": 0, "top_p": 3, "stop": 5}

    error = client.post("/chat/completions", json={**BASE, **wrong}).json()["error"]

    assert error["param"] in wrong
    assert all(f"'{name}'" in error["message"] for name in wrong)
    many = {**BASE, "messages": [{"role": "robot", "content": ""}] * 500}
    assert len(client.post("/chat/completions", json=many).json()["error"]["message"]) < 600


def test_ignored_unknown_parameter() -> None:
    """A server that was told to ignores members that the contract does not know."""
    chosen = Settings(
        unknown_parameters=UnknownParameters.IGNORE, models=(ModelCard(id="m"),), check_responses=True
    )
    with ThreadedServer(create_app(load_contract(), chosen)) as server:
        response = httpx2.post(
            f"{server.site}/v1/chat/completions", json={"model": "m", "messages": [USER], "x_new": 1}
        )

    assert response.status_code == 200


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
LEGAL: dict[str, Any] = {
    **BASE,
    "messages": [{"role": "system", "content": "JSON"}, *_arguments("{}"), USER],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "city": {"type": "string", "enum": ["a"]},
                        "days": {"type": "array", "items": {}},
                    },
                    "required": ["city"],
                },
            },
        },
        {"type": "custom", "custom": {"name": "search", "format": {"type": "text"}}},
    ],
    "tool_choice": "auto",
    "response_format": _schema_format(
        {"type": "object", "properties": {"a": {"type": "number"}}}, strict=False
    ),
    "stop": ["x"],
    "logit_bias": {"321": 5},
    "logprobs": True,
    "top_logprobs": 1,
    "max_completion_tokens": 20,
}


def _places(value: Any) -> Iterator[tuple[str | int, ...]]:
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield (key,)
        yield from ((key, *rest) for rest in _places(child))


def _replaced(value: Any, place: tuple[str | int, ...], by: Any) -> Any:
    if not place:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = _replaced(copy[place[0]], place[1:], by)
    return copy


@settings(max_examples=150, derandomize=True)
@given(place=st.sampled_from(sorted(_places(LEGAL), key=str)), value=JSON, stream=st.booleans())
def test_no_body_breaks_the_server(
    client: httpx2.Client, place: tuple[str | int, ...], value: Any, stream: bool
) -> None:
    """Whatever stands in whatever place of a request, it is answered or refused, never a failure."""
    body = _replaced({**LEGAL, "stream": stream}, place, value)

    response = client.post("/chat/completions", json=body)

    assert response.status_code in {200, 400, 404}, response.text
    assert '"error"' not in response.text or response.status_code != 200
