"""Handles a request again that was answered 503, as a gateway does whose upstream could not be reached."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from chatconform.reference_server.request import ATTEMPT

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Receive, Send], Coroutine[Any, Any, None]]
_UNAVAILABLE = 503


def retrying(app: App, times: int) -> App:
    """Return an application that hands a request to another one, and again while that answers 503.

    The body of the request is kept for it. Nothing of an answer that is repeated is sent.
    """

    async def serve(scope: Any, receive: Receive, send: Send) -> None:
        inbox = _Kept(receive)
        for number in range(1, times + 1):
            answer = _Held(send)
            await app({**scope, ATTEMPT: number}, inbox.from_start(), answer)
            if not answer.is_held:
                return
        await app({**scope, ATTEMPT: times + 1}, inbox.from_start(), send)

    return serve


class _Kept:
    """The messages of a request's body, which can be received from the start again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: list[Any] = []

    def from_start(self) -> Receive:
        position = 0

        async def receive() -> Any:
            nonlocal position
            if position == len(self._kept):
                message = await self._receive()
                if message["type"] != "http.request":
                    return message
                self._kept.append(message)
            position += 1
            return self._kept[position - 1]

        return receive


class _Held:
    """Passes an answer on, unless it is a 503."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_held = False

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.is_held = message["status"] == _UNAVAILABLE
        if not self.is_held:
            await self._send(message)
