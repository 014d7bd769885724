"""Each check of the access from browsers turns red on its defect."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.cors import test_browsers
from chatconform.suites.cors.scenarios import NEEDED, ORIGIN, SDK_HEADERS
from chatconform.tests.support.exchanges import completion, error, exchange, play, sse, verdict
from chatconform.wire.exchange import Exchange, Headers

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
ALL_HEADERS = ", ".join((*NEEDED, *SDK_HEADERS))


def with_headers(came: Exchange, *headers: tuple[str, str], status: int | None = None) -> Exchange:
    assert came.response is not None
    kept = tuple(pair for pair in came.response.headers if pair[0] in {"content-type", "x-request-id"})
    response = replace(came.response, headers=kept + headers)
    return replace(came, response=response if status is None else replace(response, status=status))


def preflight(*, status: int = 204, **changed: str) -> Exchange:
    granted = {
        "access_control_allow_origin": "*",
        "access_control_allow_methods": "GET, POST",
        "access_control_allow_headers": ALL_HEADERS,
        **changed,
    }
    headers: Headers = tuple((name.replace("_", "-"), value) for name, value in granted.items() if value)
    return with_headers(exchange({}), *headers, status=status)


def actual(came: Exchange, **changed: str) -> Exchange:
    granted = {
        "access_control_allow_origin": "*",
        "access_control_expose_headers": "x-request-id, Retry-After",
        **changed,
    }
    return with_headers(came, *((name.replace("_", "-"), value) for name, value in granted.items() if value))


ALLOWED = ("access-control-allow-origin", "*")
STREAM = exchange(sse([completion()]))
REFUSED = exchange(error(), status=400)
SOUND = {"preflight": preflight(), "streamed": actual(STREAM), "refused": actual(REFUSED)}
needs_no_key = test_browsers.test_the_preflight_needs_no_key
sdk = test_browsers.test_the_preflight_allows_the_headers_of_clients
origin = test_browsers.test_every_response_allows_the_origin
exposed = test_browsers.test_headers_that_clients_read_are_exposed
credentials = test_browsers.test_credentials_are_not_allowed_with_any_origin


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (needs_no_key, "preflight", preflight(status=401), FAIL),
        (needs_no_key, "preflight", preflight(access_control_allow_origin=""), FAIL),
        (needs_no_key, "preflight", preflight(access_control_allow_origin="https://other.example"), FAIL),
        (needs_no_key, "preflight", preflight(access_control_allow_origin=ORIGIN), PASS),
        (needs_no_key, "preflight", preflight(access_control_allow_methods="GET"), PASS),
        (needs_no_key, "preflight", preflight(access_control_allow_methods=""), PASS),
        (needs_no_key, "preflight", preflight(access_control_allow_headers="content-type"), FAIL),
        (needs_no_key, "preflight", preflight(access_control_allow_headers="*"), FAIL),
        (sdk, "preflight", preflight(access_control_allow_headers=", ".join(NEEDED)), FAIL),
        (sdk, "preflight", preflight(access_control_allow_headers="authorization, *"), PASS),
        (sdk, "preflight", preflight(status=403), FAIL),
        (origin, "streamed", actual(STREAM, access_control_allow_origin=""), FAIL),
        (origin, "refused", actual(REFUSED, access_control_allow_origin=""), FAIL),
        (origin, "refused", actual(REFUSED, access_control_allow_origin=ORIGIN), PASS),
        (origin, "refused", with_headers(REFUSED, ALLOWED, ALLOWED), FAIL),
        (exposed, "streamed", actual(STREAM, access_control_expose_headers=""), FAIL),
        (exposed, "refused", actual(REFUSED, access_control_expose_headers="retry-after"), FAIL),
        (exposed, "refused", actual(REFUSED, access_control_expose_headers="*"), PASS),
        (credentials, "refused", actual(REFUSED, access_control_allow_credentials="true"), FAIL),
        (credentials, "preflight", preflight(access_control_allow_credentials="true"), FAIL),
    ],
)
def test_what_a_browser_would_not_take_is_found(
    check: Callable[..., object], step: str, came: Exchange, expected: Verdict
) -> None:
    """One wrong header gives its check the verdict that it deserves."""
    assert verdict(check, play(SOUND)) is PASS
    assert verdict(check, play({**SOUND, step: came})) is expected


def test_a_simple_preflight_may_pass_where_unknown_headers_are_refused() -> None:
    """Who refuses the client's extra headers altogether breaks the rule of those, and no other."""
    steps = {**SOUND, "preflight": preflight(status=403), "simple-preflight": preflight()}

    assert verdict(needs_no_key, play(steps)) is PASS
    assert verdict(sdk, play(steps)) is FAIL


def test_without_any_origin_there_is_nothing_to_say_of_credentials() -> None:
    """Where no response allows an origin, the rule about credentials is not measured."""
    steps = {step: with_headers(came) for step, came in SOUND.items()}

    assert verdict(credentials, play(steps)) is INCONCLUSIVE
