"""What a browser needs before it lets a page use the API (WHATWG Fetch, CORS protocol)."""

from __future__ import annotations

from chatconform.suite import (
    Exchange,
    Observation,
    Play,
    Response,
    at_header,
    at_status,
    check,
    expect,
    provoked,
)
from chatconform.suites.cors.scenarios import NEEDED, ORIGIN, SDK_HEADERS, browser
from chatconform.suites.wire import measured, response_of

ALLOW_ORIGIN = "access-control-allow-origin"
ANSWERED = ("streamed", "refused", "plain", "models")
READ_BY_CLIENTS = ("x-request-id", "retry-after")


def listed(response: Response, name: str) -> set[str]:
    """The entries of a header that is a list, in lower case."""
    return {each.strip().lower() for value in response.header_values(name) for each in value.split(",")} - {
        ""
    }


def expect_origin(exchange: Exchange) -> None:
    """The response allows any origin, or the one that asked."""
    # Fetch: the values of a repeated header are combined, and two origins match none.
    value = ", ".join(response_of(exchange).header_values(ALLOW_ORIGIN))
    at = at_header(exchange, ALLOW_ORIGIN)
    expect(value in {"*", ORIGIN}, f"'*' or {ORIGIN}", came=value or "none", at=at)


@check("CC-CORS-001", browser)
def test_the_preflight_needs_no_key(play: Play) -> Observation:
    """The preflight for chat answers 2xx without a key, and allows a key and a JSON body."""
    step = "simple-preflight" if play.has("simple-preflight") else "preflight"
    response, exchange = measured(play, step), play[step]
    came = str(response.status)
    expect(200 <= response.status < 300, "a status of 2xx", came=came, at=at_status(exchange))
    expect_origin(exchange)
    allowed = listed(response, "access-control-allow-headers")
    missing = [name for name in NEEDED if name not in allowed and not _covered(name, allowed)]
    at = at_header(exchange, "access-control-allow-headers")
    expect(not missing, f"{' and '.join(NEEDED)} among the headers", came=sorted(allowed), at=at)
    # Fetch, CORS-preflight fetch: a CORS-safelisted method such as POST passes, whatever the list says.
    named = {"post", "*"} & listed(response, "access-control-allow-methods")
    return Observation(topic="preflight-methods", camp="names-post" if named else "without-post")


@check("CC-CORS-002", browser)
def test_the_preflight_allows_the_headers_of_clients(play: Play) -> None:
    """The preflight allows the headers that the official client adds, also such as no list has today."""
    response, exchange = measured(play, "preflight"), play["preflight"]
    came = str(response.status)
    expect(200 <= response.status < 300, "a status of 2xx", came=came, at=at_status(exchange))
    allowed = listed(response, "access-control-allow-headers")
    missing = [name for name in SDK_HEADERS if name not in allowed and not _covered(name, allowed)]
    at = at_header(exchange, "access-control-allow-headers")
    expect(not missing, f"{', '.join(SDK_HEADERS)} allowed", came=f"not {', '.join(missing)}", at=at)


def _covered(name: str, allowed: set[str]) -> bool:
    # Fetch: the wildcard does not cover Authorization, which has to be named.
    return "*" in allowed and name != "authorization"


@check("CC-CORS-003", browser)
def test_every_response_allows_the_origin(play: Play) -> None:
    """Streams and refusals allow the origin of the page, so that it can read them."""
    for step in filter(play.has, ANSWERED):
        measured(play, step)
        expect_origin(play[step])


@check("CC-CORS-004", browser)
def test_headers_that_clients_read_are_exposed(play: Play) -> None:
    """x-request-id, retry-after and x-ratelimit-* are exposed to the page where a response has them."""
    seen = 0
    for step in filter(play.has, ANSWERED):
        response, exchange = measured(play, step), play[step]
        wanted = {name.lower() for name, _ in response.fields if _is_read(name.lower())}
        exposed = listed(response, "access-control-expose-headers")
        seen += len(wanted)
        hidden = sorted(wanted - exposed) if "*" not in exposed else []
        at = at_header(exchange, "access-control-expose-headers")
        expect(not hidden, f"{', '.join(sorted(wanted))} exposed", came=f"not {', '.join(hidden)}", at=at)
    provoked(seen, "no response has a header that clients read")


def _is_read(name: str) -> bool:
    return name in READ_BY_CLIENTS or name.startswith("x-ratelimit-")


@check("CC-CORS-005", browser)
def test_credentials_are_not_allowed_with_any_origin(play: Play) -> None:
    """No response allows credentials together with any origin, which browsers refuse."""
    # Fetch: with credentials, Access-Control-Allow-Origin "cannot be `*`" for the check to succeed.
    for step in filter(play.has, ("preflight", *ANSWERED)):
        response, exchange = measured(play, step), play[step]
        allows = response.header("access-control-allow-credentials") == "true"
        at = (at_header(exchange, ALLOW_ORIGIN), at_header(exchange, "access-control-allow-credentials"))
        wild = allows and response.header(ALLOW_ORIGIN) == "*"
        expect(not wild, "no credentials, or one origin", came="'*' with credentials", at=at)
    allowing = [step for step in filter(play.has, ANSWERED) if play.response(step).header(ALLOW_ORIGIN)]
    provoked(allowing, "no response allows any origin")
