"""Where a model's refusal stands when the answer was to follow a schema."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from chatconform.suite import Answer, NotJson, Play, check, expect, parse, provoked, schema
from chatconform.suites.format.refusals import refused_by_the_model

FEATURE = ("response_format", "json_schema")


@check("CC-FORMAT-009", refused_by_the_model, feature=FEATURE)
def test_a_refusal_under_a_schema_stands_in_its_own_field(play: Play) -> None:
    """A request that the model refuses under json_schema leaves its content empty and says so in refusal."""
    answer = play.answer("refused")
    provoked(not follows_schema(answer), "the model did not refuse", at=answer.first.at_text)
    provoked(answer.finish_reason != "length", "the answer was cut by a limit", at=answer.first.at_finish)
    if answer.first.refusal and not answer.text:
        return
    ordinary = play.answer("control")
    able = follows_schema(ordinary)
    provoked(able, "the target does not follow a schema where nothing is refused", at=ordinary.first.at_text)
    came = {"content": answer.text, "refusal": answer.first.refusal or None}
    expect(False, "no content, and a refusal in words", came=came, at=answer.first.at_text)


def follows_schema(answer: Answer) -> bool:
    """Whether the text is JSON that the schema allows."""
    try:
        return bool(Draft202012Validator(schema("city-report")).is_valid(parse(answer.text)))
    except NotJson:
        return False
