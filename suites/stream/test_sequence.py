"""The order of a stream's chunks: the role first, the finish reason once, and nothing after it."""

from __future__ import annotations

from collections import defaultdict

from chatconform.suite import Exchange, Observation, at_body, expect, invariant, provoked
from chatconform.suites.forms import request_body, sound_streams, streams
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.stream.scenarios import one_after_the_other
from chatconform.suites.wire import Part, choices_of, is_integer, response_of
from chatconform.wire.sse import Kind

GENERATED = ("content", "refusal", "tool_calls", "function_call")


def several_asked(exchange: Exchange) -> bool:
    """Every sound stream whose request asks for more than one choice."""
    wanted = request_body(exchange).get("n")
    return sound_streams(exchange) and is_integer(wanted) and wanted > 1


@invariant("CC-STREAM-007", streams, provoked_by=greeting)
def test_the_first_delta_of_a_choice_has_the_role(exchange: Exchange) -> None:
    """The first chunk that holds a choice gives its delta the role `assistant`."""
    for parts in _by_choice(exchange).values():
        role = parts[0].inner.get("role")
        expect(role == "assistant", "role 'assistant'", came=parts[0].inner, at=parts[0].at)


@invariant("CC-STREAM-008", streams, provoked_by=greeting)
def test_the_role_is_sent_once(exchange: Exchange) -> None:
    """After the first delta of a choice the role is missing or null, and it is never empty."""
    for parts in _by_choice(exchange).values():
        for position, part in enumerate(parts):
            role = part.inner.get("role")
            expect(role != "", "a role that is not empty", came=role, at=part.at)
            expect(position == 0 or role is None, "no role after the first delta", came=role, at=part.at)


@invariant("CC-STREAM-011", sound_streams, provoked_by=greeting)
def test_each_choice_gets_one_finish_reason(exchange: Exchange) -> None:
    """Each choice has exactly one finish reason that is not null, and there is a choice."""
    choices, unread = _grouped(exchange), _unread(exchange)
    provoked(choices or not unread, "what came cannot be read as chunks", at=at_body(exchange))
    expect(choices, "a choice with a finish reason", came="no choice", at=at_body(exchange))
    for index, parts in choices.items():
        # An empty one counts as none: that it is sent at all is a rule of its own.
        reasons = [part for part in parts if part.value.get("finish_reason")]
        provoked(reasons or not unread, "a chunk that cannot be read may have it", at=at_body(exchange))
        expect(
            len(reasons) == 1,
            f"one finish reason for choice {index}",
            came=f"{len(reasons)}: {[part.value['finish_reason'] for part in reasons]}",
            at=tuple(part.at for part in reasons) or parts[-1].at,
        )


@invariant("CC-STREAM-012", streams, provoked_by=greeting)
def test_nothing_follows_the_finish_reason(exchange: Exchange) -> Observation:
    """After the finish reason of a choice no delta adds content, a refusal or tool calls to it."""
    merged = False
    for parts in _by_choice(exchange).values():
        finished = False
        for part in parts:
            expect(not (finished and _adds(part)), "no further text or call", came=part.inner, at=part.at)
            if part.value.get("finish_reason") and not finished:
                finished, merged = True, merged or _adds(part)
    return Observation(topic="finish-chunk", camp="merged-finish" if merged else "empty-finish-delta")


def _adds(part: Part) -> bool:
    return any(part.inner.get(name) for name in GENERATED)


@invariant("CC-STREAM-022", several_asked, provoked_by=one_after_the_other)
def test_every_choice_streams_under_its_own_index(exchange: Exchange) -> None:
    """With n above 1 the choices have the indices 0 to n - 1, and index 0 appears first."""
    wanted, choices = request_body(exchange).get("n"), _by_choice(exchange)
    found = list(choices)
    at = at_body(exchange)
    # That n is ignored, plain and streamed, is a rule of its own: then there is nothing to tell apart.
    several = len(choices) > 1 or any(_is_interleaved(parts) for parts in choices.values())
    provoked(several, f"one choice came for n {wanted}", at=at)
    expect(
        is_integer(wanted) and sorted(found) == list(range(wanted)), f"{wanted} indices", came=found, at=at
    )
    expect(found[0] == 0, "index 0 first", came=found, at=at)


def _is_interleaved(parts: list[Part]) -> bool:
    """Whether the chunks of one index are those of several choices: each has a role and an end."""
    roles = [part for part in parts if part.inner.get("role")]
    ends = [part for part in parts if part.value.get("finish_reason")]
    return len(roles) > 1 or len(ends) > 1


def _by_choice(exchange: Exchange) -> dict[int, list[Part]]:
    found = _grouped(exchange)
    provoked(found, "the stream has no choices", at=at_body(exchange))
    return found


def _grouped(exchange: Exchange) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = defaultdict(list)
    for part in choices_of(exchange):
        found[part.index].append(part)
    return dict(found)


def _unread(exchange: Exchange) -> bool:
    """Whether a finish reason stands in bytes that are no chunk, for a defect of the framing or the JSON."""
    stream = response_of(exchange).stream
    cut = stream.ending.unterminated
    texts = [event.data for event in stream.events if event.chunk is None]
    texts += [cut.data or ""] if cut else []
    # Of a line without `data:` only the beginning is kept.
    lines = any(note.text.startswith("{") for note in stream.ending.of(Kind.UNKNOWN_FIELD))
    return lines or any("finish_reason" in text for text in texts)
