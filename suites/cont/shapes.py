"""What shapes the answer after a tool result; what bounds or bends it is sent by its own suite."""

from chatconform.suite import AFTER_TOOL_RESULT, Body, Stage, prompt, scenario

JSON_MODE: Body = {"response_format": {"type": "json_object"}}


@scenario(paths=(AFTER_TOOL_RESULT,))
async def tool_result_json(stage: Stage) -> None:
    """JSON mode with a prompt that invites prose, after a tool result."""
    await stage.post("formatted", {**stage.chat(prompt("prose-beside-json")), **JSON_MODE})
