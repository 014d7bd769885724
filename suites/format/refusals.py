"""A request that the target's model is declared to refuse, under a schema."""

from __future__ import annotations

from chatconform.errors import TargetError
from chatconform.suite import Body, Exchange, NotJson, Stage, parse, prompt, read_answer, scenario, schema

REFUSED = "model-refuses"


@scenario(requests=1)
async def refused_by_the_model(stage: Stage) -> None:
    """The declared request under a strict schema; where it brings prose, an ordinary request under it.

    The latter shows whether the target follows schemas at all.
    """
    wanted: Body = {"name": "city_report", "strict": True, "schema": schema("city-report")}
    formatted: Body = {"type": "json_schema", "json_schema": wanted}
    asked = stage.chat(stage.target.declared[REFUSED], response_format=formatted, temperature=0, tokens=800)
    came = await stage.post("refused", asked)
    if not _is_told(came):
        ordinary = prompt("city-report-with-extras")
        await stage.post(
            "control", stage.chat(ordinary, temperature=0, tokens=800, response_format=formatted)
        )


def _is_told(came: Exchange) -> bool:
    """Whether the answer is a refusal in its own field, or JSON."""
    try:
        answer = read_answer(came)
        return bool(answer.first.refusal and not answer.text) or parse(answer.text) is not None
    except (TargetError, NotJson):
        return False
