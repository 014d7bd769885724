"""Parameters that shape or bound the response, after a tool result and beside tools."""

from chatconform.suite import BOTH_FORMS, Json, Stage, conversation, prompt, scenario, tool
from chatconform.suites.limit.scenarios import CONTROL_LIMIT, LIMIT


@scenario(paths=BOTH_FORMS, requests=2)
async def logprobs(stage: Stage) -> None:
    """Log probabilities, asked for on the first turn and after a tool result."""
    await on_both_turns(stage, "one-word", logprobs=True, temperature=0)


@scenario(paths=BOTH_FORMS, requests=2)
async def several_choices(stage: Stage) -> None:
    """Two choices, asked for on the first turn and after a tool result."""
    await on_both_turns(stage, "one-word", n=2)


@scenario(paths=BOTH_FORMS, requests=2)
async def tool_result_json(stage: Stage) -> None:
    """JSON mode with a prompt that invites prose, on the first turn and after a tool result."""
    await on_both_turns(stage, "prose-beside-json", temperature=0, response_format={"type": "json_object"})


@scenario(paths=BOTH_FORMS, requests=2)
async def tiny_limit_with_tools(stage: Stage) -> None:
    """A long story under a limit of 64 tokens, then of 8, in a request that defines a tool nobody needs."""
    tools: list[Json] = [tool("get_time")]
    body = stage.with_usage(stage.chat(prompt("long-story"), tokens=None, temperature=0, tools=tools))
    await stage.post("control", {**body, "max_completion_tokens": CONTROL_LIMIT})
    await stage.post("limited", {**body, "max_completion_tokens": LIMIT})


async def on_both_turns(stage: Stage, name: str, **parameters: Json) -> None:
    """The same question and parameters, with and without a tool round after the question."""
    told = conversation("after-tool-result")
    asked: Json = {"role": "user", "content": prompt(name)}
    await stage.post("first", {**stage.request(messages=[asked]), **parameters})
    later: list[Json] = [asked, *told.after]
    await stage.post("later", {**stage.request(messages=later, tools=list(told.tools)), **parameters})
