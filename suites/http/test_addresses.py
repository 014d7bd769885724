"""Methods that a path does not have, and paths that do not exist."""

from __future__ import annotations

from chatconform.suite import Observation, Play, at_body, at_header, at_status, check, expect, provoked
from chatconform.suites.forms import response_body
from chatconform.suites.http.scenarios import wrong_addresses
from chatconform.suites.req.refusing import accepted_control
from chatconform.suites.wire import expect_error_object, measured

WRONG_METHODS = ("get-chat", "delete-chat", "post-models")


@check("CC-HTTP-004", wrong_addresses)
def test_a_wrong_method_answers_4xx(play: Play) -> Observation:
    """A method that a path does not have answers 405, or at least another 4xx."""
    accepted_control(play)
    statuses: list[int] = []
    for step in filter(play.has, WRONG_METHODS):
        response, exchange = measured(play, step), play[step]
        if step == "get-chat" and response.status == 200:
            kind = response_body(exchange).get("object")
            expect(kind == "list", "a list of stored completions", came=kind, at=at_body(exchange))
            continue
        expect(400 <= response.status < 500, "status 405", came=str(response.status), at=at_status(exchange))
        statuses.append(response.status)
    stored = play.response("get-chat").status == 200
    camp = "stored-completions" if stored else "405" if set(statuses) == {405} else "another-4xx"
    return Observation(topic="wrong-method", camp=camp)


@check("CC-HTTP-012", wrong_addresses)
def test_405_names_the_allowed_methods(play: Play) -> None:
    """An answer of 405 has a header Allow."""
    # RFC 9110 15.5.6: "The origin server MUST generate an Allow header field in a 405 response".
    refused = [step for step in WRONG_METHODS if play.has(step) and measured(play, step).status == 405]
    provoked(refused, "no wrong method was answered 405", at=at_status(play["get-chat"]))
    for step in refused:
        allow, at = play.response(step).header("allow"), at_header(play[step], "allow")
        expect(allow is not None, "a header Allow beside 405", came="none", at=at)


@check("CC-HTTP-005", wrong_addresses)
def test_an_unknown_path_answers_404(play: Play) -> None:
    """An unknown path under the base URL answers 404 with a JSON error object."""
    accepted_control(play)
    for step in filter(play.has, ("misspelt", "nowhere")):
        response, exchange = measured(play, step), play[step]
        expect(response.status == 404, "status 404", came=str(response.status), at=at_status(exchange))
        expect(
            response.media_type == "application/json",
            "media type application/json",
            came=response.media_type or "none",
            at=at_header(exchange, "content-type"),
        )
        expect_error_object(exchange)
