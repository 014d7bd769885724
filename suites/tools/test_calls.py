"""The form of a tool call, its arguments, its id, and how an answer with one ends."""

from chatconform.suite import (
    Exchange,
    NotJson,
    Observation,
    Play,
    check,
    expect,
    expect_finish,
    invariant,
    provoked,
    read_answer,
    repeated_keys,
)
from chatconform.suites.tools.calls import (
    Fragment,
    WireCall,
    defines_custom_tools,
    endings,
    requested,
    wire_calls,
)
from chatconform.suites.tools.forms import with_calls, with_calls_under_auto
from chatconform.suites.tools.outcomes import TOOL_WORDS, calls_in, fits
from chatconform.suites.tools.scenarios import (
    FILLED,
    auto_call,
    auto_call_among_four,
    filled_arguments,
    required_call,
    three_cities,
    two_rounds,
)
from chatconform.suites.wire import is_integer


@invariant("CC-TOOLS-001", with_calls, provoked_by=(required_call, auto_call))
def test_a_call_has_its_members_with_their_types(exchange: Exchange) -> None:
    """Every function call has a string id, the type function, a string name and string arguments."""
    for call in wire_calls(exchange):
        for fragment in call.fragments:
            expect(fragment.fields, "a call that is an object", came=fragment.entry, at=fragment.at)
        if not (call.is_custom and defines_custom_tools(exchange)):
            whole(call, streamed=exchange.is_stream)


def whole(call: WireCall, *, streamed: bool) -> None:
    """All members of a function call came, in one piece or spread over the fragments."""
    expect(call.ids, "an id that is a string", came=call.fragments[0].entry, at=call.at)
    expect(call.names, "a function.name that is a string", came=call.fragments[0].entry, at=call.at)
    for fragment in call.fragments:
        typed(fragment, streamed=streamed)


def typed(fragment: Fragment, *, streamed: bool) -> None:
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


@check("CC-TOOLS-002", required_call, feature=TOOL_WORDS)
def test_arguments_of_a_simple_tool_fit_its_schema(play: Play) -> None:
    """The arguments of a required call are a JSON object that satisfies the tool's schema."""
    for call in calls_in(play.answer("call")):
        fits(call, "get_weather")


@check("CC-TOOLS-002", filled_arguments, feature=TOOL_WORDS, tolerate=1)
def test_nested_and_bounded_arguments_fit_their_schema(play: Play) -> None:
    """Nested objects, words of an enum, bounded numbers and lists of objects satisfy the tool's schema."""
    for name in FILLED:
        for call in calls_in(play.answer(name)):
            fits(call, name)


@invariant("CC-TOOLS-004", with_calls_under_auto, provoked_by=auto_call)
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


@check("CC-TOOLS-004", required_call, feature=TOOL_WORDS)
def test_a_required_call_ends_with_tool_calls_or_stop(play: Play) -> Observation:
    """An answer whose call was required ends with tool_calls, or with stop as OpenAI's did until 2025."""
    answer = play.answer("call")
    calls_in(answer)

    expect_finish(answer, "tool_calls", "stop")
    return Observation(topic="finish-reason-of-required", camp=f"required-{dashed(answer.finish_reason)}")


@check("CC-TOOLS-004", auto_call_among_four, feature=TOOL_WORDS)
def test_a_call_chosen_among_four_tools_ends_with_tool_calls(play: Play) -> Observation:
    """An answer that calls one of several tools ends with tool_calls, and one that calls none does not."""
    answer = play.answer("call")
    if not answer.tool_calls:
        reason, at = answer.finish_reason, answer.first.at_finish
        expect(reason != "tool_calls", "a finish reason of text, as nothing is called", came=reason, at=at)
    names = {call.name for call in calls_in(answer)}

    expect_finish(answer, "tool_calls")
    return Observation(
        topic="tool-chosen-among-four",
        camp="the-fitting-one" if names == {"get_weather"} else "another-one",
    )


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


@check("CC-TOOLS-005", two_rounds, feature=TOOL_WORDS)
def test_calls_of_a_later_round_have_new_ids(play: Play) -> None:
    """No call of a later round has the id of a call that the conversation has already."""
    earlier = {call.id for call in calls_in(play.answer("first"))}
    for call in calls_in(play.answer("second")):
        expect(
            call.id and call.id not in earlier,
            "an id that is new in the conversation",
            came=call.id,
            at=call.at,
        )


@invariant("CC-TOOLS-017", with_calls, provoked_by=(required_call, three_cities))
def test_arguments_repeat_no_key(exchange: Exchange) -> None:
    """No object in the arguments of a call has the same key twice."""
    read = 0
    for call in wire_calls(exchange):
        try:
            repeated = () if call.is_custom else repeated_keys(call.arguments)
        except NotJson:
            continue
        read += not call.is_custom
        expect(not repeated, "keys that occur once", came=call.arguments, at=call.at)
    provoked(read, "no call has arguments that parse")
