"""A text that the target's filter blocks, in an answer and in a prompt."""

from __future__ import annotations

from chatconform.errors import TargetError
from chatconform.suite import BOTH_FORMS, Body, Exchange, Stage, prompt, read_answer, scenario
from chatconform.suites.cont.history import is_declined, user

TRIGGER = "filter-trigger"


@scenario(paths=BOTH_FORMS)
async def filtered_answer(stage: Stage) -> None:
    """A question whose answer has to quote the trigger, which only the instructions tell.

    Where the prompt is blocked for it, the trigger is told in two pieces. Where the filter does not show, the
    same is asked with a random code in its place, to see whether the model says what it is asked for.
    """
    trigger = stage.note("trigger", stage.target.declared[TRIGGER])
    came = await stage.post("written", _motto(stage, trigger))
    if is_declined(came) or (stage.path.stream and not _text(came)):
        half = len(trigger) // 2
        pieces = prompt("motto-in-pieces").format(first=trigger[:half], second=trigger[half:])
        came = await stage.post("in-pieces", stage.request(messages=[user(pieces)], temperature=0))
    if trigger not in _text(came) and not _is_filtered(came):
        await stage.post("control", _motto(stage, stage.code("code")))


@scenario()
async def blocked_prompt(stage: Stage) -> None:
    """A user message that contains the trigger."""
    asked = prompt("read-and-greet").format(text=stage.target.declared[TRIGGER])
    body = stage.request(messages=[user(asked)])
    await stage.post("prompt", body)
    if stage.thorough:
        await stage.post("prompt-streamed", {**body, "stream": True})


def _motto(stage: Stage, text: str) -> Body:
    told: Body = {"role": "system", "content": prompt("motto-told").format(text=text)}
    return stage.request(messages=[told, user(prompt("motto-asked"))], temperature=0)


def _text(came: Exchange) -> str:
    try:
        return read_answer(came).text
    except TargetError:
        return ""


def _is_filtered(came: Exchange) -> bool:
    try:
        return read_answer(came).finish_reason == "content_filter"
    except TargetError:
        return False
