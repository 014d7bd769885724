"""Tool definitions: which are taken, which may be refused, and that they reach the model."""

from chatconform.suite import NotJson, Observation, Play, check, expect, parse
from chatconform.suites.tools.outcomes import TOOL_WORDS, accepted, calls_in, camp, fits, no_call, refuses
from chatconform.suites.tools.scenarios import (
    ODD_NAMES,
    custom_tool,
    empty_tools,
    many_tools,
    odd_names,
    strict_tool,
    tools_without_arguments,
)


@check("CC-TOOLS-003", strict_tool, feature=("strict", "schema", *TOOL_WORDS))
def test_a_strict_tool_is_called_within_its_schema(play: Play) -> None:
    """The arguments of a strict tool follow its schema, whatever the prompt asks for."""
    for call in calls_in(play.answer("call")):
        fits(call, "rate_film")


@check("CC-TOOLS-010", tools_without_arguments, feature=TOOL_WORDS)
def test_a_tool_without_parameters_is_called_without_arguments(play: Play) -> Observation:
    """A tool without parameters is called with an empty object or an empty text as arguments."""
    play.answer("get_current_date")
    written: list[str] = []
    for step in ("ping", "get_current_date"):
        for call in calls_in(accepted(play, step)):
            text = call.arguments.strip()
            expect(not text or is_empty_object(text), "no arguments, as '{}' or ''", came=text, at=call.at)
            written.append(text)
    return Observation(topic="no-arguments", camp="empty-object" if all(written) else "empty-string")


def is_empty_object(text: str) -> bool:
    """Whether the text is a JSON object without members."""
    try:
        return parse(text) == {}
    except NotJson:
        return False


@check("CC-TOOLS-012", empty_tools)
def test_an_empty_list_of_tools_is_refused_or_means_none(play: Play) -> Observation:
    """`tools: []` is refused with 400, or answered as if it were absent, with `required` as well."""
    play.answer("control")
    refused: list[bool] = []
    for step in ("alone", "required"):
        refused.append(refuses(play, step))
        if not refused[-1]:
            no_call(play.answer(step), "no tool call, as the list of tools is empty")
    return Observation(topic="empty-tools", camp=camp(refused, accepted_as="as-absent"))


@check("CC-TOOLS-013", odd_names, feature=TOOL_WORDS)
def test_odd_tool_names_are_refused_or_taken(play: Play) -> Observation:
    """A tool name with other characters, or longer than 64, is refused with 400 or taken, never a failure."""
    play.answer("control")
    return Observation(topic="odd-tool-names", camp=camp([refuses(play, step) for step in ODD_NAMES]))


@check("CC-TOOLS-014", many_tools, feature=TOOL_WORDS)
def test_more_tools_than_openai_takes_are_refused_or_taken(play: Play) -> Observation:
    """129 tools are answered or refused with 400, never a failure."""
    play.answer("control")
    return Observation(topic="more-than-128-tools", camp=camp([refuses(play, "many")]))


@check("CC-TOOLS-014", custom_tool, feature=TOOL_WORDS)
def test_a_custom_tool_is_refused_or_taken(play: Play) -> Observation:
    """A custom tool is refused with 400, or taken; a call of it then has a name and an input that is text."""
    play.answer("control")
    refused = refuses(play, "custom")
    if not refused:
        for call in play.answer("custom").tool_calls:
            at = call.at
            expect(call.type in ("custom", ""), "a call of the type custom", came=call.type, at=at)
            expect(call.name == "write_poem", "a call of write_poem", came=call.name, at=at)
    return Observation(topic="custom-tools", camp=camp([refused]))
