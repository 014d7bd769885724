"""What of a recorded request decides how a client reads the answer, and which exchanges are replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from chatconform.oracles.wire import lenient
from chatconform.wire.exchange import Exchange, FailureKind

# What is larger says nothing more about a client, and some clients take quadratic time for it.
LARGEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whether a stream was asked for, and what makes a client parse the answer further.

    `tools` are the names of all function tools, `strict_tools` those whose arguments are promised to follow
    their schema, as they were sent; `structured` says that the text is promised to be JSON of a schema.
    """

    stream: bool
    tools: tuple[str, ...] = ()
    strict_tools: tuple[dict[str, Any], ...] = ()
    structured: bool = False


def asked_by(exchange: Exchange) -> Asked | None:
    """What an exchange asked for; nothing where its answer says nothing of a client.

    Left out are requests that are no JSON objects sent to the chat endpoint, exchanges that we broke off or
    that met an ill target, and redirections, which ask for a second request.
    """
    request, response, failure = exchange.request, exchange.response, exchange.failure
    if request.method != "POST" or not urlsplit(request.url).path.endswith("/chat/completions"):
        return None
    if response is None or exchange.illness or 300 <= response.status < 400 or response.status < 200:
        return None
    if failure is not None and failure.kind in {FailureKind.ABORTED, FailureKind.NOT_SENT}:
        return None
    body = lenient(request.body)
    if not isinstance(body, dict):
        return None
    tools = body.get("tools")
    named = [tool for tool in tools if _name(tool)] if isinstance(tools, list) else []
    return Asked(
        stream=body.get("stream") is True,
        tools=tuple(map(_name, named)),
        strict_tools=tuple(tool for tool in named if tool["function"].get("strict") is True),
        structured=_is_structured(body.get("response_format")),
    )


def too_large(exchange: Exchange) -> bool:
    """Whether the answer is larger than what is replayed."""
    return exchange.response is not None and len(exchange.response.raw) > LARGEST


def _name(tool: object) -> str:
    """The name of a function tool; empty for what is none."""
    function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else ""


def _is_structured(form: object) -> bool:
    """Whether the text has to follow a schema, as it has to for whoever uses a parsing helper."""
    schema = form.get("json_schema") if isinstance(form, dict) and form.get("type") == "json_schema" else None
    return isinstance(schema, dict) and schema.get("strict") is True
