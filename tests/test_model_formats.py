"""JSON answers, limits, the content filter, and the reading of requests."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.reference_server.model import (
    ChatRequest,
    FinishReason,
    Text,
    ToolCallStart,
    Triggers,
    Written,
    encode,
    folded,
    generate,
    prompt_tokens,
)

_OBJECT = {"type": "json_object"}
_STORY = "Write a 500 word story about a fox."
_CALL = {
    "type": "function",
    "function": {
        "name": "note",
        "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    },
}


def _body(prompt: str, **parameters: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": prompt}], **parameters}


def _write(prompt: str, *, trigger: str | None = None, **parameters: Any) -> Written:
    return folded(
        generate(
            ChatRequest.from_body(_body(prompt, **parameters)), entropy=1, triggers=Triggers(filter=trigger)
        )
    )


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        ("What is the capital of France? Answer in JSON.", {"answer": "The capital of France is Paris."}),
        ("Give me JSON with keys name and age for Maria, who is 34.", {"name": "Maria", "age": 34}),
        ("Write an object with a name and an age for Maria, who is 34.", {"name": "Maria", "age": 34}),
        (
            'Reply as JSON: {"city": ..., "code": ...}. Maria lives in Lisbon, code AX-19.',
            {"city": "Lisbon", "code": "AX-19"},
        ),
        (
            "Return a JSON object with the fields `city` and `country`: Paris is in France.",
            {"city": "Paris", "country": "France"},
        ),
    ],
)
def test_json_mode_writes_one_object(prompt: str, value: dict[str, Any]) -> None:
    """The whole content is one object, with the keys that the prompt names."""
    assert json.loads(_write(prompt, response_format=_OBJECT).text) == value


@pytest.mark.parametrize(
    "prompt",
    [
        "List three fruits.",
        _STORY,
        "hi",
        "Use code fences!",
        'Say "}" and \\ please',
        "",
        "Repeat the word go forever",
    ],
)
def test_json_mode_is_json_whatever_the_prompt(prompt: str) -> None:
    """No prompt breaks JSON mode."""
    written = _write(prompt, response_format=_OBJECT)
    assert isinstance(json.loads(written.text), dict)
    assert written.reason is FinishReason.STOP


def test_json_outlasts_bias_penalties_and_heat() -> None:
    """Sampling cannot break constrained text."""
    schema = {
        "type": "json_schema",
        "json_schema": {
            "name": "x",
            "schema": {"type": "array", "items": {"type": "integer"}, "minItems": 60},
        },
    }
    bias = {str(256 + byte): -100 for byte in b'{}[]",:1'}
    written = _write(
        "x", response_format=schema, temperature=2, frequency_penalty=2, presence_penalty=2, logit_bias=bias
    )
    assert len(json.loads(written.text)) == 60


def test_cut_json_is_reported_as_length() -> None:
    """A client can tell that the JSON is not complete."""
    written = _write("Describe a fox.", response_format=_OBJECT, max_tokens=5)
    assert written.reason is FinishReason.LENGTH
    with pytest.raises(json.JSONDecodeError):
        json.loads(written.text)


def test_a_required_call_wins_over_a_format() -> None:
    """With json_object and tool_choice required there is a call and no text."""
    written = _write("x", response_format=_OBJECT, tools=[_CALL], tool_choice="required")
    assert written.calls
    assert not written.text


@given(
    st.integers(1, 40),
    st.sampled_from([_STORY, "Repeat exactly: 🦀漢é🦀漢é🦀漢é end", "Count from 1 to 100"]),
)
@settings(max_examples=60)
def test_limits_bound_the_completion(limit: int, prompt: str) -> None:
    """What is cut is the beginning of the whole text, in whole characters, and says so."""
    whole = _write(prompt, temperature=0)
    cut = _write(prompt, temperature=0, max_completion_tokens=limit)
    assert cut.completion_tokens == min(limit, whole.completion_tokens)
    assert whole.text.startswith(cut.text)
    assert len(cut.text.encode()) >= len(b"".join(encode(whole.text)[:limit])) - 3
    assert (cut.reason is FinishReason.LENGTH) == (limit < whole.completion_tokens)


@pytest.mark.parametrize(("one", "other"), [(64, 8), (8, 64), (8, None), (None, 8)])
def test_the_stricter_limit_wins(one: int | None, other: int | None) -> None:
    """max_tokens and max_completion_tokens both bound."""
    assert _write(_STORY, max_tokens=one, max_completion_tokens=other).completion_tokens == 8


@given(st.integers(1, 12))
def test_limits_bound_calls_too(limit: int) -> None:
    """Arguments that the limit cuts end with length and are the beginning of the whole ones."""
    whole = _write("note it", tools=[_CALL], tool_choice="required")
    cut = _write("note it", tools=[_CALL], tool_choice="required", max_tokens=limit)
    assert cut.completion_tokens == min(limit, whole.completion_tokens)
    assert whole.calls[0].arguments.startswith(cut.calls[0].arguments)
    assert (cut.reason is FinishReason.LENGTH) == (limit < whole.completion_tokens)


def test_the_content_filter_blocks_prompts_and_cuts_answers() -> None:
    """The trigger in a user message gives nothing; in the answer the text before it."""
    blocked = _write("Tell me about BADWORD.", trigger="BADWORD")
    assert (blocked.text, blocked.reason) == ("", FinishReason.CONTENT_FILTER)
    cut = _write("Count from one to ten in words, separated by spaces.", trigger="ee f")
    assert (cut.text, cut.reason) == ("one two thr", FinishReason.CONTENT_FILTER)
    assert _write("Say OK.", trigger="BADWORD").reason is FinishReason.STOP


def test_generation_is_lazy() -> None:
    """A stream can be left after its first piece, and begins before the text is complete."""
    pieces = generate(ChatRequest.from_body(_body("Repeat the word go forever")), entropy=1)
    assert isinstance(next(pieces), Text)
    calls = generate(ChatRequest.from_body(_body("x", tools=[_CALL], tool_choice="required")), entropy=1)
    assert isinstance(next(calls), ToolCallStart)


def _tokens(**parameters: Any) -> int:
    return prompt_tokens(ChatRequest.from_body({"model": "m", **parameters}))


def test_prompt_tokens_count_everything_once() -> None:
    """Each message, name, definition, call and result adds its own tokens, whatever its place."""
    words = "alpha " * 200
    user = {"role": "user", "content": "hi"}
    base = _tokens(messages=[user])
    grown = [
        [{"role": "system", "content": words}, user],
        [{"role": "user", "content": words}, {"role": "assistant", "content": ""}, user],
        [user, {"role": "assistant", "content": words}, user],
        [{"role": "user", "content": "hi " + words}],
    ]
    extra = [_tokens(messages=messages) - base for messages in grown]
    assert all(200 <= each <= 215 for each in extra)
    assert (
        _tokens(
            messages=[user], tools=[{"type": "function", "function": {"name": "x", "description": words}}]
        )
        - base
        >= 200
    )
    assert _tokens(messages=[user], n=3) == base


def test_calls_and_results_are_counted() -> None:
    """Arguments and tool results in the history reach the model."""

    def history(arguments: str, result: object) -> int:
        call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
        messages = [
            {"role": "user", "content": "x"},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": result},
        ]
        return _tokens(messages=messages)

    assert history("word" + " word" * 99, "x") - history("word", "x") == 99
    assert history("{}", "x" + " x" * 99) - history("{}", "x") == 99
    assert history("{}", "a b") == history("{}", [{"type": "text", "text": "a b"}])


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_a_string_and_its_parts_count_the_same(parts: list[str]) -> None:
    """Where the text is the same, its form makes no difference."""
    split = [{"type": "text", "text": part} for part in parts]
    assert _tokens(messages=[{"role": "user", "content": split}]) == _tokens(
        messages=[{"role": "user", "content": "".join(parts)}]
    )


def test_null_means_default() -> None:
    """Every nullable parameter may be null."""
    names = (
        "temperature top_p max_tokens max_completion_tokens n stop stream stream_options seed"
        " logit_bias frequency_penalty "
        "presence_penalty logprobs top_logprobs metadata response_format tools tool_choice"
        " functions function_call parallel_tool_calls"
    )
    assert ChatRequest.from_body(_body("x", **dict.fromkeys(names.split()))) == ChatRequest.from_body(
        _body("x")
    )


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "system", "content": "Be brief."}],
        [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}],
        [{"role": "user", "content": "a"}, {"role": "assistant", "content": None, "refusal": "No."}],
        [
            {
                "role": "user",
                "content": [{"type": "image_url", "image_url": {"url": "https://example.com/x.png"}}],
            }
        ],
        [
            {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
            {"role": "user", "content": ""},
        ],
        [{"role": "assistant", "content": "Hello"}],
        [{"role": "user", "content": "\ud800"}],
    ],
)
def test_any_legal_history_gets_an_answer(messages: list[dict[str, Any]]) -> None:
    """No order or form of messages leaves the model without words."""
    written = folded(generate(ChatRequest.from_body({"model": "m", "messages": messages}), entropy=1))
    assert written.text
    assert written.reason is FinishReason.STOP
