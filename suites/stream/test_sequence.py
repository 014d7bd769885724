"""The order of a stream's chunks: the role first, the finish reason once, and nothing after it."""

from __future__ import annotations

from collections import defaultdict

from chatconform.suite import Exchange, Observation, at_body, expect, invariant, provoked
from chatconform.suites.forms import sound_streams, streams
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.wire import Part, choices_of

GENERATED = ("content", "refusal", "tool_calls", "function_call")


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
    """Each choice has exactly one finish reason that is not null."""
    for index, parts in _by_choice(exchange).items():
        # An empty one counts as none: that it is sent at all is a rule of its own.
        reasons = [part for part in parts if part.value.get("finish_reason")]
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


def _by_choice(exchange: Exchange) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = defaultdict(list)
    for part in choices_of(exchange):
        found[part.index].append(part)
    provoked(found, "the stream has no choices", at=at_body(exchange))
    return dict(found)
