"""Images and sounds reach the model, or are refused."""

from __future__ import annotations

from chatconform.suite import Observation, Play, at_status, check, expect, prompt
from chatconform.suites.req.media import media_parts
from chatconform.suites.req.refusing import accepted_control, is_refused
from chatconform.suites.usage.counting import prompt_tokens, trust_counts, usage_of
from chatconform.suites.wire import measured

# The least that any model spends on an image or half a second of sound.
FEWEST_MEDIA_TOKENS = 10


@check("CC-REQ-020", media_parts)
def test_an_image_is_used_or_refused(play: Play) -> Observation:
    """An image part raises the prompt's token count, or is refused with a 4xx; it is never dropped."""
    return _expect_used(play, "image")


@check("CC-REQ-062", media_parts)
def test_a_sound_is_used_or_refused(play: Play) -> Observation:
    """A sound part raises the prompt's token count, or is refused with a 4xx; it is never dropped."""
    return _expect_used(play, "sound")


def _expect_used(play: Play, kind: str) -> Observation:
    status = measured(play, kind).status
    expect(status < 500, "an answer or a 4xx", came=str(status), at=at_status(play[kind]))
    accepted_control(play, "text")
    if is_refused(play, kind):
        return Observation(topic=f"{kind}-part", camp="refused")
    trust_counts(play, short="text", long="longer", words=len(prompt("plain-words").split()))
    used, alone = prompt_tokens(play, kind), prompt_tokens(play, "text")
    expect(
        used - alone >= FEWEST_MEDIA_TOKENS,
        f"a 4xx, or {FEWEST_MEDIA_TOKENS} prompt_tokens more than for the text alone",
        came=f"200 with {used} prompt_tokens beside the {kind}, {alone} without",
        at=(usage_of(play, kind).at, usage_of(play, "text").at),
    )
    return Observation(topic=f"{kind}-part", camp="used")
