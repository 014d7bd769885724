"""The stage on which a scenario is performed: it builds requests for the path, and sends them."""

from __future__ import annotations

import json
import random
from collections.abc import Awaitable, Callable
from typing import Never

from chatconform.client.target import Target
from chatconform.findings.answer import Answer, Unreadable, read_answer
from chatconform.plays.material import conversation
from chatconform.plays.path import Path, Turn
from chatconform.wire.exchange import Exchange, Headers, Request
from chatconform.wire.jsontext import Json

Body = dict[str, Json]
Send = Callable[[str, Request, int | None], Awaitable[Exchange]]

# What a completion may cost where nothing is said: enough for any answer that a suite asks for.
USUAL_LIMIT = 512

# Without vowels no code is a word, and without 0, 1 and 5 none is mistaken for letters.
CODE_LETTERS = "BCDFGHKLMNPQRSTVWXZ2346789"


class StageLeft(Exception):
    """The scenario cannot go on, for a reason that lies in the target's answers."""


class Stage:
    """What a scenario may do: ask, send, note what a check must know, and leave.

    `dice` is seeded by the run, the scenario, the path and the attempt: the same run can be repeated, and no
    two plays choose the same codes.
    """

    def __init__(self, *, target: Target, path: Path, attempt: int, seed: str, send: Send) -> None:
        self.target = target
        self.path = path
        self.attempt = attempt
        self.dice = random.Random(seed)  # noqa: S311 - test data, no secret
        self._send = send
        self._exchanges: list[Exchange] = []
        self._notes: dict[str, str] = {}

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was exchanged so far."""
        return tuple(self._exchanges)

    @property
    def notes(self) -> dict[str, str]:
        """What was noted so far."""
        return dict(self._notes)

    def note(self, name: str, value: str) -> str:
        """Keep a value for the checks under a name; returns it."""
        self._notes[name] = value
        return value

    def code(self, name: str, length: int = 8) -> str:
        """A random code that no model can guess, noted under a name."""
        return self.note(name, "".join(self.dice.choices(CODE_LETTERS, k=length)))

    def chat(self, prompt: str, *, tokens: int | None = USUAL_LIMIT, **parameters: Json) -> Body:
        """A request body with the prompt where the path wants it: first, after a tool result, or later."""
        before, after, tools = _surroundings(self.path.turn)
        messages: list[Json] = [*before, {"role": "user", "content": prompt}, *after]
        with_tools: Body = {"tools": tools} if tools else {}
        return self.request(messages=messages, tokens=tokens, **with_tools, **parameters)

    def request(self, *, messages: list[Json], tokens: int | None = USUAL_LIMIT, **parameters: Json) -> Body:
        """A request body with these messages, in the form of the path.

        `tokens` bounds the completion, by the parameter that the target knows: a small model left alone may
        write until its context is full. None leaves it alone, for requests that are about the limit.
        """
        form: Body = {"stream": True} if self.path.stream else {}
        bound: Body = {self.target.limit: tokens} if tokens and self.target.limit else {}
        return {"model": self.target.model, "messages": messages, **form, **bound, **parameters}

    def with_usage(self, body: Body) -> Body:
        """The same body, which on a stream asks for usage; a plain answer bears it unasked."""
        return {**body, "stream_options": {"include_usage": True}} if body.get("stream") else body

    async def post(
        self, step: str, body: Body | bytes, *, headers: Headers = (), key: str | None = None
    ) -> Exchange:
        """Send a body to the chat endpoint; bytes go as they are. `key=""` sends no Authorization."""
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return await self.call(step, "POST", "/chat/completions", content=content, headers=headers, key=key)

    async def get(self, step: str, path: str, *, headers: Headers = (), key: str | None = None) -> Exchange:
        """Send a GET to an endpoint below the base URL."""
        return await self.call(step, "GET", path, headers=headers, key=key)

    async def call(
        self,
        step: str,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Headers = (),
        key: str | None = None,
        stop_after_events: int | None = None,
    ) -> Exchange:
        """Send any request. Headers given here replace the target's and the usual ones of the same name."""
        request = Request(
            method=method,
            url=self.target.endpoint(path),
            headers=_merged(_usual_headers(self.target, content, key), self.target.headers, headers),
            body=content,
        )
        exchange = await self._send(step, request, stop_after_events)
        self._exchanges.append(exchange)
        return exchange

    async def ask(self, step: str, body: Body, *, headers: Headers = ()) -> Answer:
        """Send a body and read the answer; leaves the stage where there is none to read."""
        exchange = await self.post(step, body, headers=headers)
        if exchange.response is None or exchange.response.status != 200:
            self.leave(f"step {step!r} was not answered with 200")
        try:
            return read_answer(exchange)
        except Unreadable as error:
            self.leave(f"step {step!r}: {error}")

    def leave(self, reason: str) -> Never:
        """End the scenario here; the checks of later steps are then inconclusive for this reason."""
        raise StageLeft(reason)


def _surroundings(turn: Turn) -> tuple[list[Json], list[Json], list[Json]]:
    if turn is Turn.FIRST:
        return [], [], []
    told = conversation(turn.value)
    return list(told.before), list(told.after), list(told.tools)


def _usual_headers(target: Target, content: bytes, key: str | None) -> Headers:
    used = target.key if key is None else key
    auth = (("Authorization", f"Bearer {used}"),) if used else ()
    return (*auth, *((("Content-Type", "application/json"),) if content else ()))


def _merged(*layers: Headers) -> Headers:
    merged: dict[str, tuple[str, str]] = {}
    for layer in layers:
        merged |= {name.lower(): (name, value) for name, value in layer}
    return tuple((name, value) for name, value in merged.values() if value)
