"""The form of a tool call, its id, and how an answer with one ends."""

import re

from chatconform.suite import (
    AFTER_TOOL_RESULT,
    LATER_TURN,
    LATER_TURN_STREAMED,
    Exchange,
    Observation,
    Play,
    check,
    expect,
    expect_finish,
    invariant,
    provoked,
    read_answer,
)
from chatconform.suites.choice.scenarios import (
    named,
    required_after_a_tool_round,
    required_against_the_prompt,
    required_plain,
)
from chatconform.suites.tools.calls import Fragment, WireCall, endings, wire_calls
from chatconform.suites.tools.definitions import defines_custom_tools, requested
from chatconform.suites.tools.forms import claims_calls, with_calls, with_calls_under_auto
from chatconform.suites.tools.outcomes import TOOL_WORDS, calls_in
from chatconform.suites.tools.scenarios import three_cities
from chatconform.suites.wire import is_integer

# OpenAI refuses a longer id in a history.
LONGEST_REPLAYED = 40


@invariant("CC-TOOLS-001", with_calls, provoked_by=(three_cities, named))
def test_a_call_has_its_members_with_their_types(exchange: Exchange) -> None:
    """Every function call has a string id, the type function, a string name and string arguments."""
    for call in wire_calls(exchange):
        if not (call.is_custom and defines_custom_tools(exchange)):
            expect_whole(call, streamed=exchange.is_stream)


def expect_whole(call: WireCall, *, streamed: bool) -> None:
    """All members of a function call came, in one piece or spread over the fragments."""
    expect(call.ids, "an id that is a string", came=call.fragments[0].entry, at=call.at)
    expect(call.names, "a function.name that is a string", came=call.fragments[0].entry, at=call.at)
    for fragment in call.fragments:
        expect_typed(fragment, streamed=streamed)


def expect_typed(fragment: Fragment, *, streamed: bool) -> None:
    """What a fragment has is of the right type; only a completion has to have everything at once."""
    kind, arguments = fragment.fields.get("type"), fragment.function.get("arguments")
    left_out = streamed and kind in (None, "")
    expect(left_out or kind == "function", "the type function", came=fragment.entry, at=fragment.at)
    left_out = streamed and arguments is None
    expect(
        left_out or isinstance(arguments, str),
        "function.arguments that is a string",
        came=fragment.entry,
        at=fragment.at,
    )


@invariant("CC-TOOLS-004", with_calls_under_auto, provoked_by=three_cities)
def test_calls_under_auto_end_with_tool_calls(exchange: Exchange) -> None:
    """An answer in which the model chose to call tools ends with tool_calls."""
    ends = endings(exchange)
    for call in wire_calls(exchange):
        end = ends.get(call.choice)
        provoked(end, "the choice with the call has no finish reason", at=call.at)
        if end is not None:
            cut = end.reason == "length" and reached_its_limit(exchange)
            allowed = cut or end.reason in ("tool_calls", "content_filter")
            expect(allowed, "finish_reason tool_calls", came=end.reason, at=end.at)


def reached_its_limit(exchange: Exchange) -> bool:
    """Whether the answer may have been cut: there was a limit, and no usage says that it was kept."""
    asked = [requested(exchange).get(name) for name in ("max_tokens", "max_completion_tokens")]
    limits = [limit for limit in asked if is_integer(limit)]
    usage = read_answer(exchange).usage
    return bool(limits) and (usage is None or usage.completion_tokens >= min(limits) - 1)


@check("CC-TOOLS-004", required_against_the_prompt, feature=TOOL_WORDS)
def test_a_required_call_ends_with_tool_calls_or_stop(play: Play) -> Observation:
    """An answer whose call was required ends with tool_calls, or with stop as OpenAI's did until 2025."""
    answer = play.answer("call" if play.has("call") else "formatted")
    calls_in(answer)

    expect_finish(answer, "tool_calls", "stop")
    return Observation(topic="finish-reason-of-required", camp=f"required-{dashed(answer.finish_reason)}")


@check(
    "CC-TOOLS-004",
    required_against_the_prompt,
    control=required_plain,
    paths=(LATER_TURN_STREAMED, LATER_TURN),
    feature=TOOL_WORDS,
)
def test_a_required_call_ends_alike_on_every_turn(play: Play) -> None:
    """Where a call that was required ends the first turn with tool_calls, it does so later as well."""
    first, later = play.comparison.answer("call"), play.answer("call")
    calls_in(first)
    calls_in(later)
    provoked(first.finish_reason == "tool_calls", "the first turn ends otherwise", at=first.first.at_finish)

    expect_finish(later, "tool_calls")


def dashed(word: str | None) -> str:
    """The word as a camp is written."""
    return (word or "null").replace("_", "-")


@invariant("CC-TOOLS-005", with_calls, provoked_by=three_cities)
def test_calls_of_one_answer_have_ids_of_their_own(exchange: Exchange) -> None:
    """Every call of an answer has an id that is not empty, and no other call of the answer has it."""
    seen: set[str] = set()
    for call in wire_calls(exchange):
        own = set(call.ids)
        expect(own, "an id that is not empty", came=call.fragments[0].entry, at=call.at)
        for each in own:
            expect(each not in seen, "an id that no other call has", came=each, at=call.at)
        seen |= own


@check("CC-TOOLS-005", required_after_a_tool_round, paths=(AFTER_TOOL_RESULT,), feature=TOOL_WORDS)
def test_calls_of_a_later_round_have_new_ids(play: Play) -> None:
    """No call of a later round has the id of a call that the conversation has already."""
    earlier = {call.id for call in calls_in(play.answer("first"))}
    for call in calls_in(play.answer("call")):
        expect(
            call.id and call.id not in earlier,
            "an id that is new in the conversation",
            came=call.id,
            at=call.at,
        )


@invariant("CC-TOOLS-018", claims_calls, provoked_by=three_cities)
def test_who_claims_tool_calls_has_some(exchange: Exchange) -> None:
    """A choice that ends with tool_calls has a tool call."""
    called = {call.choice for call in wire_calls(exchange)}
    for choice, end in endings(exchange).items():
        claimed = end.reason == "tool_calls"
        expect(not claimed or choice in called, "a tool call, as tool_calls says", came="none", at=end.at)


@invariant("CC-TOOLS-019", with_calls, provoked_by=three_cities)
def test_an_id_has_no_white_space(exchange: Exchange) -> Observation:
    """The id of a call has no white space and no control character; whether it is long is recorded."""
    longest = 0
    for call in wire_calls(exchange):
        for each in call.ids:
            plain = re.search(r"[\s\x00-\x1f\x7f]", each) is None
            expect(plain, "an id without white space and control characters", came=each, at=call.at)
            longest = max(longest, len(each))
    provoked(longest, "no call has an id")
    return Observation(
        topic="length-of-call-ids", camp="over-40" if longest > LONGEST_REPLAYED else "up-to-40"
    )
