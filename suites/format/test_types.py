"""Formats that are accepted as a matter of course, and formats that are wrong."""

from chatconform.suite import (
    PLAIN,
    Observation,
    Play,
    check,
    expect_refused,
    names_any,
    provoked,
)
from chatconform.suites.format.scenarios import (
    BAD_SCHEMAS,
    NO_SCHEMA,
    UNKNOWN,
    bad_schemas,
    incomplete_schemas,
    unknown_types,
)
from chatconform.suites.tools.outcomes import TOOL_WORDS, camp, refuses
from chatconform.suites.tools.scenarios import three_cities
from chatconform.suites.wire import measured

WORDS = ("response_format", "json_schema", "schema")


@check("CC-FORMAT-011", three_cities, paths=(PLAIN,), feature=("response_format", *TOOL_WORDS))
def test_the_format_text_may_be_written_out(play: Play) -> None:
    """response_format of type text, the default, is accepted where it is written out."""
    play.answer(play.part("several", "text"))


@check("CC-FORMAT-006", unknown_types)
def test_an_unknown_format_is_refused(play: Play) -> None:
    """A response_format of an unknown type, or that is no object, is refused because of the format."""
    play.answer("control")
    sent = [step for step in UNKNOWN if play.has(step)]
    provoked(sent, "no such format was sent")
    for step in sent:
        measured(play, step)
        expect_refused(play, step, "response_format")


@check("CC-FORMAT-004", incomplete_schemas)
def test_an_incomplete_json_schema_is_no_server_failure(play: Play) -> Observation:
    """json_schema that lacks what it needs is refused with 400, or accepted, never 5xx."""
    play.answer("control")
    sent = [step for step in NO_SCHEMA if play.has(step)]
    provoked(sent, "no such format was sent")
    return Observation("json-schema-without-schema", camp([refuses(play, step) for step in sent]))


@check("CC-FORMAT-005", bad_schemas, feature=WORDS)
def test_a_strict_schema_that_is_none_is_refused(play: Play) -> Observation:
    """A strict schema that is no JSON Schema is refused with 400; one outside the subset may be taken."""
    play.answer("sound")
    measured(play, "no-type")
    expect_refused(play, "no-type")
    beyond = [refuses(play, step) for step in BAD_SCHEMAS if step != "no-type" and play.has(step)]
    if beyond:
        return Observation("strict-schemas", "closed-schemas-only" if all(beyond) else "general-schemas")
    named = names_any(play.response("no-type"), WORDS)
    return Observation("refusal-of-a-bad-schema", "names-the-format" if named else "names-nothing")
