"""JSON mode: the whole text is one JSON object, without anything around it, to its end."""

from chatconform.suite import (
    BOTH_FORMS,
    STREAMED,
    Answer,
    Evidence,
    Exchange,
    NotJson,
    Observation,
    Play,
    check,
    expect,
    expect_finish,
    expect_refused,
    invariant,
    parse,
    provoked,
    repeated_keys,
    survey,
)
from chatconform.suites.choice.scenarios import none, required_against_the_prompt
from chatconform.suites.format.scenarios import (
    CUT,
    json_object,
    json_object_cut,
    strict_schema,
    unformatted,
    wordless,
)
from chatconform.suites.format.texts import (
    in_json_mode,
    is_fenced,
    json_of,
    object_of,
    plain_or_without_schema,
    texts,
)
from chatconform.suites.format.wanted import REPORT_SCHEMA, SPECIAL
from chatconform.suites.schemas import frame_breaches
from chatconform.suites.tools.outcomes import TOOL_WORDS, settled

# More white space at the end than any way of writing an object needs.
TRAILING = 16
SCHEMA_WORDS = ("response_format", "json_schema", "schema")


@check("CC-FORMAT-001", json_object, control=unformatted, paths=BOTH_FORMS, feature="response_format")
def test_json_object_mode_answers_with_an_object_where_prose_was_natural(play: Play) -> None:
    """With json_object the whole text is one JSON object, though the prompt asks for prose."""
    answer = play.answer("formatted")

    value = json_of(answer)
    expect(isinstance(value, dict), "a JSON object", came=answer.text, at=answer.first.at_text)
    usual = play.comparison.answer("answer")
    prose = not usual.text.lstrip().startswith("{")
    provoked(prose, "the target answers in JSON without being asked", at=usual.first.at_text)


@check("CC-FORMAT-002", wordless, feature="response_format")
def test_json_object_without_the_word_json_is_refused_or_honoured(play: Play) -> Observation:
    """json_object for messages without the word JSON is refused with 400, or answered with JSON."""
    provoked(object_of(play.answer("named")), "json_object is not honoured with the word JSON either")
    if settled(play, "wordless") != 200:
        expect_refused(play, "wordless")
        return Observation(topic="json-object-without-the-word", camp="refused")
    answer = play.answer("wordless")
    at = answer.first.at_text
    expect(answer.text.strip() or not answer.text, "a text that is not blank", came=answer.text[:80], at=at)

    value = json_of(answer)
    expect(isinstance(value, dict), "a JSON object", came=answer.text, at=at)
    return Observation(topic="json-object-without-the-word", camp="accepted")


@check("CC-FORMAT-007", json_object_cut, feature="response_format")
def test_cut_json_ends_with_length(play: Play) -> None:
    """JSON that the limit cut has finish_reason length, so that clients know that it is incomplete."""
    answer = play.answer("formatted")
    used = answer.usage.completion_tokens if answer.usage else None
    provoked(used is None or used <= CUT + 1, f"the limit cut nothing: {used} tokens came", at=spent(answer))
    begun = not answer.text or answer.text.lstrip().startswith(("{", "[", "`"))
    provoked(begun, "the answer is no JSON, cut or whole", at=answer.first.at_text)
    short = is_json(answer.text) and used is not None and used < CUT
    provoked(not short, f"the whole object fits in {CUT} tokens", at=answer.first.at_text)
    provoked(object_of(play.answer("whole")), "without the limit there is no object either")

    expect_finish(answer, "length")


def spent(answer: Answer) -> Evidence:
    """Where the tokens are counted, or the end that they led to."""
    return answer.usage.at if answer.usage else answer.first.at_finish


def is_json(text: str) -> bool:
    """Whether the text is one JSON value."""
    try:
        parse(text)
    except NotJson:
        return False
    return True


@check("CC-FORMAT-008", none, paths=(STREAMED,), feature=SCHEMA_WORDS)
def test_a_schema_holds_in_a_stream(play: Play) -> None:
    """The deltas of a stream add up to JSON without fences that has the members of the strict schema."""
    answer = play.answer(play.part("answer", "schema"))
    at = answer.first.at_text

    value = json_of(answer)
    expect(not is_fenced(answer.text), "JSON without code fences", came=answer.text, at=at)
    wrong = frame_breaches(value, REPORT_SCHEMA, SPECIAL)
    told = f"{'; '.join(wrong)}: {answer.text}"
    expect(not wrong, "a value that is valid against the schema", came=told, at=at)


@check(
    "CC-FORMAT-010", required_against_the_prompt, paths=(STREAMED,), feature=("response_format", *TOOL_WORDS)
)
def test_a_required_call_survives_a_format(play: Play) -> None:
    """With json_object beside `required` the call comes as it does without the format."""
    answer = play.answer("formatted")
    if not answer.tool_calls:
        provoked(play.answer("call").tool_calls, "`required` brings no call without a format either")
        expect(False, "a tool call, as without the format", came=answer.text, at=answer.first.at_text)


@invariant("CC-FORMAT-018", plain_or_without_schema, provoked_by=(json_object, strict_schema))
def test_json_comes_without_fences(exchange: Exchange) -> None:
    """The text of an answer in JSON mode does not begin with a code fence."""
    for choice in texts(exchange):
        bare = not is_fenced(choice.text)
        expect(bare, "JSON without code fences", came=choice.text, at=choice.at_text)
        # Prose has no fences either, which is no merit of it.
        begun = choice.text.lstrip().startswith(("{", "["))
        provoked(begun, "the text is no JSON, fenced or bare", at=choice.at_text)


@survey("CC-FORMAT-019", in_json_mode, provoked_by=(json_object, strict_schema))
def test_json_repeats_no_key(exchanges: tuple[Exchange, ...]) -> None:
    """At least four of five JSON answers have no object with the same key twice."""
    whole = [choice for exchange in exchanges for choice in texts(exchange) if is_json(choice.text)]
    provoked(whole, "no text is JSON, or each was cut")
    # A weak model says the same again now and then; a server that writes its keys twice does it always.
    bad = [choice for choice in whole if repeated_keys(choice.text)]
    expect(
        5 * len(bad) <= len(whole),
        "at least four of five answers with keys that occur once",
        came=f"{len(bad)} of {len(whole)} with keys that do not: {bad[0].text if bad else ''}",
        at=tuple(choice.at_text for choice in bad[:3]),
    )


@invariant("CC-FORMAT-020", in_json_mode, provoked_by=(json_object, strict_schema))
def test_an_answer_ends_with_its_json(exchange: Exchange) -> None:
    """An answer whose JSON is complete does not run on in white space until its limit."""
    for choice in texts(exchange):
        provoked(is_json(choice.text), "the text is no JSON, or was cut", at=choice.at_text)
        blanks = len(choice.text) - len(choice.text.rstrip())
        runs_on = choice.finish_reason == "length" and blanks >= TRAILING
        told = f"{blanks} characters of white space, and finish_reason length"
        expect(not runs_on, "an end after the JSON", came=told, at=(choice.at_finish, choice.at_text))
