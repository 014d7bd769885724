"""Tool choices: each word and form of `tool_choice`, legal and broken."""

from chatconform.suite import BOTH_FORMS, Body, Json, Stage, prompt, scenario, tool
from chatconform.suites.cont.history import called, result, user
from chatconform.suites.tools.scenarios import WEATHER

NAMED_WEATHER: Body = {"type": "function", "function": {"name": "get_weather"}}
NAMED_TIME: Body = {"type": "function", "function": {"name": "get_time"}}
TWO_TOOLS: list[Json] = [WEATHER, tool("get_time")]
# Each is wrong in one way: no such tool, no such word, a name where an object stands, no name at all.
BROKEN: dict[str, Json] = {
    "unknown-tool": {"type": "function", "function": {"name": "get_horoscope"}},
    "unknown-word": "sometimes",
    "function-as-string": {"type": "function", "function": "get_weather"},
    "no-function": {"type": "function"},
}
ILLEGAL = ("unknown-word", "function-as-string", "no-function")
WITHOUT_TOOLS: dict[str, Json] = {"auto": "auto", "required": "required", "named": NAMED_WEATHER}


@scenario(paths=BOTH_FORMS, attempts=5)
async def none(stage: Stage) -> None:
    """A question that asks for the tool by itself, with `none`."""
    await stage.post("answer", stage.chat(prompt("weather-in-paris"), tools=[WEATHER], tool_choice="none"))


@scenario(paths=BOTH_FORMS, attempts=5)
async def required_against_the_prompt(stage: Stage) -> None:
    """A prompt that forbids every tool call, with `required`."""
    body = stage.chat(prompt("hello-without-tools"), tools=[WEATHER], tool_choice="required")
    await stage.post("call", body)


@scenario(paths=BOTH_FORMS)
async def required_after_a_tool_result(stage: Stage) -> None:
    """A finished tool round, then a prompt that forbids every further call, with `required`."""
    messages: list[Json] = [
        user(prompt("weather-in-paris")),
        called(("call_weather_1", "get_weather", '{"city": "Paris"}')),
        result("call_weather_1", '{"weather": "sunny", "celsius": 21}'),
        user(prompt("goodbye-without-tools")),
    ]
    await stage.post("call", stage.request(messages=messages, tools=[WEATHER], tool_choice="required"))


@scenario(paths=BOTH_FORMS, attempts=5)
async def named(stage: Stage) -> None:
    """Two tools, a prompt that fits the first, and a choice that names the second."""
    body = stage.chat(prompt("weather-in-paris"), tools=TWO_TOOLS, tool_choice=NAMED_TIME)
    await stage.post("call", body)


@scenario(requests=2)
async def named_plain_and_streamed(stage: Stage) -> None:
    """A choice that names the one tool, plain and then streamed."""
    body = stage.chat(prompt("weather-in-paris"), temperature=0, tools=[WEATHER], tool_choice=NAMED_WEATHER)
    await stage.post("plain", body)
    await stage.post("streamed", {**body, "stream": True})


@scenario(paths=BOTH_FORMS, requests=1 + len(WITHOUT_TOOLS))
async def without_tools(stage: Stage) -> None:
    """A greeting without tools, then the same with a choice among tools that are not there."""
    body = stage.chat(prompt("greeting"), temperature=0)
    await stage.post("control", body)
    for step, choice in WITHOUT_TOOLS.items():
        await stage.post(step, {**body, "tool_choice": choice}, illegal=True)


@scenario(paths=BOTH_FORMS, requests=1 + len(BROKEN))
async def broken(stage: Stage) -> None:
    """A choice that names the one tool, then choices that fit no tool or no form."""
    body = stage.chat(prompt("weather-in-paris"), temperature=0, tools=[WEATHER])
    await stage.post("control", {**body, "tool_choice": NAMED_WEATHER})
    for step, choice in BROKEN.items():
        await stage.post(step, {**body, "tool_choice": choice}, illegal=step in ILLEGAL)


@scenario(paths=BOTH_FORMS, requests=2)
async def allowed(stage: Stage) -> None:
    """Two tools, a prompt that fits the first, and a choice among allowed tools that has only the second."""
    body = stage.chat(prompt("weather-in-paris"), tools=TWO_TOOLS)
    among: Body = {"mode": "required", "tools": [NAMED_TIME]}
    await stage.post("control", body)
    await stage.post("call", {**body, "tool_choice": {"type": "allowed_tools", "allowed_tools": among}})
