"""A gateway forwards conversations and tools as they are."""

from __future__ import annotations

from chatconform.suite import Observation, Play, at_pointer, check, expect
from chatconform.suites.gate.forwarded import Forwarded, expect_kept, expect_messages, forwarded_on
from chatconform.suites.gate.parameters import LABEL_NAMES, NAMES, NEUTRAL
from chatconform.suites.gate.sameness import LIMITS, is_same, subsequence
from chatconform.suites.gate.scenarios import bare, continued, forwarded
from chatconform.suites.gate.served import served
from chatconform.suites.wire import as_list, as_object

ROUNDS = ("call", "answer", "later")


@check("CC-GATE-001", forwarded, feature=NAMES)
def test_every_message_is_forwarded_once(play: Play) -> Observation:
    """The upstream receives each message of a conversation once, in order, with its role, text and calls."""
    own = [expect_messages(each) for each in served(play).forwarded]
    return Observation(topic="gateway-instructions", camp="added" if any(own) else "none")


@check("CC-GATE-002", continued)
def test_a_continuation_has_the_history_of_before(play: Play) -> None:
    """After a call and its result the upstream receives what it received before, once, and what is new."""
    before: Forwarded | None = None
    for step in ROUNDS[: 1 + sum(play.has(step) for step in ROUNDS[1:])]:
        last = forwarded_on(play, step)[-1]
        expect_messages(last)
        if before is not None:
            _expect_prefix(before, last)
        before = last


@check("CC-GATE-003", forwarded, feature=("tools", "tool_choice", "parallel_tool_calls"))
def test_tools_are_forwarded_whole(play: Play) -> None:
    """The upstream receives every tool in order, with its name, its description and its whole schema."""
    tools = served(play, ("tools",))
    for each in tools.forwarded:
        _expect_tools(each)
    tools.expect_no_refusal()


@check("CC-GATE-004", forwarded, feature=LABEL_NAMES)
def test_labels_are_forwarded(play: Play) -> None:
    """The upstream receives what labels a request and what it may spend: user, metadata, tier, effort."""
    labels = served(play, LABEL_NAMES)
    expect_kept(labels.forwarded, LABEL_NAMES)
    labels.expect_no_refusal()


@check("CC-GATE-005", bare)
def test_nothing_is_added_to_a_generation(play: Play) -> Observation:
    """The upstream receives no sampling, stop string, format or tool that the client did not send."""
    limited = False
    for each in forwarded_on(play, "bare"):
        for name, neutral in NEUTRAL.items():
            value = each.came.get(name)
            at = each.at(f"/{name}")
            expect(value is None or is_same(neutral, value), f"no {name}", came=value, at=at)
        limited |= any(each.came.get(name) is not None for name in LIMITS)
    return Observation(topic="gateway-limit", camp="added" if limited else "none")


def _expect_prefix(before: Forwarded, last: Forwarded) -> None:
    earlier, now = as_list(before.came.get("messages")), as_list(last.came.get("messages"))
    missing, _ = subsequence(earlier, now)
    told = f"the {len(earlier)} messages of the request before"
    if missing:
        role = as_object(earlier[missing[0]]).get("role")
        expect(False, told, came=f"its message {missing[0]} ({role}) is not there", at=last.at("/messages"))


def _expect_tools(each: Forwarded) -> None:
    sent, came = as_list(each.sent.get("tools")), as_list(each.came.get("tools"))
    for place, tool in enumerate(sent):
        arrived = place < len(came) and is_same(tool, came[place])
        told = f"the tool {at_pointer(tool, '/function/name')} as it was defined"
        what = "another definition" if place < len(came) else f"{len(came)} tools"
        expect(arrived, told, came=what, at=each.at(f"/tools/{place}"))
    expect(len(came) == len(sent), f"{len(sent)} tools", came=len(came), at=each.at("/tools"))
