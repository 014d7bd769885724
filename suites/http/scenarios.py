"""What HTTP itself decides: the form of an answer, methods, paths, media types, character sets, sizes."""

from __future__ import annotations

import json

from chatconform.suite import Stage, prompt, scenario
from chatconform.suites import basics

# What clients and proxies add to every request, and nobody has to know.
EXTRA_HEADERS = (
    ("OpenAI-Organization", "org-conformance"),
    ("OpenAI-Project", "proj_conformance"),
    ("X-Stainless-Lang", "python"),
    ("X-Stainless-Retry-Count", "0"),
    ("Idempotency-Key", "conformance-1"),
    ("X-Forwarded-For", "192.0.2.7"),
    ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
)
WITH_CHARSET = ("Content-Type", "application/json; charset=utf-8")
# By how much a body exceeds the declared limit.
EXCESS = 1.1


@scenario(requests=3)
async def form_of_answer(stage: Stage) -> None:
    """A chat without `stream`, and both forms with an Accept header that says otherwise."""
    body = basics.greeting(stage)
    await stage.post("omitted", body)
    await stage.post("accept-stream", {**body, "stream": False}, headers=(("Accept", "text/event-stream"),))
    await stage.post("accept-json", {**body, "stream": True}, headers=(("Accept", "application/json"),))


@scenario(requests=3)
async def wrong_addresses(stage: Stage) -> None:
    """A good chat, then methods that its path does not have, and paths that do not exist."""
    body = basics.greeting(stage)
    await stage.post("control", body)
    await stage.call("get-chat", "GET", "/chat/completions")
    await stage.call("misspelt", "POST", "/chat/completionz", content=json.dumps(body).encode())
    if stage.thorough:
        await stage.call("delete-chat", "DELETE", "/chat/completions")
        await stage.call("post-models", "POST", "/models", content=b"{}")
        await stage.get("nowhere", f"/nope-{stage.code('nowhere').lower()}")


@scenario(requests=3)
async def media_types(stage: Stage) -> None:
    """One good body declared as JSON, as JSON with a charset beside extra headers, and as text."""
    body = basics.greeting(stage)
    await stage.post("json", body)
    together = await stage.post("extra", body, headers=(WITH_CHARSET, *EXTRA_HEADERS))
    if together.response is None or together.response.status != 200:
        # Which of the two was it?
        await stage.post("charset-alone", body, headers=(WITH_CHARSET,))
        await stage.post("headers-alone", body, headers=EXTRA_HEADERS)
    await stage.post("text", body, headers=(("Content-Type", "text/plain"),))
    if stage.thorough:
        await stage.post("none", body, headers=(("Content-Type", ""),))


@scenario(requests=4)
async def character_sets(stage: Stage) -> None:
    """The same text with characters of several bytes raw and escaped; and what tells of honest counts."""
    body = stage.chat(prompt("hello-in-wide-characters"), temperature=0)
    await stage.post("raw", json.dumps(body, ensure_ascii=False).encode())
    await stage.post("escaped", json.dumps(body, ensure_ascii=True).encode())
    await stage.post("short", basics.greeting(stage))
    await stage.post("longer", basics.longer_greeting(stage))


@scenario(requests=2)
async def too_large(stage: Stage) -> None:
    """A good chat, and one whose body is larger than the declared limit."""
    body = basics.greeting(stage)
    await stage.post("control", body)
    size = int(int(stage.target.declared.get("body-limit") or 0) * EXCESS)
    words = f"{prompt('plain-words')} "
    await stage.post("too-large", stage.chat(words * (1 + size // len(words))))
