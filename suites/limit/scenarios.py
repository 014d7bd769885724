"""Token limits so small that any model runs into them, each beside the same request without a limit."""

from __future__ import annotations

from string import ascii_lowercase

from chatconform.plays.play import alone
from chatconform.suite import ALL_PATHS, STREAMED, Body, Stage, scenario
from chatconform.suites.basics import STORY_LIMIT
from chatconform.suites.limit.bounds import is_short
from chatconform.suites.story import bound, is_refused, tell

LIMIT = 8
LARGER = 24
# Any vocabulary has a token with this id; forced, it is repeated until the limit comes.
BIAS: Body = {"logit_bias": {"1000": 100}}
# What a bad limit may at most be read as.
TAKEN_AS = {"zero": 0, "fraction": 2, "string": 2}
# How much longer than the declared context a prompt is, and what is too long to be sent at all.
OVER = 1.2
MOST_WORDS = 300_000


@scenario(paths=ALL_PATHS, attempts=2, requests=3)
async def forced_story(stage: Stage) -> None:
    """A story, then one token that is forced at every place, which a limit of 8 tokens has to cut."""
    told = await tell(stage)
    limit: Body = {"max_completion_tokens": LIMIT}
    known = bound(stage, LIMIT) if is_short(told.text, STORY_LIMIT) else {}
    # Without a limit a forced token comes for ever, so it takes one that was seen to hold on this path.
    if known == limit:
        exchange = await stage.post("forced", {**told.body, **limit, **BIAS})
        if not is_refused(exchange):
            return
    await stage.post(alone("forced", "limit"), {**told.body, **limit})
    if known:
        await stage.post(alone("forced", "bias"), {**told.body, **known, **BIAS})


@scenario(requests=2)
async def bad_limits(stage: Stage) -> None:
    """A limit that is accepted, then zero; a negative, a fraction and a string as well if thorough."""
    body = {**(await tell(stage)).body, **bound(stage)}
    name = stage.target.limit or "max_tokens"
    await stage.post("zero", {**body, name: 0}, illegal=True)
    if stage.thorough:
        await stage.post("negative", {**body, name: -1}, illegal=True)
        await stage.post("fraction", {**body, name: 1.5}, illegal=True)
        await stage.post("string", {**body, name: "2"}, illegal=True)


@scenario(requests=2)
async def both_limits(stage: Stage) -> None:
    """Both names of the limit in one request, the newer one smaller; if thorough, the older one as well."""
    body = (await tell(stage)).body
    await stage.post("newer-smaller", {**body, "max_tokens": LARGER, "max_completion_tokens": LIMIT})
    if stage.thorough:
        await stage.post("older-smaller", {**body, "max_tokens": LIMIT, "max_completion_tokens": LARGER})


@scenario(paths=(STREAMED,), last=True)
async def over_the_context(stage: Stage) -> None:
    """A prompt of more letters than the context has tokens, streamed; plain as well if thorough."""
    told = stage.target.declared.get("known-context-size", "")
    size = int(told) if told.isascii() and told.isdigit() else 0
    words = int(size * OVER)
    if not 0 < words <= MOST_WORDS:
        stage.leave(
            f"a context of {told or 'no'} tokens is declared, 1 to {int(MOST_WORDS / OVER)} are tried"
        )
    # A letter with a space before it is one token in any vocabulary, and takes few bytes.
    body = stage.chat(" ".join(stage.dice.choices(ascii_lowercase, k=words)))
    await stage.post("streamed", body)
    if stage.thorough:
        await stage.post("plain", {name: value for name, value in body.items() if name != "stream"})
