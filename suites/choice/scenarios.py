"""Tool choices: each word and form of `tool_choice`, legal and broken, against what the prompt wants."""

from chatconform.suite import (
    AFTER_TOOL_RESULT,
    AFTER_TOOL_RESULT_STREAMED,
    ALL_PATHS,
    BOTH_FORMS,
    LATER_TURN,
    LATER_TURN_STREAMED,
    PLAIN,
    STREAMED,
    Body,
    Json,
    Stage,
    Turn,
    prompt,
    scenario,
)
from chatconform.suites.basics import greeting
from chatconform.suites.cont.history import called, calling, result, user
from chatconform.suites.format.wanted import JSON_OBJECT, REPORT, strict
from chatconform.suites.tools.offers import (
    BOTH,
    SEVERAL,
    ask_for_several,
    calls_of,
    can_be_replayed,
    offering,
    opening,
)

# A question that only the first tool fits, and a choice of the second.
ONE_CITY = "weather-in-paris"
NAMED: Body = {"type": "function", "function": {"name": "get_time"}}
AGAINST = "mail-without-a-mail-tool"
# Each is wrong in its form: a name where an object stands, no such word, no name at all.
MALFORMED: dict[str, Json] = {
    "function-as-string": {"type": "function", "function": "get_weather"},
    "unknown-word": "sometimes",
    "no-function": {"type": "function"},
}
CORE_FORM = "function-as-string"
UNKNOWN: Json = {"type": "function", "function": {"name": "get_horoscope"}}
WITHOUT_TOOLS: dict[str, Json] = {"required": "required", "auto": "auto", "named": NAMED}
ROUND = ("call_weather_1", "get_weather", '{"city": "Paris"}')
SUNNY = '{"weather": "sunny", "celsius": 21}'


@scenario(paths=ALL_PATHS, attempts=3, requests=2)
async def none(stage: Stage) -> None:
    """A question that brings calls, then the same with `none`; on a first stream with a strict schema too.

    It follows a whole tool round rather than a result, after which a model may not call again anyway.
    """
    await ask_for_several(stage)
    if stage.path.turn is Turn.AFTER_TOOL_RESULT:
        await stage.post("answer", {**_after_a_round(stage), "tool_choice": "none"})
        return
    forbidden = offering(stage, SEVERAL, tool_choice="none")
    if stage.path != STREAMED:
        await stage.post("answer", forbidden)
        return
    choice: Body = {name: forbidden.pop(name) for name in ("tools", "tool_choice")}
    parts: dict[str, Body] = {"none": choice, "schema": {"response_format": strict(REPORT)}}
    await stage.together("answer", forbidden, parts)


def _after_a_round(stage: Stage) -> Body:
    """The question that brings several calls, after a call that was answered."""
    messages: list[Json] = [
        user(prompt(ONE_CITY)),
        called(ROUND),
        result(ROUND[0], SUNNY),
        user(prompt(SEVERAL)),
    ]
    return stage.request(messages=messages, tools=[*BOTH])


@scenario(paths=(PLAIN,), attempts=3)
async def none_plain(stage: Stage) -> None:
    """The same as a plain first turn: the control of the other turns."""
    await stage.post("answer", offering(stage, SEVERAL, tool_choice="none"))


@scenario(paths=ALL_PATHS, attempts=3, requests=3)
async def one_at_a_time(stage: Stage) -> None:
    """A question that brings several calls, then the same with `parallel_tool_calls: false`.

    Later on, where a model may think that it has called enough, `required` asks for more.
    """
    await ask_for_several(stage)
    single = opening(stage, SEVERAL, parallel_tool_calls=False)
    if stage.path in BOTH_FORMS:
        await stage.post("single", single)
        return
    await stage.post("first", single)
    more = offering(stage, SEVERAL, tool_choice="required", parallel_tool_calls=False)
    await stage.post("single", more)


@scenario(paths=(*BOTH_FORMS, LATER_TURN_STREAMED, LATER_TURN), attempts=3, requests=2)
async def required_against_the_prompt(stage: Stage) -> None:
    """A prompt that wants another tool and no other, with `required`.

    On a first turn that is streamed JSON mode is asked for as well; where no call comes so, the choice goes
    without it.
    """
    body = offering(stage, AGAINST, tool_choice="required")
    if stage.path == STREAMED:
        formatted = await stage.post("formatted", {**body, "response_format": JSON_OBJECT})
        if calls_of(formatted):
            return
    await stage.post("call", body)


@scenario(paths=(PLAIN,), attempts=3)
async def required_plain(stage: Stage) -> None:
    """The same as a plain first turn: the control of later ones."""
    await stage.post("call", offering(stage, AGAINST, tool_choice="required"))


@scenario(paths=(AFTER_TOOL_RESULT, AFTER_TOOL_RESULT_STREAMED), attempts=3, requests=2)
async def required_after_a_tool_round(stage: Stage) -> None:
    """A call that `required` brought, its result, and a prompt that forbids a further one, with `required`.

    The call is the target's own, if a client could send it back; otherwise one that we made up.
    """
    body = opening(stage, AGAINST, tool_choice="required")
    calls = calls_of(await stage.post("first", body))
    own = can_be_replayed(calls)
    ids = [call.id for call in calls] if own else [ROUND[0]]
    messages: list[Json] = [
        user(prompt(AGAINST)),
        calling(*calls) if own else called(ROUND),
        *(result(call_id, SUNNY) for call_id in ids),
        user(prompt("goodbye-without-tools")),
    ]
    await stage.post("call", stage.request(messages=messages, tools=[*BOTH], tool_choice="required"))


@scenario(paths=ALL_PATHS, attempts=3)
async def named(stage: Stage) -> None:
    """Two tools, a prompt that fits the first, and a choice that names the second."""
    await stage.post("call", offering(stage, ONE_CITY, tool_choice=NAMED))


@scenario(paths=(PLAIN,), attempts=3)
async def named_plain(stage: Stage) -> None:
    """The same as a plain first turn: the control of the other forms and turns."""
    await stage.post("call", offering(stage, ONE_CITY, tool_choice=NAMED))


@scenario(paths=(STREAMED,), requests=2)
async def without_tools(stage: Stage) -> None:
    """A greeting without tools, then the same with a choice among tools that are not there."""
    await stage.post("control", greeting(stage))
    for step, choice in WITHOUT_TOOLS.items():
        if step == "required" or stage.thorough:
            await stage.post(step, {**greeting(stage), "tool_choice": choice}, illegal=True)


@scenario(requests=2)
async def unknown_tool(stage: Stage) -> None:
    """A choice that names one of the tools, then one that names none of them."""
    await stage.post("control", offering(stage, ONE_CITY, tool_choice=NAMED))
    await stage.post("unknown-tool", offering(stage, ONE_CITY, tool_choice=UNKNOWN))


@scenario(paths=(STREAMED,), requests=2)
async def malformed(stage: Stage) -> None:
    """A choice that names one of the tools, then choices that are no choices by their form."""
    await stage.post("control", offering(stage, ONE_CITY, tool_choice=NAMED))
    for step, choice in MALFORMED.items():
        if step == CORE_FORM or stage.thorough:
            await stage.post(step, offering(stage, ONE_CITY, tool_choice=choice), illegal=True)


@scenario(attempts=3, requests=2)
async def allowed(stage: Stage) -> None:
    """A question that calls the first tool, then the same with only the second one allowed."""
    await ask_for_several(stage)
    among: Body = {"mode": "required", "tools": [NAMED]}
    choice: Body = {"type": "allowed_tools", "allowed_tools": among}
    await stage.post("call", opening(stage, SEVERAL, tool_choice=choice))
