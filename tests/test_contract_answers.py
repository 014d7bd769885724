"""The contract accepts what real servers rightly answer and refuses what is broken, by two validators."""

import copy
from functools import cache
from typing import Any

import jsonschema
import pytest

from chatconform.contract import load_contract

CONTRACT = load_contract()
CHAT = CONTRACT.operation("createChatCompletion")
DOCUMENT = CONTRACT.copy()
FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER


@cache
def second_opinion(pointer: str) -> jsonschema.Draft202012Validator:
    """The same schema in the other validator."""
    return jsonschema.Draft202012Validator({**DOCUMENT, "$ref": pointer}, format_checker=FORMATS)


def completion(**members: Any) -> dict[str, Any]:
    """A completion as small as is legal, but for the members given."""
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        **members,
    }


def chunk(delta: Any = None, **members: Any) -> dict[str, Any]:
    """A chunk as small as is legal, but for its delta and the members given."""
    choice = {"index": 0, "delta": {} if delta is None else delta, "finish_reason": None}
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
        **members,
    }


def changed(value: dict[str, Any], path: str, new: Any = ...) -> dict[str, Any]:
    """A copy of a value with one member, named by a dotted path, replaced (or removed)."""
    value = copy.deepcopy(value)
    *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    node: Any = value
    for key in way:
        node = node[key]
    if new is ...:
        del node[last]
    else:
        node[last] = new
    return value


CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("Completion", completion(system_fingerprint=None, service_tier="on_demand", x_vendor={"a": 1})),
        ("Completion", changed(completion(), "choices.0.message.tool_calls", None)),
        ("Completion", changed(completion(), "choices.0.message.tool_calls", [])),
        ("Completion", changed(completion(), "choices.0.message.tool_calls", [CALL])),
        ("Completion", changed(completion(), "choices.0.message.reasoning_content", "thinking")),
        ("Completion", changed(completion(), "choices.0.logprobs", None)),
        ("Completion", changed(completion(), "choices.0.message.annotations", [])),
        ("Completion", completion(usage={**USAGE, "prompt_tokens_details": None, "cost": 0.1})),
        ("Chunk", chunk(usage=None, system_fingerprint=None, service_tier=None, obfuscation="xx")),
        (
            "Chunk",
            chunk(
                {"content": None, "refusal": None, "tool_calls": None, "role": None, "function_call": None}
            ),
        ),
        (
            "Chunk",
            chunk({"tool_calls": [{"index": 0, "id": None, "type": None, "function": {"name": None}}]}),
        ),
        ("Chunk", changed(chunk(), "choices.0.logprobs", None)),
        ("Chunk", chunk(choices=[], usage=USAGE)),
        ("Chunk", chunk(choices=[])),
        ("Chunk", chunk({"content": "x", "reasoning_content": "y"})),
        ("Chunk", changed(chunk({"audio": {"expires_at": 5}}), "choices.0.finish_reason")),
        ("ChoiceLogprobs", {"content": []}),
        ("ErrorResponse", {"error": {"message": "m", "type": "t"}}),
        (
            "ErrorResponse",
            {"error": {"message": "m", "type": "t", "param": None, "code": None, "status": 400}},
        ),
        (
            "Model",
            {"id": "m", "object": "model", "created": 0, "owned_by": "", "shutdown_date": None, "x": 1},
        ),
        ("ModelList", {"object": "list", "data": []}),
        ("ServerSentEvent", {"data": "[DONE]", "event": "message", "id": "", "retry": 3000}),
    ],
)
def test_legal_oddities_fit(schema: str, value: Any) -> None:
    """What real servers write beyond the letter of the documents, and every client reads, is legal."""
    assert CONTRACT.validator(schema).violations(value) == ()
    assert second_opinion(f"#/components/schemas/{schema}").is_valid(value)


@pytest.mark.parametrize(
    ("schema", "value", "param"),
    [
        *(
            ("Completion", changed(completion(), name), name)
            for name in ("id", "object", "created", "model", "choices")
        ),
        ("Completion", completion(object="chat.completion.chunk"), "object"),
        ("Completion", completion(created="now"), "created"),
        ("Completion", completion(created=1.5), "created"),
        ("Completion", completion(choices=[]), "choices"),
        ("Completion", changed(completion(), "choices.0.finish_reason", None), "choices[0].finish_reason"),
        ("Completion", changed(completion(), "choices.0.finish_reason", "eos"), "choices[0].finish_reason"),
        ("Completion", changed(completion(), "choices.0.finish_reason"), "choices[0].finish_reason"),
        ("Completion", changed(completion(), "choices.0.message.content"), "choices[0].message.content"),
        (
            "Completion",
            changed(completion(), "choices.0.message.content", ["Hi"]),
            "choices[0].message.content",
        ),
        ("Completion", changed(completion(), "choices.0.message.role", "user"), "choices[0].message.role"),
        (
            "Completion",
            changed(completion(), "choices.0.message.tool_calls", [changed(CALL, "function.arguments", {})]),
            "choices[0].message.tool_calls[0].function.arguments",
        ),
        (
            "Completion",
            changed(completion(), "choices.0.message.tool_calls", [changed(CALL, "id")]),
            "choices[0].message.tool_calls[0].id",
        ),
        ("Completion", completion(usage={"prompt_tokens": 1}), "usage.completion_tokens"),
        ("Completion", completion(usage={**USAGE, "total_tokens": -1}), "usage.total_tokens"),
        ("Completion", completion(service_tier=5), "service_tier"),
        ("Chunk", chunk(object="chat.completion"), "object"),
        ("Chunk", changed(chunk(), "choices"), "choices"),
        ("Chunk", chunk(choices=None), "choices"),
        ("Chunk", changed(chunk(), "choices.0.finish_reason"), "choices[0].finish_reason"),
        ("Chunk", changed(chunk(), "choices.0.finish_reason", ""), "choices[0].finish_reason"),
        ("Chunk", changed(chunk(), "choices.0.delta"), "choices[0].delta"),
        ("Chunk", changed(chunk(), "choices.0.delta", None), "choices[0].delta"),
        ("Chunk", chunk({"role": ""}), "choices[0].delta.role"),
        ("Chunk", chunk({"content": 5}), "choices[0].delta.content"),
        ("Chunk", chunk({"tool_calls": [{"id": "1"}]}), "choices[0].delta.tool_calls[0].index"),
        ("Chunk", chunk({"tool_calls": [{"index": None}]}), "choices[0].delta.tool_calls[0].index"),
        ("Chunk", chunk(usage={"total_tokens": 2}), "usage.prompt_tokens"),
        ("TokenLogprob", {"token": "a", "logprob": "-1", "bytes": [256], "top_logprobs": []}, "logprob"),
        ("TokenLogprob", {"token": "a", "logprob": -1, "bytes": [256], "top_logprobs": []}, "bytes[0]"),
        ("ErrorResponse", {"detail": "no"}, "error"),
        ("ErrorResponse", {"error": "no"}, "error"),
        ("ErrorResponse", {"error": {"message": "m", "type": "t", "code": 400}}, "error.code"),
        ("ErrorResponse", {"error": {"message": "", "type": "t"}}, "error.message"),
        ("ErrorResponse", {"error": {"message": "m", "type": None}}, "error.type"),
        ("Model", {"id": "m", "object": "model", "created": "1", "owned_by": "x"}, "created"),
        (
            "Model",
            {"id": "m", "object": "model", "created": 1, "owned_by": "x", "shutdown_date": "soon"},
            "shutdown_date",
        ),
        ("ModelList", {"data": []}, "object"),
        ("ServerSentEvent", {"data": "hello"}, "data"),
        ("ServerSentEvent", {"data": ""}, "data"),
        ("ServerSentEvent", {}, "data"),
    ],
)
def test_broken_answers_do_not_fit(schema: str, value: Any, param: str) -> None:
    """A broken answer is refused by two validators, and the broken member is the first that is named."""
    assert CONTRACT.validator(schema).violations(value)[0].param == param
    assert not second_opinion(f"#/components/schemas/{schema}").is_valid(value)


@pytest.mark.parametrize(
    ("events", "legal"),
    [
        (["{}", "[DONE]"], True),
        ([], False),
        (["{}"], False),
        (["[DONE]", "[DONE]"], False),
        (["hi", "[DONE]"], False),
    ],
)
def test_whole_streams_end_once(events: list[str], legal: bool) -> None:
    """A stream as a whole has its terminator exactly once and nothing that is neither JSON nor that."""
    pointer = CHAT.responses["200"].content["text/event-stream"].schema
    assert pointer is not None

    assert CONTRACT.validator(pointer).is_valid([{"data": data} for data in events]) is legal
