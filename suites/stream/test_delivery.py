"""How a stream travels: while it is generated, compressed or not, and no further than its reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatconform.suite import (
    Exchange,
    FailureKind,
    Observation,
    Play,
    StreamEvent,
    at_body,
    at_event,
    at_failure,
    at_header,
    check,
    expect,
    invariant,
    provoked,
    survey,
)
from chatconform.suites.forms import OURS, asked_chat, request_body, request_header, streams
from chatconform.suites.pairs import if_readable
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.stream.scenarios import abandoned, one_after_the_other, story
from chatconform.suites.texts import REASONING, text_of
from chatconform.suites.usage.counting import usages_in
from chatconform.suites.wire import as_object, choices_of, is_integer, response_of, stream_of

# Fewer pieces than these may be generated, or arrive, at one moment.
ENOUGH_PIECES = 10
# Below these nobody can tell a fast model from a collected answer.
SLOW_SECONDS = 2.0
SPREAD = 0.05
FEWEST_ARRIVALS = 3
# What can be undone here without further modules (RFC 9110, 8.4.1).
CODINGS = frozenset({"identity", "gzip", "x-gzip", "deflate"})
# What a short answer may take longer than on the idle target, and the tokens of a story that is not stopped.
TIMES_THE_BASELINE = 3
SLACK_SECONDS = 0.25
USUAL_STORY = 300
MUCH_OF_THE_REST = 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """When the pieces of a stream's text came, in seconds since the request began."""

    exchange: Exchange
    first: StreamEvent
    last: StreamEvent
    pieces: int
    arrivals: int

    @property
    def spread(self) -> float:
        """From the first piece of text to the last."""
        return self.last.at - self.first.at

    @property
    def is_flowing(self) -> bool:
        """Whether the pieces came one after the other."""
        return self.arrivals >= FEWEST_ARRIVALS and self.spread >= SPREAD * self.last.at

    @property
    def is_held(self) -> bool:
        """Whether all of them came at once, when a long time had passed."""
        # What comes, or does not come, after the text says nothing of how the text came.
        return self.last.at > SLOW_SECONDS and self.spread < SPREAD * self.last.at


@survey("CC-STREAM-018", streams, provoked_by=(story, one_after_the_other))
def test_output_arrives_while_it_is_generated(exchanges: tuple[Exchange, ...]) -> None:
    """Long texts arrive piece by piece; none of a content coding comes all at once, after a long silence."""
    paces = [pace for exchange in exchanges for pace in if_readable(_paces, exchange) or ()]
    timed = any(response_of(exchange).is_timed for exchange in exchanges)
    provoked(timed, "when the pieces of the bodies arrived was not recorded")
    provoked(paces, f"no stream has {ENOUGH_PIECES} pieces of text")
    thinks = any(if_readable(_thinks, exchange) for exchange in exchanges)
    for coding in sorted({_coding(pace.exchange) for pace in paces}):
        alike = [pace for pace in paces if _coding(pace.exchange) == coding]
        held = [pace for pace in alike if pace.is_held]
        flows = any(pace.is_flowing for pace in alike)
        # What is thought in silence takes its time before a short text, which may then come fast.
        provoked(flows or not held or not thinks, "the model thinks in silence before it answers")
        expect(
            flows or not held,
            f"text while it is generated (content coding {coding})",
            came=f"{held[0].pieces} pieces within {held[0].spread:.2f} s after {held[0].first.at:.1f} s"
            if held
            else "",
            at=tuple(at_event(pace.exchange, pace.first.index) for pace in held[:3]) or at_body(exchanges[0]),
        )
    provoked(any(pace.is_flowing for pace in paces), "every stream was too fast, or too short, to tell")


def _thinks(exchange: Exchange) -> bool:
    """Whether the usage of a stream tells of reasoning."""
    told = (as_object(usage.get("completion_tokens_details")) for usage, _ in usages_in(exchange))
    return any(is_integer(each.get("reasoning_tokens")) and each["reasoning_tokens"] for each in told)


def _paces(exchange: Exchange) -> list[Pace]:
    events = list(_text_events(exchange))
    if len(events) < ENOUGH_PIECES:
        return []
    arrivals = len({event.at for event in events})
    pieces = len(events)
    return [Pace(exchange=exchange, first=events[0], last=events[-1], pieces=pieces, arrivals=arrivals)]


def _text_events(exchange: Exchange) -> Iterator[StreamEvent]:
    told = {part.event for part in choices_of(exchange) if text_of(part, "content", *REASONING)}
    return (event for event in stream_of(exchange).events if event.index in told)


def _coding(exchange: Exchange) -> str:
    return (response_of(exchange).header("content-encoding") or "identity").strip().lower()


@invariant("CC-STREAM-018", streams, provoked_by=story)
def test_no_long_stream_is_measured_before_it_is_sent(exchange: Exchange) -> None:
    """A stream of many pieces has no Content-Length: it is known only when everything has been generated."""
    pieces = len(list(_text_events(exchange)))
    provoked(pieces >= ENOUGH_PIECES, f"the stream has fewer than {ENOUGH_PIECES} pieces of text")
    length = response_of(exchange).header("content-length")
    expect(length is None, "no Content-Length", came=length, at=at_header(exchange, "content-length"))


@invariant("CC-STREAM-031", streams, provoked_by=one_after_the_other)
def test_a_compressed_stream_decodes_to_its_end(exchange: Exchange) -> Observation:
    """The content coding of a stream is one that was asked for, if any was, and can be undone to its end."""
    coding, wanted = _coding(exchange), request_header(exchange, "accept-encoding").lower()
    at = at_header(exchange, "content-encoding")
    accepted = not wanted or coding == "identity" or coding.removeprefix("x-") in wanted or "*" in wanted
    expect(accepted, f"a content coding of {wanted}, or none", came=coding, at=at)
    provoked(coding in CODINGS, f"the content coding {coding} cannot be undone here", at=at)
    decoded = response_of(exchange).decoded and coding != "identity"
    provoked(not decoded, "it was recorded decoded, so nobody sees how its coding ended", at=at)
    undecodable = response_of(exchange).stream.undecodable
    expect(not undecodable, f"a body that decodes as {coding}", came=undecodable, at=at)
    return Observation(topic="content-coding", camp=coding)


def asked_for_a_stream(exchange: Exchange) -> bool:
    """Every request for a stream whose outcome is the target's."""
    ours = exchange.failure is not None and exchange.failure.kind in OURS
    return asked_chat(exchange) and request_body(exchange).get("stream") is True and not ours


@invariant("CC-STREAM-036", asked_for_a_stream, provoked_by=greeting)
def test_the_framing_of_a_stream_is_http(exchange: Exchange) -> None:
    """Head and body of the answer to a request for a stream are well-formed HTTP/1.1."""
    garbled = exchange.failure is not None and exchange.failure.kind is FailureKind.PROTOCOL
    came = exchange.failure.message if exchange.failure else ""
    expect(not garbled, "an answer that is HTTP/1.1", came=came, at=at_failure(exchange))
    provoked(exchange.response is not None, "no response came", at=at_failure(exchange))


@check("CC-STREAM-021", abandoned, feature="stream")
def test_closing_the_connection_stops_generation(play: Play) -> None:
    """After a long stream is left, a short request is answered as soon as on the idle target."""
    idle = _first_text(play, "before")
    left = play["left"]
    reading = left.failure is not None and left.failure.kind is FailureKind.ABORTED
    provoked(reading and streams_so_far(left), "the long answer was not left while it came")
    allowed = max(TIMES_THE_BASELINE * idle, idle + SLACK_SECONDS)
    rest = _rest_of_the_story(left)
    provoked(
        rest > 2 * allowed,
        f"the rest of the long answer would have taken {rest:.1f} s, too little to be missed",
    )
    waited = _first_text(play, "after")
    # A busy target may be late by itself; who waits for a story that nobody reads waits for much of it.
    late = f"the first text came after {waited:.2f} s, late, but much sooner than the story would have ended"
    provoked(waited <= allowed or waited >= MUCH_OF_THE_REST * rest, late, at=at_body(play["after"]))
    expect(
        waited <= allowed,
        f"the first text within {allowed:.2f} s ({idle:.2f} s on the idle target)",
        came=f"it after {waited:.2f} s",
        at=at_body(play["after"]),
    )


def streams_so_far(exchange: Exchange) -> bool:
    """Whether what had come of a response is the beginning of an event stream."""
    return exchange.response is not None and exchange.response.status == 200 and exchange.is_stream


def _first_text(play: Play, step: str) -> float:
    play.answer(step)
    first = next(_text_events(play[step]), None)
    provoked(first, f"step {step!r} was answered without text", at=at_body(play[step]))
    return first.at if first else 0.0


def _rest_of_the_story(left: Exchange) -> float:
    """What a story of the usual length would still have taken, at the pace of the pieces that came."""
    times = [event.at for event in _text_events(left)]
    pace = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 0.0
    return pace * (USUAL_STORY - len(times))
