"""A malformed value is answered with the member to blame, whatever union it hides in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.contract import Violation, load_contract, param_name

CONTRACT = load_contract()
REQUEST = CONTRACT.validator("CreateChatCompletionRequest")
USER = {"role": "user", "content": "Hi"}
TOOL = {"type": "function", "function": {"name": "f"}}


def first(body: Any) -> Violation:
    """The first violation of a request."""
    return REQUEST.violations(body)[0]


def request(**members: Any) -> dict[str, Any]:
    """A request that is legal but for the members given."""
    return {"model": "m", "messages": [USER], **members}


def said(**message: Any) -> dict[str, Any]:
    """A request whose only message is the one given."""
    return request(messages=[message])


def part(**members: Any) -> dict[str, Any]:
    """A request whose only content part is the one given."""
    return said(role="user", content=[members])


def called(**members: Any) -> dict[str, Any]:
    """A request whose history has the tool call given."""
    return said(role="assistant", content=None, tool_calls=[members])


def chosen(choice: Any) -> dict[str, Any]:
    """A request with a tool and the tool choice given."""
    return request(tools=[TOOL], tool_choice=choice)


MALFORMED: list[tuple[Any, str, str]] = [
    ([], "", "type"),
    (None, "", "type"),
    ({"messages": [USER]}, "model", "required"),
    ({"model": "m"}, "messages", "required"),
    (request(model=5), "model", "type"),
    (request(model=""), "model", "minLength"),
    (request(messages="Hi"), "messages", "type"),
    (request(messages={}), "messages", "type"),
    (request(messages=[]), "messages", "minItems"),
    (request(messages=["Hi"]), "messages[0]", "type"),
    (said(), "messages[0].role", "required"),
    (said(content="Hi"), "messages[0].role", "required"),
    (said(role="robot", content="Hi"), "messages[0].role", "enum"),
    (said(role=5, content="Hi"), "messages[0].role", "enum"),
    (said(role="user"), "messages[0].content", "required"),
    (said(role="user", content=None), "messages[0].content", "type"),
    (said(role="user", content=5), "messages[0].content", "type"),
    (said(role="user", content=[]), "messages[0].content", "minItems"),
    (said(role="user", content=["Hi"]), "messages[0].content[0]", "type"),
    (said(role="user", content="Hi", name=5), "messages[0].name", "type"),
    (said(role="tool", content="4"), "messages[0].tool_call_id", "required"),
    (said(role="function", content="4"), "messages[0].name", "required"),
    (said(role="system", content=[{"type": "image_url"}]), "messages[0].content[0].text", "required"),
    (request(messages=[USER, USER, {"role": "bot"}]), "messages[2].role", "enum"),
    (part(), "messages[0].content[0].type", "required"),
    (part(type="video"), "messages[0].content[0].type", "enum"),
    (part(type="text"), "messages[0].content[0].text", "required"),
    (part(type="text", text=5), "messages[0].content[0].text", "type"),
    (part(type="image_url", image_url="http://a/b"), "messages[0].content[0].image_url", "type"),
    (part(type="image_url", image_url={}), "messages[0].content[0].image_url.url", "required"),
    (part(type="image_url", image_url={"url": "not one"}), "messages[0].content[0].image_url.url", "format"),
    (
        part(type="image_url", image_url={"url": "http://a/b", "detail": "max"}),
        "messages[0].content[0].image_url.detail",
        "enum",
    ),
    (
        part(type="input_audio", input_audio={"data": "", "format": "ogg"}),
        "messages[0].content[0].input_audio.format",
        "enum",
    ),
    (said(role="assistant"), "messages[0].content", "required"),
    (said(role="assistant", content=None), "messages[0].content", "type"),
    (said(role="assistant", content=None, refusal=None), "messages[0].content", "type"),
    (said(role="assistant", tool_calls=[]), "messages[0].tool_calls", "minItems"),
    (said(role="assistant", tool_calls=None), "messages[0].tool_calls", "type"),
    (called(id="1"), "messages[0].tool_calls[0].type", "required"),
    (called(id="1", type="shell"), "messages[0].tool_calls[0].type", "enum"),
    (
        called(type="function", function={"name": "f", "arguments": ""}),
        "messages[0].tool_calls[0].id",
        "required",
    ),
    (
        called(id="1", type="function", function={"name": "f", "arguments": {}}),
        "messages[0].tool_calls[0].function.arguments",
        "type",
    ),
    (
        called(id="1", type="custom", custom={"name": "f"}),
        "messages[0].tool_calls[0].custom.input",
        "required",
    ),
    (request(temperature="0.5"), "temperature", "type"),
    (request(temperature=3), "temperature", "maximum"),
    (request(n=0), "n", "minimum"),
    (request(stop=["a"] * 5), "stop", "maxItems"),
    (request(stop=5), "stop", "type"),
    (request(stop=["a", 5]), "stop[1]", "type"),
    (request(stream="yes", stream_options={}), "stream", "type"),
    (request(stream=True, stream_options=5), "stream_options", "type"),
    (request(stream=True, stream_options={"include_usage": "yes"}), "stream_options.include_usage", "type"),
    (request(tools={}), "tools", "type"),
    (request(tools=[]), "tools", "minItems"),
    (request(tools=[{}]), "tools[0].type", "required"),
    (request(tools=[{"type": "code"}]), "tools[0].type", "enum"),
    (request(tools=[{"type": "function"}]), "tools[0].function", "required"),
    (request(tools=[{"type": "function", "function": {}}]), "tools[0].function.name", "required"),
    (
        request(tools=[TOOL, {"type": "function", "function": {"name": "a b"}}]),
        "tools[1].function.name",
        "pattern",
    ),
    (
        request(tools=[{"type": "function", "function": {"name": "x" * 65}}]),
        "tools[0].function.name",
        "pattern",
    ),
    (
        request(tools=[{"type": "function", "function": {"name": "f", "parameters": []}}]),
        "tools[0].function.parameters",
        "type",
    ),
    (
        request(tools=[{"type": "custom", "custom": {"name": "f", "format": {"type": "yaml"}}}]),
        "tools[0].custom.format.type",
        "enum",
    ),
    (chosen("maybe"), "tool_choice", "enum"),
    (chosen(5), "tool_choice", "type"),
    (chosen({}), "tool_choice.type", "required"),
    (chosen({"function": {"name": "f"}}), "tool_choice.type", "required"),
    (chosen({"type": "any"}), "tool_choice.type", "enum"),
    (chosen({"type": "function"}), "tool_choice.function", "required"),
    (chosen({"type": "function", "function": {}}), "tool_choice.function.name", "required"),
    (
        chosen({"type": "allowed_tools", "allowed_tools": {"mode": "none", "tools": [TOOL]}}),
        "tool_choice.allowed_tools.mode",
        "enum",
    ),
    (request(response_format="json"), "response_format", "type"),
    (request(response_format={}), "response_format.type", "required"),
    (request(response_format={"type": "xml"}), "response_format.type", "enum"),
    (request(response_format={"type": "json_schema"}), "response_format.json_schema", "required"),
    (
        request(response_format={"type": "json_schema", "json_schema": {"schema": {}}}),
        "response_format.json_schema.name",
        "required",
    ),
    (request(logit_bias={"50256": 101}), 'logit_bias["50256"]', "maximum"),
    (request(logit_bias={"the": 1}), "logit_bias", "propertyNames"),
    (request(metadata={"two words": 5}), 'metadata["two words"]', "type"),
    (request(reasoning_effort="huge"), "reasoning_effort", "enum"),
]


@pytest.mark.parametrize(
    ("body", "param", "keyword"), MALFORMED, ids=[f"{row[1]}-{row[2]}" for row in MALFORMED]
)
def test_the_member_to_blame_comes_first(body: Any, param: str, keyword: str) -> None:
    """The first violation of a malformed request names the member and the keyword that it breaks."""
    violation = first(body)

    assert (violation.param, violation.keyword) == (param, keyword)
    *parent, last = (str(key).replace("/", "~1") for key in violation.schema_path)
    assert last in CONTRACT.resolve("/" + "/".join(parent))
    assert "\N{OBJECT REPLACEMENT CHARACTER}" not in violation.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            said(role="robot"),
            '"robot" is not one of "developer", "system", "user", "assistant", "tool" or "function"',
        ),
        (request(temperature=3), "3 is greater than the maximum of 2"),
        (request(stop=5), '5 is not of type "string", "array" or "null"'),
        (request(stop=["a"] * 5), "a list of 5 has more than 4 items"),
        (request(tools={}), '{} is not of type "array"'),
        ({"messages": [USER]}, '"model" is a required property'),
        (
            said(role="assistant"),
            "An assistant message needs 'content', unless it has 'tool_calls' or a refusal.",
        ),
    ],
)
def test_messages_say_what_is_wrong(body: Any, message: str) -> None:
    """A message shows the value where it is short, and lists what was possible."""
    assert first(body).message == message


def test_a_long_value_is_not_repeated() -> None:
    """A message does not echo a long value, which may be a document or a secret."""
    violation = first(request(temperature="x" * 10_000))

    assert len(violation.message) < 200
    assert "10002 characters" in violation.message


def test_rules_between_members_come_last() -> None:
    """The fault of one member is named before a rule that it breaks together with another."""
    found = REQUEST.violations(
        {"stream_options": {}, "top_logprobs": 3, "messages": [USER], "n": 0, "model": "m"}
    )

    assert [(violation.param, violation.rule) for violation in found] == [
        ("n", None),
        ("stream_options", "stream-options-need-stream"),
        ("top_logprobs", "top-logprobs-need-logprobs"),
    ]


def test_all_faults_of_the_meant_branch_are_reported() -> None:
    """Inside a union every fault of the branch that was meant is reported, and none of the others."""
    found = REQUEST.violations(said(role="tool", content=5, name="x"))

    assert {violation.param for violation in found} == {"messages[0].tool_call_id", "messages[0].content"}


def test_pointers_lead_to_the_place() -> None:
    """A violation also tells its place as a JSON pointer, in which slashes are escaped."""
    violation = first(request(metadata={"a/b~c": 5}))

    assert violation.path == ("metadata", "a/b~c")
    assert violation.pointer == "/metadata/a~1b~0c"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ((), ""),
        (("messages", 0, "role"), "messages[0].role"),
        ((0, "x"), "[0].x"),
        (("logit_bias", "7"), 'logit_bias["7"]'),
        (("a", 'say "b"'), 'a["say \\"b\\""]'),
        (("$defs", "x-y"), "$defs.x-y"),
    ],
)
def test_param_names(path: tuple[str | int, ...], name: str) -> None:
    """A path is written with dots and brackets; a key that is not a plain word is quoted."""
    assert param_name(path) == name


@pytest.mark.parametrize("key", ["7", "007", "+7", "0", "00", "-7", "7a", "9" * 30])
def test_keys_that_look_like_numbers_are_told_as_they_are(key: str) -> None:
    """The validator makes a number of such a key; the violation names the key."""
    assert first(request(metadata={key: 5, "other": "text"})).path == ("metadata", key)


@pytest.mark.parametrize("schema", ["Completion", "CreateChatCompletionRequest", "Chunk"])
@pytest.mark.parametrize(
    "text", ['"\\ud800"', "[" * 900 + "]" * 900, "1e400", "-1" + "0" * 400, '{"id": "\\ud800"}']
)
def test_hostile_values_are_violations(schema: str, text: str) -> None:
    """A value that no server sends in earnest is a violation, not an exception."""
    value = json.loads(text)

    assert not CONTRACT.validator(schema).is_valid(value)
    assert CONTRACT.validator(schema).violations(value)[0].message


KEYS = st.sampled_from(["role", "type", "content", "text", "function", "name", "7", "007", "+7", "00"])
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(["messages", "tools", "tool_choice", "response_format", "stop", "prediction"]), JSON)
def test_every_violation_lies_in_the_value(member: str, value: Any) -> None:
    """Whatever a member holds, it is valid or has violations, and their paths lead to places that exist."""
    body = request(**{member: value})
    found = REQUEST.violations(body)

    assert REQUEST.is_valid(body) is not bool(found)
    for violation in found:
        node: Any = body
        for key in violation.path:
            node = node[key]
        assert violation.missing is None or violation.missing not in node
