"""Parameters in values that are legal and unusual: null, on the bound of a range, and seldom implemented."""

from __future__ import annotations

from dataclasses import dataclass

from chatconform.suite import Body, Json, Stage, prompt, scenario
from chatconform.suites import basics
from chatconform.suites.req.sending import send_parts

# What a short answer may cost at a temperature at which a model rambles.
SHORT_LIMIT = 64
# What may be null, by what null then means.
NULLS: dict[str, tuple[str, ...]] = {
    "sampling": ("temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "logit_bias"),
    "limits": ("max_completion_tokens", "max_tokens"),
    "stop": ("stop",),
    "n": ("n",),
    "logprobs": ("logprobs", "top_logprobs"),
    "stream": ("stream", "stream_options"),
    "labels": ("metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key"),
    "manner": ("reasoning_effort", "verbosity", "modalities", "audio", "prediction"),
}
NULLABLE = tuple(name for names in NULLS.values() for name in names)

# Keys of up to 64 characters and values of up to 512, sixteen of them: what the contract allows at most.
LABEL_WORDS = prompt("plain-words")
LABELS: dict[str, Json] = {
    **{f"label-{number}": LABEL_WORDS for number in range(1, 16)},
    "key-" + 60 * "k": 512 * "v",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Optional:
    """A part of a request that a server may lack; `words` are those by which a clean refusal names it."""

    members: Body
    words: tuple[str, ...]


OPTIONAL = {
    "user": Optional(members={"user": "user-" + 120 * "0"}, words=("user",)),
    "metadata": Optional(members={"metadata": LABELS}, words=("metadata",)),
    "store": Optional(members={"store": False}, words=("store",)),
    "service_tier": Optional(members={"service_tier": "auto"}, words=("service_tier",)),
    "cache-and-safety": Optional(
        members={"prompt_cache_key": "greeting", "safety_identifier": 64 * "0"},
        words=("prompt_cache_key", "safety_identifier"),
    ),
    "reasoning_effort": Optional(
        members={"reasoning_effort": "low"}, words=("reasoning_effort", "reasoning")
    ),
    "verbosity": Optional(members={"verbosity": "low"}, words=("verbosity",)),
    "modalities": Optional(members={"modalities": ["text"]}, words=("modalities", "modality")),
    "prediction": Optional(
        members={"prediction": {"type": "content", "content": "Hello!"}}, words=("prediction",)
    ),
    "message-member": Optional(
        members={"messages": [{"role": "user", "content": prompt("greeting"), "x_note": "blue"}]},
        words=("x_note",),
    ),
}
BOUNDS = {
    "temperature=2": Optional(members={"temperature": 2}, words=("temperature",)),
    "top_p=1": Optional(members={"top_p": 1}, words=("top_p",)),
    "penalties": Optional(
        members={"frequency_penalty": -2, "presence_penalty": 2},
        words=("frequency_penalty", "presence_penalty", "penalty", "penalties"),
    ),
    "seed": Optional(members={"seed": 2**63 - 1}, words=("seed",)),
}
# The other ends, where every case is wanted.
OTHER_BOUNDS = {
    "temperature=0": Optional(members={"temperature": 0}, words=("temperature",)),
    "top_p=0": Optional(members={"top_p": 0}, words=("top_p",)),
    "penalties-turned": Optional(
        members={"frequency_penalty": 2, "presence_penalty": -2}, words=BOUNDS["penalties"].words
    ),
    "seed-below": Optional(members={"seed": -(2**63)}, words=("seed",)),
}


@scenario(requests=2)
async def nulls(stage: Stage) -> None:
    """The greeting, then with null in every parameter that may be null."""
    body = basics.greeting(stage)
    await stage.post("control", body)
    groups = {group: {**body, **_nothing(names)} for group, names in NULLS.items()}
    await send_parts(stage, "nulls", {**body, **_nothing(NULLABLE)}, groups)


@scenario(requests=3)
async def parameters(stage: Stage) -> None:
    """The greeting, then with whatever a server may well not know, and with numbers on their bounds."""
    await stage.post("control", basics.greeting(stage))
    await stage.post("longer", basics.longer_greeting(stage))
    body = stage.chat(prompt("greeting"), tokens=SHORT_LIMIT)
    usual = {**OPTIONAL, **BOUNDS}
    whole = {name: value for part in usual.values() for name, value in part.members.items()}
    sent = {**usual, **OTHER_BOUNDS} if stage.thorough else usual
    parts = {name: {**body, **part.members} for name, part in sent.items()}
    await send_parts(stage, "parameters", {**body, **whole}, parts)


def _nothing(names: tuple[str, ...]) -> Body:
    return dict.fromkeys(names)
