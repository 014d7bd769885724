"""Token counts: asked for on streams, not asked for, and the same request in both forms."""

from __future__ import annotations

from chatconform.suite import ALL_PATHS, STREAMED, Path, Stage, prompt, scenario, tool

STREAMED_PATHS: tuple[Path, ...] = tuple(path for path in ALL_PATHS if path.stream)


@scenario(paths=STREAMED_PATHS, requests=2)
async def asked(stage: Stage) -> None:
    """A stream that asks for usage, and one that its limit cuts."""
    body = stage.with_usage(stage.chat(prompt("greeting"), temperature=0))
    await stage.post("answer", body)
    if stage.path is STREAMED:
        await stage.post("cut", stage.with_usage(stage.chat(prompt("greeting"), tokens=3, temperature=0)))


@scenario(paths=(STREAMED,))
async def declined(stage: Stage) -> None:
    """A stream that says in so many words that it wants no usage."""
    await stage.post("answer", stage.chat(prompt("greeting"), stream_options={"include_usage": False}))


@scenario(requests=4)
async def both_forms(stage: Stage) -> None:
    """One question plain and streamed, without a tool and with one."""
    for step, body in (
        ("without-tools", stage.chat(prompt("one-word"), temperature=0)),
        ("with-tools", stage.chat(prompt("weather-in-paris"), temperature=0, tools=[tool("get_weather")])),
    ):
        await stage.post(step, body)
        await stage.post(f"{step}-streamed", stage.with_usage({**body, "stream": True}))
