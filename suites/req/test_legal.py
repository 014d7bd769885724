"""Requests that are legal, if unusual: they are answered, or refused for what they ask."""

from __future__ import annotations

from chatconform.suite import Observation, Play, at_body, at_status, check, expect, names_any, provoked
from chatconform.suites.req.defects import BOUNDS
from chatconform.suites.req.refusing import accepted_control, is_refused
from chatconform.suites.req.scenarios import NULLABLE, OPTIONAL, no_user_message, nulls, on_bounds, optional
from chatconform.suites.wire import error_in, expect_error_object, measured


@check("CC-REQ-010", nulls)
def test_null_means_the_default(play: Play) -> None:
    """Each nullable parameter is accepted as null."""
    accepted_control(play)
    refused = [name for name in NULLABLE if measured(play, name).status != 200]
    expect(
        not refused,
        "status 200 for null in every nullable parameter",
        came=f"another for {', '.join(refused)}",
        at=tuple(at_status(play[name]) for name in refused),
    )


@check("CC-REQ-012", on_bounds)
def test_the_bounds_themselves_are_legal(play: Play) -> Observation:
    """A number on the bound of its range is accepted, or refused as unsupported by name."""
    refused = []
    for bound in BOUNDS:
        status = measured(play, bound.name).status
        exchange = play[bound.name]
        named = is_refused(play, bound.name) and names_any(play.response(bound.name), (bound.param,))
        expect(status == 200 or named, "status 200", came=str(status), at=at_status(exchange))
        refused += [bound.name] if named else []
    provoked(len(refused) < len(BOUNDS), "every request on a bound was refused")
    return Observation(topic="bounds", camp="some-unsupported" if refused else "accepted")


@check("CC-REQ-014", optional)
def test_an_optional_parameter_breaks_nothing(play: Play) -> Observation:
    """An optional parameter that a server does not know is ignored, or refused with a 4xx, never a 5xx."""
    accepted_control(play)
    refused = []
    for name in OPTIONAL:
        status = measured(play, name).status
        answered = status == 200 or 400 <= status < 500
        expect(answered, f"200 or a 4xx for {name}", came=str(status), at=at_status(play[name]))
        refused += [name] if status != 200 else []
    return Observation(topic="refused-parameters", camp="+".join(refused).replace("_", "-") or "none")


@check("CC-REQ-021", no_user_message)
def test_a_conversation_without_a_user_is_answered_or_refused(play: Play) -> Observation:
    """Without any user message a conversation is answered, or refused with a 4xx and an error object."""
    camps = []
    for step in ("system", "assistant", "system-assistant"):
        response, exchange = measured(play, step), play[step]
        if is_refused(play, step):
            expect_error_object(exchange)
            camps.append("refused")
            continue
        expect(response.status == 200, "200 or a 4xx", came=str(response.status), at=at_status(exchange))
        play.answer(step)
        expect(not error_in(exchange), "an answer", came=response.text[:200], at=at_body(exchange))
        camps.append("answered")
    return Observation(topic="no-user-message", camp=camps[0] if len(set(camps)) == 1 else "by-roles")
