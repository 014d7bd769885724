"""Tool calls: whether, which, how many, and with what arguments."""

import json
from typing import Any

import pytest

from chatconform.reference_server.model import CallKind, ChatRequest, FinishReason, Written, folded, generate


def _tool(
    name: str, description: str = "", required: tuple[str, ...] = (), **properties: Any
) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(required or properties),
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


_STRING = {"type": "string"}
_WEATHER = _tool("get_weather", "Get the current weather of a city", city=_STRING)
_TIME = _tool("get_time", "Get the local time of a city", city=_STRING)
_PING = {"type": "function", "function": {"name": "ping"}}
_FORECAST = _tool("get_forecast", "Get the weather forecast of a city for the next days", city=_STRING)


def _talk(*messages: dict[str, Any], entropy: int = 1, **parameters: Any) -> Written:
    body = {"model": "m", "messages": list(messages), **parameters}
    return folded(generate(ChatRequest.from_body(body), entropy=entropy))


def _ask(prompt: str, *tools: dict[str, Any], **parameters: Any) -> Written:
    return _talk({"role": "user", "content": prompt}, tools=list(tools), **parameters)


def _names(written: Written) -> list[str]:
    return [call.name for call in written.calls]


@pytest.mark.parametrize(
    "prompt",
    [
        "What is the weather in Paris? Use the tool.",
        "weather paris",
        "Call get_weather for Paris.",
        "How's the weather in Paris right now?",
    ],
)
def test_auto_calls_the_tool_that_the_message_needs(prompt: str) -> None:
    """The call names the city, ends with tool_calls, and brings no text."""
    written = _ask(prompt, _TIME, _WEATHER)
    assert _names(written) == ["get_weather"]
    assert json.loads(written.calls[0].arguments) == {"city": "Paris"}
    assert written.reason is FinishReason.TOOL_CALLS
    assert not written.text


@pytest.mark.parametrize(
    "prompt",
    [
        "hi",
        "Say hello.",
        "Write a poem about love.",
        "What is the weather in Paris? Do not call any tool.",
        "Don't use tools: how is the weather?",
        "Without calling a function, tell me about the weather.",
    ],
)
def test_auto_writes_text_where_no_tool_is_needed_or_wanted(prompt: str) -> None:
    """No overlap, or a word against it, and the model answers itself."""
    written = _ask(prompt, _WEATHER, _PING)
    assert not written.calls
    assert written.text


@pytest.mark.parametrize("prompt", ["What is the weather in Paris? Use the tool.", "Call get_weather now"])
def test_none_never_calls(prompt: str) -> None:
    """tool_choice none gives text."""
    written = _ask(prompt, _WEATHER, tool_choice="none")
    assert not written.calls
    assert written.text


@pytest.mark.parametrize(
    "prompt",
    ["Say hello. Do not call any tool.", "hi", "Count to ten.", "", "Never use get_weather or ping!"],
)
def test_required_always_calls(prompt: str) -> None:
    """tool_choice required gives a call whatever the prompt says."""
    written = _ask(prompt, _WEATHER, _PING, tool_choice="required")
    assert len(written.calls) >= 1
    assert written.reason is FinishReason.TOOL_CALLS


def test_a_named_choice_calls_that_tool_only() -> None:
    """The prompt fits another tool, the choice decides."""
    written = _ask(
        "What is the weather in Paris?",
        _WEATHER,
        _PING,
        tool_choice={"type": "function", "function": {"name": "ping"}},
    )
    assert [(call.name, call.arguments) for call in written.calls] == [("ping", "{}")]
    assert written.reason is FinishReason.TOOL_CALLS


@pytest.mark.parametrize(
    ("mode", "prompt", "names"),
    [
        ("required", "weather in Paris", ["get_time"]),
        ("auto", "weather in Paris", []),
        ("auto", "What time is it in Paris?", ["get_time"]),
    ],
)
def test_allowed_tools_limit_the_choice(mode: str, prompt: str, names: list[str]) -> None:
    """Only allowed tools are called, and in mode auto only if they fit."""
    allowed = {"mode": mode, "tools": [{"type": "function", "function": {"name": "get_time"}}]}
    choice = {"type": "allowed_tools", "allowed_tools": allowed}
    time = _tool("get_time", "Tells what the clock says", city=_STRING)
    assert _names(_ask(prompt, _WEATHER, time, tool_choice=choice)) == names


@pytest.mark.parametrize(
    "prompt",
    [
        "What is the weather in Paris, Tokyo and Lima?",
        "Get the weather for Paris, for Tokyo, and for Lima.",
        "weather: paris tokyo lima",
        "Call get_weather for each of: Paris, Tokyo, Lima.",
    ],
)
def test_several_entities_get_one_call_each(prompt: str) -> None:
    """Parallel calls differ in ids and in their city; parallel_tool_calls false leaves one."""
    written = _ask(prompt, _WEATHER)
    assert [json.loads(call.arguments)["city"] for call in written.calls] == ["Paris", "Tokyo", "Lima"]
    assert len({call.id for call in written.calls}) == 3
    assert len(_ask(prompt, _WEATHER, parallel_tool_calls=False).calls) == 1


def test_several_tools_of_one_message_are_called_together() -> None:
    """Tools that answer to different words of the message are all called, a look-alike is not."""
    assert set(_names(_ask("What are the weather and the time in Paris?", _WEATHER, _TIME, _FORECAST))) == {
        "get_weather",
        "get_time",
    }
    assert _names(_ask("Call get_time and ping.", _WEATHER, _TIME, _PING)) == ["get_time", "ping"]


def _chain(
    task: str, tools: list[dict[str, Any]], results: dict[str, str], **parameters: Any
) -> tuple[list[list[str]], str, list[str]]:
    """Run rounds until text comes; return the names of each round, the text and all ids."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": task}]
    rounds: list[list[str]] = []
    ids: list[str] = []
    for entropy in range(8):
        written = _talk(*messages, tools=tools, entropy=entropy, **parameters)
        if not written.calls:
            return rounds, written.text, ids
        rounds.append(_names(written))
        ids += [call.id for call in written.calls]
        calls = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in written.calls
        ]
        messages.append({"role": "assistant", "content": None, "tool_calls": calls})
        for call in written.calls:
            expected = results[call.name]
            key, _, value = expected.partition("->")
            given = json.loads(call.arguments)
            messages.append(
                {
                    "role": "tool",
                    "tool_call_id": call.id,
                    "content": value if not key or key in given.values() else "wrong key",
                }
            )
    raise AssertionError(rounds)


_KEYS = [
    _tool("get_user_key", "Returns the key of a user", user=_STRING),
    _tool("open_box", "Opens the box with a key and returns its label", key=_STRING),
    _tool("read_label", "Reads a label and returns the final token", label=_STRING),
]
_KEY_RESULTS = {
    "get_user_key": "Alice->K-8842",
    "open_box": 'K-8842->{"label":"LBL-77"}',
    "read_label": "LBL-77->The token is XWPLQZRT.",
}


@pytest.mark.parametrize(
    "task",
    [
        (
            "First get the user key of Alice, then open the box with it, then read the label and tell"
            " me the final token."
        ),
        (
            "Call get_user_key for Alice, pass the key to open_box, and pass the label to read_label."
            " What is the final token?"
        ),
        (
            "I need the final token of Alice. Use the tools get_user_key, open_box and read_label in"
            " sequence, one after the other."
        ),
        (
            "Use get_user_key for Alice. Then use its result with open_box. Finally use that result"
            " with read_label and report the token."
        ),
    ],
)
@pytest.mark.parametrize("parallel", [True, False])
def test_a_chain_of_tools_takes_a_round_for_each_step(task: str, parallel: bool) -> None:
    """Each step works on the result of the one before, with new ids, and the answer has the last result."""
    rounds, text, ids = _chain(task, _KEYS, _KEY_RESULTS, parallel_tool_calls=parallel)
    assert rounds == [["get_user_key"], ["open_box"], ["read_label"]]
    assert "XWPLQZRT" in text
    assert len(set(ids)) == 3


def test_a_chain_can_stand_in_the_descriptions() -> None:
    """A tool that says that it needs another one's result waits for it."""
    tools = [
        _tool("step_three", "Needs the label returned by step_two.", label=_STRING),
        {"type": "function", "function": {"name": "step_one", "description": "Start here. Returns a key."}},
        _tool("step_two", "Needs the key returned by step_one.", key=_STRING),
    ]
    results = {"step_one": "->WQZPLMKD", "step_two": "WQZPLMKD->LBL-77", "step_three": "LBL-77->token TK-1"}
    rounds, text, _ = _chain("What is the final token? Use the tools.", tools, results)
    assert rounds == [["step_one"], ["step_two"], ["step_three"]]
    assert "TK-1" in text


def test_after_its_result_a_tool_is_not_called_again() -> None:
    """Answered once, the model writes, unless the choice still forces a call."""
    tools = [_WEATHER, _FORECAST]
    rounds, text, _ = _chain("What is the weather in Paris?", tools, {"get_weather": "->18 degrees"})
    assert rounds == [["get_weather"]]
    assert "18 degrees" in text
    with pytest.raises(AssertionError):
        _chain(
            "What is the weather in Paris?",
            tools,
            {"get_weather": "->18", "get_forecast": "->19"},
            tool_choice="required",
        )


def test_a_later_question_calls_again() -> None:
    """Results of an earlier turn do not answer a new question about another place."""
    call = {
        "id": "c1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
    }
    written = _talk(
        {"role": "user", "content": "What is the weather in Paris?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "18"},
        {"role": "assistant", "content": "18 degrees."},
        {"role": "user", "content": "And what about the weather in Lima?"},
        tools=[_WEATHER],
    )
    assert [json.loads(call.arguments) for call in written.calls] == [{"city": "Lima"}]


def test_ids_never_repeat() -> None:
    """Ids are `call_` and 24 characters, different in every request and choice."""
    request = ChatRequest.from_body(
        {
            "model": "m",
            "messages": [{"role": "user", "content": "x"}],
            "tools": [_PING],
            "tool_choice": "required",
            "seed": 1,
        }
    )
    ids = {folded(generate(request, entropy=each // 3, choice=each % 3)).calls[0].id for each in range(60)}
    assert len(ids) == 60
    assert all(number.startswith("call_") and len(number) == 29 for number in ids)


@pytest.mark.parametrize(
    ("prompt", "tool", "arguments"),
    [
        (
            "Book a flight from Oslo to Rome on 2025-05-06 for 2 people",
            _tool(
                "book_flight",
                "",
                origin=_STRING,
                destination=_STRING,
                date={"type": "string", "format": "date"},
                passengers={"type": "integer", "minimum": 1},
            ),
            {"origin": "Oslo", "destination": "Rome", "date": "2025-05-06", "passengers": 2},
        ),
        (
            "Compute 17*23 with the calculator",
            _tool("calculator", "", expression=_STRING),
            {"expression": "17*23"},
        ),
        ('Search the web for "red pandas"', _tool("web_search", "", query=_STRING), {"query": "red pandas"}),
        (
            "Weather in Rome in fahrenheit please",
            _tool(
                "get_weather", "", city=_STRING, unit={"type": "string", "enum": ["celsius", "fahrenheit"]}
            ),
            {"city": "Rome", "unit": "fahrenheit"},
        ),
        (
            "Send an email to bo@example.org with subject 'Hi'",
            _tool("send_email", "", email=_STRING, subject=_STRING),
            {"email": "bo@example.org", "subject": "Hi"},
        ),
        ('Weather for 漢字市 "東京"', _tool("get_weather", "", city=_STRING), {"city": "東京"}),
        ("Look up order A-1093", _tool("look_up_order", "", order_id=_STRING), {"order_id": "A-1093"}),
    ],
)
def test_arguments_come_from_the_message(
    prompt: str, tool: dict[str, Any], arguments: dict[str, Any]
) -> None:
    """Quoted text, names, numbers, dates and enum words land in the fields they fit."""
    written = _ask(prompt, tool)
    assert json.loads(written.calls[0].arguments) == arguments


def test_a_custom_tool_gets_free_text() -> None:
    """Custom tools take text, and one that matches where their grammar is a regular expression."""
    plain = {"type": "custom", "custom": {"name": "run_sql", "description": "Runs SQL"}}
    written = _ask("Run this: select 1", plain, tool_choice={"type": "custom", "custom": {"name": "run_sql"}})
    assert [(call.kind, call.arguments) for call in written.calls] == [(CallKind.CUSTOM, "select 1")]
    grammar = {"type": "grammar", "grammar": {"syntax": "regex", "definition": r"^[A-Z]{2}\d$"}}
    strict = {"type": "custom", "custom": {"name": "mark", "format": grammar}}
    assert _ask("mark it", strict, tool_choice="required").calls[0].arguments == "AA5"


def test_the_deprecated_functions_work() -> None:
    """`functions` give one call without an id, and finish with function_call."""
    functions = [_WEATHER["function"], _TIME["function"]]
    written = _talk({"role": "user", "content": "weather in Paris and Rome"}, functions=functions)
    assert [(call.kind, call.id, call.name) for call in written.calls] == [
        (CallKind.LEGACY, "", "get_weather")
    ]
    assert written.reason is FinishReason.FUNCTION_CALL
    named = _talk({"role": "user", "content": "hi"}, functions=functions, function_call={"name": "get_time"})
    assert _names(named) == ["get_time"]
    assert not _talk({"role": "user", "content": "weather"}, functions=functions, function_call="none").calls
    answer = _talk(
        {"role": "user", "content": "weather in Paris"},
        {
            "role": "assistant",
            "content": None,
            "function_call": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
        },
        {"role": "function", "name": "get_weather", "content": "21 degrees"},
        functions=functions,
    )
    assert "Paris: 21 degrees" in answer.text


def test_stop_strings_do_not_touch_arguments() -> None:
    """A stop string inside the arguments leaves them whole."""
    written = _ask("What is the weather in Paris?", _WEATHER, stop=["a", "{", "\n"])
    assert json.loads(written.calls[0].arguments) == {"city": "Paris"}
    assert written.reason is FinishReason.TOOL_CALLS
