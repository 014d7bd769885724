"""The form of an answer: plain JSON unless the body asks for a stream, and nothing else decides."""

from __future__ import annotations

from chatconform.suite import (
    Exchange,
    NotJson,
    Observation,
    Play,
    at_body,
    at_header,
    at_status,
    check,
    expect,
    invariant,
    prompt,
    provoked,
    read_answer,
)
from chatconform.suites.forms import answered, plain_successes
from chatconform.suites.http.scenarios import character_sets, form_of_answer, media_types
from chatconform.suites.req.scenarios import defects
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.usage.counting import prompt_tokens, trust_counts
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


@check("CC-HTTP-002", form_of_answer)
def test_without_a_request_for_a_stream_none_comes(play: Play) -> None:
    """`stream` left out, false or null gives a completion as plain JSON."""
    for step in ("omitted", "false", "null"):
        response = measured(play, step)
        if step == "null" and 400 <= response.status < 500:
            continue  # whether null is accepted is a rule of its own
        if response.status != 200:
            play.answer(step)
        _expect_plain(play[step])


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


@check("CC-HTTP-006", media_types)
def test_a_charset_is_accepted(play: Play) -> None:
    """A body declared as `application/json; charset=utf-8` is accepted like one without the charset."""
    provoked(play.response("json").status == 200, "the body is not accepted as application/json either")
    response = measured(play, "with-charset")
    expect(
        response.status == 200, "status 200", came=str(response.status), at=at_status(play["with-charset"])
    )


@check("CC-HTTP-006", media_types)
def test_other_media_types_crash_nothing(play: Play) -> Observation:
    """A body declared as text, or as nothing, is read as JSON or refused with 4xx."""
    camps = set()
    for step in ("text", "none"):
        status = measured(play, step).status
        refused = 400 <= status < 500
        expect(status == 200 or refused, "200 or a 4xx", came=str(status), at=at_status(play[step]))
        camps.add("media-type-enforced" if refused else "header-ignored")
    return Observation(topic="media-type", camp="+".join(sorted(camps)))


@check("CC-HTTP-007", defects)
def test_every_response_has_its_own_request_id(play: Play) -> None:
    """Every response, success or refusal, has an x-request-id that no other one has."""
    first: dict[str, Exchange] = {}
    for exchange in filter(answered, play.exchanges):
        value, at = response_of(exchange).header("x-request-id"), at_header(exchange, "x-request-id")
        expect(value, "a header x-request-id", came=value or "none", at=at)
        earlier = first.setdefault(str(value), exchange)
        expect(
            earlier is exchange,
            "an x-request-id of its own",
            came=value,
            at=(at_header(earlier, "x-request-id"), at),
        )
    provoked(len(first) > 1, "fewer than two responses came")


@check("CC-HTTP-008", character_sets)
def test_raw_and_escaped_text_are_accepted(play: Play) -> None:
    """Text beyond ASCII is accepted raw and as escapes, and the answer is valid UTF-8."""
    for step in ("raw", "escaped"):
        response, exchange = measured(play, step), play[step]
        expect(response.status == 200, "status 200", came=str(response.status), at=at_status(exchange))
        try:
            response.body.decode("utf-8")
        except UnicodeDecodeError as error:
            expect(False, "valid UTF-8", came=str(error), at=at_body(exchange))
        read_answer(exchange)


@check("CC-HTTP-008", character_sets)
def test_raw_and_escaped_text_mean_the_same(play: Play) -> None:
    """Text beyond ASCII costs the same prompt raw and escaped, where usage is honest."""
    trust_counts(play, short="raw", long="longer", words=len(prompt("plain-words").split()))
    raw, escaped = prompt_tokens(play, "raw"), prompt_tokens(play, "escaped")
    expect(
        raw == escaped, f"{raw} prompt_tokens as for the raw text", came=escaped, at=at_body(play["escaped"])
    )
