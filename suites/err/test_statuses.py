"""The status of an error: whose fault it is, and whether it makes sense to try again."""

from __future__ import annotations

from chatconform.suite import (
    Exchange,
    Observation,
    Play,
    Unmeasured,
    at_body,
    at_header,
    at_status,
    check,
    expect,
    invariant,
    provoked,
)
from chatconform.suites.cont.history import has_malformed_arguments
from chatconform.suites.forms import (
    allowed,
    answered,
    asked_api,
    defective,
    error_of,
    errors,
    made_to_fail,
    request_body,
    response_body,
    status,
    whole_successes,
)
from chatconform.suites.req.conversations import no_user_message, oddities
from chatconform.suites.req.defects import FOREIGN_MODEL, streamed_step
from chatconform.suites.req.parameters import nulls, parameters
from chatconform.suites.req.refusing import accepted_control
from chatconform.suites.req.scenarios import defects, not_json
from chatconform.suites.wire import error_in, response_of

# What the official client tries again, besides every 5xx.
RETRIED = frozenset({408, 409, 429})
# Types that say by themselves whose fault it was; what others mean is the vendor's affair.
OF_CLIENTS = frozenset(
    {"invalid_request_error", "authentication_error", "not_found_error", "BadRequestError"}
)
OF_SERVERS = frozenset({"server_error", "internal_error", "internal_server_error", "InternalServerError"})


@invariant("CC-ERR-002", whole_successes, provoked_by=defects)
def test_no_error_is_sent_with_200(exchange: Exchange) -> None:
    """No plain 200 has an error at its top, or calls itself one."""
    body = response_body(exchange)
    provoked(body, "the body is no JSON object")
    failed = error_of(body) is not None or body.get("object") == "error"
    expect(not failed, "an answer, or a status of 400 or above", came=body, at=at_body(exchange))


@invariant("CC-ERR-006", defective, provoked_by=(defects, not_json))
def test_a_bad_request_has_no_status_that_is_retried(exchange: Exchange) -> None:
    """A request that can never succeed is not answered 408, 409, 429 or 5xx."""
    _expect_final(exchange, "the bad request")


@check("CC-ERR-021", defects)
def test_an_unknown_model_has_no_status_that_is_retried(play: Play) -> None:
    """An unknown model is not answered 408, 409, 429 or 5xx."""
    accepted_control(play)
    for step in FOREIGN_MODEL.steps:
        if step != streamed_step(FOREIGN_MODEL.name) or play.has(step):
            _expect_final(play[step], "an unknown model")


def _expect_final(exchange: Exchange, what: str) -> None:
    came = status(exchange)
    provoked(came, "no response came")
    provoked(came >= 400, f"{what} is not refused", at=at_status(exchange))
    if came == 429 and response_of(exchange).header("retry-after"):
        raise Unmeasured(
            "a rate limit answered before the request was looked at", evidence=(at_status(exchange),)
        )
    expect(
        came not in RETRIED and came < 500,
        f"a status that no client retries, to {what}",
        came=str(came),
        at=at_status(exchange),
    )


def ordinary(exchange: Exchange) -> bool:
    """Every chat request that the contract allows; malformed arguments and failures on demand are apart."""
    malformed = has_malformed_arguments(request_body(exchange))
    return allowed(exchange) and not malformed and not made_to_fail(exchange)


@invariant("CC-ERR-007", ordinary, provoked_by=(nulls, parameters, oddities, no_user_message, not_json))
def test_a_legal_request_never_answers_500(exchange: Exchange) -> Observation | None:
    """A request that the contract allows is answered or refused, but never with 500."""
    came = status(exchange)
    provoked(came, "no response came")
    provoked(came not in {429, 503}, f"the target was too busy ({came})")
    expect(came != 500, "an answer or a refusal", came=str(came), at=at_status(exchange))
    return Observation(topic="server-error", camp=str(came)) if came > 500 else None


@invariant("CC-ERR-015", asked_api, provoked_by=defects)
def test_the_api_redirects_nobody(exchange: Exchange) -> None:
    """No documented operation is answered with a redirect, which turns a POST into a GET for many clients."""
    provoked(answered(exchange), "no response came")
    came = status(exchange)
    location = at_header(exchange, "location")
    expect(not 300 <= came < 400, "an answer or an error", came=str(came), at=(at_status(exchange), location))


@invariant("CC-ERR-016", errors, provoked_by=(defects, not_json))
def test_the_error_and_its_status_blame_the_same_side(exchange: Exchange) -> None:
    """A type that blames the client comes with a 4xx, one that blames the server with a 5xx."""
    kind, came = error_in(exchange).get("type"), status(exchange)
    provoked(isinstance(kind, str), "the error has no type", at=at_body(exchange))
    blames_client, blames_server = kind in OF_CLIENTS, kind in OF_SERVERS
    agree = not (blames_client and came >= 500) and not (blames_server and came < 500)
    expect(agree, "a type that fits the status", came=f"{kind} with {came}", at=at_body(exchange))


@invariant("CC-ERR-019", errors, provoked_by=(defects, not_json))
def test_a_code_that_is_a_status_is_the_status(exchange: Exchange) -> None:
    """An `error.code` that is a number of the form of a status is the status that was sent."""
    error, came = error_in(exchange), status(exchange)
    provoked(error, "the body has no error object", at=at_body(exchange))
    code = str(error.get("code"))
    is_status = len(code) == 3 and code.isdecimal() and code[0] in "45"
    expect(not is_status or code == str(came), f"code {came}, or a word", came=code, at=at_body(exchange))
