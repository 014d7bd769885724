"""The weighed places of a conversation, and what is expected of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatconform.errors import TargetError
from chatconform.suite import Evidence, Play, Stage, expect, provoked
from chatconform.suites.cont.filler import filler_cost, growth, usage_of, weigh
from chatconform.suites.cont.history import is_declined
from chatconform.suites.cont.weighing import copies, counted

# Lightest first. What is described to a model may be bounded in length, so it has the lightest weight.
INSTRUCTIONS, EARLIER_ANSWER, EARLIER_QUESTION = "instructions", "earlier answer", "earlier question"
LAST_QUESTION = "last question"
LATER_PLACES = (INSTRUCTIONS, EARLIER_ANSWER, EARLIER_QUESTION, LAST_QUESTION)
DESCRIPTION, ARGUMENTS, RESULT, QUESTION = "tool description", "call arguments", "tool result", "question"
TOLD_STEPS = ("told", "told-plainer", "told-plainest")
TOOL_PLACES = (DESCRIPTION, ARGUMENTS, RESULT, QUESTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """How often each place was counted, and the two counts that say so."""

    counts: dict[str, int]
    at: Evidence
    beside: Evidence

    def count(self, place: str) -> int:
        """How often a place was counted."""
        return self.counts[place]

    def expect_reached(self, place: str) -> None:
        """The place was counted, so it reached the model."""
        expect(
            self.count(place) >= 1,
            f"the {place} among the prompt tokens",
            came=self.told,
            at=(self.at, self.beside),
        )

    def expect_once(self, *places: str) -> None:
        """None of the places was counted more than once; one that was lost is the affair of another rule."""
        provoked(any(self.count(place) for place in places), f"lost: {' and '.join(places)}", at=self.at)
        often = [place for place in places if self.count(place) > 1]
        expect(not often, f"each of {', '.join(places)} once", came=self.told, at=(self.at, self.beside))

    @property
    def told(self) -> str:
        """All counts in words."""
        return ", ".join(f"{place} {count} times" for place, count in self.counts.items())


def weighing(play: Play, lighter: str, heavier: str, places: Sequence[str]) -> Weighing:
    """The weighing of two steps; inconclusive where nothing can be read from their counts."""
    counts = weigh(play, lighter, heavier, places)
    return Weighing(counts=counts, at=usage_of(play, heavier).at, beside=usage_of(play, lighter).at)


def is_in_doubt(stage: Stage, lighter: str, heavier: str, places: Sequence[str]) -> bool:
    """Whether a weighing was declined, or does not say that each place was counted exactly once."""
    play = so_far(stage)
    try:
        # What an ill target sent says nothing, and raises.
        if is_declined(play[heavier]):
            return True
        cost, grown = filler_cost(play), growth(play, lighter, heavier)
    except TargetError:
        return False
    counts = counted(grown, filler=cost, places=places)
    return counts is None or any(count != 1 for count in counts.values())


def so_far(stage: Stage) -> Play:
    """What a scenario has brought until now, read as a check reads it."""
    return Play(
        scenario="so far",
        path=stage.path,
        attempt=stage.attempt,
        exchanges=stage.exchanges,
        notes=stage.notes,
    )


def told_step(play: Play) -> str:
    """The step of a later turn that was accepted: as it was meant, or in a plainer form."""
    return next((step for step in reversed(TOLD_STEPS) if play.has(step)), TOLD_STEPS[0])


def later_weighing(play: Play) -> Weighing:
    """How often each place of a later turn was counted, with the last message in a string where in doubt."""
    return weighing(play, told_step(play), _loaded_step(play), LATER_PLACES)


def tool_weighing(play: Play) -> Weighing:
    """How often each place of a tool round was counted, with the result in a string where in doubt."""
    return weighing(play, asked_step(play), _loaded_step(play), TOOL_PLACES)


def asked_step(play: Play) -> str:
    """The step of a tool round without weights: streamed where the plain one told too little."""
    return "answer-streamed" if play.has("answer-streamed") else "answer"


def expect_parts_read(play: Play, lighter: str, places: Sequence[str], *in_parts: str) -> None:
    """The text parts of these places were counted like strings, which were sent where there was doubt."""
    if not play.has("weighed-strings"):
        read = weighing(play, lighter, "weighed", places)
        for place in in_parts:
            read.expect_reached(place)
        return
    as_string = weighing(play, lighter, "weighed-strings", places)
    told = [place for place in in_parts if as_string.count(place)]
    provoked(told, f"the {' and the '.join(in_parts)} are lost in strings as well", at=as_string.at)
    lost = growth(play, "weighed", "weighed-strings")
    weight = min(copies(places.index(place)) for place in told) * filler_cost(play)
    expect(
        lost < weight / 2,
        f"about as many prompt tokens for the {' and the '.join(told)} in parts as in strings",
        came=f"{lost} fewer",
        at=(usage_of(play, "weighed").at, as_string.at),
    )


def expect_grown(play: Play, lighter: str, heavier: str, fillers: int) -> None:
    """One step has more prompt tokens than the other, by most of so many fillers."""
    cost, grown = filler_cost(play), growth(play, lighter, heavier)
    # Instructions may take the place of those that a template has by itself.
    least = int(fillers * cost / 2)
    expect(
        grown >= least,
        f"at least {least} prompt tokens more",
        came=f"{grown} more",
        at=(usage_of(play, heavier).at, usage_of(play, lighter).at),
    )


def _loaded_step(play: Play) -> str:
    return "weighed-strings" if play.has("weighed-strings") else "weighed"
