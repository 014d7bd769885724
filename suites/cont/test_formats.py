"""JSON mode and schemas hold after a tool result and on later turns as it does on the first."""

from chatconform.suite import (
    AFTER_TOOL_RESULT,
    AFTER_TOOL_RESULT_STREAMED,
    LATER_TURN,
    LATER_TURN_STREAMED,
    Play,
    check,
    expect,
    provoked,
)
from chatconform.suites.format.scenarios import (
    NOT_FIRST,
    first_json_object,
    first_strict_schema,
    json_object,
    strict_schema,
)
from chatconform.suites.format.test_schemas import WORDS, expect_followed, follows, reported
from chatconform.suites.format.texts import json_of, object_of

AFTER = (AFTER_TOOL_RESULT, AFTER_TOOL_RESULT_STREAMED)
LATER = (LATER_TURN_STREAMED, LATER_TURN)


@check("CC-CONT-030", json_object, control=first_json_object, paths=AFTER, feature="response_format")
def test_json_object_holds_after_a_tool_result(play: Play) -> None:
    """json_object that is honoured on the first turn is honoured after a tool result too."""
    still_an_object(play)


@check("CC-CONT-031", json_object, control=first_json_object, paths=LATER, feature="response_format")
def test_json_object_holds_on_a_later_turn(play: Play) -> None:
    """json_object that is honoured on the first turn is honoured on a later one too."""
    still_an_object(play)


@check("CC-CONT-057", strict_schema, control=first_strict_schema, paths=NOT_FIRST, feature=WORDS)
def test_a_strict_schema_holds_after_the_first_turn(play: Play) -> None:
    """A strict schema that is followed on the first turn is followed after it too."""
    followed = follows(play.comparison)
    provoked(
        followed,
        "the first turn does not follow the schema either",
        at=reported(play.comparison).first.at_text,
    )

    expect_followed(play)


def still_an_object(play: Play) -> None:
    """The answer is an object, where that of the first turn is one."""
    first, answer = play.comparison.answer("formatted"), play.answer("formatted")
    provoked(object_of(first), "the first turn has no object either", at=first.first.at_text)

    value = json_of(answer)
    expect(isinstance(value, dict), "a JSON object", came=answer.text, at=answer.first.at_text)
