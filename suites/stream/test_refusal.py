"""A stream that cannot begin."""

from __future__ import annotations

from chatconform.suite import Exchange, at_header, at_status, expect, provoked, survey
from chatconform.suites.forms import allowed, error_of, on_chat, sound_streams, status
from chatconform.suites.pairs import FORM, alike, if_readable, is_plain, is_streamed
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.stream.scenarios import one_after_the_other
from chatconform.suites.wire import response_of, stream_of

# Too busy to say anything of the request.
BUSY = frozenset({429, 503})


@survey("CC-STREAM-013", on_chat, provoked_by=(greeting, one_after_the_other))
def test_a_refusal_comes_before_the_stream(exchanges: tuple[Exchange, ...]) -> None:
    """What is refused plain, or as soon as it is read, is refused with a 4xx also with `stream: true`."""
    provoked(any(map(sound_streams, exchanges)), "no good request was answered with a stream")
    judged = 0
    for group in alike(exchanges, *FORM):
        plain = next((each for each in group if is_plain(each) and _is_refused(each)), None)
        for exchange in filter(is_streamed, group):
            if status(exchange) in BUSY or (plain is None and not _is_refused_by_itself(exchange)):
                continue
            judged += 1
            _expect_refused(exchange, plain)
    provoked(judged, "no request for a stream was refused")


def _expect_refused(exchange: Exchange, plain: Exchange | None) -> None:
    control = (at_status(plain),) if plain else ()
    expect(
        400 <= status(exchange) < 500,
        f"{status(plain) if plain else 'a 4xx'} before anything is streamed",
        came=str(status(exchange)),
        at=(at_status(exchange), *control),
    )
    expect(
        not exchange.is_stream,
        "an error that is plain JSON",
        came=response_of(exchange).media_type,
        at=at_header(exchange, "content-type"),
    )


def _is_refused(exchange: Exchange) -> bool:
    return 400 <= status(exchange) < 500 and status(exchange) not in BUSY


def _is_refused_by_itself(exchange: Exchange) -> bool:
    """Whether a request that the contract forbids was refused, in whatever form that came."""
    return not allowed(exchange) and (
        _is_refused(exchange) or bool(if_readable(_begins_with_an_error, exchange))
    )


def _begins_with_an_error(exchange: Exchange) -> bool:
    events = stream_of(exchange).events if exchange.is_stream else ()
    return bool(events) and bool(error_of(events[0].chunk))
