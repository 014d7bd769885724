"""Tool calls in streams: their indices, and how their parts are spread over the chunks."""

import json
import re

from chatconform.suite import Exchange, NotJson, Observation, expect, invariant, parse, provoked
from chatconform.suites.tools.calls import WireCall, endings, wire_calls, wire_fragments
from chatconform.suites.tools.forms import (
    with_fragmented_calls,
    with_parallel_streamed_calls,
    with_streamed_calls,
)
from chatconform.suites.tools.scenarios import strict_tool, three_cities

CLAIM_A_WHOLE_CALL = ("tool_calls", "function_call", "stop")
# A string, and its closing quote if it has one.
STRING = re.compile(r'"(?:[^"\\]|\\.)*+("?)', re.DOTALL)


@invariant("CC-TOOLS-006", with_streamed_calls, provoked_by=three_cities)
def test_every_fragment_has_an_integer_index(exchange: Exchange) -> None:
    """Every entry of a delta's tool_calls has an index that is an integer of 0 or more."""
    for fragment in wire_fragments(exchange):
        index = fragment.index
        expect(index is not None and index >= 0, "an integer index", came=fragment.entry, at=fragment.at)


@invariant("CC-TOOLS-007", with_parallel_streamed_calls, provoked_by=three_cities)
def test_parallel_calls_have_consecutive_indices(exchange: Exchange) -> None:
    """The calls of a choice have the indices from 0 on, each with one id and one JSON value as arguments."""
    calls = wire_calls(exchange)
    for choice in {call.choice for call in calls}:
        own = [call for call in calls if call.choice == choice]
        indices = [call.index for call in own]
        at = tuple(call.at for call in own)
        expect(set(indices) == set(range(len(own))), f"the indices 0 to {len(own) - 1}", came=indices, at=at)
    for call in calls:
        expect(len(set(call.ids)) == 1, "one id for each index", came=list(call.ids), at=call.at)
    expect_arguments_once(exchange)


@invariant("CC-TOOLS-023", with_parallel_streamed_calls, provoked_by=three_cities)
def test_parallel_calls_begin_in_the_order_of_their_indices(exchange: Exchange) -> None:
    """The first fragments of a choice's calls come in the order of their indices."""
    latest: dict[int, int] = {}
    for call in wire_calls(exchange):
        if call.index is not None:
            before = latest.get(call.choice, -1)
            expect(call.index > before, f"an index above {before}", came=call.index, at=call.at)
            latest[call.choice] = call.index


@invariant("CC-TOOLS-008", with_fragmented_calls, provoked_by=(strict_tool, three_cities))
def test_id_and_name_come_once_and_first(exchange: Exchange) -> Observation:
    """A call has one id and one name, both on its first fragment; later ones only add to the arguments."""
    repeated = False
    for call in wire_calls(exchange):
        if len(call.fragments) < 2:
            continue
        first = call.fragments[0]
        named = bool(first.fields.get("id")) and bool(first.function.get("name"))
        expect(named, "id and name on the first fragment", came=first.entry, at=first.at)
        expect(len(call.ids) == 1, "one id", came=list(call.ids), at=call.at)
        expect(len(call.names) == 1, "one name", came=list(call.names), at=call.at)
        # The official SDK knows that a type may come again, and does not concatenate it.
        repeated = repeated or any(fragment.fields.get("type") for fragment in call.fragments[1:])
    return Observation(topic="type-of-call-fragments", camp="repeated" if repeated else "once")


@invariant("CC-TOOLS-009", with_streamed_calls, provoked_by=(strict_tool, three_cities))
def test_fragments_add_up_to_the_arguments_once(exchange: Exchange) -> None:
    """The fragments are the arguments once: none repeats the text so far, and none brings the whole again."""
    expect_arguments_once(exchange)


def expect_arguments_once(exchange: Exchange) -> None:
    """The pieces of the arguments are one JSON value; text that is none at all may be the model's fault."""
    ends = endings(exchange)
    # Without an index nobody knows which pieces belong together, which is a rule of its own.
    told = [call for call in wire_calls(exchange) if call.index is not None]
    provoked(told, "no call has an index")
    written = [call for call in told if not call.is_custom and call.arguments.strip()]
    unread = [call for call in written if not is_json(call.arguments)]
    for call in unread:
        expect(not repeats(call), "every piece of the arguments once", came=call.arguments, at=call.at)
        end = ends.get(call.choice)
        complete = end is not None and end.reason in CLAIM_A_WHOLE_CALL
        cut = complete and is_cut(call.arguments)
        expect(
            not cut, "the arguments to their end", came=call.arguments, at=(call.at, end.at) if end else ()
        )
    provoked(not unread, "the arguments are no JSON, or were cut", at=unread[0].at if unread else None)


def repeats(call: WireCall) -> bool:
    """Whether text follows a whole value, a later fragment is one by itself, or every piece comes twice."""
    text = call.arguments.lstrip()
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        pieces = [fragment.text for fragment in call.fragments if fragment.text]
        whole = any(is_json(fragment.text) and "{" in fragment.text for fragment in call.fragments[1:])
        return whole or (pieces[::2] == pieces[1::2] and is_json("".join(pieces[::2])))
    return bool(text[end:].strip())


def is_cut(text: str) -> bool:
    """Whether the text ends within a string, or before every bracket is closed."""
    rest = STRING.sub(lambda found: "" if found[1] else '"', text)
    opened, closed = (sum(map(rest.count, brackets)) for brackets in ("{[", "}]"))
    return '"' in rest or opened > closed


def is_json(text: str) -> bool:
    """Whether the text is one JSON value."""
    try:
        parse(text)
    except NotJson:
        return False
    return True
