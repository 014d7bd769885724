"""What a server may handle in either way, as long as it does so by one policy."""

from __future__ import annotations

import re

from chatconform.suite import Observation, Play, at_body, at_status, check, expect
from chatconform.suites.req.refusing import accepted_control, expect_refused, is_refused, names
from chatconform.suites.req.scenarios import stream_options_alone, unknown_parameter
from chatconform.suites.wire import error_in, measured

# No line of a JSON text begins like this.
_EVENT = re.compile("^data:", re.MULTILINE)


@check("CC-REQ-013", unknown_parameter)
def test_an_unknown_parameter_meets_one_policy(play: Play) -> Observation:
    """An unknown parameter is refused by name or ignored, and plain and streamed alike."""
    accepted_control(play)
    plain, exchange = measured(play, "plain"), play["plain"]
    expect(plain.status in {200, 400, 422}, "200 or 400", came=str(plain.status), at=at_status(exchange))
    if play.response("control-streamed").status == 200:
        streamed = measured(play, "streamed")
        expect(
            plain.status == streamed.status,
            f"{plain.status} as in the plain form",
            came=f"{streamed.status} to the streamed request",
            at=(at_status(play["streamed"]), at_status(exchange)),
        )
    if plain.status == 200:
        return Observation(topic="unknown-parameter", camp="ignored")
    name = f"x_unknown_{play.note('parameter').lower()}"
    named = names(exchange, name) or names(exchange, "unknown_parameter")
    expect(named, f"an error that names {name}", came=error_in(exchange), at=at_body(exchange))
    return Observation(topic="unknown-parameter", camp="refused")


@check("CC-REQ-015", stream_options_alone)
def test_stream_options_alone_start_no_stream(play: Play) -> Observation:
    """`stream_options` without `stream: true` is refused with 400 or ignored, and never starts a stream."""
    accepted_control(play)
    response, exchange = measured(play, "alone"), play["alone"]
    if is_refused(play, "alone"):
        expect_refused(play, "alone")
        return Observation(topic="stream-options-alone", camp="refused")
    expect(response.status == 200, "status 200 or 400", came=str(response.status), at=at_status(exchange))
    plain = not exchange.is_stream and not _EVENT.search(response.text)
    expect(plain, "a plain answer", came=response.text[:200], at=at_body(exchange))
    return Observation(topic="stream-options-alone", camp="ignored")
