"""Plays recorded from the reference server, and ways to break what it answered.

A test takes a play as it was recorded, edits the answer of one step, and looks at the verdict: so each check
is seen to pass and seen to fail, on the same exchange but for one defect.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Self

import pytest

from chatconform.client.target import Target
from chatconform.findings.verdict import Judgement
from chatconform.judging.check import AnyCheck, Check
from chatconform.judging.judge import judge_plays, judge_traffic
from chatconform.plays.conductor import Audience, Conductor
from chatconform.plays.play import Play
from chatconform.plays.scenario import Scenario, keys_of
from chatconform.running.catalogue import all_checks
from chatconform.running.embedded import EmbeddedServer
from chatconform.wire.exchange import Exchange, Response
from chatconform.wire.stream import Arrival

Edit = Callable[[Exchange], Exchange]
JSON_TYPE = (("Content-Type", "application/json"),)


@dataclass(slots=True)
class Theatre:
    """A reference server, and every play that was asked of it, performed once."""

    _resources: ExitStack = field(default_factory=ExitStack)
    _conductor: Conductor | None = None

    def __enter__(self) -> Self:
        server = self._resources.enter_context(EmbeddedServer())
        target = Target(url=server.url, key=server.key, model=server.model)
        unheard = Audience(on_exchange=lambda _: None, on_play=lambda _: None)
        self._conductor = self._resources.enter_context(Conductor(target, seed="tests", audience=unheard))
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    def plays(self, scenario: Scenario, path: str) -> list[Play]:
        """All attempts of a scenario on a path; on its first one where it has not that path."""
        assert self._conductor is not None
        names = [known.name for known in scenario.paths]
        used = path if path in names else names[0]
        return [self._conductor.play(key) for key in keys_of(scenario) if key.path == used]

    def judge(self, made: AnyCheck, path: str, edit: Edit | None = None, *, only: int = 0) -> Judgement:
        """The judgement of a check on a path, after an edit of all its exchanges (or of one attempt's)."""
        if isinstance(made, Check):
            return judge_plays(
                made, [self._edited(made, play, edit, only) for play in self._compared(made, path)]
            )
        plays = [play for scenario in made.provoked_by for play in self._all(scenario)]
        touched = [edited(play, edit) if edit and play.path.name == path else play for play in plays]
        return judge_traffic(made, [exchange for play in touched for exchange in play.exchanges])

    def _compared(self, made: Check, path: str) -> list[Play]:
        plays = self.plays(made.scenario, path)
        if made.control is None:
            return plays
        controls = self.plays(made.control, path)
        return [play.compared_with(controls[min(play.attempt, len(controls)) - 1]) for play in plays]

    def _edited(self, made: Check, play: Play, edit: Edit | None, only: int) -> Play:
        return play if edit is None or (only and play.attempt != only) else edited(play, edit)

    def _all(self, scenario: Scenario) -> list[Play]:
        assert self._conductor is not None
        return [self._conductor.play(key) for key in keys_of(scenario)]


def check_named(name: str) -> AnyCheck:
    """The check with this id."""
    return _by_name()[name]


@cache
def _by_name() -> dict[str, AnyCheck]:
    return {made.id: made for made in all_checks()}


def checks_of(area: str) -> list[Any]:
    """A parameter set for each check of an area and each path that it judges."""
    return [
        pytest.param(made, path, id=f"{made.id}-{path}")
        for made in _by_name().values()
        if made.id.startswith(f"{area}.")
        for path in made.path_names
    ]


def edited(play: Play, edit: Edit) -> Play:
    """The play with every exchange edited."""
    return replace(play, exchanges=tuple(edit(exchange) for exchange in play.exchanges))


def at(*steps: str) -> Callable[[Edit], Edit]:
    """Restrict an edit to some steps."""
    return lambda edit: lambda exchange: edit(exchange) if exchange.step in steps else exchange


def document_of(exchange: Exchange) -> Any:
    """The body as JSON, to be changed at will; the list of its chunks for a stream."""
    assert exchange.response is not None
    if exchange.is_stream:
        return [copy.deepcopy(event.chunk) for event in exchange.response.stream.chunks]
    return copy.deepcopy(exchange.response.json)


def with_document(exchange: Exchange, document: Any) -> Exchange:
    """The exchange with another body: a list becomes a stream of chunks, with its terminator."""
    if isinstance(document, list):
        frames = [f"data: {json.dumps(chunk)}\n\n" for chunk in document]
        return with_bytes(exchange, "".join([*frames, "data: [DONE]\n\n"]).encode())
    return with_bytes(exchange, json.dumps(document).encode())


def with_bytes(exchange: Exchange, raw: bytes) -> Exchange:
    """The exchange with these bytes as its body."""
    assert exchange.response is not None
    kept = tuple(pair for pair in exchange.response.headers if pair[0].lower() != "content-encoding")
    return replace(exchange, response=_response(exchange.response.status, kept, raw))


def answered(status: int, body: Any) -> Edit:
    """An answer with another status, and a JSON body."""
    raw = json.dumps(body).encode()
    return lambda exchange: replace(exchange, response=_response(status, JSON_TYPE, raw))


def refused(message: str, *, param: str | None = None, status: int = 400) -> Edit:
    """A refusal with an error object."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": None}
    return answered(status, {"error": error})


def crashed(status: int = 500) -> Edit:
    """A failure of the server."""
    return refused("The server failed.", status=status)


def changed(change: Callable[[Any], Any]) -> Edit:
    """An edit of the document; the change may return another one, or change it in place."""

    def edit(exchange: Exchange) -> Exchange:
        if exchange.response is None or exchange.response.status != 200:
            return exchange
        document = document_of(exchange)
        result = change(document)
        return with_document(exchange, document if result is None else result)

    return edit


def choices_in(document: Any) -> Iterable[dict[str, Any]]:
    """Every choice of a completion, or of all chunks of a stream."""
    for holder in document if isinstance(document, list) else [document]:
        yield from holder.get("choices", [])


def calls_in(document: Any) -> list[dict[str, Any]]:
    """Every entry of tool_calls, in order: whole calls of a completion, fragments of a stream."""
    inner = [choice.get("message") or choice.get("delta") or {} for choice in choices_in(document)]
    return [call for message in inner for call in message.get("tool_calls") or []]


def each_call(change: Callable[[dict[str, Any]], object]) -> Edit:
    """An edit of every call or fragment."""

    def all_of_them(document: Any) -> None:
        for call in calls_in(document):
            change(call)

    return changed(all_of_them)


def ending(reason: str | None) -> Edit:
    """Another finish reason, wherever there is one."""

    def end(document: Any) -> None:
        for choice in choices_in(document):
            if choice.get("finish_reason"):
                choice["finish_reason"] = reason

    return changed(end)


def completion(
    text: str = "", *, finish: str = "stop", calls: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """A completion with this text and these calls, each a name and its arguments."""
    message = {"role": "assistant", "content": text or None}
    choice = {"index": 0, "message": message | _calling(calls), "logprobs": None, "finish_reason": finish}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_760_000_000, "model": "m"}
    return {**head, "choices": [choice]}


def saying(text: str, *, finish: str = "stop", calls: Sequence[tuple[str, str]] = ()) -> Edit:
    """Another answer: this text and these calls, in the form of the one that came, with its usage."""

    def say(document: Any) -> Any:
        if not isinstance(document, list):
            return {**document, "choices": completion(text, finish=finish, calls=calls)["choices"]}
        usage = [chunk for chunk in document if chunk.get("usage")]
        delta = {"role": "assistant", "content": text} | _calling(calls)
        for n, call in enumerate(delta.get("tool_calls", [])):
            call["index"] = n
        return [_chunk(document, delta, None), _chunk(document, {}, finish), *usage]

    return changed(say)


def counting(prompt: int | None = None, completion: int | None = None) -> Edit:
    """Another usage."""

    def count(document: Any) -> None:
        for holder in document if isinstance(document, list) else [document]:
            if isinstance(holder.get("usage"), dict):
                holder["usage"]["prompt_tokens"] = (
                    prompt if prompt is not None else holder["usage"]["prompt_tokens"]
                )
                if completion is not None:
                    holder["usage"]["completion_tokens"] = completion

    return changed(count)


def failing_late(exchange: Exchange) -> Exchange:
    """A stream that began with 200, and whose one event is an error."""
    event = json.dumps({"error": {"message": "The request was invalid.", "type": "invalid_request_error"}})
    headers = (("Content-Type", "text/event-stream"),)
    return replace(exchange, response=_response(200, headers, f"data: {event}\n\n".encode()))


def _calling(calls: Sequence[tuple[str, str]]) -> dict[str, Any]:
    made = [
        {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for n, (name, arguments) in enumerate(calls)
    ]
    return {"tool_calls": made} if made else {}


def _chunk(document: list[Any], delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    head = {name: document[0][name] for name in ("id", "object", "created", "model")}
    return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _response(status: int, headers: tuple[tuple[str, str], ...], raw: bytes) -> Response:
    return Response(
        status=status,
        reason="",
        headers=headers,
        raw=raw,
        arrivals=(Arrival(at=0.1, size=len(raw)),),
        headers_at=0.1,
    )
