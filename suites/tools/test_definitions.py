"""Tool definitions: which are taken, which may be refused, and that they reach the model."""

from chatconform.suite import NotJson, Observation, Play, ToolCall, check, expect, parse, provoked
from chatconform.suites.tools.calls import wire_calls
from chatconform.suites.tools.outcomes import TOOL_WORDS, accepted, camp, control_of, no_call, refuses
from chatconform.suites.tools.unusual import ODD_NAMES, empty_tools, many_tools, odd_names, other_kinds

CUSTOM_WORDS = ("custom", "type", "function", *TOOL_WORDS)


@check("CC-TOOLS-010", other_kinds, feature=TOOL_WORDS)
def test_a_tool_without_parameters_is_called_without_arguments(play: Play) -> Observation:
    """A tool without `parameters` is taken, and called with an empty object or an empty text."""
    return without_arguments(play, "ping")


@check("CC-TOOLS-032", other_kinds, feature=TOOL_WORDS)
def test_a_tool_with_empty_parameters_is_called_without_arguments(play: Play) -> Observation:
    """A tool whose parameters have no properties is taken, and called with an empty object or text."""
    return without_arguments(play, "get_current_date")


def without_arguments(play: Play, name: str) -> Observation:
    """The request with this tool was answered, and the calls of it have no arguments."""
    control_of(play)
    offered = [step for step in ("every", "both") if play.has(step)]
    taken = [step for step in offered if play.response(step).status == 200]
    answer = accepted(play, taken[0] if taken else name)
    calls = [call for call in answer.tool_calls if call.name == name]
    provoked(calls, f"the model did not call {name}", at=answer.first.at_text)

    for call in calls:
        expect(has_none(call), "no arguments, as '{}' or ''", came=call.arguments, at=call.at)
    empty = all(call.arguments.strip() for call in calls)
    return Observation(topic="no-arguments", camp="empty-object" if empty else "empty-string")


def has_none(call: ToolCall) -> bool:
    """Whether the arguments are blank, or an object without members."""
    try:
        return not call.arguments.strip() or parse(call.arguments) == {}
    except NotJson:
        return False


@check("CC-TOOLS-012", empty_tools)
def test_an_empty_list_of_tools_is_refused_or_means_none(play: Play) -> Observation:
    """`tools: []` is refused with 400, or answered as if it were absent, with `required` as well."""
    play.answer("control")
    refused: list[bool] = []
    for step in ("alone", "required"):
        if step == "alone" or play.has(step):
            refused.append(refuses(play, step))
            if not refused[-1]:
                no_call(play.answer(step), "no tool call, as the list of tools is empty")
    return Observation(topic="empty-tools", camp=camp(refused, accepted_as="as-absent"))


@check("CC-TOOLS-013", odd_names, feature=TOOL_WORDS)
def test_odd_tool_names_are_refused_or_taken(play: Play) -> Observation:
    """A tool name with other characters, or longer than 64, is refused with 400 or taken, never a failure."""
    control_of(play)
    sent = [step for step in ODD_NAMES if play.has(step)]
    provoked(sent, "no odd name was sent")
    return Observation(topic="odd-tool-names", camp=camp([refuses(play, step) for step in sent]))


@check("CC-TOOLS-033", many_tools, feature=TOOL_WORDS)
def test_more_tools_than_openai_takes_are_refused_or_taken(play: Play) -> Observation:
    """129 tools are answered or refused with 400, never a failure."""
    control_of(play)
    return Observation(topic="more-than-128-tools", camp=camp([refuses(play, "many")]))


@check("CC-TOOLS-014", other_kinds, feature=TOOL_WORDS)
def test_a_custom_tool_is_refused_or_taken(play: Play) -> Observation:
    """A custom tool is taken or refused with 400, never a failure."""
    control_of(play)
    same = not play.has("both") or play.response("both").status == 200
    provoked(same, "the same tools without the custom one are not taken either")
    return Observation(topic="custom-tools", camp=camp([refuses(play, "every")]))


@check("CC-TOOLS-022", other_kinds, feature=CUSTOM_WORDS)
def test_a_call_of_a_custom_tool_has_a_name_and_an_input(play: Play) -> None:
    """A call of a custom tool has the type custom, and under `custom` a name and an input that is text."""
    control_of(play)
    play.answer("every")
    calls = [call for call in wire_calls(play["every"]) if "write_poem" in call.names]
    provoked(calls, "the model did not call write_poem")

    for call in calls:
        entry = call.fragments[0].fields
        custom = entry.get("custom")
        expect(entry.get("type") == "custom", "the type custom", came=entry, at=call.at)
        texts = isinstance(custom, dict) and isinstance(custom.get("input"), str)
        expect(texts, "custom with a name and an input that is text", came=entry, at=call.at)
