"""Response formats, each beside the same question without one."""

from chatconform.suite import ALL_PATHS, BOTH_FORMS, Body, Stage, prompt, scenario, schema

JSON_OBJECT: Body = {"type": "json_object"}
# A question that a model answers in prose unless it is made to answer in JSON, yet names JSON, as it must.
SCHEMA_NAME = "city_report"
# Fewer tokens than the object needs that is asked for.
CUT = 5


@scenario(paths=ALL_PATHS, requests=2)
async def json_object(stage: Stage) -> None:
    """A question for an essay that mentions JSON, then the same with `json_object`."""
    body = stage.chat(prompt("prose-beside-json"), temperature=0, tokens=400)
    await stage.post("control", body)
    await stage.post("formatted", {**body, "response_format": JSON_OBJECT})


@scenario(paths=BOTH_FORMS)
async def json_object_wanted(stage: Stage) -> None:
    """A question that asks for a JSON object by itself, with `json_object`."""
    body = stage.chat(prompt("three-fruits-json"), temperature=0, tokens=400)
    await stage.post("formatted", {**body, "response_format": JSON_OBJECT})


@scenario(paths=BOTH_FORMS)
async def json_object_cut(stage: Stage) -> None:
    """`json_object` under a limit of five tokens."""
    body = stage.chat(prompt("three-fruits-json"), temperature=0, tokens=CUT)
    await stage.post("formatted", {**body, "response_format": JSON_OBJECT})


@scenario(paths=ALL_PATHS)
async def strict_schema(stage: Stage) -> None:
    """A strict JSON Schema, with a prompt that asks to break it."""
    wanted: Body = {"name": SCHEMA_NAME, "strict": True, "schema": schema("city-report")}
    body = stage.chat(prompt("city-report-with-extras"), temperature=0, tokens=800)
    await stage.post("formatted", {**body, "response_format": {"type": "json_schema", "json_schema": wanted}})


@scenario(paths=BOTH_FORMS, requests=4)
async def types(stage: Stage) -> None:
    """The default type `text`, then a type that does not exist, a string, and no schema."""
    body = stage.chat(prompt("greeting"))
    await stage.post("text", {**body, "response_format": {"type": "text"}})
    await stage.post("unknown", {**body, "response_format": {"type": "xml"}}, illegal=True)
    await stage.post("string", {**body, "response_format": "json"}, illegal=True)
    await stage.post("no-schema", {**body, "response_format": {"type": "json_schema"}}, illegal=True)
