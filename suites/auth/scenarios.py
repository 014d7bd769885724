"""The same requests with a good key, with none, with wrong ones, and with headers that hold no key at all."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.suite import Json, Stage, scenario
from chatconform.suites import basics

# Values of Authorization that cannot carry a bearer token; the first two are what clients get wrong most.
MALFORMED: Mapping[str, str] = {
    "basic": "Basic abc",
    "scheme-alone": "Bearer",
    "empty-token": "Bearer ",
    "no-scheme": "{key}",
}
USUAL = ("basic", "scheme-alone")
SCHEMES = ("bearer", "BEARER")


@scenario(requests=9)
async def keys(stage: Stage) -> None:
    """A chat with the key, without one, and with a wrong one: plain, streamed, and for a bad body."""
    body = basics.greeting(stage)
    canary = _wrong_key(stage)
    await stage.post("with-key", body)
    await stage.post("without-key", body, key="")
    await stage.post("wrong-key", body, key=canary)
    await stage.post("wrong-key-streamed", {**body, "stream": True}, key=canary)
    bad: dict[str, Json] = {"model": stage.target.model, "stream": True}
    await stage.post("wrong-key-bad-body", bad, key=canary, illegal=True)
    for step in MALFORMED if stage.thorough else USUAL:
        header = ("Authorization", MALFORMED[step].format(key=canary))
        await stage.post(step, body, headers=(header,))
    if stage.target.key:
        for scheme in SCHEMES if stage.thorough else SCHEMES[:1]:
            header = ("Authorization", f"{scheme} {stage.target.key}")
            await stage.post(f"scheme-{scheme}", body, headers=(header,))


@scenario(requests=3)
async def list_keys(stage: Stage) -> None:
    """The model list with the key, without one, and with a wrong one."""
    canary = _wrong_key(stage)
    await stage.get("with-key", "/models")
    await stage.get("without-key", "/models", key="")
    await stage.get("wrong-key", "/models", key=canary)


def _wrong_key(stage: Stage) -> str:
    return stage.note("canary", f"sk-canary-{stage.code('canary-code', length=24).lower()}")
