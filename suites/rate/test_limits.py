"""Over the limit: 429, told as JSON, with a wait that helps."""

from __future__ import annotations

import re

from chatconform.suite import (
    Exchange,
    NotProvoked,
    Observation,
    Play,
    at_failure,
    at_header,
    at_status,
    check,
    expect,
)
from chatconform.suites.dates import http_date
from chatconform.suites.rate.scenarios import burst
from chatconform.suites.wire import response_of

SECONDS = re.compile(r"[1-9][0-9]*")


def sent_at_once(play: Play) -> list[Exchange]:
    """The requests of the burst; leaves the check inconclusive where it was not sent."""
    found = [exchange for exchange in play.exchanges if exchange.step.startswith("burst-")]
    if not found:
        raise NotProvoked(play.ended or "there was no burst")
    return found


def refused(play: Play) -> list[Exchange]:
    """The requests of the burst that were answered 429; leaves the check inconclusive where none was."""
    found = [each for each in sent_at_once(play) if each.response and each.response.status == 429]
    if not found:
        raise NotProvoked("no request of the burst was answered 429")
    return found


@check("CC-RATE-001", burst)
def test_over_the_limit_comes_429(play: Play) -> None:
    """Over the declared limit some request is answered 429, as a JSON error; none fails or is dropped."""
    for exchange in sent_at_once(play):
        expect(exchange.response is not None, "an answer", came="none", at=at_failure(exchange))
        response = response_of(exchange)
        came = str(response.status)
        expect(response.status < 500, "200 or 429", came=came, at=at_status(exchange))
        if response.status == 429:
            media, at = response.media_type, at_header(exchange, "content-type")
            expect(media == "application/json", "media type application/json", came=media, at=at)
    count, over = len(sent_at_once(play)), [e for e in sent_at_once(play) if response_of(e).status == 429]
    last = sent_at_once(play)[-1]
    expect(over, f"429 to some of {count} requests at once", came="none", at=at_status(last))


@check("CC-RATE-002", burst)
def test_retry_after_is_a_number_of_seconds(play: Play) -> Observation:
    """Retry-After of a 429 is a whole number of seconds from 1 on, or a date of HTTP."""
    camps = set()
    for exchange in refused(play):
        value, at = response_of(exchange).header("retry-after"), at_header(exchange, "retry-after")
        if value is None:
            continue
        told = value.strip()
        known = SECONDS.fullmatch(told) or http_date(told)
        expect(known, "whole seconds from 1 on, or a date of HTTP", came=value, at=at)
        camps.add("seconds" if SECONDS.fullmatch(told) else "http-date")
    if not camps:
        raise NotProvoked("no 429 says when to come again, which is a rule of its own")
    return Observation(topic="retry-after", camp="+".join(sorted(camps)))


@check("CC-RATE-003", burst)
def test_waiting_as_long_as_told_helps(play: Play) -> None:
    """Every 429 of the burst has Retry-After, and after that long a request is answered."""
    for exchange in refused(play):
        value, at = response_of(exchange).header("retry-after"), at_header(exchange, "retry-after")
        expect(value is not None, "a header Retry-After", came="none", at=at)
    response, exchange = play.response("after-the-wait"), play["after-the-wait"]
    expect(response.status == 200, "200 after the wait", came=str(response.status), at=at_status(exchange))
