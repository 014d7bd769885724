"""The same requests with a good key, with none, with wrong ones, and with headers that hold no key at all."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.suite import Body, Stage, prompt, scenario

# Values of Authorization that cannot carry a bearer token.
MALFORMED: Mapping[str, str] = {
    "basic": "Basic abc",
    "empty-token": "Bearer ",
    "scheme-alone": "Bearer",
    "no-scheme": "{key}",
}


def _good(stage: Stage) -> Body:
    return stage.chat(prompt("greeting"))


@scenario(requests=11)
async def keys(stage: Stage) -> None:
    """A chat with the key, without one, and with a wrong one on a good, a bad and a streamed request."""
    body = _good(stage)
    canary = _wrong_key(stage)
    await stage.post("with-key", body)
    await stage.post("without-key", body, key="")
    await stage.post("wrong-key", body, key=canary)
    await stage.post("wrong-key-bad-body", {}, key=canary, illegal=True)
    await stage.post("wrong-key-streamed", {**body, "stream": True}, key=canary)
    for step, value in MALFORMED.items():
        await stage.post(step, body, headers=(("Authorization", value.format(key=canary)),))
    if stage.target.key:
        for scheme in ("bearer", "BEARER"):
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
