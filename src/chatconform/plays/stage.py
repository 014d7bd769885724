"""The stage on which a scenario is performed: it builds requests for the path, and sends them."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Never

from chatconform.client.extending import extended
from chatconform.client.recording import Recording
from chatconform.client.target import Role, Target
from chatconform.contract import load_contract
from chatconform.errors import HarnessError
from chatconform.findings.answer import Answer, Unreadable, read_answer
from chatconform.fuzzing.effort import QUICK, Effort
from chatconform.plays.material import conversation
from chatconform.plays.path import Path, Turn
from chatconform.plays.play import alone, received_note
from chatconform.wire.exchange import Exchange, Headers, Request
from chatconform.wire.jsontext import Json, NotJson, parse
from chatconform.wire.received import found_text

Body = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A request that a step sends; `fresh` wants an exchange of its own, even if an equal one was sent."""

    step: str
    request: Request
    fresh: bool = False
    stop_after_events: int | None = None


Send = Callable[[Sending], Awaitable[Exchange]]
Pause = Callable[[float], Awaitable[None]]

# What a completion may cost where nothing is said: enough for any answer that a suite asks for.
USUAL_LIMIT = 512

# What a reader looks for first.
FIRST_MEMBERS = ("model", "messages", "tools")

# Without vowels no code is a word, and without 0, 1 and 5 none is mistaken for letters.
CODE_LETTERS = "BCDFGHKLMNPQRSTVWXZ2346789"


class StageLeft(Exception):
    """The scenario cannot go on, for a reason that lies in the target's answers."""


class Stage:
    """What a scenario may do: ask, send, note what a check must know, and leave.

    `dice` is seeded by the run, the scenario, the path and the attempt: the same run can be repeated, and no
    two plays choose the same codes. `thorough` says that every case is wanted, at whatever cost; otherwise a
    scenario sends those that tell most. `effort` bounds what is spent on generated requests.
    """

    def __init__(  # noqa: PLR0913 - by keyword, and set by the conductor alone
        self,
        *,
        target: Target,
        path: Path,
        attempt: int,
        seed: str,
        send: Send,
        pause: Pause = asyncio.sleep,
        thorough: bool = False,
        effort: Effort = QUICK,
        upstream: Recording | None = None,
    ) -> None:
        self.target = target
        self.path = path
        self.attempt = attempt
        self.thorough = thorough
        self.effort = effort
        self.dice = random.Random(seed)  # noqa: S311 - test data, no secret
        self._send = send
        self._pause = pause
        self._upstream = upstream
        self._received: set[str] = set()
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

    async def note_received(self, step: str, code: str) -> None:
        """Note what the target's recording upstream received with a code, for the checks of a step.

        What was noted for a step before is left out, so that the steps of a conversation may share a code. A
        check reads it from the play (`Play.received`), live and from a run record alike.
        """
        if self._upstream is None:
            raise HarnessError(f"step {step!r} asks for the record of an upstream, but none is declared")
        found = await asyncio.to_thread(self._upstream.find, code)
        fresh = tuple(each for each in found.received if each.id not in self._received)
        self._received |= {each.id for each in fresh}
        self.note(received_note(step), found_text(replace(found, received=fresh)))

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
        Temperature 0 is left out where the target does not take it.
        """
        if parameters.get("temperature") == 0 and not self.target.steady:
            del parameters["temperature"]
        form: Body = {"stream": True} if self.path.stream else {}
        bound: Body = {self.target.limit: tokens} if tokens and self.target.limit else {}
        return {"model": self.target.model, "messages": messages, **form, **bound, **parameters}

    def with_usage(self, body: Body) -> Body:
        """The same body, which on a stream asks for usage; a plain answer bears it unasked."""
        return {**body, "stream_options": {"include_usage": True}} if body.get("stream") else body

    async def post(
        self,
        step: str,
        body: Body | bytes,
        *,
        headers: Headers = (),
        key: str | None = None,
        fresh: bool = False,
        illegal: bool = False,
    ) -> Exchange:
        """Send a body to the chat endpoint; bytes go as they are. `key=""` sends no Authorization.

        An equal request that another scenario has sent is not sent again, unless it has to be `fresh`. A body
        that the contract forbids has to be announced as `illegal`: any other one is a bug of ours.
        """
        content = body if isinstance(body, bytes) else _text_of(self._for_its_model(body))
        _check_legality(step, content, extended(content, self.target.body), illegal=illegal)
        return await self.call(
            step, "POST", "/chat/completions", content=content, headers=headers, key=key, fresh=fresh
        )

    def _for_its_model(self, body: Body) -> Body:
        """The body with the model for tools where it offers some, unless it is about another model."""
        if "tools" not in body or body.get("model") != self.target.model:
            return body
        return {**body, "model": self.target.model_for(Role.TOOLS)}

    async def together(self, step: str, body: Body, parts: Mapping[str, Body]) -> Exchange:
        """Send a body with all parts in one request; where that is refused, with each part alone as well.

        So what is accepted costs one request, and one refused part hides no other. A check reads the step
        `play.part(step, name)`.
        """
        whole = {name: value for part in parts.values() for name, value in part.items()}
        exchange = await self.post(step, {**body, **whole})
        if _is_refused(exchange) and len(parts) > 1:
            for name, part in parts.items():
                await self.post(alone(step, name), {**body, **part})
        return exchange

    async def get(
        self,
        step: str,
        path: str,
        *,
        headers: Headers = (),
        key: str | None = None,
        fresh: bool = False,
    ) -> Exchange:
        """Send a GET to an endpoint below the base URL."""
        return await self.call(step, "GET", path, headers=headers, key=key, fresh=fresh)

    async def call(
        self,
        step: str,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Headers = (),
        key: str | None = None,
        fresh: bool = False,
        stop_after_events: int | None = None,
    ) -> Exchange:
        """Send any request. Headers given here replace the target's and the usual ones of the same name."""
        request = Request(
            method=method,
            url=self.target.endpoint(path),
            headers=_merged(_usual_headers(self.target, content, key), self.target.headers, headers),
            # What the user wants in every body is none of ours: it neither breaks the contract nor mends it.
            body=extended(content, self.target.body),
        )
        sending = Sending(step=step, request=request, fresh=fresh, stop_after_events=stop_after_events)
        exchange = await self._send(sending)
        self._exchanges.append(exchange)
        return exchange

    def keep(self, step: str, exchange: Exchange) -> None:
        """Let an exchange of this stage stand as a further step: several conversations may begin alike."""
        self._exchanges.append(replace(exchange, step=step))

    async def ask(self, step: str, body: Body, *, headers: Headers = ()) -> Answer:
        """Send a body and read the answer; leaves the stage where there is none to read."""
        exchange = await self.post(step, body, headers=headers)
        if exchange.response is None or exchange.response.status != 200:
            self.leave(f"step {step!r} was not answered with 200")
        try:
            return read_answer(exchange)
        except Unreadable as error:
            self.leave(f"step {step!r}: {error}")

    async def pause(self, seconds: float) -> None:
        """Let time pass where a rule is about it."""
        await self._pause(seconds)

    def leave(self, reason: str) -> Never:
        """End the scenario here; the checks of later steps are then inconclusive for this reason."""
        raise StageLeft(reason)


def _text_of(body: Body) -> bytes:
    """The body as JSON, its members in one order: equal requests are equal bytes, however they were built."""
    first = [name for name in FIRST_MEMBERS if name in body]
    ordered = {name: body[name] for name in (*first, *sorted(body.keys() - set(first)))}
    return json.dumps(ordered, ensure_ascii=False).encode()


def _check_legality(step: str, ours: bytes, sent: bytes, *, illegal: bool) -> None:
    """Everything that is sent is held to the contract: a malformed request of ours proves nothing.

    What is sent has the user's members beside ours, and an overlay may want them: ours alone is then
    forbidden for the lack of them, which whoever announced that it is illegal may have seen.
    """
    reason = _forbidden(sent)
    if reason and not illegal:
        raise HarnessError(f"step {step!r} sends a body that the contract forbids: {reason}")
    if illegal and not reason and not _forbidden(ours):
        raise HarnessError(f"step {step!r} announces an illegal body, but the contract allows it")


def _forbidden(content: bytes) -> str:
    """Why the contract forbids a body; empty where it allows it."""
    try:
        violations = load_contract().validator("CreateChatCompletionRequest").violations(parse(content))
    except NotJson as error:
        return str(error)
    return "; ".join(f"{each.param}: {each.message}" for each in violations[:3])


def _is_refused(exchange: Exchange) -> bool:
    status = exchange.response.status if exchange.response else 0
    return 400 <= status < 500 and status != 429


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
