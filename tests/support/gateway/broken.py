"""Gateways with one defect each, the eight that were found in the review of a platform in production."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from chatconform.reference_server.scrubbing import scrubber
from chatconform.tests.support.gateway.honest import Asked, Body, Gateway, Pairs, UpstreamFailed, send_whole

LIMITS = ("max_tokens", "max_completion_tokens")


class Scrubbing(Gateway):
    """An honest gateway that masks e-mail addresses and telephone numbers in every message."""

    def forwarded(self, body: Body) -> Body:
        return scrubber(("email", "phone"))(body) if "messages" in body else body


class Retrying(Gateway):
    """An honest gateway that sends a request again which was answered 503."""

    async def call(self, session: aiohttp.ClientSession, asked: Asked, body: Body) -> aiohttp.ClientResponse:
        response = await super().call(session, asked, body)
        if response.status != 503:
            return response
        response.release()
        return await super().call(session, asked, self.repeated(body))

    def repeated(self, body: Body) -> Body:
        """The body that is sent when the first was answered 503."""
        return body


class LosesParametersLater(Retrying):
    """1: after the first answer, and when it tries again, requests are built from what seems to matter."""

    def forwarded(self, body: Body) -> Body:
        later = any(message.get("role") == "assistant" for message in _messages(body))
        return self.repeated(body) if later else body

    def repeated(self, body: Body) -> Body:
        return {name: body[name] for name in ("model", "messages", "tools", "stream") if name in body}


class ForwardsTheLastQuestion(Gateway):
    """2: only the last user message is forwarded."""

    def forwarded(self, body: Body) -> Body:
        asked = [message for message in _messages(body) if message.get("role") == "user"]
        return {**body, "messages": asked[-1:]} if asked else body


class AlwaysStops(Gateway):
    """3: every stream ends with `stop` and [DONE], whatever became of the upstream's."""

    async def events(self, asked: Asked, upstream: AsyncIterator[str]) -> AsyncIterator[str]:
        last: Body = {}
        try:
            async for data in upstream:
                chunk = _object(data)
                if "error" in chunk:
                    break
                last = chunk or last
                yield data
            else:
                return
        except UpstreamFailed:
            pass
        choice = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}
        yield json.dumps({**last, "choices": [choice]})
        yield "[DONE]"


class BreaksOnArguments(Gateway):
    """4: arguments of calls in the history are parsed without a thought for those that are no JSON."""

    def forwarded(self, body: Body) -> Body:
        try:
            for message in _messages(body):
                for call in message.get("tool_calls") or ():
                    json.loads(call["function"]["arguments"])
        except ValueError:
            raise UpstreamFailed(500, "An unexpected error occurred.") from None
        return body


class ScrubsTheLastMessage(Gateway):
    """5: personal data is masked in the last message alone."""

    def forwarded(self, body: Body) -> Body:
        if not _messages(body):
            return body
        *before, _ = body["messages"]
        *_, last = scrubber(("email", "phone"))(body)["messages"]
        return {**body, "messages": [*before, last]}


class StoresTheQuestionTwice(Gateway):
    """6: it stores the last question of each user, and sends what it stored beside what comes."""

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self._stored: dict[str, Body] = {}

    def forwarded(self, body: Body) -> Body:
        messages, user = _messages(body), str(body.get("user", ""))
        last = max((n for n, each in enumerate(messages) if each.get("role") == "user"), default=None)
        if last is None:
            return body
        stored = self._stored.get(user) if user else None
        self._stored[user] = messages[last]
        if any(message.get("role") == "assistant" for message in messages):
            return {**body, "messages": [*messages[: last + 1], *messages[last:]]}
        return body if stored in (None, messages[last]) else {**body, "messages": [stored, *messages]}


class KnowsNoFilter(Gateway):
    """7: a finish reason that it does not know becomes `stop`."""

    async def answer(self, asked: Asked, status: int, headers: Pairs, content: bytes, send: Any) -> None:
        await super().answer(asked, status, headers, _without_filter(content.decode()).encode(), send)

    async def events(self, asked: Asked, upstream: AsyncIterator[str]) -> AsyncIterator[str]:
        async for data in super().events(asked, upstream):
            yield _without_filter(data)


class IgnoresWhatNobodyAsserts(Gateway):
    """8: what lenient tests do not look at: stop strings, formats, whose fault an error is, and limits.

    Streams have no limit; a plain answer that was cut claims that it had ended.
    """

    def forwarded(self, body: Body) -> Body:
        limits = LIMITS if body.get("stream") else ()
        ignored = (*limits, "stop", "response_format")
        return {name: value for name, value in body.items() if name not in ignored}

    async def answer(self, asked: Asked, status: int, headers: Pairs, content: bytes, send: Any) -> None:
        whole = content.replace(b'"finish_reason":"length"', b'"finish_reason":"stop"')
        await send_whole(send, 500 if status == 400 else status, headers, whole)


class NeverCalls(Gateway):
    """It answers by itself, like a mock that was left in its place."""

    async def serve(self, session: aiohttp.ClientSession, asked: Asked, send: Any) -> None:
        if asked.body.get("stream"):
            chunk = {
                **_head("chat.completion.chunk"),
                "choices": [{"index": 0, "delta": {"content": "Hello!"}}],
            }
            last = {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
            events = "".join(f"data: {json.dumps(each)}\n\n" for each in (chunk, last))
            stream = (("content-type", "text/event-stream"),)
            await send_whole(send, 200, stream, f"{events}data: [DONE]\n\n".encode())
            return
        message = {"role": "assistant", "content": "Hello!", "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        document = {**_head("chat.completion"), "choices": [choice]}
        await send_whole(send, 200, (("content-type", "application/json"),), json.dumps(document).encode())


def _head(kind: str) -> Body:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_767_225_600, "model": "reference-1"}


def _messages(body: Body) -> list[Body]:
    messages = body.get("messages")
    return [each for each in messages if isinstance(each, dict)] if isinstance(messages, list) else []


def _object(data: str) -> Body:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _without_filter(text: str) -> str:
    return text.replace('"finish_reason":"content_filter"', '"finish_reason":"stop"')
