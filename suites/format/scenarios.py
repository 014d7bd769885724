"""Response formats, each with a prompt that does not lead to it by itself."""

from chatconform.suite import (
    ALL_PATHS,
    BOTH_FORMS,
    PLAIN,
    USUAL_LIMIT,
    Body,
    Json,
    Stage,
    prompt,
    scenario,
)
from chatconform.suites.basics import greeting
from chatconform.suites.format.wanted import DEFINED_REPORT, JSON_OBJECT, REPORT, strict
from chatconform.suites.forms import status

NOT_FIRST = tuple(path for path in ALL_PATHS if path not in BOTH_FORMS)
# Fewer tokens than the object needs that is asked for.
CUT = 5
UNKNOWN: dict[str, Json] = {"xml": {"type": "xml"}, "string": "json"}
NO_SCHEMA: dict[str, Json] = {
    "no-member": {"type": "json_schema"},
    "no-name": {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}},
    "no-schema": {"type": "json_schema", "json_schema": {"name": "report"}},
    "not-nested": {"type": "json_schema", "name": "report", "schema": {"type": "object"}},
}
LEGAL = ("no-schema",)
# No JSON Schema; then two that are, but not of the subset that OpenAI enforces.
BAD_SCHEMAS: dict[str, Json] = {
    "no-type": {"type": 123},
    "open": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "optional": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": [],
        "additionalProperties": False,
    },
}


def asking_for_an_object(stage: Stage, tokens: int = USUAL_LIMIT) -> Body:
    """A question for prose that mentions JSON, as it must, with `json_object`.

    On a plain first turn it invites a tool call as well, though the request defines no tool. Whom that leads
    to a call says nothing in JSON, and so is asked something else when asked again.
    """
    inviting = stage.path == PLAIN and stage.attempt == 1
    question = "look-up-in-prose" if inviting else "prose-beside-json"
    return {**stage.chat(prompt(question), tokens=tokens), "response_format": JSON_OBJECT}


@scenario(
    paths=ALL_PATHS,
    attempts=2,
    requests=2,
)
async def json_object(stage: Stage) -> None:
    """A question for prose with `json_object`; where that is refused, the question alone."""
    body = asking_for_an_object(stage)
    if status(await stage.post("formatted", body)) != 200:
        del body["response_format"]
        await stage.post("unformatted", body)


@scenario(attempts=2)
async def first_json_object(stage: Stage) -> None:
    """`json_object` on a first turn: the control of later ones."""
    await stage.post("formatted", asking_for_an_object(stage))


@scenario()
async def unformatted(stage: Stage) -> None:
    """A greeting without a format, which shows whether the target answers everything in JSON."""
    await stage.post("answer", greeting(stage))


@scenario(requests=2)
async def json_object_cut(stage: Stage) -> None:
    """`json_object` with room enough, then under a limit of five tokens."""
    await stage.post("whole", asking_for_an_object(stage))
    await stage.post("formatted", asking_for_an_object(stage, CUT))


@scenario(requests=2)
async def wordless(stage: Stage) -> None:
    """`json_object` with a question that names JSON, then with a greeting that does not."""
    await stage.post("named", asking_for_an_object(stage))
    await stage.post("wordless", {**greeting(stage), "response_format": JSON_OBJECT})


@scenario(attempts=2, requests=2)
async def first_strict_schema(stage: Stage) -> None:
    """A strict schema on a first turn: the control of later ones."""
    await _ask_for_a_report(stage)


@scenario(paths=(PLAIN, *NOT_FIRST), attempts=2, requests=2)
async def strict_schema(stage: Stage) -> None:
    """A strict schema that the prompt asks to break; without its rarer features where it is refused."""
    await _ask_for_a_report(stage)


async def _ask_for_a_report(stage: Stage) -> None:
    body = asking_for_a_report(stage)
    if status(await stage.post("formatted", body)) != 200:
        await stage.post("simple", {**body, "response_format": strict(REPORT)})


def asking_for_a_report(stage: Stage) -> Body:
    """A question for a report that breaks the strict schema which comes with it."""
    body = stage.chat(prompt("city-report-with-extras"), tokens=800)
    return {**body, "response_format": strict(DEFINED_REPORT)}


@scenario(requests=2)
async def unknown_types(stage: Stage) -> None:
    """A greeting, then the same with a format that does not exist."""
    await stage.post("control", greeting(stage))
    for step, wanted in UNKNOWN.items():
        if step == "xml" or stage.thorough:
            await stage.post(step, {**greeting(stage), "response_format": wanted}, illegal=True)


@scenario(requests=2)
async def incomplete_schemas(stage: Stage) -> None:
    """A greeting, then the same with json_schema that lacks what it needs."""
    await stage.post("control", greeting(stage))
    for step, wanted in NO_SCHEMA.items():
        if step == "no-member" or stage.thorough:
            body: Body = {**greeting(stage), "response_format": wanted}
            await stage.post(step, body, illegal=step not in LEGAL)


@scenario(requests=2)
async def bad_schemas(stage: Stage) -> None:
    """A strict schema that is sound, then one that is no JSON Schema."""
    sound = asking_for_a_report(stage)
    if status(await stage.post("sound", sound)) != 200:
        await stage.post("sound", {**sound, "response_format": strict(REPORT)})
    for step, bad in BAD_SCHEMAS.items():
        if step == "no-type" or stage.thorough:
            wanted: Body = {"name": "report", "strict": True, "schema": bad}
            form: Body = {"type": "json_schema", "json_schema": wanted}
            await stage.post(step, {**sound, "response_format": form})


@scenario(paths=BOTH_FORMS)
async def refused_by_the_model(stage: Stage) -> None:
    """A strict schema with the request that the target declares its model refuses."""
    body = stage.chat(stage.target.declared["model-refuses"], tokens=800)
    await stage.post("refused", {**body, "response_format": strict(REPORT)})
