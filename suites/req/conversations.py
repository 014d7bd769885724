"""Conversations whose form is legal and unusual, in one request as long as that is taken."""

from __future__ import annotations

from chatconform.suite import BOTH_FORMS, Json, Stage, prompt, scenario, tool
from chatconform.suites import basics
from chatconform.suites.req.sending import send_parts

Message = dict[str, Json]
TALK = (
    ("system", "You are a kind assistant. You answer in one short sentence."),
    ("user", "Hello. My name is Ana, and I live by the sea."),
    ("assistant", "Hello Ana! How nice to meet you."),
    ("user", "Thank you. Please say goodbye now."),
)


def _message(role: str, content: Json, **members: Json) -> Message:
    return {"role": role, "content": content, **members}


def _part(text: str) -> Json:
    return {"type": "text", "text": text}


def _round(number: int, **content: Json) -> tuple[Message, ...]:
    """A tool round whose assistant message has this content, or none."""
    id_ = f"call_{number}"
    call: Json = {"id": id_, "type": "function", "function": {"name": "get_current_date", "arguments": "{}"}}
    return (
        _message("user", "Which date is today?"),
        {"role": "assistant", **content, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": id_, "content": '{"date": "2026-03-14"}'},
    )


# Fragments of a conversation, each with one oddity; together they make one, in this order.
ODDITIES: dict[str, tuple[Message, ...]] = {
    "developer": (_message("developer", "Be brief."),),
    "systems": (_message("system", "Be kind."), _message("system", "Answer in English.")),
    "named-system": (_message("system", "Be polite.", name="policy"),),
    "named-user": (
        _message("user", "Hello, I am Alice.", name="alice"),
        _message("assistant", "Hello Alice."),
    ),
    "parts": (
        _message("system", [_part("You are an assistant.")]),
        _message("user", [_part("I live by the sea."), _part(" Do you?")]),
        _message("assistant", [_part("I live nowhere."), _part(" I am a program.")]),
    ),
    "null-with-calls": _round(1, content=None),
    "missing-with-calls": _round(2),
    "empty-assistant": (_message("user", "Please say nothing."), _message("assistant", "")),
    "empty-user": (_message("user", ""), _message("assistant", "You said nothing.")),
    "blank-user": (_message("user", " \n\t "), _message("assistant", "You said nothing again.")),
    "users": (_message("user", "I have a question."), _message("user", "It is a small one.")),
    "middle-system": (_message("user", "Are you there?"), _message("system", "Be cheerful.")),
}
LAST_ASSISTANT = "last-assistant"
WITH_TOOLS = ("null-with-calls", "missing-with-calls")


@scenario(requests=2)
async def oddities(stage: Stage) -> None:
    """The greeting, then after all that a conversation may have; after each alone if that is refused."""
    await stage.post("control", basics.greeting(stage))
    question = _message("user", prompt("greeting"))
    begun = _message("assistant", "Hello! It is nice")
    tools: list[Json] = [tool("get_current_date")]
    whole = [message for fragment in ODDITIES.values() for message in fragment]
    parts = {name: stage.request(messages=[*each, question]) for name, each in ODDITIES.items()}
    parts |= {name: {**parts[name], "tools": tools} for name in WITH_TOOLS}
    parts[LAST_ASSISTANT] = stage.request(messages=[question, begun])
    await send_parts(stage, "oddities", stage.request(messages=[*whole, question, begun], tools=tools), parts)
    if stage.thorough:
        silent = _message("assistant", None)
        await stage.post("null", stage.request(messages=[question, silent, question]), illegal=True)


@scenario(requests=2)
async def no_user_message(stage: Stage) -> None:
    """Conversations in which the user has said nothing."""
    await stage.post("control", basics.greeting(stage))
    system, assistant = _message("system", "You are a kind assistant."), _message("assistant", "Hello!")
    await stage.post("system", stage.request(messages=[system]))
    if stage.thorough:
        for step, messages in (("assistant", [assistant]), ("system-assistant", [system, assistant])):
            await stage.post(step, stage.request(messages=list[Json](messages)))
            await stage.post(f"{step}-streamed", stage.request(messages=list[Json](messages), stream=True))


@scenario(requests=5)
async def text_parts(stage: Stage) -> None:
    """One conversation with its texts as strings, as one part each, and as two parts each."""
    await stage.post("short", basics.greeting(stage))
    await stage.post("long", basics.longer_greeting(stage))
    for step, messages in (
        ("strings", [_message(role, text) for role, text in TALK]),
        ("one-part", [_message(role, [_part(text)]) for role, text in TALK]),
        ("two-parts", [_message(role, _halves(text)) for role, text in TALK]),
    ):
        await stage.post(step, stage.request(messages=list[Json](messages), temperature=0))


@scenario(paths=BOTH_FORMS, requests=4)
async def instructions(stage: Stage) -> None:
    """The greeting alone, after long words of the user, and under long instructions of either role."""
    await stage.post("alone", basics.greeting(stage))
    await stage.post("longer", basics.longer_greeting(stage))
    for role in ("system", "developer"):
        messages: list[Json] = [
            _message(role, prompt("long-instructions")),
            _message("user", prompt("greeting")),
        ]
        await stage.post(role, stage.with_usage(stage.request(messages=messages)))


def _halves(text: str) -> Json:
    """The text as two parts, cut between two sentences; the blank goes with the second."""
    first, mark, second = text.partition(". ") if ". " in text else text.partition("! ")
    return [_part(first + mark[:1]), _part(mark[1:] + second)]
