"""Histories that are legal and odd: each oddity by itself, or several in one conversation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from chatconform.suite import Body, Json, Stage, prompt, tool
from chatconform.suites.cont.filler import ANSWER_LIMIT
from chatconform.suites.cont.history import called, result, user

TOOL = "get_weather"
ORDINARY = '{"city": "Paris"}'
SUNNY = '{"weather": "sunny", "celsius": 21}'
# What a model that was cut off, or that writes no JSON, leaves behind as arguments.
MALFORMED = {
    "cut-off": '{"city":',
    "prose": "not json",
    "empty": "",
    "list": "[]",
    "string": '"Paris"',
    "null": "null",
}
# Oddities that no server is known to dislike together, unlike malformed arguments.
HARMLESS = ("no-tools", "empty-result", "named-result", "refusal-field", "refusal-part")
DECLINED = "I cannot help with that."


@dataclass(slots=True)
class _Round:
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    results: list[Json] = field(default_factory=list)

    def add(self, arguments: str, content: str = SUNNY, **more: Json) -> None:
        """One more call, and its result."""
        call_id = f"call_weather_{len(self.calls) + 1}"
        self.calls.append((call_id, TOOL, arguments))
        self.results.append({**result(call_id, content), **more})


def history(stage: Stage, oddities: Collection[str]) -> Body:
    """A request whose history has these oddities; without any it has an ordinary tool round."""
    tools: Body = {} if "no-tools" in oddities else {"tools": [tool(TOOL)]}
    messages = [*_earlier(oddities), *_tool_round(oddities), user(prompt("thank-you-ok"))]
    return {**stage.request(messages=messages, tokens=ANSWER_LIMIT, temperature=0), **tools}


def _earlier(oddities: Collection[str]) -> list[Json]:
    asked = user(prompt("name-a-colour"))
    messages: list[Json] = []
    if "refusal-field" in oddities:
        messages += [asked, {"role": "assistant", "content": None, "refusal": DECLINED}]
    if "refusal-part" in oddities:
        part: Json = {"type": "refusal", "refusal": DECLINED}
        messages += [asked, {"role": "assistant", "content": [part]}]
    return messages


def _tool_round(oddities: Collection[str]) -> list[Json]:
    made = _Round()
    for name, arguments in MALFORMED.items():
        if name in oddities:
            made.add(arguments)
    if "empty-result" in oddities:
        made.add(ORDINARY, "")
    if "named-result" in oddities:
        made.add(ORDINARY, name=TOOL)
    if not made.calls:
        made.add(ORDINARY)
    return [user(prompt("weather-in-paris")), called(*made.calls), *made.results]
