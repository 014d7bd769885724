"""Requests that nobody wrote down: generated from the contract, chosen by the seed, bounded by the effort."""

from __future__ import annotations

import asyncio
import json
import time

from chatconform.suite import Json, Stage, scenario
from chatconform.suites import basics
from chatconform.suites.contract.cases import (
    MEDIA,
    METHODS,
    allowed_cases,
    forbidden_cases,
    odd_cases,
    shares,
)
from chatconform.suites.contract.failures import failure_of
from chatconform.suites.contract.sending import (
    Errand,
    as_streams,
    in_one_form_each,
    make_smaller,
    numbered,
    send_all,
)

# HEAD and OPTIONS are left out: servers answer them for caches and browsers.
WRONG_METHODS = {
    "/chat/completions": ("PUT", "PATCH", "DELETE", "TRACE", "QUERY"),
    "/models": ("POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"),
    "/models/{model}": ("POST", "PUT", "PATCH", "TRACE", "QUERY"),
}
WRONG_TYPES = (
    "application/xml",
    "text/html",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=example",
    "application/octet-stream",
    "application",
    "json",
    "application/json; charset",
    "text/plain; charset=latin-1",
    "*/*",
)


@scenario(requests=2)
async def forbidden(stage: Stage) -> None:
    """Requests with one thing that the contract forbids, some for every member, some of them streamed."""
    await stage.post("control", basics.greeting(stage))
    until = time.monotonic() + stage.effort.seconds
    # Generating is work for a processor: elsewhere, so that nobody waits for it.
    cases = await asyncio.to_thread(forbidden_cases, stage.effort, stage.target, stage.dice)
    errands = numbered("forbidden", cases)
    done = await send_all(stage, errands, until=until)
    streams = as_streams(errands)
    some = _sample(stage, streams, shares(stage.effort).forbidden_streamed)
    done += await send_all(stage, some, until=until)
    await make_smaller(stage, done, failure_of, until=until)


@scenario(requests=2)
async def allowed(stage: Stage) -> None:
    """Requests that the contract allows and a real server can meet; with deep fuzzing odd ones as well."""
    await stage.post("control", basics.greeting(stage))
    until = time.monotonic() + stage.effort.seconds
    cases = await asyncio.to_thread(allowed_cases, stage.effort, stage.target, stage.dice)
    sensible = numbered("allowed", cases)
    both = [*sensible, *as_streams(sensible)]
    done = await send_all(stage, in_one_form_each(sensible) if stage.effort.tame else both, until=until)
    odd = numbered("odd", await asyncio.to_thread(odd_cases, stage.effort, stage.target, stage.dice))
    some = _sample(stage, as_streams(odd), shares(stage.effort).odd_streamed)
    done += await send_all(stage, [*odd, *some], until=until)
    await make_smaller(stage, done, failure_of, until=until)


@scenario(requests=1)
async def wrong_methods(stage: Stage) -> None:
    """Methods that the contract does not have, on every path of it."""
    await stage.post("control", basics.greeting(stage))
    every = [(path, method) for path, methods in WRONG_METHODS.items() for method in methods]
    number = len(every) if not stage.effort.tame else stage.effort.share(METHODS)
    for path, method in stage.dice.sample(every, min(number, len(every))):
        at = path.replace("{model}", stage.target.model)
        await stage.call(f"method {method} {path}", method, at, content=_content(method, path, stage))


@scenario(requests=1)
async def wrong_types(stage: Stage) -> None:
    """A good body that is declared to be something else than JSON, plain or as a stream."""
    body = basics.greeting(stage)
    await stage.post("control", body)
    number = len(WRONG_TYPES) if not stage.effort.tame else stage.effort.share(MEDIA)
    for media_type in stage.dice.sample(WRONG_TYPES, min(number, len(WRONG_TYPES))):
        form: dict[str, Json] = {"stream": True} if stage.dice.random() < 0.5 else {}
        sent = stage.with_usage({**body, **form})
        await stage.post(f"declared {media_type}", sent, headers=(("Content-Type", media_type),))


def _sample(stage: Stage, errands: list[Errand], share: float) -> list[Errand]:
    return stage.dice.sample(errands, min(len(errands), stage.effort.share(share)))


def _content(method: str, path: str, stage: Stage) -> bytes:
    """A body that the path's own method would serve; RFC 9110 9.3.8: TRACE has none."""
    if method == "TRACE" or path != "/chat/completions":
        return b""
    return json.dumps(basics.greeting(stage)).encode()
