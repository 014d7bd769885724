"""Scenarios of conversations whose form is legal and unusual."""

from __future__ import annotations

import base64
import struct
import zlib

from chatconform.suite import Json, Stage, prompt, scenario, tool

Message = dict[str, Json]
TALK = (
    ("system", "You are a kind assistant. You answer in one short sentence."),
    ("user", "Hello. My name is Ana, and I live by the sea."),
    ("assistant", "Hello Ana! How nice to meet you."),
    ("user", "Thank you. Please say goodbye now."),
)


@scenario(requests=8)
async def roles(stage: Stage) -> None:
    """A developer message, names on messages, and roles in orders that templates dislike."""
    system, user = _message("system", "Be brief."), _message("user", prompt("greeting"))
    assistant = _message("assistant", "Hello! It is nice")
    for step, messages in (
        ("control", [system, user]),
        ("developer", [_message("developer", "Be brief."), user]),
        ("named-user", [{**user, "name": "alice"}]),
        ("named-system", [{**system, "name": "policy"}, user]),
        ("user-user", [user, user]),
        ("system-system-user", [system, system, user]),
        ("user-system-user", [user, system, user]),
        ("user-assistant", [user, assistant]),
    ):
        await stage.post(step, stage.request(messages=list[Json](messages)))


@scenario(requests=3)
async def text_parts(stage: Stage) -> None:
    """One conversation with its texts as strings, as one part each, as two parts each."""
    for step, messages in (
        ("strings", [_message(role, text) for role, text in TALK]),
        ("one-part", [_message(role, [_part(text)]) for role, text in TALK]),
        ("two-parts", [_message(role, _halves(text)) for role, text in TALK]),
    ):
        await stage.post(step, stage.request(messages=list[Json](messages), temperature=0))


@scenario(requests=4)
async def messages_without_text(stage: Stage) -> None:
    """Assistant messages whose content is null, missing or empty, with tool calls and without."""
    user, bye = _message("user", "Which date is today?"), _message("user", "Thank you. Say goodbye.")
    call: Json = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "get_current_date", "arguments": "{}"},
    }
    result: Message = {"role": "tool", "tool_call_id": "call_1", "content": '{"date": "2026-03-14"}'}
    calling: Message = {"role": "assistant", "tool_calls": [call]}
    for step, middle, tools in (
        ("null-with-calls", [{**calling, "content": None}, result], True),
        ("missing-with-calls", [calling, result], True),
        ("empty", [_message("assistant", "")], False),
        ("null", [_message("assistant", None)], False),
    ):
        body = stage.request(messages=[user, *middle, bye])
        body = {**body, "tools": [tool("get_current_date")]} if tools else body
        await stage.post(step, body, illegal=step == "null")


@scenario(requests=4)
async def media_parts(stage: Stage) -> None:
    """One question as text, longer, beside a small image, and beside a short sound."""
    text = _part(prompt("greeting"))
    image: Json = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_base64(_png(64))}"}}
    sound: Json = {"type": "input_audio", "input_audio": {"data": _base64(_wav(4000)), "format": "wav"}}
    longer = _part(f"{prompt('plain-words')}\n{prompt('greeting')}")
    parts: tuple[tuple[str, list[Json]], ...] = (
        ("text", [text]),
        ("longer", [longer]),
        ("image", [text, image]),
        ("sound", [text, sound]),
    )
    for step, content in parts:
        await stage.post(step, stage.request(messages=[_message("user", content)]))


def _message(role: str, content: Json) -> Message:
    return {"role": role, "content": content}


def _part(text: str) -> Json:
    return {"type": "text", "text": text}


def _halves(text: str) -> Json:
    """The text as two parts, cut between two sentences; the blank goes with the second."""
    first, mark, second = text.partition(". ") if ". " in text else text.partition("! ")
    return [_part(first + mark[:1]), _part(mark[1:] + second)]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _png(side: int) -> bytes:
    """A grey square: signature, header, one compressed row after another, end."""
    rows = (b"\0" + b"\x80" * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(kind, data) for kind, data in chunks)


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _wav(samples: int) -> bytes:
    """Silence in 16 bits, 8000 samples a second, one channel."""
    sound = bytes(2 * samples)
    layout = struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    body = b"WAVEfmt " + layout + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", len(body)) + body
