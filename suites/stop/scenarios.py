"""Stop sequences, each beside the same story without them."""

from __future__ import annotations

import re

from chatconform.suite import (
    AFTER_TOOL_RESULT,
    ALL_PATHS,
    PLAIN,
    STREAMED,
    Body,
    Json,
    Stage,
    prompt,
    scenario,
    tool,
)
from chatconform.suites.story import bound, tell

# A story that is long enough has one of these, whatever the model.
SENTENCE_ENDS = (".", "!", "?", "\n")
# No English text has these.
NEVER = ("zzzz", "qqqq", "xxxx")
DEPTH = 5
LOGPROBS: Body = {"logprobs": True, "top_logprobs": DEPTH}
# The argument of the call that the prompt brings about.
CITY = "Paris"


@scenario(paths=ALL_PATHS, attempts=2, requests=3)
async def stopped_story(stage: Stage) -> None:
    """A story, then the same with stop sequences, and with log probabilities."""
    told = await tell(stage)
    body = {**told.body, **bound(stage)}
    # Asked at temperature 0 even of a target that refuses it, which is then told once.
    await stage.post("cold", {**body, "temperature": 0})
    stops: list[Json] = [*_stops(stage, told.text)]
    await stage.together("stopped", body, {"stop": {"stop": stops}, "logprobs": LOGPROBS})


@scenario(requests=2)
async def more_stops(stage: Stage) -> None:
    """A story, then with five stop strings of which only the fifth occurs; if thorough, with none."""
    body = {**(await tell(stage)).body, **bound(stage)}
    await stage.post("five", {**body, "stop": [*NEVER, "vvvv", "."]}, illegal=True)
    if stage.thorough:
        await stage.post("empty-list", {**body, "stop": []}, illegal=True)
        await stage.post("empty-string", {**body, "stop": ""})


@scenario(paths=(STREAMED,))
async def stop_in_a_call(stage: Stage) -> None:
    """A question that needs a tool, with a stop string that stands in the arguments of the call."""
    tools: list[Json] = [tool("get_weather")]
    await stage.post("call", stage.chat(prompt("weather-in-paris"), tools=tools, stop=[CITY]))


def _stops(stage: Stage, text: str) -> tuple[str, ...]:
    """The stop strings of a path; four at most, and each list says something that the others do not."""
    if stage.path is AFTER_TOOL_RESULT:
        return (*NEVER, ".")
    found: list[str] = []
    if stage.path is PLAIN:
        found = inside_words(text)
    if stage.path is STREAMED:
        found = across_borders(text)
    if not found:
        return SENTENCE_ENDS
    # What comes before the fragment in small letters is no reason to stop where it is sought in capitals.
    loud = [each for each in (found[0].upper(),) if len(found) > 1 and each not in text]
    return (stage.note("fragment", _hardest(found)), *loud, *SENTENCE_ENDS[: 3 - len(loud)])


def inside_words(text: str) -> list[str]:
    """The middle of each long word of the first sentence: in most vocabularies it lies within tokens."""
    return _fragments(r"(?<=\s[A-Za-z])[a-z]{4,}(?=[a-z]\b)", text)


def across_borders(text: str) -> list[str]:
    """The end of a word and the beginning of the next one: it crosses the border between two tokens."""
    return _fragments(r"(?<=[a-z])[a-z]{2} [a-z]{2}(?=[a-z])", text)


def _fragments(pattern: str, text: str) -> list[str]:
    """The places of the first sentence that fit the pattern and do not occur before, in order."""
    sentence = re.split(r"[.!?\n]", text, maxsplit=1)[0]
    found = re.finditer(pattern, sentence)
    return [match.group() for match in found if text.find(match.group()) == match.start()]


def _hardest(fragments: list[str]) -> str:
    """The longest fragment but the first, for long words are seldom one token; the last of several."""
    return max(reversed(fragments[1:] or fragments), key=len)
