"""Generations that fail, or break off, in the middle of a stream, at texts that the target declares."""

from __future__ import annotations

from chatconform.suite import STREAMED, Stage, prompt, scenario

FAILURE, TRUNCATION = "fault-injection", "truncation"
# What is written after the trigger: an answer that has it went on to its end.
LAST_WORDS = "nine ten"


@scenario(paths=(STREAMED,))
async def failing(stage: Stage) -> None:
    """A text to repeat with the declared one in its middle, at which generation fails."""
    await _repeat_around(stage, FAILURE)


@scenario(paths=(STREAMED,))
async def cut_off(stage: Stage) -> None:
    """A text to repeat with the declared one in its middle, at which generation breaks off."""
    await _repeat_around(stage, TRUNCATION)


async def _repeat_around(stage: Stage, feature: str) -> None:
    text = stage.target.declared.get(feature)
    if text is None:
        stage.leave(f"the target declares no {feature}")
    asked = prompt("repeat-around").format(text=text)
    await stage.post("answer", stage.chat(asked, temperature=0))
