"""The reference server honours each parameter, plain and streamed, on every turn of a conversation."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from chatconform.contract import load_contract
from chatconform.tests.support.chat import Document, Reply, answer, post, serving

WEATHER: Document = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
TIME: Document = {
    "type": "function",
    "function": {**WEATHER["function"], "name": "get_time", "description": "The time in a city."},
}
QUERY: Document = {"type": "custom", "custom": {"name": "run_query", "description": "Runs a database query."}}
TOOLS = {"tools": [WEATHER, TIME]}
FUNCTIONS = {"functions": [WEATHER["function"], TIME["function"]]}
SCHEMA: Document = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}


def _user(content: str) -> Document:
    return {"role": "user", "content": content}


def _called(name: str = "c1", city: str = "Paris") -> Document:
    function = {"name": "get_weather", "arguments": json.dumps({"city": city})}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": name, "type": "function", "function": function}],
    }


def _result(name: str = "c1") -> Document:
    return {"role": "tool", "tool_call_id": name, "content": '{"degrees": 21}'}


def _first(content: str) -> list[Document]:
    return [_user(content)]


def _after_result(content: str) -> list[Document]:
    return [_user(content), _called(), _result()]


def _later(content: str) -> list[Document]:
    past = [_user("Weather in Rome?"), _called("c0", "Rome"), _result("c0")]
    return [*past, {"role": "assistant", "content": "It is warm."}, _user(content)]


Ask = Callable[..., Reply]
PATHS = {"first": _first, "after-result": _after_result, "later": _later}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    with serving() as client:
        yield client


@pytest.fixture(params=[False, True], ids=["plain", "streamed"])
def stream(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=PATHS)
def ask(request: pytest.FixtureRequest, client: httpx2.Client, stream: bool) -> Ask:
    """Ask on one of the paths, in one of the forms."""

    def asked(content: str, **members: Any) -> Reply:
        return answer(client, PATHS[request.param](content), stream=stream, **members)

    return asked


def _calls(reply: Reply) -> list[tuple[str, Any]]:
    calls = reply.messages[0].get("tool_calls", ())
    return [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls]


# --- sampling ---


def test_logit_bias(ask: Ask) -> None:
    """A forced token fills the answer up to its limit."""
    reply = ask("Write a story about a lighthouse.", logit_bias={"1000": 100}, temperature=0, max_tokens=9)

    assert reply.messages[0]["content"] == " iq" * 9
    assert (reply.reasons, reply.usage["completion_tokens"]) == (["length"], 9)


def test_penalties(ask: Ask) -> None:
    """Each penalty changes a story that repeats its words."""
    story = {"content": "Write a story of 64 tokens.", "temperature": 0, "max_tokens": 40}
    control = ask(**story)

    for penalties in ({"frequency_penalty": 2}, {"presence_penalty": 2}):
        assert ask(**story, **penalties).messages != control.messages


def test_seeds_and_choices(ask: Ask) -> None:
    """Choices differ, a seed repeats them, another seed and no seed do not."""
    words = {"content": "Write five random words", "n": 3, "temperature": 1.5, "max_completion_tokens": 24}
    first = ask(**words, seed=7).messages

    assert len({message["content"] for message in first}) == 3
    assert ask(**words, seed=7).messages == first
    assert ask(**words, seed=8).messages != first
    assert ask(**words).messages != ask(**words).messages


def test_top_p(ask: Ask) -> None:
    """With next to no probability mass all choices are the answer of temperature 0."""
    words = {"content": "Write five random words", "n": 3, "max_completion_tokens": 24}
    cold = ask(**words, temperature=0).messages

    assert cold[0] == cold[1] == cold[2]
    assert ask(**words, temperature=0).messages == cold
    for top_p in (0.001, 0.01):
        assert ask(**words, temperature=1.5, top_p=top_p).messages == cold


# --- stop and limits ---


@pytest.mark.parametrize(
    ("text", "stop", "left"),
    [
        ("Repeat exactly: one two three four five", "two three fo", "one "),
        ("Repeat exactly: le café noir", "é", "le caf"),
        ("Repeat exactly: 今日は日本語 ok", ["日"], "今"),
        ("Repeat exactly: 今日は日本語 ok", ["本語 o", "zz"], "今日は日"),
        ("Repeat exactly: crab 🦀 crab", "🦀 c", "crab "),
        ("Repeat exactly: left right", ["", "t r"], "lef"),
        ("Repeat exactly: left right", "", "left right"),
        ("Repeat exactly: left right", None, "left right"),
    ],
)
def test_stop(ask: Ask, text: str, stop: str | list[str] | None, left: str) -> None:
    """Each choice ends before a stop string, wherever its tokens and characters begin."""
    reply = ask(text, stop=stop, n=2)

    assert [message["content"] for message in reply.messages] == [left, left]
    assert reply.reasons == ["stop", "stop"]


@pytest.mark.parametrize("stop", [[], ["a", "b", "c", "d", "e"]], ids=["none", "five"])
def test_refused_stop(client: httpx2.Client, stop: list[str], stream: bool) -> None:
    """A list without strings and one of five are refused before any stream."""
    response = post(client, "Say OK.", stop=stop, stream=stream)

    assert (response.status_code, response.json()["error"]["param"]) == (400, "stop")


def test_stop_spares_arguments(client: httpx2.Client, stream: bool) -> None:
    """Arguments of a call of any kind are not searched for stop strings."""
    question = "What is the weather in Paris?"
    stop = ["city", "aris", "}"]

    function = answer(client, question, stream=stream, stop=stop, tools=[WEATHER])
    older = answer(client, question, stream=stream, stop=stop, functions=[WEATHER["function"]])
    custom = answer(client, "Run the query: select city", stream=stream, stop=stop, tools=[QUERY])

    assert _calls(function) == [("get_weather", {"city": "Paris"})]
    assert json.loads(older.messages[0]["function_call"]["arguments"]) == {"city": "Paris"}
    assert custom.messages[0]["tool_calls"][0]["custom"]["input"] == "select city"


@pytest.mark.parametrize(
    ("limits", "total"),
    [
        ({"max_completion_tokens": 1}, 1),
        ({"max_completion_tokens": 8}, 8),
        ({"max_tokens": 8}, 8),
        ({"max_completion_tokens": 3, "max_tokens": 8}, 3),
        ({"max_completion_tokens": 8, "max_tokens": 3}, 3),
    ],
    ids=str,
)
def test_limits(ask: Ask, limits: dict[str, int], total: int) -> None:
    """The stricter limit cuts text and calls alike, and says so."""
    text = ask("Write a 500 word story about rivers.", n=2, **limits)
    call = ask("What is the weather in Paris?", tools=[WEATHER], tool_choice="required", **limits)

    assert text.reasons == ["length", "length"]
    assert text.usage["completion_tokens"] == 2 * total
    assert (call.reasons, call.usage["completion_tokens"]) == (["length"], total)


# --- tools ---


@pytest.mark.parametrize(
    "question",
    [
        "What is the weather in Paris, Rome and Oslo?",
        "Get the weather in three cities: Lima, Cairo, Delhi.",
        "Get the weather in three cities.",
    ],
)
@pytest.mark.parametrize("path", ["first", "later"])
def test_parallel_tool_calls(client: httpx2.Client, path: str, question: str, stream: bool) -> None:
    """Three cities get three calls, or one where only one is allowed."""
    messages = PATHS[path](question)

    several = _calls(answer(client, messages, stream=stream, **TOOLS))
    one = _calls(answer(client, messages, stream=stream, **TOOLS, parallel_tool_calls=False))

    assert len({str(call) for call in several}) == 3
    assert one == several[:1]


ALLOWED = {
    "type": "allowed_tools",
    "allowed_tools": {"tools": [{"type": "function", "function": {"name": "get_time"}}]},
}


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("none", None),
        ("required", {"get_weather", "get_time"}),
        ({"type": "function", "function": {"name": "get_time"}}, {"get_time"}),
        ({**ALLOWED, "allowed_tools": {**ALLOWED["allowed_tools"], "mode": "required"}}, {"get_time"}),
        ({**ALLOWED, "allowed_tools": {**ALLOWED["allowed_tools"], "mode": "auto"}}, None),
    ],
    ids=["none", "required", "named", "allowed-required", "allowed-auto"],
)
def test_tool_choice(ask: Ask, choice: Any, called: set[str] | None) -> None:
    """The choice alone decides whether a tool is called, and which."""
    reply = ask("What is the weather in Paris?", **TOOLS, tool_choice=choice)

    if called is None:
        assert reply.reasons == ["stop"]
        assert reply.messages[0]["content"]
        assert "tool_calls" not in reply.messages[0]
    else:
        assert reply.reasons == ["tool_calls"]
        assert reply.messages[0]["content"] is None
        assert {name for name, _ in _calls(reply)} <= called


def test_custom_tools(client: httpx2.Client, stream: bool) -> None:
    """A custom tool is called with text, and its call says so."""
    for choice in ("required", {"type": "custom", "custom": {"name": "run_query"}}):
        reply = answer(
            client, "Run the query: select 1", stream=stream, tools=[QUERY, WEATHER], tool_choice=choice
        )
        assert reply.messages[0]["tool_calls"] == [
            {"type": "custom", "custom": {"name": "run_query", "input": "select 1"}}
        ]
        assert reply.reasons == ["tool_calls"]


@pytest.mark.parametrize("choice", [None, "auto", {"name": "get_weather"}], ids=str)
def test_older_functions(client: httpx2.Client, choice: Any, stream: bool) -> None:
    """The deprecated functions are called in the deprecated form."""
    chosen = {} if choice is None else {"function_call": choice}
    reply = answer(client, "What is the weather in Paris?", stream=stream, **FUNCTIONS, **chosen)

    call = reply.messages[0]["function_call"]
    assert (call["name"], json.loads(call["arguments"])) == ("get_weather", {"city": "Paris"})
    assert call.keys() == {"name", "arguments"}
    assert reply.messages[0]["content"] is None
    assert reply.reasons == ["function_call"]


def test_older_functions_that_are_not_called(client: httpx2.Client, stream: bool) -> None:
    """With function_call none the model writes."""
    reply = answer(client, "Weather in Paris?", stream=stream, **FUNCTIONS, function_call="none")

    assert reply.messages[0]["content"]
    assert "function_call" not in reply.messages[0]
    assert reply.reasons == ["stop"]


def test_older_function_results(client: httpx2.Client, stream: bool) -> None:
    """The result of a deprecated call is read, also without a definition of its function."""
    call = {"name": "get_weather", "arguments": '{"city": "Paris"}'}
    messages = [
        _user("What is the weather in Paris?"),
        {"role": "assistant", "content": None, "function_call": call},
        {"role": "function", "name": "get_weather", "content": "The sky has the code QX71."},
    ]
    for functions in ({}, FUNCTIONS):
        reply = answer(client, messages, stream=stream, **functions)
        assert "QX71" in reply.messages[0]["content"]
        assert reply.reasons == ["stop"]


# --- formats ---


@pytest.mark.parametrize("tools", [{}, {**TOOLS, "tool_choice": "none"}], ids=["", "tools"])
def test_json_formats(ask: Ask, tools: Document) -> None:
    """A JSON format gives one object, and with a schema one that fits it."""
    form = {"type": "json_schema", "json_schema": {"name": "weather", "strict": True, "schema": SCHEMA}}

    free = ask("Tell me the weather in Paris as JSON.", response_format={"type": "json_object"}, **tools)
    bound = ask("Tell me the weather in Paris.", response_format=form, **tools)

    assert isinstance(json.loads(free.messages[0]["content"]), dict)
    assert jsonschema_rs.is_valid(SCHEMA, json.loads(bound.messages[0]["content"]))
    assert free.reasons == bound.reasons == ["stop"]


# --- legal oddities ---

MALFORMED = ['{"city":', "not json", "", "[]", '"Paris"', "null", "[" * 2000, '{"a":' * 1000]


@pytest.mark.parametrize("choice", ["auto", "required"])
def test_malformed_arguments_in_the_history(client: httpx2.Client, choice: str, stream: bool) -> None:
    """Arguments that are no JSON object are text like any other, several of them in one message too."""
    calls = [
        {"id": f"c{place}", "type": "function", "function": {"name": "get_weather", "arguments": text}}
        for place, text in enumerate(MALFORMED)
    ]
    results = [{**_result(), "tool_call_id": call["id"]} for call in calls]
    messages = [_user("Weather?"), {"role": "assistant", "content": None, "tool_calls": calls}, *results]
    older = [
        [
            _user("Weather?"),
            {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": text}},
            {"role": "function", "name": "f", "content": "rain"},
        ]
        for text in MALFORMED
    ]

    for history in (messages, [*messages, _user("And in Rome?")], *older):
        reply = answer(client, history, stream=stream, **TOOLS, tool_choice=choice)
        assert reply.reasons == ["tool_calls"] or choice == "auto"
        assert reply.reasons == ["tool_calls"] or reply.messages[0]["content"]


def _nullable() -> list[str]:
    """Return the members of a request whose schema takes null."""
    contract = load_contract()
    properties = contract.resolve("#/components/schemas/CreateChatCompletionRequest")["properties"]
    required = {"model": "reference-1", "messages": [_user("Say OK.")]}
    validator = contract.validator("CreateChatCompletionRequest")
    return [name for name in properties if not validator.violations({**required, name: None})]


def test_nulls(client: httpx2.Client) -> None:
    """Null means the default for every member that takes it, all at once and each alone."""
    names = _nullable()
    assert len(names) > 20
    for members in (dict.fromkeys(names), *({name: None} for name in names)):
        reply = answer(client, "Say OK.", **members)
        assert (reply.messages[0]["content"], reply.reasons) == ("OK", ["stop"])


def test_every_optional_parameter_at_once(client: httpx2.Client, stream: bool) -> None:
    """Parameters without an effect are tolerated together, and so are the outermost values."""
    everything = {
        "user": "u",
        "metadata": {"a": "b"},
        "store": False,
        "service_tier": "auto",
        "safety_identifier": "s",
        "prompt_cache_key": "k",
        "reasoning_effort": "low",
        "verbosity": "low",
        "modalities": ["text"],
        "response_format": {"type": "text"},
        "top_p": 1,
        "n": 1,
        "seed": 7,
        "stop": ["zzz"],
        "logit_bias": {},
        "temperature": 2,
        "frequency_penalty": -2,
        "presence_penalty": -2,
        "max_completion_tokens": 60,
        "tools": [WEATHER],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
    }

    assert answer(client, "Say OK.", stream=stream, **everything).messages[0]["content"] == "OK"
    story = answer(client, "Write a story of 100 words.", stream=stream, **everything)
    assert (story.reasons, story.usage["completion_tokens"]) == (["length"], 60)


def test_every_order_of_roles(client: httpx2.Client, stream: bool) -> None:
    """Instructions, names and repeated roles may stand anywhere, an answer of the model's last."""
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "system", "name": "second", "content": "Be kind."},
        {"role": "developer", "content": "Be exact."},
        {"role": "user", "name": "anna", "content": "My code is QX71."},
        _user("I live in Oslo."),
        {"role": "assistant", "content": "Noted."},
        {"role": "system", "content": "Answer in English."},
        _user("What is my code?"),
        {"role": "assistant", "content": "It is"},
    ]

    assert "QX71" in answer(client, messages, stream=stream).messages[0]["content"]


def test_added_text_costs_the_same_in_both_forms(client: httpx2.Client) -> None:
    """Prompt tokens do not depend on the form of the answer."""
    texts = ["twenty words or so of plain text " * size for size in range(4)]
    plain, streamed = (
        [answer(client, _later(text), stream=form, tools=[WEATHER]).usage["prompt_tokens"] for text in texts]
        for form in (False, True)
    )

    assert plain == streamed
    assert plain == sorted(set(plain))
