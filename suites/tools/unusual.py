"""Offers of tools that a server is free to refuse, but never to fail at; some it may not even refuse."""

from chatconform.suite import Body, Json, Stage, scenario, tool
from chatconform.suites.basics import greeting
from chatconform.suites.forms import status
from chatconform.suites.tools.offers import WEATHER, ask_for_several, function, opening
from chatconform.suites.wire import as_object

POEM: Body = {
    "type": "custom",
    "custom": {"name": "write_poem", "description": "Takes a short poem as free text."},
}
# Neither needs an argument: one has no `parameters`, those of the other are an empty object.
WITHOUT_ARGUMENTS = ("ping", "get_current_date")
# OpenAI takes letters, digits, `_` and `-`, and at most 64 of them.
ODD_NAMES = {"parenthesis": "get(weather", "dot": "get.weather", "space": "get weather", "long": "a" * 65}
CORE_NAME = "parenthesis"
# One more than OpenAI takes.
MANY = 129


@scenario(attempts=3, requests=4)
async def other_kinds(stage: Stage) -> None:
    """A custom tool beside two without arguments; what is refused together comes with less beside it."""
    await ask_for_several(stage)
    tools: list[Json] = [tool(name) for name in WITHOUT_ARGUMENTS]
    every = opening(stage, "poem-ping-and-date", [POEM, *tools], tool_choice="required")
    if status(await stage.post("every", every)) == 200:
        return
    both = opening(stage, "ping-and-date", tools, tool_choice="required")
    if status(await stage.post("both", both)) == 200:
        return
    for name, alone in zip(WITHOUT_ARGUMENTS, tools, strict=True):
        await stage.post(name, {**both, "tools": [alone]})


@scenario(requests=2)
async def odd_names(stage: Stage) -> None:
    """Tools with ordinary names, then one with a name that OpenAI does not take."""
    await ask_for_several(stage)
    for step, name in ODD_NAMES.items():
        if step == CORE_NAME or stage.thorough:
            await stage.post(step, {**greeting(stage), "tools": [renamed(WEATHER, name)]}, illegal=True)


def renamed(defined: Body, name: str) -> Json:
    """The same tool by another name, by which alone it may offend."""
    return {**defined, "function": {**as_object(defined["function"]), "name": name}}


@scenario(requests=2)
async def many_tools(stage: Stage) -> None:
    """Two tools, then 129."""
    await ask_for_several(stage)
    tools: list[Json] = [function(f"task_{number}") for number in range(1, MANY + 1)]
    await stage.post("many", {**greeting(stage), "tools": tools}, illegal=True)


@scenario(requests=3)
async def empty_tools(stage: Stage) -> None:
    """A greeting, then the same with an empty list of tools, by itself and with `required`."""
    body = greeting(stage)
    await stage.post("control", body)
    await stage.post("alone", {**body, "tools": []}, illegal=True)
    if stage.thorough:
        await stage.post("required", {**body, "tools": [], "tool_choice": "required"}, illegal=True)
