"""The response formats that are asked for, as they stand in a request."""

from chatconform.suite import Body, schema

JSON_OBJECT: Body = {"type": "json_object"}
REPORT = "city-report"
# The same with features that some servers refuse: a definition that is referred to, and a choice of types.
DEFINED_REPORT = "city-report-with-definitions"
REPORT_SCHEMA = schema(REPORT)
DEFINED_SCHEMA = schema(DEFINED_REPORT)
# The members that have a rule of their own each.
SPECIAL = ("climate", "districts", "mayor", "centre", "founded")


def strict(name: str) -> Body:
    """The format of a strict schema of the fixtures."""
    wanted: Body = {"name": "city_report", "strict": True, "schema": schema(name)}
    return {"type": "json_schema", "json_schema": wanted}
