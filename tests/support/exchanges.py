"""Exchanges made by hand, so that a test can break one in exactly one way and ask for the verdict."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import Check, OfTraffic, check_of
from chatconform.judging.judge import judge_plays, judge_traffic
from chatconform.judging.sampling import SINGLE, SWIFT
from chatconform.ledger import load_ledger
from chatconform.ledger.requirement import Kind
from chatconform.plays.path import PLAIN, Path
from chatconform.plays.play import Play
from chatconform.wire.exchange import Exchange, Failure, FailureKind, Headers, Request, Response
from chatconform.wire.stream import Arrival

NOW = 1_790_000_000
MODEL = "model-1"
KEY = "sk-correct-0123456789abcdef"
CHAT = "http://target/v1/chat/completions"
JSON_TYPE = "application/json"
STREAM_TYPE = "text/event-stream"

# Documents of a target: any JSON, right or wrong.
Body = dict[str, Any]
_numbers = count(1)


def completion(text: object = "Hello!", *, finish_reason: object = "stop", **members: object) -> Body:
    """A completion as the contract wants it; `members` replace those at the top."""
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": f"chatcmpl-{next(_numbers)}",
        "object": "chat.completion",
        "created": NOW,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
        **members,
    }


def with_choice(**members: object) -> Body:
    """A completion with members of its one choice replaced."""
    body = completion()
    return {**body, "choices": [{**body["choices"][0], **members}]}


def with_message(removed: str = "", **members: object) -> Body:
    """A completion with members of its message replaced, or one left out."""
    message = {**completion()["choices"][0]["message"], **members}
    return with_choice(message={name: value for name, value in message.items() if name != removed})


def chunk(
    delta: object = None, finish_reason: object = None, *, index: object = 0, **members: object
) -> Body:
    """A chunk with one choice; `members` replace those at the top."""
    choice = {"index": index, "delta": {} if delta is None else delta, "logprobs": None}
    return {
        "id": "chatcmpl-s",
        "object": "chat.completion.chunk",
        "created": NOW,
        "model": MODEL,
        "choices": [{**choice, "finish_reason": finish_reason}],
        **members,
    }


def chunks(*texts: str, finish_reason: str | None = "stop", **members: object) -> list[Body]:
    """The chunks of a sound stream that says these texts."""
    return [
        chunk({"role": "assistant", "content": ""}, **members),
        *(chunk({"content": text}, **members) for text in texts or ("Hello", "!")),
        chunk({}, finish_reason, **members),
    ]


def usage_chunk(**members: object) -> Body:
    """The chunk that bears the usage of a stream."""
    usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
    return {**chunk(), "choices": [], "usage": usage, **members}


def sse(events: Sequence[Body | str], *, done: bool = True, between: str = "\n\n") -> bytes:
    """The bytes of a stream with these events, given as chunks or as the text of their data."""
    data = [each if isinstance(each, str) else json.dumps(each) for each in events]
    return "".join(f"data: {text}{between}" for text in [*data, *(["[DONE]"] if done else [])]).encode()


def error(message: str = "No.", **members: object) -> Body:
    """An error body as the contract wants it."""
    return {
        "error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **members}
    }


def request_body(*, stream: bool = False, **members: object) -> Body:
    """The body of an ordinary request."""
    form = {"stream": True} if stream else {}
    return {"model": MODEL, "messages": [{"role": "user", "content": "Say hello."}], **form, **members}


def exchange(
    came: object,
    *,
    status: int = 200,
    sent: object = None,
    media_type: str = "",
    url: str = CHAT,
    headers: Headers = (),
    sent_headers: Headers = (("Authorization", f"Bearer {KEY}"),),
    elapsed: float = 0.5,
) -> Exchange:
    """An exchange with this body; bytes are a stream unless told otherwise."""
    raw = _bytes(came)
    kind = media_type or (STREAM_TYPE if isinstance(came, bytes) else JSON_TYPE)
    number = next(_numbers)
    own = {"content-type": kind, "x-request-id": f"req-{number}", **dict(headers)}
    response = Response(
        status=status,
        reason="",
        headers=tuple((name, value) for name, value in own.items() if value),
        raw=raw,
        arrivals=(Arrival(at=0.4, size=len(raw)),),
        headers_at=0.1,
    )
    asked = request_body(stream=isinstance(came, bytes)) if sent is None else sent
    method = "POST" if url == CHAT else "GET"
    request = Request(method=method, url=url, headers=sent_headers, body=_bytes(asked))
    return Exchange(
        id=f"x{number:04}", scenario="", path="", attempt=1, step="", request=request, response=response,
        failure=None, started=float(NOW), elapsed=elapsed,
    )  # fmt: skip


def refusal(status: int = 400, message: str = "No.", **named: object) -> Exchange:
    """A refusal; `named` go into the error object."""
    return exchange(error(message, **named), status=status)


def streamed(
    events: Sequence[Body | str] | None = None, *, done: bool = True, sent: object = None
) -> Exchange:
    """A stream with these events."""
    return exchange(sse(chunks() if events is None else events, done=done), sent=sent)


def hung(kind: FailureKind = FailureKind.TIMEOUT, *, sent: object = None) -> Exchange:
    """An exchange to which no response came."""
    failure = Failure(kind=kind, message="no answer", at=60.0)
    return replace(exchange({}, sent=sent), response=None, failure=failure)


def play(
    steps: Mapping[str, Exchange], *, path: Path = PLAIN, control: Play | None = None, **notes: str
) -> Play:
    """A play with these steps; `_` in the name of a note stands for `-`."""
    named = tuple(replace(each, step=step, path=path.name) for step, each in steps.items())
    told = {name.replace("_", "-"): value for name, value in notes.items()}
    return Play(scenario="made.by.hand", path=path, exchanges=named, notes=told, control=control)


def judged(function: Callable[..., object], *played: Play | Exchange) -> Judgement:
    """The judgement of a check on plays, or of an invariant or a survey on exchanges."""
    made = check_of(function)
    if isinstance(made, Check):
        sampling = SWIFT if load_ledger()[made.requirement].kind is Kind.MODEL else SINGLE
        return judge_plays(made, [each for each in played if isinstance(each, Play)], sampling)
    assert isinstance(made, OfTraffic)
    return judge_traffic(made, [each for each in played if isinstance(each, Exchange)])


def verdict(function: Callable[..., object], *played: Play | Exchange) -> Verdict:
    """The verdict of that judgement; a bug in the check is raised, not returned."""
    judgement = judged(function, *played)
    assert not judgement.bug, judgement.bug
    return judgement.verdict


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()
