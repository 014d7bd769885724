"""Methods and media types that the contract does not have."""

from __future__ import annotations

from chatconform.suite import Exchange, Observation, Play, at_header, at_status, check, expect, provoked
from chatconform.suites.contract.scenarios import wrong_methods, wrong_types
from chatconform.suites.contract.telling import is_refusal, measured
from chatconform.suites.forms import status
from chatconform.suites.req.refusing import accepted_control
from chatconform.suites.wire import error_in

NOT_IMPLEMENTED = 501


@check("CC-CONTRACT-008", wrong_methods)
def test_undocumented_methods_are_refused(play: Play) -> Observation:
    """A method that the contract does not have is refused with 4xx or 501; a 405 names the allowed ones."""
    accepted_control(play)
    sent = _answered(play, "method")
    for exchange in sent:
        # RFC 9110 15.6.2: 501 is for a method that the server knows on no path at all.
        refused = is_refusal(exchange) or status(exchange) == NOT_IMPLEMENTED
        expect(refused, "status 405", came=str(status(exchange)), at=at_status(exchange))
        allow = exchange.response.header("allow") if exchange.response else None
        named = status(exchange) != 405 or allow is not None
        expect(named, "a header Allow beside 405", came="none", at=at_header(exchange, "allow"))
    camps = {str(status(exchange)) for exchange in sent}
    return Observation(topic="undocumented-method", camp="+".join(sorted(camps)))


@check("CC-CONTRACT-009", wrong_types)
def test_undocumented_media_types_break_nothing(play: Play) -> Observation:
    """A body that is declared to be no JSON is read as JSON, or refused with an error object."""
    accepted_control(play)
    sent = _answered(play, "declared")
    for exchange in sent:
        served, at = status(exchange) == 200, at_status(exchange)
        expect(served or is_refusal(exchange), "200 or a 4xx", came=str(status(exchange)), at=at)
        expect(served or error_in(exchange), "an error object", came=at.quoted, at=at)
    refused = any(is_refusal(exchange) for exchange in sent)
    return Observation(topic="undocumented-media-type", camp="refused" if refused else "read-as-json")


def _answered(play: Play, word: str) -> list[Exchange]:
    sent = [exchange for exchange in measured(play, word) if exchange.response]
    provoked(sent, "nothing came back")
    return sent
