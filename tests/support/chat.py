"""Chat requests to a reference server of a test's own, plain and streamed, folded to one form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from chatconform.contract import load_contract
from chatconform.reference_server import Settings, create_app
from chatconform.reference_server.threaded import ThreadedServer
from chatconform.wire.sse import decode

Document = dict[str, Any]


@contextmanager
def serving(**settings: Any) -> Iterator[httpx2.Client]:
    """Serve with these settings, each response checked against the contract, and yield a client."""
    app = create_app(load_contract(), Settings(**{"check_responses": True, **settings}))
    with ThreadedServer(app) as server, httpx2.Client(base_url=f"{server.site}/v1", timeout=20) as client:
        yield client


def post(client: httpx2.Client, content: str | list[Document], **members: Any) -> httpx2.Response:
    """Send a question, or a whole conversation."""
    messages = [{"role": "user", "content": content}] if isinstance(content, str) else content
    body = {"model": "reference-1", "messages": messages, **members}
    return client.post("/chat/completions", json=body)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The choices of an answer, in whichever form it came, without the ids of its calls."""

    messages: list[Document]
    reasons: list[str]
    usage: Document


def answer(
    client: httpx2.Client, content: str | list[Document], *, stream: bool = False, **members: Any
) -> Reply:
    """Send a request that is accepted, and return what it was answered."""
    if stream:
        members |= {"stream": True, "stream_options": {"include_usage": True}}
    response = post(client, content, **members)
    assert response.status_code == 200, response.text
    return _streamed(response) if stream else _plain(response.json())


def _plain(completion: Document) -> Reply:
    messages = [choice["message"] for choice in completion["choices"]]
    for message in messages:
        for call in message.get("tool_calls", ()):
            del call["id"]
    reasons = [choice["finish_reason"] for choice in completion["choices"]]
    return Reply(messages=messages, reasons=reasons, usage=completion["usage"])


def _streamed(response: httpx2.Response) -> Reply:
    *events, last = decode(response.content).events
    assert last.data == "[DONE]"
    chunks = [json.loads(event.data) for event in events]
    messages: dict[int, Document] = {}
    reasons: dict[int, str] = {}
    for choice in (choice for chunk in chunks for choice in chunk["choices"]):
        _add(messages.setdefault(choice["index"], {"content": None, "refusal": None}), choice["delta"])
        if choice["finish_reason"] is not None:
            reasons[choice["index"]] = choice["finish_reason"]
    return Reply(
        messages=[message for _, message in sorted(messages.items())],
        reasons=[reason for _, reason in sorted(reasons.items())],
        usage=chunks[-1]["usage"],
    )


def _add(message: Document, delta: Document) -> None:
    for name, value in delta.items():
        if name == "tool_calls":
            for fragment in value:
                _add_call(message.setdefault("tool_calls", []), fragment)
        elif isinstance(value, dict):
            _add(message.setdefault(name, {}), value)
        elif isinstance(value, str):
            message[name] = (message.get(name) or "") + value


def _add_call(calls: list[Document], fragment: Document) -> None:
    if fragment["index"] == len(calls):
        calls.append({})
    _add(calls[fragment["index"]], {key: fragment[key] for key in fragment.keys() - {"index", "id"}})
