"""Sampling parameters, in few requests: several choices of one request show how much they differ."""

from __future__ import annotations

from chatconform.plays.play import alone
from chatconform.suite import ALL_PATHS, STREAMED, Body, Path, Stage, prompt, scenario
from chatconform.suites.story import bound, is_refused, tell, texts_of

HOT = {"temperature": 1.5}
NARROW = {"top_p": 0.001}
NARROW_LIMIT = 40
WORDS_LIMIT = 48
CHOICES = 3
FEW_CHOICES = 2
OTHER_SEED = 107
# A limit far above any context window.
HUGE = 10_000_000
PENALTIES = ("frequency_penalty", "presence_penalty")
# A string that no English story goes without for long.
STOP = "e"
DEFAULTS: Body = {
    "temperature": 1,
    "top_p": 1,
    "n": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "logprobs": False,
    "stream": False,
}


def seed_of(path: Path) -> int:
    """The seed of a path: another one plain than streamed, so that the two can be compared.

    Zero is a seed like any other, and is taken for none by `seed or random`.
    """
    return 8 if path.stream else 0


def penalty_of(path: Path) -> str:
    """The penalty that a path shows beside a tiny top_p: each alone, so that none hides behind the other."""
    return PENALTIES[path.stream]


def other_penalty_of(path: Path) -> str:
    """The penalty that a path shows by itself."""
    return PENALTIES[not path.stream]


@scenario(paths=ALL_PATHS, attempts=2, requests=2)
async def hot_words(stage: Stage) -> None:
    """Three choices of random words, hot and with a seed, then the same again; in doubt another seed."""
    body, taken = _words(stage), _hot_parts(stage)
    exchange = await stage.together("hot", body, taken)
    refused = is_refused(exchange)
    if refused:
        accepted = {each.step for each in stage.exchanges if not is_refused(each)}
        taken = {name: part for name, part in taken.items() if alone("hot", name) in accepted}
        exchange = await stage.post("hot", _with(body, taken))
    again = await stage.post("again", _with(body, taken), fresh=True)
    texts = {*texts_of(exchange), *(() if "seed" in taken else texts_of(again))}
    if "seed" in taken and (refused or len(texts) == 1):
        await stage.post("other", {**_with(body, taken), "seed": OTHER_SEED})


@scenario(paths=(STREAMED,))
async def streamed_words(stage: Stage) -> None:
    """The random words of the streamed path, whose seed is another one than that of the plain path."""
    await stage.post("hot", _with(_words(stage), _hot_parts(stage)))


@scenario(paths=ALL_PATHS, attempts=2, requests=4)
async def narrow_story(stage: Stage) -> None:
    """A story, the same hot under a tiny top_p with a penalty and a limit of 40 tokens; the other penalty."""
    told = (await tell(stage)).body
    limit: Body = {"max_tokens": NARROW_LIMIT}
    penalty: Body = {penalty_of(stage.path): 2}
    # A model that refuses a temperature draws at its own.
    narrow: Body = {**HOT, **NARROW} if "temperature" in told else {**NARROW}
    body = {**told, **limit, **penalty, **narrow}
    exchange = await stage.post("narrow", {**body, "n": FEW_CHOICES})
    if is_refused(exchange):
        exchange = await stage.post("narrow", body)
    if is_refused(exchange):
        known = bound(stage, NARROW_LIMIT)
        await stage.post(alone("narrow", "limit"), {**told, **limit})
        await stage.post(alone("narrow", "penalty"), {**told, **known, **penalty})
        body = {**told, **known, **narrow}
        exchange = await stage.post(alone("narrow", "top_p"), body)
    if len(texts_of(exchange)) == 1:
        await stage.post("again", body, fresh=True)
    other: Body = {other_penalty_of(stage.path): 2}
    await stage.post("other-penalty", {**told, **bound(stage, NARROW_LIMIT), **other})


@scenario(requests=2)
async def written_out(stage: Stage) -> None:
    """A story, then with every default written out, a limit above any context, and one string as stop."""
    await tell(stage)
    body = stage.with_usage(stage.chat(prompt("long-story"), tokens=None))
    huge: Body = {"max_completion_tokens": HUGE}
    await stage.together("written-out", body, {"defaults": DEFAULTS, "limit": huge, "stop": {"stop": STOP}})


@scenario(requests=2)
async def banned_word(stage: Stage) -> None:
    """A word to repeat, then with all its tokens banned; the target declares them as WORD=ID,ID."""
    word, _, ids = stage.target.declared.get("known-token-ids", "").partition("=")
    numbers = [number.strip() for number in ids.split(",")]
    if not word or not all(number.isascii() and number.isdigit() for number in numbers):
        stage.leave("the tokens are not declared in the form WORD=ID,ID")
    body = stage.chat(prompt("repeat-a-word").format(word=stage.note("word", word)), temperature=0, tokens=48)
    await stage.post("control", body)
    await stage.post("banned", {**body, "logit_bias": dict.fromkeys(numbers, -100)})


def _words(stage: Stage) -> Body:
    return stage.with_usage(stage.chat(prompt("five-random-words"), tokens=WORDS_LIMIT))


def _hot_parts(stage: Stage) -> dict[str, Body]:
    return {"temperature": {**HOT}, "n": {"n": CHOICES}, "seed": {"seed": seed_of(stage.path)}}


def _with(body: Body, parts: dict[str, Body]) -> Body:
    return {**body, **{name: value for part in parts.values() for name, value in part.items()}}
