"""What is judged of requests that were generated from the contract."""

from __future__ import annotations

from chatconform.suite import Exchange, Observation, Play, at_status, check, expect, provoked
from chatconform.suites.contract.failures import (
    is_clean_refusal,
    is_wrongly_served,
    undocumented,
    wrong_shape,
)
from chatconform.suites.contract.scenarios import allowed, forbidden
from chatconform.suites.contract.telling import (
    answered,
    expect_no,
    expect_none,
    expect_whole_answers,
    is_refusal,
    measured,
    pairs,
)
from chatconform.suites.forms import response_body, status
from chatconform.suites.req.refusing import accepted_control
from chatconform.suites.wire import error_in

# Deep fuzzing sends odd requests besides: a server may refuse them, and no more.
LEGAL = ("allowed", "odd")


@check("CC-CONTRACT-001", forbidden)
def test_what_the_contract_forbids_is_refused(play: Play) -> None:
    """A generated request that breaks the contract where every server has to notice is not answered 200."""
    accepted_control(play)
    sent = answered(measured(play, "forbidden"))
    provoked(sent, "no generated request was answered")
    served = [exchange for exchange in sent if is_wrongly_served(exchange)]
    expect_no(play, served, len(sent), "a refusal of what the contract forbids", "200 to")


@check("CC-CONTRACT-002", allowed)
def test_what_the_contract_allows_is_answered(play: Play) -> Observation:
    """A generated request that the contract allows is answered, or refused for a feature that is named."""
    accepted_control(play)
    sent = answered(measured(play, "allowed", streamed=True))
    provoked(sent, "no generated request was answered")
    refused = [exchange for exchange in sent if is_refusal(exchange)]
    unclean = [exchange for exchange in refused if not is_clean_refusal(exchange)]
    expect_no(play, unclean, len(sent), "an answer to what the contract allows", "a refusal of")
    return Observation(
        topic="generated-requests", camp="some-features-refused" if refused else "all-answered"
    )


@check("CC-CONTRACT-003", forbidden)
def test_a_refusal_is_the_same_for_a_stream(play: Play) -> None:
    """What is refused plain is refused as a stream with the same status, and with an error object as JSON."""
    accepted_control(play)
    refused = [(plain, streamed) for plain, streamed in pairs(play, "forbidden") if is_refusal(plain)]
    provoked(refused, "no generated request was refused in both forms")
    for plain, streamed in refused:
        at = (at_status(plain), at_status(streamed))
        same = status(streamed) == status(plain)
        expect(same, f"status {status(plain)} as a stream as well", came=str(status(streamed)), at=at)
        told = bool(error_in(streamed)) or not error_in(plain)
        expect(told, "an error object as without a stream", came=response_body(streamed), at=at)


@check("CC-CONTRACT-004", allowed)
def test_answers_to_generated_requests_fit_the_contract(play: Play) -> None:
    """Every answer to a request that the contract allows fits its schema, and so does each event."""
    sent = _answers(play)
    provoked(any(status(exchange) == 200 for exchange in sent), "no generated request was answered")
    expect_none(play, sent, wrong_shape, "an answer that fits the contract")


@check("CC-CONTRACT-005", forbidden)
def test_refusals_are_documented(play: Play) -> None:
    """Every refusal of a bad request has a status (or 422), media type and headers of the contract."""
    sent = _refusals(play)
    expect_none(play, sent, undocumented, "a refusal that is documented")


@check("CC-CONTRACT-005", allowed)
def test_answers_are_documented(play: Play) -> None:
    """Every answer to a generated request has a status, a media type and headers that the contract knows."""
    sent = _answers(play)
    provoked(sent, "no generated request was answered")
    expect_none(play, sent, undocumented, "an answer that is documented")


@check("CC-CONTRACT-006", forbidden)
def test_error_objects_fit_the_contract(play: Play) -> None:
    """Every refusal of a generated request has an error object that fits the contract's schema."""
    sent = _refusals(play)
    expect_none(play, sent, wrong_shape, "an error object that fits the contract")


@check("CC-CONTRACT-007", allowed)
def test_every_allowed_request_gets_a_whole_answer(play: Play) -> None:
    """A generated request that the contract allows gets a whole answer below 500: no hang, no cut."""
    expect_whole_answers(play, *LEGAL)


def _answers(play: Play) -> list[Exchange]:
    return [each for word in LEGAL for each in answered(measured(play, word, streamed=True))]


def _refusals(play: Play) -> list[Exchange]:
    sent = [each for each in measured(play, "forbidden", streamed=True) if is_refusal(each)]
    provoked(sent, "no generated request was refused")
    return sent
