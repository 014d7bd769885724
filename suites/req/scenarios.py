"""Requests that are unusual but legal, and requests that are not; the latter plain and streamed.

Every scenario of bad requests begins with a good one, the control, from which each bad one differs in one
thing: a refusal is a refusal of that thing only where the control was accepted.
"""

from __future__ import annotations

import json

from chatconform.suite import BOTH_FORMS, Body, Json, Stage, prompt, scenario
from chatconform.suites.req.defects import (
    BOUNDS,
    DEFECTS,
    OUTSIDE,
    WRONG_TYPES,
    Defect,
    streamed_step,
)

NULLABLE = (
    "temperature",
    "top_p",
    "max_completion_tokens",
    "n",
    "stop",
    "stream",
    "stream_options",
    "seed",
    "logit_bias",
    "frequency_penalty",
    "presence_penalty",
    "logprobs",
    "top_logprobs",
    "metadata",
)
OPTIONAL: dict[str, Json] = {
    "user": "user-1",
    "metadata": {"purpose": "conformance"},
    "store": False,
    "service_tier": "auto",
    "safety_identifier": "user-1",
    "prompt_cache_key": "greeting",
    "reasoning_effort": "low",
    "verbosity": "low",
    "modalities": ["text"],
}


@scenario(requests=1 + 2 * len(DEFECTS))
async def defects(stage: Stage) -> None:
    """A good request, then one for each way in which members can be missing, empty, foreign or wrong."""
    await _control_then(stage, DEFECTS)


@scenario(requests=1 + 2 * len(WRONG_TYPES))
async def wrong_types(stage: Stage) -> None:
    """A good request, then one for each parameter with a value of the wrong JSON type."""
    await _control_then(stage, WRONG_TYPES)


@scenario(requests=1 + 2 * len(OUTSIDE))
async def outside_ranges(stage: Stage) -> None:
    """A good request, then one for each bound of each number, just outside."""
    await _control_then(stage, OUTSIDE)


@scenario(requests=len(BOUNDS))
async def on_bounds(stage: Stage) -> None:
    """One request for each bound of a number, exactly on it."""
    body = stage.chat(prompt("greeting"))
    for bound in BOUNDS:
        await stage.post(bound.name, bound.applied(body))


@scenario(requests=5)
async def not_json(stage: Stage) -> None:
    """A good request, then bodies that are cut short, empty, and JSON without being an object."""
    body = stage.chat(prompt("greeting"))
    await stage.post("control", body)
    whole = json.dumps(body).encode()
    await stage.post("cut", whole[: len(whole) // 2], illegal=True)
    await stage.post("cut-streamed", b'{"stream": true, ' + whole[1 : len(whole) // 2], illegal=True)
    await stage.call("empty", "POST", "/chat/completions", headers=(("Content-Type", "application/json"),))
    await stage.post("array", b"[]", illegal=True)


@scenario(requests=1 + len(NULLABLE))
async def nulls(stage: Stage) -> None:
    """A request with no parameter but a limit, then with each nullable one set to null."""
    body = stage.chat(prompt("greeting"))
    await stage.post("control", body)
    for name in NULLABLE:
        await stage.post(name, {**body, name: None})


@scenario(requests=1 + len(OPTIONAL))
async def optional(stage: Stage) -> None:
    """A request with no parameter but a limit, then with each parameter that a server may well not know."""
    body = stage.chat(prompt("greeting"))
    await stage.post("control", body)
    for name, value in OPTIONAL.items():
        await stage.post(name, {**body, name: value})


@scenario(requests=3)
async def unknown_parameter(stage: Stage) -> None:
    """A good request, then with a parameter that nobody knows, plain and streamed."""
    name = f"x_unknown_{stage.code('parameter').lower()}"
    body = stage.chat(prompt("greeting"))
    await stage.post("control", body)
    await stage.post("plain", {**body, name: 1})
    await stage.post("streamed", {**body, name: 1, "stream": True})


@scenario(requests=2)
async def stream_options_alone(stage: Stage) -> None:
    """A good request, then with stream_options but without a stream."""
    body = stage.chat(prompt("greeting"))
    await stage.post("control", body)
    await stage.post(
        "alone", {**body, "stream": False, "stream_options": {"include_usage": True}}, illegal=True
    )


@scenario(paths=BOTH_FORMS, requests=3)
async def no_user_message(stage: Stage) -> None:
    """Conversations in which the user has said nothing."""
    for step, messages in (
        ("system", [_system("You are a kind assistant.")]),
        ("assistant", [_assistant("Hello! How are you?")]),
        ("system-assistant", [_system("You are a kind assistant."), _assistant("Hello!")]),
    ):
        await stage.post(step, stage.request(messages=messages))


async def _control_then(stage: Stage, found: tuple[Defect, ...]) -> None:
    body = stage.chat(prompt("greeting"))
    await stage.post("control", body)
    unknown = f"nope-{stage.code('unknown-model').lower()}"
    for defect in found:
        broken: Body = defect.applied(body, unknown_model=unknown)
        await stage.post(defect.name, broken, illegal=defect.illegal)
        if "stream" not in defect.members:
            await stage.post(streamed_step(defect.name), {**broken, "stream": True}, illegal=defect.illegal)


def _system(text: str) -> Json:
    return {"role": "system", "content": text}


def _assistant(text: str) -> Json:
    return {"role": "assistant", "content": text}
