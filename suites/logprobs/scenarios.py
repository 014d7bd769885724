"""Log probabilities: of several depths, of wide characters, and asked for by half."""

from __future__ import annotations

from chatconform.suite import BOTH_FORMS, Stage, prompt, scenario

DEPTHS = (0, 3, 20)


@scenario(paths=BOTH_FORMS, requests=len(DEPTHS) + 2)
async def depths(stage: Stage) -> None:
    """One question with no, three and twenty alternatives a token, and a text of wide characters."""
    body = stage.chat(prompt("greeting"), temperature=0, tokens=24, logprobs=True)
    for depth in DEPTHS:
        await stage.post(f"top-{depth}", {**body, "top_logprobs": depth})
    if stage.path.stream:
        await stage.post("plain", {**body, "stream": False, "top_logprobs": 3})
    wide = stage.chat(prompt("repeat-wide-characters"), temperature=0, logprobs=True, top_logprobs=1)
    await stage.post("wide", wide)


@scenario(requests=3)
async def depth_alone(stage: Stage) -> None:
    """A good request, then with a number of alternatives but without log probabilities."""
    body = stage.chat(prompt("greeting"))
    await stage.post("control", body)
    await stage.post("omitted", {**body, "top_logprobs": 2}, illegal=True)
    await stage.post("false", {**body, "logprobs": False, "top_logprobs": 2}, illegal=True)
