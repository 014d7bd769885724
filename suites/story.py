"""A story told at temperature 0: the control beside which anything that stops, bounds or bends it is seen."""

from __future__ import annotations

from dataclasses import dataclass

from chatconform.suite import Body, Choice, Exchange, NotProvoked, Play, Stage, read_answer
from chatconform.suites.basics import STORY_LIMIT, bounded_story, story


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The body that tells the story without a limit, and what was told under the usual one."""

    body: Body
    text: str


async def tell(stage: Stage) -> Told:
    """Tell the story within its usual limit, as the step `control`."""
    control = await stage.post("control", bounded_story(stage))
    return Told(body=story(stage), text=first_text(control))


def bound(stage: Stage, tokens: int = STORY_LIMIT) -> Body:
    """The limit by the name that the target knows; nothing where it knows none."""
    return {stage.target.limit: tokens} if stage.target.limit else {}


def is_refused(exchange: Exchange) -> bool:
    """Whether an exchange ended with a 4xx other than 429."""
    status = exchange.response.status if exchange.response else 0
    return 400 <= status < 500 and status != 429


def said(choice: Choice) -> str:
    """What a model wrote, be it that it was still thinking when its limit came."""
    return choice.text or choice.reasoning


def first_text(exchange: Exchange) -> str:
    """The text of the first choice; empty where there is none to read."""
    return next(iter(texts_of(exchange)), "")


def texts_of(exchange: Exchange) -> list[str]:
    """What each choice says, in the order of the indices; nothing where there is no answer to read."""
    if exchange.response is None or exchange.response.status != 200:
        return []
    try:
        return [said(choice) for choice in read_answer(exchange).choices]
    except NotProvoked:
        return []


def answered_part(play: Play, step: str, *names: str) -> str | None:
    """The first step that tells of one of these parts of a request and was answered; None where none was."""
    for name in names:
        candidate = play.part(step, name)
        if play.response(candidate).status == 200:
            return candidate
    return None
