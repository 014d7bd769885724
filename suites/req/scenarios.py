"""Requests that are bad in one way each, beside the good one: a refusal counts only where that was taken."""

from __future__ import annotations

import json

from chatconform.suite import Stage, scenario
from chatconform.suites import basics
from chatconform.suites.req.defects import DEFECTS, MEMBERS, OUTSIDE, WRONG_TYPES
from chatconform.suites.req.parameters import NULLABLE, nulls
from chatconform.suites.req.sending import (
    send_controls,
    send_group,
    send_in_both_forms,
    send_in_turns,
    streamed_greeting,
)

__all__ = [
    "NULLABLE",
    "defects",
    "members",
    "not_json",
    "nulls",
    "outside_ranges",
    "stream_options_alone",
    "unknown_parameter",
    "wrong_types",
]

# Deeper than any request, and than what many readers of JSON bear.
DEPTH = 20_000


@scenario(requests=2 + 2 * len(DEFECTS))
async def defects(stage: Stage) -> None:
    """A request without messages, and one for an unknown model, plain and streamed."""
    await send_in_both_forms(stage, await send_controls(stage), DEFECTS)


@scenario(requests=2 + len(MEMBERS))
async def members(stage: Stage) -> None:
    """Requests with a member missing, empty or foreign, plain and streamed in turns."""
    await send_in_turns(stage, await send_controls(stage), MEMBERS)


@scenario(requests=3)
async def wrong_types(stage: Stage) -> None:
    """Values of the wrong JSON type in several parameters at once, and alone where that leaves a doubt."""
    await send_group(stage, await send_controls(stage), WRONG_TYPES)


@scenario(requests=3)
async def outside_ranges(stage: Stage) -> None:
    """Numbers outside their ranges in several parameters at once, and alone where that leaves a doubt."""
    await send_group(stage, await send_controls(stage), OUTSIDE)


@scenario(requests=3)
async def not_json(stage: Stage) -> None:
    """Bodies that are cut short, and JSON without being an object; thoroughly, whatever else is no JSON."""
    body = basics.greeting(stage)
    await stage.post("control", body)
    whole = json.dumps(body).encode()
    await stage.post("cut", whole[: len(whole) // 2], illegal=True)
    await stage.post("array", b"[]", illegal=True)
    if stage.thorough:
        await _post_other_texts(stage, whole)


@scenario(requests=4)
async def unknown_parameter(stage: Stage) -> None:
    """A parameter that nobody knows, plain and streamed."""
    name = f"x_unknown_{stage.code('parameter').lower()}"
    for step, control, body in (
        ("plain", "control", basics.greeting(stage)),
        ("streamed", "control-streamed", streamed_greeting(stage)),
    ):
        await stage.post(control, body)
        await stage.post(step, {**body, name: 1})


@scenario(requests=2)
async def stream_options_alone(stage: Stage) -> None:
    """A good request, then with stream_options but without a stream."""
    body = basics.greeting(stage)
    await stage.post("control", body)
    await stage.post(
        "alone", {**body, "stream": False, "stream_options": {"include_usage": True}}, illegal=True
    )


async def _post_other_texts(stage: Stage, whole: bytes) -> None:
    await stage.post("cut-streamed", b'{"stream": true, ' + whole[1 : len(whole) // 2], illegal=True)
    await stage.call("empty", "POST", "/chat/completions", headers=(("Content-Type", "application/json"),))
    for step, text in (("number", b"5"), ("string", b'"hi"'), ("null", b"null")):
        await stage.post(step, text, illegal=True)
    await stage.post("nan", whole[:-1] + b', "temperature": NaN}', illegal=True)
    await stage.post("invalid-utf-8", whole.replace(b"hello", b"hell\xff"), illegal=True)
    # What follows may be read or refused: only a crash is held against a server.
    await stage.post("byte-order-mark", b"\xef\xbb\xbf" + whole, illegal=True)
    await stage.post("deep", whole[:-1] + b', "x_deep": ' + b"[" * DEPTH + b"]" * DEPTH + b"}", illegal=True)
    await stage.post("long-integer", whole[:-1] + b', "seed": 1' + b"0" * 400 + b"}", illegal=True)
    await stage.post("repeated-key", b'{"model": "none", ' + whole[1:])
    await stage.post("lone-surrogate", whole.replace(b"hello", rb"hello \ud83d"))
