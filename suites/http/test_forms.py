"""The form of an answer: plain JSON unless the body asks for a stream, and nothing else decides."""

from __future__ import annotations

from chatconform.suite import (
    Exchange,
    NotJson,
    Play,
    at_body,
    at_header,
    at_status,
    check,
    expect,
    invariant,
)
from chatconform.suites.forms import plain_successes
from chatconform.suites.http.scenarios import form_of_answer
from chatconform.suites.req.scenarios import nulls
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.wire import as_object, measured, response_of


@invariant("CC-HTTP-001", plain_successes, provoked_by=greeting)
def test_a_completion_is_one_json_object(exchange: Exchange) -> None:
    """A plain 200 is sent as application/json, and its body is one JSON object and nothing else."""
    response = response_of(exchange)
    expect(
        response.media_type == "application/json",
        "media type application/json",
        came=response.media_type,
        at=at_header(exchange, "content-type"),
    )
    try:
        body = response.json
    except NotJson as error:
        expect(False, "one JSON object and nothing else", came=str(error), at=at_body(exchange))
        raise
    expect(isinstance(body, dict), "one JSON object", came=body, at=at_body(exchange))


@invariant("CC-HTTP-002", plain_successes, provoked_by=(greeting, form_of_answer, nulls))
def test_without_a_request_for_a_stream_none_comes(exchange: Exchange) -> None:
    """`stream` left out, false or null gives a completion as plain JSON."""
    _expect_plain(exchange)


def _expect_plain(exchange: Exchange) -> None:
    expect(
        not exchange.is_stream,
        "a plain answer",
        came=response_of(exchange).media_type,
        at=at_header(exchange, "content-type"),
    )
    kind = as_object(response_of(exchange).json).get("object")
    expect(kind == "chat.completion", "object 'chat.completion'", came=kind, at=at_body(exchange))


@check("CC-HTTP-003", form_of_answer)
def test_the_accept_header_does_not_pick_the_form(play: Play) -> None:
    """An Accept header that says otherwise changes neither a plain answer nor a stream."""
    plain, streamed = measured(play, "accept-stream"), measured(play, "accept-json")
    for step, response in (("accept-stream", plain), ("accept-json", streamed)):
        expect(response.status == 200, "status 200", came=str(response.status), at=at_status(play[step]))
    _expect_plain(play["accept-stream"])
    expect(
        play["accept-json"].is_stream,
        "an event stream",
        came=streamed.media_type,
        at=at_header(play["accept-json"], "content-type"),
    )
