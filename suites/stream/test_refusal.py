"""A stream that cannot begin."""

from __future__ import annotations

from chatconform.suite import Play, at_header, at_status, check, expect, provoked
from chatconform.suites.req.defects import DEFECTS, streamed_step
from chatconform.suites.req.refusing import accepted_control, is_refused
from chatconform.suites.req.scenarios import defects
from chatconform.suites.wire import expect_error_object, measured


@check("CC-STREAM-013", defects)
def test_a_refusal_comes_before_the_stream(play: Play) -> None:
    """What is refused plain is refused with a 4xx and a JSON error also with `stream: true`."""
    accepted_control(play)
    # A plain refusal is one before generation, whatever was wrong.
    refused = [defect for defect in DEFECTS if is_refused(play, defect.name)]
    provoked(refused, f"none of {len(DEFECTS)} bad requests was refused plain")
    for defect in refused:
        step = streamed_step(defect.name)
        response, exchange = measured(play, step), play[step]
        expect(
            400 <= response.status < 500,
            f"{play.response(defect.name).status} to {defect.name} as in the plain form",
            came=str(response.status),
            at=(at_status(exchange), at_status(play[defect.name])),
        )
        expect(
            response.media_type == "application/json",
            "media type application/json",
            came=response.media_type,
            at=at_header(exchange, "content-type"),
        )
        expect_error_object(exchange)
