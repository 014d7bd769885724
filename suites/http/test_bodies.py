"""Request bodies: how they may be declared and encoded, and how large they may be."""

from __future__ import annotations

from chatconform.suite import (
    FailureKind,
    Observation,
    Play,
    at_body,
    at_failure,
    at_status,
    check,
    expect,
    provoked,
    read_answer,
)
from chatconform.suites import basics
from chatconform.suites.http.scenarios import character_sets, media_types, too_large
from chatconform.suites.usage.counting import prompt_tokens, trust_counts
from chatconform.suites.wire import measured

TOO_LARGE = {413: "content-too-large-413", 400: "bad-request-400"}


def accepted_as_json(play: Play) -> None:
    """Leave the check inconclusive unless the body was accepted as JSON with the usual headers."""
    accepted = play.response("json").status == 200
    provoked(accepted, "the body is not accepted as application/json either", at=at_status(play["json"]))


@check("CC-HTTP-006", media_types)
def test_a_charset_is_accepted(play: Play) -> None:
    """A body declared as `application/json; charset=utf-8` is accepted like one without the charset."""
    accepted_as_json(play)
    _expect_accepted(play, "charset-alone")


@check("CC-HTTP-011", media_types)
def test_extra_headers_are_ignored(play: Play) -> None:
    """Headers that clients and proxies add (x-stainless-*, organization, trace ids) change nothing."""
    accepted_as_json(play)
    _expect_accepted(play, "headers-alone")


def _expect_accepted(play: Play, alone: str) -> None:
    step = alone if play.has(alone) else "extra"
    status = measured(play, step).status
    expect(status == 200, "status 200", came=str(status), at=at_status(play[step]))


@check("CC-HTTP-006", media_types)
def test_other_media_types_crash_nothing(play: Play) -> Observation:
    """A body declared as text, or as nothing, is read as JSON or refused with 4xx."""
    camps = set()
    for step in filter(play.has, ("text", "none")):
        status = measured(play, step).status
        refused = 400 <= status < 500
        expect(status == 200 or refused, "200 or a 4xx", came=str(status), at=at_status(play[step]))
        camps.add("media-type-enforced" if refused else "header-ignored")
    provoked(camps, "no other media type was sent")
    return Observation(topic="media-type", camp="+".join(sorted(camps)))


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
    trust_counts(play, short="short", long="longer", words=basics.LONGER_BY)
    raw, escaped = prompt_tokens(play, "raw"), prompt_tokens(play, "escaped")
    expect(
        raw == escaped, f"{raw} prompt_tokens as for the raw text", came=escaped, at=at_body(play["escaped"])
    )


@check("CC-HTTP-009", too_large)
def test_a_body_over_the_limit_answers_413(play: Play) -> Observation:
    """A body over the declared size is answered with 413 (or 400), in bounded time."""
    accepted = play.response("control").status == 200
    provoked(accepted, "the small request is not served either", at=at_status(play["control"]))
    exchange = play["too-large"]
    # The control shows that the target was well; a connection that broke may have taken an answer with it.
    is_late = exchange.failure is not None and exchange.failure.kind is FailureKind.TIMEOUT
    expect(not is_late, "an answer in time", came="none", at=at_failure(exchange))
    response = measured(play, "too-large")
    expect(response.status in TOO_LARGE, "status 413", came=str(response.status), at=at_status(exchange))
    return Observation(topic="too-large", camp=TOO_LARGE[response.status])
