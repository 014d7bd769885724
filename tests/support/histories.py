"""What tests of histories have in common."""

from __future__ import annotations

from typing import Any

from chatconform.findings.verdict import Verdict
from chatconform.reference_server.model import encode
from chatconform.suites.cont.filler import FILLER
from chatconform.suites.cont.places import LATER_PLACES, TOOL_PLACES
from chatconform.suites.cont.weighing import copies
from chatconform.tests.support.plays import (
    Edit,
    at,
    changed,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


UNSUPPORTED, ERROR = Verdict.UNSUPPORTED, Verdict.ERROR


FORMS = ("plain", "streamed")


COST = len(encode(f" {FILLER}"))


def more_tokens(more: int) -> Edit:
    """A higher count of the prompt's tokens."""

    def count(document: Any) -> None:
        for holder in document if isinstance(document, list) else [document]:
            if holder.get("usage"):
                holder["usage"]["prompt_tokens"] += more

    return changed(count)


def chained(*edits: Edit) -> Edit:
    """Several edits, one after the other."""

    def edit(exchange: Exchange) -> Exchange:
        for each in edits:
            exchange = each(exchange)
        return exchange

    return edit


def times(place: str, more: int) -> Edit:
    """The place is counted that much more often."""
    places = LATER_PLACES if place in LATER_PLACES else TOOL_PLACES
    return at("weighed")(more_tokens(more * copies(places.index(place)) * COST))


def lost(*places: str) -> Edit:
    return chained(*(times(place, -1) for place in places))


INSTRUCTED = "cont.instructions_reach_the_model_in_a_tool_round"
