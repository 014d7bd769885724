"""Questions that bring tool calls about, and tools that are described, strict or deprecated."""

from chatconform.suite import (
    BOTH_FORMS,
    LATER_TURN,
    STREAMED,
    Json,
    Stage,
    at_pointer,
    scenario,
    tool,
)
from chatconform.suites.basics import greeting, longer_greeting
from chatconform.suites.cont.filler import filler
from chatconform.suites.tools.offers import BOTH, SEVERAL, WEATHER, ask_for_several, function, opening
from chatconform.suites.wire import as_object

__all__ = ["WEATHER", "described_at_length", "functions", "strict_tool", "three_cities"]

LONG = 300
STRICT = "review_film"


@scenario(paths=BOTH_FORMS, attempts=3)
async def three_cities(stage: Stage) -> None:
    """A question that needs three calls of one of two tools, which the model chooses by itself."""
    await ask_for_several(stage)


@scenario(paths=(STREAMED, LATER_TURN), attempts=3, requests=2)
async def strict_tool(stage: Stage) -> None:
    """A strict tool, with a prompt that asks to break its schema; without bounds where these are refused."""
    body = opening(stage, "review-a-film-with-extras", [tool(STRICT, strict=True)], tool_choice="required")
    exchange = await stage.post("call", body)
    if exchange.response is not None and 400 <= exchange.response.status < 500:
        await stage.post("call-without-bounds", {**body, "tools": [unbounded_tool()]})


def unbounded_tool() -> Json:
    """The strict tool with any number of stars."""
    whole = tool(STRICT, strict=True)
    stars = as_object(at_pointer(whole, "/function/parameters/properties/stars"))
    del stars["minimum"], stars["maximum"]
    return whole


@scenario(attempts=3, requests=2)
async def functions(stage: Stage) -> None:
    """The question that brings calls, then the same with the deprecated `functions` instead of tools."""
    await ask_for_several(stage)
    body = opening(stage, SEVERAL)
    del body["tools"]
    await stage.post("functions", {**body, "functions": [as_object(each)["function"] for each in BOTH]})


@scenario(requests=3)
async def described_at_length(stage: Stage) -> None:
    """A greeting, the same with more words to read, and the same with a tool described in 300 words."""
    short = greeting(stage)
    await stage.post("short", short)
    await stage.post("honest", longer_greeting(stage))
    await stage.post("described", {**short, "tools": [function("archive", filler(stage, LONG))]})
