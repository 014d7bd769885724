"""The deprecated `functions`: their calls come in the older form, or the parameter is refused."""

from chatconform.suite import Exchange, Play, check, expect, invariant, provoked
from chatconform.suites.tools.calls import endings, legacy_fragments, legacy_names, wire_calls
from chatconform.suites.tools.forms import (
    with_any_call,
    with_function_call,
    with_function_call_under_auto,
)
from chatconform.suites.tools.outcomes import TOOL_WORDS, calls_in, control_of
from chatconform.suites.tools.scenarios import functions, three_cities

WORDS = ("function", "deprecated", "unknown", "unrecognized", "unsupported", "extra", *TOOL_WORDS)


@check("CC-TOOLS-026", functions, feature=WORDS)
def test_deprecated_functions_are_called_or_refused(play: Play) -> None:
    """Where tools are called, the same definitions under `functions` bring a function_call, or a refusal."""
    answer = play.answer("functions")
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)
    came = [call.name for call in answer.tool_calls]
    at = answer.tool_calls[0].at if came else answer.first.at_text
    expect(not came, "a function_call, as `functions` were sent", came=f"tool_calls of {came}", at=at)
    if not legacy_names(play["functions"]):
        calls_in(control_of(play))
        expect(False, "a function_call, as for the same tools", came=answer.text, at=at)


@invariant("CC-TOOLS-027", with_function_call, provoked_by=functions)
def test_a_function_call_has_a_name_and_arguments_that_are_text(exchange: Exchange) -> None:
    """A deprecated function call is an object with a name and arguments, both strings."""
    fragments = legacy_fragments(exchange)
    named = {fragment.choice for fragment in fragments if fragment.function.get("name")}
    for fragment in fragments:
        function, at = fragment.function, fragment.at
        wanted = [name for name in ("name", "arguments") if not exchange.is_stream or name in function]
        texts = all(isinstance(function.get(name), str) for name in wanted)
        expect(function and texts, "a name and arguments that are strings", came=fragment.entry, at=at)
        expect(fragment.choice in named, "a name", came=fragment.entry, at=at)


@invariant("CC-TOOLS-028", with_function_call_under_auto, provoked_by=functions)
def test_a_function_call_under_auto_ends_with_function_call(exchange: Exchange) -> None:
    """An answer in which the model chose to call a function ends with function_call."""
    ends = endings(exchange)
    for fragment in legacy_fragments(exchange):
        end = ends.get(fragment.choice)
        provoked(end, "the choice with the call has no finish reason", at=fragment.at)
        if end is not None:
            provoked(end.reason not in ("length", "content_filter"), f"it ended with {end.reason}", at=end.at)
            expect(end.reason == "function_call", "finish_reason function_call", came=end.reason, at=end.at)


@invariant("CC-TOOLS-020", with_any_call, provoked_by=three_cities)
def test_tool_calls_and_a_function_call_never_come_together(exchange: Exchange) -> None:
    """No choice has both tool_calls and the deprecated function_call."""
    called = {call.choice for call in wire_calls(exchange)}
    for fragment in legacy_fragments(exchange):
        both = fragment.choice in called
        expect(not both, "tool_calls or a function_call, not both", came=fragment.entry, at=fragment.at)
