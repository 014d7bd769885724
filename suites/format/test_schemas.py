"""Strict schemas: each of their features is followed, whatever the prompt asks for."""

from chatconform.suite import (
    PLAIN,
    Answer,
    Body,
    NotProvoked,
    Play,
    check,
    expect,
    provoked,
)
from chatconform.suites.format.scenarios import refused_by_the_model, strict_schema
from chatconform.suites.format.texts import json_of, object_of, unhindered
from chatconform.suites.format.wanted import DEFINED_SCHEMA, REPORT_SCHEMA, SPECIAL
from chatconform.suites.schemas import breaches, extra_members, frame_breaches, member_breaches

WORDS = ("response_format", "json_schema", "schema")
DEFINITIONS = ("$ref", "$defs", "ref", *WORDS)
CHOICES = ("anyOf", "any_of", *WORDS)


@check("CC-FORMAT-003", strict_schema, paths=(PLAIN,), feature=WORDS)
def test_strict_schema_is_followed(play: Play) -> None:
    """With a strict json_schema the text is an object with all members of the schema, of their types."""
    expect_followed(play)


@check("CC-FORMAT-012", strict_schema, paths=(PLAIN,), feature=WORDS)
def test_a_strict_enum_is_followed(play: Play) -> None:
    """A member with an enum has a word of it, though the prompt names another."""
    expect_member(play, reported(play), "climate", "a word of the enum")


@check("CC-FORMAT-013", strict_schema, paths=(PLAIN,), feature=WORDS)
def test_a_strict_array_is_followed(play: Play) -> None:
    """A member that is an array of texts is one, though the prompt asks for one text."""
    expect_member(play, reported(play), "districts", "an array of texts")


@check("CC-FORMAT-014", strict_schema, paths=(PLAIN,), feature=WORDS)
def test_a_strict_inner_object_is_followed(play: Play) -> None:
    """An object within the object has the members of its own schema, and no others."""
    expect_member(play, reported(play), "mayor", "an object that fits its schema")


@check("CC-FORMAT-015", strict_schema, paths=(PLAIN,), feature=DEFINITIONS)
def test_a_strict_definition_is_followed(play: Play) -> None:
    """A member that refers to a definition of the schema follows it."""
    expect_member(play, play.answer("formatted"), "centre", "an object that fits the definition")


@check("CC-FORMAT-016", strict_schema, paths=(PLAIN,), feature=CHOICES)
def test_a_strict_choice_of_types_is_followed(play: Play) -> None:
    """A member that may be of two types is of one of them, though the prompt asks for a third."""
    expect_member(play, play.answer("formatted"), "founded", "an integer or null")


@check("CC-FORMAT-017", strict_schema, paths=(PLAIN,), feature=WORDS)
def test_a_strict_object_has_no_other_members(play: Play) -> None:
    """A member that additionalProperties false forbids does not come, though the prompt asks for it."""
    answer = reported(play)
    value = object_of(answer)
    followed = not frame_breaches(value, schema_of(play), SPECIAL)
    provoked(followed, "the answer lacks what the schema asks for", at=answer.first.at_text)
    more = extra_members(value, schema_of(play))

    came, at = ", ".join(more), answer.first.at_text
    expect(not more, "no member beside those of the schema", came=came, at=at)


def expect_followed(play: Play) -> None:
    """The text is an object with all members of the schema, of their types; some have rules of their own."""
    answer = reported(play)
    wrong = frame_breaches(json_of(answer), schema_of(play), SPECIAL)

    came, at = f"{'; '.join(wrong)}: {answer.text}", answer.first.at_text
    expect(not wrong, "a value that is valid against the schema", came=came, at=at)


def follows(play: Play) -> bool:
    """Whether the text is such an object."""
    return not frame_breaches(object_of(reported(play)), schema_of(play), SPECIAL)


def reported(play: Play) -> Answer:
    """The answer to the strict schema, or to the simpler one where the first was refused."""
    return play.answer("simple" if play.has("simple") else "formatted")


def schema_of(play: Play) -> Body:
    """The schema that this answer was asked to follow."""
    return REPORT_SCHEMA if play.has("simple") else DEFINED_SCHEMA


def expect_member(play: Play, answer: Answer, name: str, expected: str) -> None:
    """One member of the object follows its part of the schema; that it is there is a rule of its own."""
    unhindered(answer)
    value = object_of(answer)
    provoked(value, "the answer is no JSON object with members", at=answer.first.at_text)
    provoked(name in value, f"the answer has no member {name}", at=answer.first.at_text)

    wrong = member_breaches(value, schema_of(play), name)
    expect(not wrong, expected, came="; ".join(wrong), at=answer.first.at_text)


@check("CC-FORMAT-009", refused_by_the_model, feature=WORDS)
def test_a_refusal_under_a_schema_stands_in_refusal(play: Play) -> None:
    """A model that declines under a schema says so in message.refusal, with content null."""
    answer = play.answer("refused")
    first = answer.first
    if not first.refusal:
        fits = not breaches(object_of(answer), REPORT_SCHEMA)
        if fits:
            raise NotProvoked("the model answered instead of declining", evidence=(first.at_text,))
        provoked(answer.finish_reason != "length", "the answer was cut by the limit", at=first.at_finish)
        provoked(answer.finish_reason != "content_filter", "the answer was filtered", at=first.at_finish)
    expect(first.refusal, "a refusal in message.refusal", came=answer.text, at=first.at_text)
    expect(not answer.text, "content null beside the refusal", came=answer.text, at=first.at_text)
