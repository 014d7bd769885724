"""Tool definitions of many kinds, and prompts that bring calls about."""

from chatconform.suite import BOTH_FORMS, PLAIN, STREAMED, Body, Json, Stage, prompt, scenario, tool
from chatconform.suites.cont.history import calling, result, user

WEATHER = tool("get_weather")
# Each tool with a prompt that fits it: a nested object, words and bounds, and a list of objects.
FILLED = {
    "create_event": "plan-a-meeting",
    "set_thermostat": "heat-the-office",
    "add_to_list": "fill-the-shopping-list",
}
# OpenAI takes letters, digits, `_` and `-`, and at most 64 of them.
ODD_NAMES = {"dot": "get.weather", "space": "get weather", "parenthesis": "get(weather", "long": "a" * 65}


def function(name: str, description: str = "Does nothing.") -> Body:
    """A function tool that takes no arguments."""
    return {"type": "function", "function": {"name": name, "description": description}}


@scenario(paths=BOTH_FORMS)
async def required_call(stage: Stage) -> None:
    """A question that needs the one tool, which `required` makes the model call."""
    body = stage.chat(prompt("weather-in-paris"), temperature=0, tools=[WEATHER], tool_choice="required")
    await stage.post("call", body)


@scenario(paths=BOTH_FORMS)
async def auto_call(stage: Stage) -> None:
    """The same question, where the model chooses by itself to call the tool."""
    await stage.post("call", stage.chat(prompt("weather-in-paris"), temperature=0, tools=[WEATHER]))


@scenario(paths=BOTH_FORMS)
async def auto_call_among_four(stage: Stage) -> None:
    """The same question with four tools, one of which fits."""
    names = ("get_current_date", "convert_currency", "get_weather", "save_note")
    body = stage.chat(prompt("weather-in-paris"), temperature=0, tools=[tool(name) for name in names])
    await stage.post("call", body)


@scenario(paths=(PLAIN,), attempts=5, requests=3)
async def filled_arguments(stage: Stage) -> None:
    """Three tools with nested, bounded and repeated parameters, one after the other."""
    for name, asked in FILLED.items():
        body = stage.chat(prompt(asked), temperature=0, tools=[tool(name)], tool_choice="required")
        await stage.post(name, body)


@scenario(paths=BOTH_FORMS, attempts=5)
async def strict_tool(stage: Stage) -> None:
    """A strict tool, with a prompt that asks for a word outside its enum and for a key that it forbids."""
    tools: list[Json] = [tool("rate_film", strict=True)]
    await stage.post(
        "call", stage.chat(prompt("rate-a-film-with-extras"), tools=tools, tool_choice="required")
    )


@scenario(paths=BOTH_FORMS, attempts=5, requests=2)
async def three_cities(stage: Stage) -> None:
    """A question that needs three calls, with parallel calls allowed, then forbidden."""
    body = stage.chat(prompt("weather-in-three-cities"), tools=[WEATHER])
    await stage.post("parallel", {**body, "parallel_tool_calls": True})
    await stage.post("single", {**body, "parallel_tool_calls": False})


@scenario(paths=BOTH_FORMS, requests=2)
async def two_rounds(stage: Stage) -> None:
    """Two tool rounds in one conversation, each of which `required` brings about."""
    messages: list[Json] = [user(prompt("weather-in-paris"))]
    body = stage.request(messages=messages, temperature=0, tools=[WEATHER], tool_choice="required")
    first = await stage.ask("first", body)
    if not first.tool_calls:
        stage.leave("the first round brought no call")
    results = [result(call.id, '{"weather": "sunny", "celsius": 21}') for call in first.tool_calls]
    more = [calling(*first.tool_calls), *results, user(prompt("weather-in-rome-as-well"))]
    await stage.post("second", {**body, "messages": [*messages, *more]})


@scenario(paths=(STREAMED,))
async def long_argument(stage: Stage) -> None:
    """A tool whose one argument is a long text, so that its call comes in many fragments."""
    tools: list[Json] = [tool("save_note")]
    body = stage.chat(prompt("save-a-long-note"), temperature=0, tools=tools, tool_choice="required")
    await stage.post("call", body)


@scenario(paths=BOTH_FORMS, requests=2)
async def tools_without_arguments(stage: Stage) -> None:
    """A tool that has no `parameters`, and one whose parameters are an empty object."""
    for name, asked in {"ping": "ping-the-server", "get_current_date": "todays-date"}.items():
        body = stage.chat(prompt(asked), temperature=0, tools=[tool(name)], tool_choice="required")
        await stage.post(name, body)


@scenario(paths=BOTH_FORMS, requests=3)
async def empty_tools(stage: Stage) -> None:
    """A greeting, then the same with an empty list of tools, by itself and with `required`."""
    body = stage.chat(prompt("greeting"), temperature=0)
    await stage.post("control", body)
    await stage.post("alone", {**body, "tools": []}, illegal=True)
    await stage.post("required", {**body, "tools": [], "tool_choice": "required"}, illegal=True)


@scenario(requests=1 + len(ODD_NAMES))
async def odd_names(stage: Stage) -> None:
    """A tool with an ordinary name, then with names that OpenAI does not take."""
    body = stage.chat(prompt("greeting"), temperature=0)
    await stage.post("control", {**body, "tools": [function("get_weather")]})
    for step, name in ODD_NAMES.items():
        await stage.post(step, {**body, "tools": [function(name)]}, illegal=True)


@scenario(requests=2)
async def many_tools(stage: Stage) -> None:
    """A greeting with one tool, then with 129, one more than OpenAI takes."""
    body = stage.chat(prompt("greeting"), temperature=0)
    await stage.post("control", {**body, "tools": [function("task_1")]})
    await stage.post("many", {**body, "tools": [function(f"task_{n}") for n in range(1, 130)]}, illegal=True)


@scenario(paths=BOTH_FORMS, requests=2)
async def custom_tool(stage: Stage) -> None:
    """A question with a function tool, then with a custom tool, whose input is free text."""
    body = stage.chat(prompt("poem-by-tool"), temperature=0)
    custom: Body = {"name": "write_poem", "description": "Takes a short poem as free text."}
    await stage.post("control", {**body, "tools": [function("get_weather")]})
    await stage.post("custom", {**body, "tools": [{"type": "custom", "custom": custom}]})


@scenario(paths=BOTH_FORMS)
async def undefined_tool(stage: Stage) -> None:
    """A prompt that asks for a tool which the request does not define, beside one that it does."""
    await stage.post("answer", stage.chat(prompt("mail-without-a-mail-tool"), tools=[WEATHER]))


@scenario(paths=BOTH_FORMS)
async def invited_without_tools(stage: Stage) -> None:
    """A prompt that invites a tool call, in a request that defines no tool."""
    await stage.post("answer", stage.chat(prompt("look-up-the-weather")))
