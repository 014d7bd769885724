"""A server's own tools stay its own: a client sees calls of the tools that it defined, and no others."""

from chatconform.suite import PLAIN, Exchange, Play, check, expect, expect_finish, invariant, provoked
from chatconform.suites.choice.scenarios import required_against_the_prompt
from chatconform.suites.format.scenarios import json_object, unformatted
from chatconform.suites.tools.calls import endings, legacy_names, wire_calls
from chatconform.suites.tools.definitions import defined_names
from chatconform.suites.tools.forms import answered_without_tools, with_any_call_beside_tools
from chatconform.suites.tools.outcomes import no_call
from chatconform.suites.tools.scenarios import functions


@invariant("CC-TOOLS-015", with_any_call_beside_tools, provoked_by=(required_against_the_prompt, functions))
def test_only_tools_of_the_request_are_called(exchange: Exchange) -> None:
    """Every call names a tool or a function that the request defined."""
    known = defined_names(exchange)
    for call in wire_calls(exchange):
        # A name may be spread over fragments; one that is repeated is another rule's concern.
        spread = "".join(call.names) in known or all(name in known for name in call.names)
        expect(call.names and spread, f"one of {sorted(known)}", came=" ".join(call.names), at=call.at)
    for name, at in legacy_names(exchange):
        expect(name in known, f"one of {sorted(known)}", came=name, at=at)


@invariant("CC-TOOLS-016", answered_without_tools, provoked_by=unformatted)
def test_no_call_comes_without_tools(exchange: Exchange) -> None:
    """An answer to a request without tools has no call, and does not end with tool_calls."""
    for call in wire_calls(exchange):
        expect(False, "no tool call", came=call.fragments[0].entry, at=call.at)
    for name, at in legacy_names(exchange):
        expect(False, "no function call", came=name, at=at)
    for end in endings(exchange).values():
        expect(
            end.reason not in ("tool_calls", "function_call"),
            "a finish reason of text",
            came=end.reason,
            at=end.at,
        )


@check("CC-TOOLS-016", json_object, paths=(PLAIN,))
def test_a_request_without_tools_is_answered_with_text(play: Play) -> None:
    """A prompt that invites a tool call, sent without tools, is answered with text that is finished."""
    answer = play.answer("unformatted" if play.has("unformatted") else "formatted")
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)
    provoked(answer.finish_reason != "content_filter", "the answer was filtered", at=answer.first.at_finish)

    no_call(answer, "no tool call, as the request has no tools")
    expect_finish(answer, "stop")
    said = answer.text.strip() or answer.first.refusal
    expect(said, "an answer with text", came=answer.text, at=answer.first.at_text)
