"""The model that an answer names."""

from __future__ import annotations

from chatconform.suite import Observation, Play, at_event, at_json, check, expect
from chatconform.suites.forms import request_body
from chatconform.suites.models.listing import entries_of
from chatconform.suites.models.scenarios import listed
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.wire import chunks_of


@check("CC-RESP-008", greeting, control=listed)
def test_the_answer_names_the_model_that_served_it(play: Play) -> Observation:
    """`model` is the requested id, begins with it (or with its last part), or is one of the listed ids."""
    told, exchange = play.answer("answer").model, play["answer"]
    asked = str(request_body(exchange).get("model"))
    at = (
        at_event(exchange, chunks_of(exchange)[0].index, "/model")
        if exchange.is_stream
        else at_json(exchange, "/model")
    )
    if told == asked:
        return Observation(topic="answered-model", camp="echo")
    if told and told.startswith((asked, asked.rpartition("/")[2])):
        return Observation(topic="answered-model", camp="snapshot")

    ids = [
        entry.id for step in play.comparison.exchanges if step.step == "list" for entry in entries_of(step)
    ]
    expect(told and told in ids, f"{asked!r}, a snapshot of it, or a listed id", came=told, at=at)
    return Observation(topic="answered-model", camp="served-name")
