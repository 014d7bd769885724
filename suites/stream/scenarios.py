"""Streams that show what a greeting does not: long text, wide characters, what follows, and being left."""

from __future__ import annotations

import json

from chatconform.suite import BOTH_FORMS, STREAMED, Body, Exchange, Play, Stage, prompt, scenario
from chatconform.suites import basics

ACCEPT_GZIP = (("Accept-Encoding", "gzip"),)
# Neither padding nor usage: what a stream is like that says in so many words that it wants neither.
NOTHING_ELSE: Body = {"stream_options": {"include_obfuscation": False, "include_usage": False}}
# A story that is left takes long enough to be missed, whatever a token takes.
LONG_STORY = 2000
READ_BEFORE_LEAVING = 5
# Several tokens for each of forty characters, and as many again to think of them.
WIDE_LIMIT = 256


@scenario(paths=BOTH_FORMS)
async def story(stage: Stage) -> None:
    """A story cut by its limit, at temperature 0: the same words are due in both forms."""
    await stage.post("answer", basics.bounded_story(stage))


@scenario(paths=(STREAMED,), requests=3)
async def one_after_the_other(stage: Stage) -> None:
    """Characters of up to four bytes, if possible compressed; then two stories; then a bad request."""
    wide = stage.chat(prompt("repeat-wide-characters"), tokens=WIDE_LIMIT, temperature=0)
    if _is_refused(await stage.post("unpadded", {**wide, **NOTHING_ELSE}, headers=ACCEPT_GZIP)):
        await stage.post("padded", wide, headers=ACCEPT_GZIP)
    await stage.post("next", {**basics.bounded_story(stage), "n": 2})
    await stage.post("refused", {**basics.greeting(stage), "messages": []}, illegal=True)


@scenario(paths=(STREAMED,), requests=3, last=True)
async def abandoned(stage: Stage) -> None:
    """A short stream on the idle target, a long one whose connection we close, and the short one again."""
    short = basics.greeting(stage)
    # Whoever comes first waits for more than the target: a run that begins is busy with itself.
    await stage.post("first", short)
    await stage.post("before", short, fresh=True)
    long = stage.chat(prompt("long-story"), tokens=LONG_STORY, temperature=0)
    await stage.call(
        "left",
        "POST",
        "/chat/completions",
        content=json.dumps(long, ensure_ascii=False).encode(),
        fresh=True,
        stop_after_events=READ_BEFORE_LEAVING,
    )
    await stage.post("after", short, fresh=True)


def wide_step(play: Play) -> str:
    """The step that asked for wide characters: the one without padding, unless that was refused."""
    return "padded" if play.has("padded") else "unpadded"


def _is_refused(exchange: Exchange) -> bool:
    status = exchange.response.status if exchange.response else 0
    return 400 <= status < 500 and status != 429
