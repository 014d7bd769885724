"""JSON modes: the whole text is JSON, and valid against the schema that was given."""

import json

import jsonschema

from chatconform.suite import (
    STREAMED,
    Answer,
    Broken,
    Evidence,
    Json,
    NotJson,
    Observation,
    Play,
    at_status,
    check,
    expect,
    expect_finish,
    expect_refused,
    parse,
    provoked,
    schema,
)
from chatconform.suites.format.scenarios import (
    CUT,
    json_object,
    json_object_cut,
    json_object_wanted,
    strict_schema,
    types,
)
from chatconform.suites.forms import request_body


def json_of(answer: Answer) -> Json:
    """The text as JSON; a text that is none breaks the rule, unless the answer was cut or refused."""
    provoked(not answer.first.refusal, "the model refused", at=answer.first.at_text)
    provoked(answer.finish_reason != "length", "the answer was cut by the limit", at=answer.first.at_finish)
    try:
        return parse(answer.text)
    except NotJson as error:
        told = f"{error}: {answer.text}"
        raise Broken(
            f"expected a text that is one JSON value, came {told}",
            evidence=(answer.first.at_text,),
            expected="a text that is one JSON value",
            came=told,
        ) from None


def one_object(answer: Answer) -> None:
    """The text is one JSON object."""
    value = json_of(answer)
    expect(isinstance(value, dict), "a JSON object", came=answer.text, at=answer.first.at_text)


@check("CC-FORMAT-001", json_object, feature="response_format")
def test_json_object_mode_answers_with_an_object_where_prose_was_natural(play: Play) -> None:
    """With json_object the whole text is one JSON object, where prose was natural."""
    one_object(play.answer("formatted"))
    control = play.answer("control").text.strip()

    provoked(not control.startswith("{"), "the control is JSON as well, so nothing shows that the mode acts")


@check("CC-FORMAT-001", json_object_wanted, feature="response_format")
def test_json_object_mode_answers_with_an_object_and_no_fences(play: Play) -> None:
    """With json_object the text has no fences and no words around the object, and ends with stop."""
    answer = play.answer("formatted")

    one_object(answer)
    expect_finish(answer, "stop")


@check("CC-FORMAT-003", strict_schema, feature=("response_format", "json_schema"))
def test_strict_schema_is_followed(play: Play) -> None:
    """With a strict json_schema the text is valid against the schema, whatever the prompt asks for."""
    answer = play.answer("formatted")
    value = json_of(answer)

    wrong = [
        error.message for error in jsonschema.Draft202012Validator(schema("city-report")).iter_errors(value)
    ]
    expect(
        not wrong, "a value that is valid against the schema", came="; ".join(wrong), at=answer.first.at_text
    )


@check("CC-FORMAT-006", types)
def test_text_format_is_accepted_and_unknown_ones_are_refused(play: Play) -> None:
    """The format `text` is accepted; an unknown type and a format that is no object are refused with 400."""
    play.answer("text")
    taken = [play[step] for step in ("unknown", "string") if play.response(step).status == 200]
    sent = [json.dumps(request_body(exchange).get("response_format")) for exchange in taken]
    expect(
        not taken,
        "a refusal with 400 or 422",
        came=f"200 for response_format {' and '.join(sent)}",
        at=tuple(at_status(exchange) for exchange in taken),
    )
    for step in ("unknown", "string"):
        expect_refused(play, step, "response_format")


@check("CC-FORMAT-004", types)
def test_json_schema_without_a_schema_is_no_server_failure(play: Play) -> Observation:
    """json_schema without its json_schema member is refused with 400, or accepted, never 5xx."""
    play.answer("text")
    status = play.response("no-schema").status

    expect(status in {200, 400, 422}, "400", came=status, at=at_status(play["no-schema"]))
    return Observation("json-schema-without-schema", "accepted" if status == 200 else "refused")


@check("CC-FORMAT-007", json_object_cut, feature="response_format")
def test_cut_json_ends_with_length(play: Play) -> None:
    """JSON that the limit cut has finish_reason length, so that clients know that it is incomplete."""
    answer = play.answer("formatted")
    used = answer.usage.completion_tokens if answer.usage else None
    provoked(used is None or used <= CUT + 1, f"the limit cut nothing: {used} tokens came", at=_spent(answer))
    begun = not answer.text or answer.text.lstrip().startswith(("{", "[", "`"))
    provoked(begun, "the answer is no JSON, cut or whole", at=answer.first.at_text)
    short = _is_json(answer.text) and used is not None and used < CUT
    provoked(not short, f"the whole object fits in {CUT} tokens", at=answer.first.at_text)

    expect_finish(answer, "length")


def _spent(answer: Answer) -> Evidence:
    return answer.usage.at if answer.usage else answer.first.at_finish


def _is_json(text: str) -> bool:
    try:
        parse(text)
    except NotJson:
        return False
    return True


@check("CC-FORMAT-008", json_object_wanted, paths=(STREAMED,), feature="response_format")
def test_json_object_mode_works_when_streamed(play: Play) -> None:
    """The concatenated deltas of a stream are one JSON object, as the plain answer is."""
    one_object(play.answer("formatted"))
