"""The headers that tell how much of a rate limit is left."""

from __future__ import annotations

import re

from chatconform.suite import Exchange, at_header, expect, invariant, provoked, survey
from chatconform.suites.forms import answered, request_header, status
from chatconform.suites.req.scenarios import defects
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.wire import response_of

KINDS = ("requests", "tokens")
# 1s, 6m0s, 120ms, 1h2m3.5s, or a plain number of seconds.
DURATION = re.compile(
    r"(?=.)(?:(?P<d>\d+)d)?(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m(?!s))?(?:(?P<s>\d+(?:\.\d+)?)s)?(?:(?P<ms>\d+(?:\.\d+)?)ms)?"
)
# Many servers tell the reset in whole seconds.
ROUNDED = 1.0
PLAIN = re.compile(r"\d+(?:\.\d+)?")
UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def with_limits(exchange: Exchange) -> bool:
    """Every response with a header x-ratelimit-*."""
    names = (name.lower() for name, _ in response_of(exchange).fields) if answered(exchange) else ()
    return any(name.startswith("x-ratelimit-") for name in names)


def told(exchange: Exchange, what: str, kind: str) -> str | None:
    """The value of one of the headers."""
    return response_of(exchange).header(f"x-ratelimit-{what}-{kind}")


def whole(value: str | None) -> int | None:
    """The value as a whole number of 0 or more; nothing where it is none."""
    return int(value[:18]) if value is not None and value.strip().isdecimal() else None


@invariant("CC-RATE-004", with_limits, provoked_by=greeting)
def test_what_is_left_is_within_the_limit(exchange: Exchange) -> None:
    """Limits and remainders are whole numbers of 0 or more, and no remainder exceeds its limit."""
    for kind in KINDS:
        for what in ("limit", "remaining"):
            value = told(exchange, what, kind)
            at = at_header(exchange, f"x-ratelimit-{what}-{kind}")
            expect(value is None or whole(value) is not None, "a whole number", came=value, at=at)
        limit, left = whole(told(exchange, "limit", kind)), whole(told(exchange, "remaining", kind))
        at = at_header(exchange, f"x-ratelimit-remaining-{kind}")
        within = limit is None or left is None or left <= limit
        expect(within, f"at most the limit of {limit}", came=left, at=at)


@invariant("CC-RATE-005", with_limits, provoked_by=greeting)
def test_the_reset_is_a_duration(exchange: Exchange) -> None:
    """The time to the reset is a duration such as 1s, 6m0s or 120ms, or a number of seconds."""
    values = {kind: told(exchange, "reset", kind) for kind in KINDS}
    provoked(any(value is not None for value in values.values()), "no response tells of a reset")
    for kind, value in values.items():
        at = at_header(exchange, f"x-ratelimit-reset-{kind}")
        expect(value is None or seconds(value) is not None, "a duration", came=value, at=at)


def seconds(value: str) -> float | None:
    """The seconds of a duration; nothing where it cannot be read."""
    if PLAIN.fullmatch(value.strip()):
        return float(value)
    found = DURATION.fullmatch(value.strip())
    if found is None:
        return None
    return sum(float(found[unit]) * size for unit, size in UNITS.items() if found[unit])


@survey("CC-RATE-006", with_limits, provoked_by=(greeting, defects))
def test_what_is_left_does_not_grow_within_a_window(exchanges: tuple[Exchange, ...]) -> None:
    """From one answered request to the next, what is left of the requests does not grow before the reset."""
    served = [exchange for exchange in exchanges if status(exchange) == 200]
    compared = 0
    for after in served:
        before = _last_before(after, served)
        reset = seconds(told(before, "reset", "requests") or "") if before else None
        # The reset was told after the request before had begun, so it is not sooner than this, but for what
        # it was rounded by.
        if before is None or reset is None or after.ended - before.began >= reset - ROUNDED:
            continue
        left, later = (whole(told(each, "remaining", "requests")) for each in (before, after))
        if left is None or later is None:
            continue
        compared += 1
        at = tuple(at_header(each, "x-ratelimit-remaining-requests") for each in (after, before))
        expect(later <= left, f"at most the {left} of the request before", came=later, at=at)
    provoked(compared, "no two requests of one window followed each other")


def _last_before(after: Exchange, served: list[Exchange]) -> Exchange | None:
    """The request with the same key that was answered last before another one was sent."""
    # A limit is a key's own, if not that of everybody.
    key = request_header(after, "authorization")
    alike = [each for each in served if request_header(each, "authorization") == key]
    earlier = [each for each in alike if each.ended <= after.began]
    return max(earlier, key=lambda each: each.ended, default=None)
