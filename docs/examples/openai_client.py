"""Uses a Chat Completions server as an application would, with the official `openai` client.

    python docs/examples/openai_client.py --base-url http://127.0.0.1:8000/v1 --model reference-1

The key is read from OPENAI_API_KEY; OPENAI_BASE_URL and OPENAI_MODEL stand in for the options.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from openai import OpenAI

TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}


def chat(client: OpenAI, model: str) -> None:
    """Ask one question."""
    completion = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Count from 1 to 5."}]
    )
    choice = completion.choices[0]
    assert choice.finish_reason == "stop"
    assert "5" in (choice.message.content or "")
    assert completion.usage is not None
    assert completion.usage.total_tokens > 0
    print("chat:  ", choice.message.content)


def stream(client: OpenAI, model: str) -> None:
    """Read an answer while it is written."""
    chunks = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": "Count from 1 to 5."}],
        stream=True,
        stream_options={"include_usage": True},
    )
    texts, usage = [], None
    for chunk in chunks:
        texts += [choice.delta.content for choice in chunk.choices if choice.delta.content]
        usage = chunk.usage or usage
    assert "5" in "".join(texts)
    assert usage is not None
    assert usage.completion_tokens > 0
    print(f"stream: {''.join(texts)}  ({len(texts)} pieces)")


def tools(client: OpenAI, model: str) -> None:
    """Let the model call a tool, and answer from its result."""
    messages: list[Any] = [{"role": "user", "content": "What is the weather in Paris? Use the tool."}]
    asked = client.chat.completions.create(
        model=model,
        messages=messages,
        tools=[TOOL],
        tool_choice="required",  # type: ignore[list-item]
    )
    message = asked.choices[0].message
    assert message.tool_calls
    call = message.tool_calls[0]
    assert call.type == "function"
    assert call.function.name == "get_weather"
    arguments = json.loads(call.function.arguments)
    assert isinstance(arguments["city"], str)

    result = {"role": "tool", "tool_call_id": call.id, "content": "17 degrees and light rain"}
    messages += [message.model_dump(exclude_none=True), result]
    answered = client.chat.completions.create(
        model=model,
        messages=messages,
        tools=[TOOL],  # type: ignore[list-item]
    )
    content = answered.choices[0].message.content or ""
    assert "17" in content
    print("tools: ", call.function.arguments, "->", content)


def json_object(client: OpenAI, model: str) -> None:
    """Ask for JSON and parse it."""
    completion = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": "Describe a planet as a JSON object with a name."}],
        response_format={"type": "json_object"},
    )
    document = json.loads(completion.choices[0].message.content or "")
    assert isinstance(document, dict)
    print("json:  ", json.dumps(document, ensure_ascii=False))


def main() -> None:
    """Run all four against the server of the options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base-url", default=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1"))
    parser.add_argument("--model", default=os.environ.get("OPENAI_MODEL", "reference-1"))
    options = parser.parse_args()
    key = os.environ.get("OPENAI_API_KEY", "unused")
    with OpenAI(base_url=options.base_url, api_key=key, max_retries=0) as client:
        for step in (chat, stream, tools, json_object):
            step(client, options.model)


if __name__ == "__main__":
    main()
