"""A strict tool's schema is followed, feature by feature, whatever the prompt asks for."""

from chatconform.suite import (
    Answer,
    Json,
    NotJson,
    Play,
    ToolCall,
    at_pointer,
    check,
    expect,
    parse,
    provoked,
    tool,
)
from chatconform.suites.schemas import Schema, extra_members, frame_breaches, member_breaches
from chatconform.suites.tools.outcomes import TOOL_WORDS, calls_in
from chatconform.suites.tools.scenarios import STRICT, strict_tool
from chatconform.suites.wire import as_object

WORDS = ("strict", "schema", *TOOL_WORDS)
BOUNDS = ("minimum", "maximum", "bound", *WORDS)
# The members that have a rule of their own each.
SPECIAL = ("film", "verdict", "stars", "actors")


@check("CC-TOOLS-003", strict_tool, feature=WORDS)
def test_a_strict_tool_is_called_within_its_schema(play: Play) -> None:
    """The arguments of a strict tool are an object with all required members and no others."""
    for call in strict_calls(play):
        value = value_of(call)
        wrong = frame_breaches(value, parameters(), SPECIAL)
        told = f"{'; '.join(wrong)}: {call.arguments}"
        expect(not wrong, f"arguments that fit the schema of {STRICT}", came=told, at=call.at)
        more = extra_members(as_object(value), parameters())
        expect(not more, "no member beside those of the schema", came=", ".join(more), at=call.at)


@check("CC-TOOLS-029", strict_tool, feature=WORDS)
def test_a_strict_tool_s_words_are_of_its_enum(play: Play) -> None:
    """A member of a strict tool with an enum has a word of it, though the prompt names another."""
    for call in strict_calls(play):
        expect_member(call, "verdict", "a word of the enum")


@check("CC-TOOLS-030", strict_tool, feature=BOUNDS)
def test_a_strict_tool_s_numbers_keep_their_bounds(play: Play) -> None:
    """A bounded number of a strict tool is within its bounds, though the prompt names one that is not."""
    for call in calls_of_the_tool(play.answer("call")):
        expect_member(call, "stars", "a whole number from 1 to 5")


@check("CC-TOOLS-031", strict_tool, feature=WORDS)
def test_a_strict_tool_s_inner_objects_fit_their_schema(play: Play) -> None:
    """Objects within the arguments of a strict tool, by themselves and in a list, follow their schema."""
    for call in strict_calls(play):
        for name in ("film", "actors"):
            expect_member(call, name, f"a member {name} that fits its schema")


def strict_calls(play: Play) -> tuple[ToolCall, ...]:
    """The calls of the strict tool, whether or not its bounds were taken."""
    step = "call-without-bounds" if play.has("call-without-bounds") else "call"
    return calls_of_the_tool(play.answer(step))


def calls_of_the_tool(answer: Answer) -> tuple[ToolCall, ...]:
    """The calls of the strict tool in an answer; which other tools are called is judged elsewhere."""
    own = tuple(call for call in calls_in(answer) if call.name == STRICT)
    provoked(own, f"the model did not call {STRICT}", at=answer.first.at_text)
    return own


def expect_member(call: ToolCall, name: str, expected: str) -> None:
    """One member of the arguments follows its part of the schema; that it is there is a rule of its own."""
    value = as_object(value_of(call))
    provoked(name in value, f"the arguments have no member {name}", at=call.at)
    wrong = member_breaches(value, parameters(), name)
    expect(not wrong, expected, came="; ".join(wrong), at=call.at)


def value_of(call: ToolCall) -> Json:
    """The arguments as a value; nothing where they are no JSON."""
    try:
        return parse(call.arguments)
    except NotJson:
        return None


def parameters() -> Schema:
    """The schema of the strict tool."""
    return as_object(at_pointer(tool(STRICT), "/function/parameters"))
