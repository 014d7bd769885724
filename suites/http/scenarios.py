"""What HTTP itself decides: the form of an answer, methods, paths, media types, character sets."""

from __future__ import annotations

import json

from chatconform.suite import Stage, prompt, scenario

JSON_TYPE = ("Content-Type", "application/json")


@scenario(requests=5)
async def form_of_answer(stage: Stage) -> None:
    """One chat with every way of asking for a plain answer, and with Accept headers that say otherwise."""
    body = stage.chat(prompt("greeting"))
    await stage.post("omitted", body)
    await stage.post("false", {**body, "stream": False})
    await stage.post("null", {**body, "stream": None})
    await stage.post("accept-stream", {**body, "stream": False}, headers=(("Accept", "text/event-stream"),))
    await stage.post("accept-json", {**body, "stream": True}, headers=(("Accept", "application/json"),))


@scenario(requests=6)
async def wrong_addresses(stage: Stage) -> None:
    """A good chat, then methods that its path does not have, and paths that do not exist."""
    body = stage.chat(prompt("greeting"))
    await stage.post("control", body)
    await stage.call("get-chat", "GET", "/chat/completions")
    await stage.call("delete-chat", "DELETE", "/chat/completions")
    await stage.call("post-models", "POST", "/models", content=b"{}")
    await stage.call("misspelt", "POST", "/chat/completionz", content=json.dumps(body).encode())
    await stage.get("nowhere", f"/nope-{stage.code('nowhere').lower()}")


@scenario(requests=4)
async def media_types(stage: Stage) -> None:
    """One good body declared as JSON, as JSON with a charset, as text, and as nothing."""
    body = stage.chat(prompt("greeting"))
    await stage.post("json", body)
    for step, value in (
        ("with-charset", "application/json; charset=utf-8"),
        ("text", "text/plain"),
        ("none", ""),
    ):
        await stage.post(step, body, headers=(("Content-Type", value),))


@scenario(requests=3)
async def character_sets(stage: Stage) -> None:
    """The same text with characters of several bytes raw and escaped, and a longer one."""
    body = stage.chat(prompt("hello-in-wide-characters"), temperature=0)
    await stage.post("raw", json.dumps(body, ensure_ascii=False).encode())
    await stage.post("escaped", json.dumps(body, ensure_ascii=True).encode())
    await stage.post("longer", stage.chat(f"{prompt('plain-words')}\n{prompt('hello-in-wide-characters')}"))
