"""A stream that cannot begin."""

from __future__ import annotations

from chatconform.suite import Play, at_header, at_status, check, expect, provoked
from chatconform.suites.req.defects import (
    EMPTY_MESSAGES,
    FOREIGN_FORMAT,
    FOREIGN_MODEL,
    TEMPERATURE_WORD,
    streamed_step,
)
from chatconform.suites.req.refusing import accepted_control, is_refused
from chatconform.suites.req.scenarios import defects
from chatconform.suites.wire import expect_error_object, measured

BEFORE_GENERATION = (EMPTY_MESSAGES, FOREIGN_MODEL, FOREIGN_FORMAT, TEMPERATURE_WORD)


@check("CC-STREAM-013", defects)
def test_a_refusal_comes_before_the_stream(play: Play) -> None:
    """What is refused plain is refused with a 4xx and a JSON error also with `stream: true`."""
    accepted_control(play)
    refused = [defect for defect in BEFORE_GENERATION if is_refused(play, defect.name)]
    provoked(refused, "none of the bad requests was refused")
    for defect in refused:
        step = streamed_step(defect.name)
        response, exchange = measured(play, step), play[step]
        expect(
            400 <= response.status < 500,
            f"{play.response(defect.name).status} as in the plain form",
            came=str(response.status),
            at=at_status(exchange),
        )
        expect(
            response.media_type == "application/json",
            "media type application/json",
            came=response.media_type,
            at=at_header(exchange, "content-type"),
        )
        expect_error_object(exchange)
