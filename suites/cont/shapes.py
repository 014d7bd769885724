"""Parameters that shape the response, on the first turn and after a tool result."""

from chatconform.suite import BOTH_FORMS, Json, Stage, conversation, prompt, scenario


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


async def on_both_turns(stage: Stage, name: str, **parameters: Json) -> None:
    """The same question and parameters, with and without a tool round after the question."""
    told = conversation("after-tool-result")
    asked: Json = {"role": "user", "content": prompt(name)}
    await stage.post("first", {**stage.request(messages=[asked]), **parameters})
    later: list[Json] = [asked, *told.after]
    await stage.post("later", {**stage.request(messages=later, tools=list(told.tools)), **parameters})
