"""The smallest chat: what is sent to see whether a target serves anybody."""

from __future__ import annotations

import json

from chatconform.client.extending import extended
from chatconform.client.target import Target
from chatconform.client.transfer import Outgoing
from chatconform.wire.exchange import Headers, Request
from chatconform.wire.jsontext import Json, NotJson, parse

_CHAT = "/chat/completions"
_PROMPT = "Say hello."
_TOKENS = 16
_KEPT = 4 << 20


def chat_request(target: Target, body: dict[str, Json]) -> Request:
    """A request to the chat endpoint with the target's own headers."""
    headers = (*own_headers(target), ("Content-Type", "application/json"))
    content = extended(json.dumps(body).encode(), target.body)
    return Request(method="POST", url=target.endpoint(_CHAT), headers=headers, body=content)


def own_headers(target: Target) -> Headers:
    """The headers that every request to the target needs: its key, unless another one authenticates."""
    names = {name.lower() for name, _ in target.headers}
    auth = (("Authorization", f"Bearer {target.key}"),) if target.key and "authorization" not in names else ()
    return (*auth, *target.headers)


def control(target: Target, *, stream: bool) -> Outgoing:
    """A chat that is legal, short and cheap, in either form."""
    body: dict[str, Json] = {"model": target.model, "messages": [{"role": "user", "content": _PROMPT}]}
    form: dict[str, Json] = {"stream": True} if stream else {}
    bound: dict[str, Json] = {target.limit: _TOKENS} if target.limit else {}
    return Outgoing(request=chat_request(target, {**body, **form, **bound}), max_bytes=_KEPT)


def is_chat(request: Request) -> bool:
    """Whether a request asks for a chat."""
    return request.method == "POST" and request.url.partition("?")[0].endswith(_CHAT)


def asks_for_stream(request: Request) -> bool:
    """Whether a request asks for a chat as a stream."""
    if not is_chat(request):
        return False
    try:
        body = parse(request.body)
    except NotJson:
        return False
    return isinstance(body, dict) and body.get("stream") is True
