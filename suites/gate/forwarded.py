"""What the upstream received on account of a step, and how it has to look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatconform.findings.evidence import quote
from chatconform.suite import (
    Evidence,
    Exchange,
    Json,
    NotApplicable,
    NotProvoked,
    Play,
    at_received,
    at_request,
    at_status,
    expect,
)
from chatconform.suites.forms import request_body
from chatconform.suites.gate.sameness import is_kept, is_same_message, subsequence, text_of
from chatconform.suites.wire import as_list, as_object

# Who may speak for the gateway itself.
OF_THE_GATEWAY = ("system", "developer")
_QUOTED = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """A request as the upstream received it, beside the exchange that it was received on account of."""

    exchange: Exchange
    sent: dict[str, Json]
    came: dict[str, Json]

    def at(self, pointer: str = "") -> tuple[Evidence, Evidence]:
        """A place on both sides."""
        return at_request(self.exchange, pointer), at_received(self.exchange, self.came, pointer)


def forwarded_on(play: Play, step: str) -> tuple[Forwarded, ...]:
    """All requests that a step brought about, in order; a gateway may have tried more than once.

    Raises:
        NotApplicable: The target never calls the upstream.
        Refused, Unmeasured: The target did not serve the step, and forwarded nothing.
        NotProvoked: The target calls the upstream, but not with this request.
    """
    exchange, found = play[step], play.received(step)
    if found.calls and not found.received:
        play.answer(step)
    require_call(play, step)
    sent = request_body(exchange)
    return tuple(
        Forwarded(exchange=exchange, sent=sent, came=as_object(each.body)) for each in found.received
    )


def require_call(play: Play, step: str) -> None:
    """Leave a check unjudged unless the upstream received the step: what is behind the target is the rule's.

    Raises:
        NotApplicable: The target never calls the upstream.
        NotProvoked: The target calls the upstream, but not with this request.
    """
    exchange, found = play[step], play.received(step)
    at = (at_status(exchange),)
    if not found.calls:
        raise NotApplicable("the target never called the upstream whose record was given", evidence=at)
    if not found.received:
        told = f"the upstream received {found.calls} requests, but none with the code of step {step!r}"
        raise NotProvoked(told, evidence=at)


def require_trigger(play: Play, step: str) -> None:
    """Leave a check unjudged unless the upstream received what makes it fail, in the last question.

    Raises:
        NotApplicable, NotProvoked: The upstream was never called, or was asked something else.
    """
    require_call(play, step)
    trigger = play.note(trigger_note(step))
    for each in play.received(step).received:
        asked = _questions(as_object(each.body))[-1:]
        if not any(trigger in text_of(as_object(message)) for message in asked):
            at = at_received(play[step], each.body, "/messages")
            raise NotProvoked("the last question that arrived has no text that fails", evidence=(at,))


def trigger_note(step: str) -> str:
    """The note that tells which text makes the upstream fail at a step."""
    return f"trigger of {step}"


def expect_kept(forwarded: Iterable[Forwarded], names: Iterable[str]) -> None:
    """Every one of these parameters arrived, as far as it was sent; all that were lost are named."""
    names = tuple(names)
    lost = {
        name: each
        for each in forwarded
        for name in names
        if name in each.sent and not is_kept(name, each.sent, each.came)
    }
    if lost:
        expect(
            False,
            ", ".join(_told(name, each.sent) for name, each in lost.items()),
            came=", ".join(_told(name, each.came) for name, each in lost.items()),
            at=tuple(place for name, each in lost.items() for place in each.at(f"/{name}")),
        )


def expect_messages(each: Forwarded) -> bool:
    """Every message arrived once, in order; returns whether the gateway added instructions of its own."""
    sent, came = as_list(each.sent.get("messages")), as_list(each.came.get("messages"))
    missing, extra = subsequence(sent, came)
    if missing:
        place = missing[0]
        told = f"message {place} of {len(sent)} to arrive in its place, with its role, text and calls"
        expect(
            False, told, came=_outline(came), at=(each.at(f"/messages/{place}")[0], each.at("/messages")[1])
        )
    for place in extra:
        at = each.at(f"/messages/{place}")[1]
        role = as_object(came[place]).get("role")
        known = any(is_same_message(message, came[place]) for message in sent)
        expect(not known, "each message once", came=f"a {role} message again", at=at)
        expect(
            role in OF_THE_GATEWAY, "the messages of this request", came=f"a further {role} message", at=at
        )
    return bool(extra)


def _questions(body: dict[str, Json]) -> list[Json]:
    return [each for each in as_list(body.get("messages")) if as_object(each).get("role") == "user"]


def _told(name: str, body: dict[str, Json]) -> str:
    return f"{name} {quote(body[name], _QUOTED)}" if name in body else f"no {name}"


def _outline(messages: list[Json]) -> str:
    roles = [str(as_object(message).get("role")) for message in messages]
    return f"{len(roles)} messages: {', '.join(roles)}"
