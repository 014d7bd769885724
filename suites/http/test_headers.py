"""Headers of responses: ids of their own, dates, types, and connections that can be used again."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from chatconform.suite import Exchange, at_header, expect, invariant, provoked, survey
from chatconform.suites.forms import answered, asked_chat, plain_successes
from chatconform.suites.http.scenarios import wrong_addresses
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.wire import response_of

ENOUGH_IDS = 3
ENOUGH_ANSWERS = 5


def with_body(exchange: Exchange) -> bool:
    """Every response that has a body."""
    return answered(exchange) and bool(response_of(exchange).raw) and exchange.request.method != "HEAD"


@survey("CC-HTTP-007", answered, provoked_by=(greeting, wrong_addresses))
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


@invariant("CC-HTTP-013", answered, provoked_by=greeting)
def test_every_response_is_dated(exchange: Exchange) -> None:
    """Every response has a Date in the format of HTTP."""
    # RFC 9110 6.6.1: an origin server with a clock "MUST generate a Date header field in all 2xx
    # (Successful), 3xx (Redirection), and 4xx (Client Error) responses".
    provoked(response_of(exchange).status < 500, "the server failed")
    value, at = response_of(exchange).header("date"), at_header(exchange, "date")
    expect(value is not None, "a header Date", came="none", at=at)
    expect(_is_date(value or ""), "a date of HTTP in Date", came=value, at=at)


def _is_date(value: str) -> bool:
    try:
        parsedate_to_datetime(value)
    except ValueError:
        return False
    return True


@invariant("CC-HTTP-014", with_body, provoked_by=greeting)
def test_every_body_has_a_type(exchange: Exchange) -> None:
    """Every response with a body names its media type once, and no other charset than UTF-8."""
    found = response_of(exchange).header_values("content-type")
    at = at_header(exchange, "content-type")
    expect(len(found) == 1, "one header Content-Type", came=", ".join(found) or "none", at=at)
    parameters = [each.strip().lower() for each in found[0].split(";")[1:]]
    charsets = [each.partition("=")[2].strip('" ') for each in parameters if each.startswith("charset")]
    expect(all(each in {"utf-8", "utf8"} for each in charsets), "charset utf-8", came=found[0], at=at)


@survey("CC-HTTP-010", asked_chat, provoked_by=(greeting, wrong_addresses))
def test_a_connection_is_reusable_after_a_plain_answer(exchanges: tuple[Exchange, ...]) -> None:
    """After plain answers a connection carries further requests, unless the answers announce its end."""
    plain = [exchange for exchange in exchanges if plain_successes(exchange)]
    kept = [exchange for exchange in plain if not _announces_end(exchange)]
    provoked(kept or not plain, "every answer announces the end of its connection")
    followed = [each for each in kept if any(other.started > _end(each) for other in exchanges)]
    provoked(
        len(followed) >= ENOUGH_ANSWERS, f"fewer than {ENOUGH_ANSWERS} answers were followed by a request"
    )
    # The pool of connections is never larger than what is in flight, so one that is kept is used again.
    reused = any(exchange.reused and exchange.response is not None for exchange in exchanges)
    expect(
        reused,
        "further requests on a connection whose end was not announced",
        came=f"a new connection for each of {len(exchanges)} requests",
        at=at_header(followed[0], "connection"),
    )


def _end(exchange: Exchange) -> float:
    return exchange.started + exchange.elapsed


def _announces_end(exchange: Exchange) -> bool:
    return "close" in (response_of(exchange).header("connection") or "").lower()
