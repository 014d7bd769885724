"""The requests that many scenarios begin with, built in one place: equal requests are sent once a run."""

from __future__ import annotations

from chatconform.suite import Body, Stage, prompt

# What a story may cost: much more than any limit that is tried on it.
STORY_LIMIT = 64
LONGER_BY = len(prompt("plain-words").split())


def greeting(stage: Stage) -> Body:
    """A short question with nothing but a limit: the control of whatever is added to it."""
    return stage.with_usage(stage.chat(prompt("greeting")))


def longer_greeting(stage: Stage) -> Body:
    """The same question after `LONGER_BY` plain words, which shows whether the target counts honestly."""
    return stage.with_usage(stage.chat(f"{prompt('plain-words')}\n{prompt('greeting')}"))


def story(stage: Stage) -> Body:
    """A long story at temperature 0 without any limit, to be stopped, bounded or bent."""
    return stage.with_usage(stage.chat(prompt("long-story"), tokens=None, temperature=0))


def bounded_story(stage: Stage) -> Body:
    """The story under the limit that any target knows: the control of what stops, bounds or bends it."""
    return stage.with_usage(stage.chat(prompt("long-story"), tokens=STORY_LIMIT, temperature=0))
