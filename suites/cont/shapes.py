"""What shapes the answer after a tool result; what bounds or bends it is sent by its own suite."""

from chatconform.suite import AFTER_TOOL_RESULT, Body, Json, Stage, prompt, scenario

JSON_MODE: Body = {"response_format": {"type": "json_object"}}


@scenario(paths=(AFTER_TOOL_RESULT,), requests=2)
async def tool_result_json(stage: Stage) -> None:
    """JSON mode with a prompt that invites prose, on the first turn and after a tool result."""
    asked: Json = {"role": "user", "content": prompt("prose-beside-json")}
    first = stage.request(messages=[asked], tokens=400, temperature=0)
    later = stage.chat(prompt("prose-beside-json"), tokens=400, temperature=0)
    for step, body in {"first": first, "later": later}.items():
        await stage.post(step, {**body, **JSON_MODE})
