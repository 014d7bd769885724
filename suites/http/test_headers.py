"""Headers of responses: ids of their own, dates, types, and connections that can be used again."""

from __future__ import annotations

import math
from collections.abc import Iterator

from chatconform.suite import Exchange, at_header, expect, invariant, provoked, survey
from chatconform.suites.dates import http_date
from chatconform.suites.forms import answered, whole_successes
from chatconform.suites.http.scenarios import character_sets, form_of_answer, wrong_addresses
from chatconform.suites.req.conversations import no_user_message, oddities
from chatconform.suites.req.media import media_parts
from chatconform.suites.req.scenarios import defects
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.wire import response_of

ENOUGH_IDS = 3
ENOUGH_CHANCES = 2
# RFC 9112 9.5: a server may close a connection that is idle; one that was left just now is not.
IDLE_SECONDS = 1.0
# Scenarios with several plain answers one after the other.
PLAIN_TALK = (greeting, character_sets, oddities, no_user_message, media_parts)
# The scenario of the controls that show whether the target is well.
CONTROLS = "health"


def with_body(exchange: Exchange) -> bool:
    """Every response that has a body."""
    return answered(exchange) and response_of(exchange).has_body and exchange.request.method != "HEAD"


@survey("CC-HTTP-007", answered, provoked_by=(greeting, wrong_addresses, form_of_answer))
def test_every_response_has_its_own_request_id(exchanges: tuple[Exchange, ...]) -> None:
    """Every response, success or refusal, has an x-request-id that no other one has."""
    first: dict[str, Exchange] = {}
    for exchange in exchanges:
        value, at = response_of(exchange).header("x-request-id"), at_header(exchange, "x-request-id")
        expect(value, "a header x-request-id", came=value or "none", at=at)
        earlier = first.setdefault(str(value), exchange)
        expect(
            earlier is exchange,
            "an x-request-id of its own",
            came=value,
            at=(at_header(earlier, "x-request-id"), at),
        )
    provoked(len(first) >= ENOUGH_IDS, f"fewer than {ENOUGH_IDS} responses came")


@invariant("CC-HTTP-013", answered, provoked_by=(greeting, defects))
def test_every_response_is_dated(exchange: Exchange) -> None:
    """Every response has a Date in the format of HTTP."""
    # RFC 9110 6.6.1: an origin server with a clock "MUST generate a Date header field in all 2xx
    # (Successful), 3xx (Redirection), and 4xx (Client Error) responses".
    provoked(response_of(exchange).status < 500, "the server failed")
    value, at = response_of(exchange).header("date"), at_header(exchange, "date")
    expect(http_date(value), "a header Date with a date of HTTP", came=value or "none", at=at)


@invariant("CC-HTTP-014", with_body, provoked_by=greeting)
def test_every_body_has_a_type(exchange: Exchange) -> None:
    """Every response with a body names its media type once, and no other charset than UTF-8."""
    found = response_of(exchange).header_values("content-type")
    at = at_header(exchange, "content-type")
    expect(len(found) == 1, "one header Content-Type", came=", ".join(found) or "none", at=at)
    parameters = [each.strip().lower() for each in found[0].split(";")[1:]]
    charsets = [each.partition("=")[2].strip('" ') for each in parameters if each.startswith("charset")]
    expect(all(each in {"utf-8", "utf8"} for each in charsets), "charset utf-8", came=found[0], at=at)


def pooled(exchange: Exchange) -> bool:
    """Every request that may go over a kept connection."""
    # What is sent again, and what is sent to see whether the target is well, has a connection of its own.
    return not exchange.retry_of and exchange.scenario != CONTROLS


@survey("CC-HTTP-010", pooled, provoked_by=PLAIN_TALK)
def test_a_connection_is_reusable_after_a_plain_answer(exchanges: tuple[Exchange, ...]) -> None:
    """After plain answers a connection carries further requests, unless the answers announce its end."""
    plain = [exchange for exchange in exchanges if whole_successes(exchange)]
    kept = [exchange for exchange in plain if not _announces_end(exchange)]
    provoked(kept or not plain, "every answer announces the end of its connection")
    used: list[Exchange] = []
    missed: list[Exchange] = []
    for exchange in _chances(exchanges):
        (used if _is_reuse(exchange) else missed).append(exchange)
    provoked(
        len(used) + len(missed) >= ENOUGH_CHANCES,
        f"fewer than {ENOUGH_CHANCES} requests could have used the connection of a plain answer",
    )
    # The pool of connections is never larger than what is in flight, so one that is kept is used again.
    # A response ends for us a moment after its connection is free, which few requests can meet.
    expect(
        len(used) >= len(missed),
        "further requests on a connection whose end was not announced",
        came=f"a new connection for {len(missed)} of {len(used) + len(missed)} requests",
        at=tuple(at_header(exchange, "connection") for exchange in kept[:1]),
    )


def _chances(exchanges: tuple[Exchange, ...]) -> Iterator[Exchange]:
    """The requests that used the connection of a plain answer, or could have."""
    # Nobody uses the connections of another client.
    for sender in dict.fromkeys(exchange.sender for exchange in exchanges):
        own = tuple(exchange for exchange in exchanges if exchange.sender == sender)
        leaving = [exchange for exchange in own if answered(exchange) and not _announces_end(exchange)]
        others = [exchange for exchange in leaving if not whole_successes(exchange)]
        for exchange in own:
            # Who uses a connection where other answers have left none over uses that of a plain answer.
            is_bound = _left_over(others, exchange, own) <= 0
            if is_bound and (
                _is_reuse(exchange) or _left_over(leaving, exchange, own, within=IDLE_SECONDS) > 0
            ):
                yield exchange


def _left_over(
    leaving: list[Exchange], request: Exchange, exchanges: tuple[Exchange, ...], *, within: float = math.inf
) -> int:
    """How many connections these responses had left when a request began, if all reused ones were theirs.

    Only those that were left `within` so many seconds count.
    """
    begin = request.began - within
    left = sum(begin <= each.ended <= request.began for each in leaving)
    return left - sum(_is_reuse(each) and begin <= each.began < request.began for each in exchanges)


def _is_reuse(exchange: Exchange) -> bool:
    return exchange.is_reuse and exchange.response is not None


def _announces_end(exchange: Exchange) -> bool:
    return "close" in (response_of(exchange).header("connection") or "").lower()
