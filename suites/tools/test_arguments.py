"""What stands in the arguments of a call: one object, once, as the tool's schema wants it."""

import json
import re
import unicodedata

from chatconform.suite import (
    Exchange,
    Json,
    NotJson,
    Play,
    ToolCall,
    check,
    expect,
    invariant,
    parse,
    provoked,
    repeated_keys,
    survey,
)
from chatconform.suites.choice.scenarios import named
from chatconform.suites.schemas import breaches
from chatconform.suites.tools.calls import WireCall, endings, wire_calls
from chatconform.suites.tools.definitions import loose_schemas
from chatconform.suites.tools.forms import with_calls
from chatconform.suites.tools.outcomes import TOOL_WORDS, calls_in, control_of
from chatconform.suites.tools.scenarios import three_cities

CITIES = ("São Paulo", "Zürich")
# What becomes of their letters where bytes are read in another encoding, lost, or escaped once too often.
DAMAGED = re.compile(r"\ufffd|Ã[£¼]|S\?+o Paulo|Z\?+rich|\\u00")


@survey("CC-TOOLS-002", with_calls, provoked_by=(three_cities, named))
def test_arguments_fit_the_schema_of_their_tool(exchanges: tuple[Exchange, ...]) -> None:
    """At least four of five calls have arguments that are an object and satisfy the tool's schema."""
    judged = [(call, wrong) for exchange in exchanges for call, wrong in judged_calls(exchange)]
    bad = [(call, wrong) for call, wrong in judged if wrong]
    provoked(judged, "no call is of a tool with a schema that is not strict")

    told = "; ".join(f"{call.arguments} ({wrong[0]})" for call, wrong in bad[:3])
    expect(
        5 * len(bad) <= len(judged),
        "at least four of five calls with arguments that fit their schema",
        came=f"{len(bad)} of {len(judged)} do not fit: {told}",
        at=tuple(call.at for call, _ in bad),
    )


def judged_calls(exchange: Exchange) -> list[tuple[WireCall, tuple[str, ...]]]:
    """The whole calls of tools whose schema is known and not strict, with what is wrong with each."""
    schemas, ends = loose_schemas(exchange), endings(exchange)
    found: list[tuple[WireCall, tuple[str, ...]]] = []
    for call in wire_calls(exchange):
        end = ends.get(call.choice)
        cut = end is not None and end.reason == "length"
        schema = schemas.get("".join(call.names))
        if schema is not None and not cut and encoded_twice(call.arguments) is None:
            found.append((call, wrong_with(call.arguments, schema)))
    return found


def wrong_with(arguments: str, schema: dict[str, Json]) -> tuple[str, ...]:
    """Why arguments do not satisfy a schema; nothing where they do."""
    try:
        value = parse(arguments)
    except NotJson as error:
        return (str(error),)
    return breaches(value, {"type": "object", **schema})


def encoded_twice(arguments: str) -> str | None:
    """The JSON text within arguments that are a JSON string; None where they are no such thing."""
    try:
        inner = parse(arguments)
        outer = parse(inner) if isinstance(inner, str) else None
    except NotJson:
        return None
    return inner if isinstance(inner, str) and isinstance(outer, dict | list) else None


@invariant("CC-TOOLS-017", with_calls, provoked_by=three_cities)
def test_arguments_repeat_no_key(exchange: Exchange) -> None:
    """No object in the arguments of a call has the same key twice."""
    read = 0
    for call in wire_calls(exchange):
        try:
            repeated = () if call.is_custom else repeated_keys(call.arguments)
        except NotJson:
            continue
        read += not call.is_custom
        expect(not repeated, "keys that occur once", came=call.arguments, at=call.at)
    provoked(read, "no call has arguments that parse")


@invariant("CC-TOOLS-021", with_calls, provoked_by=three_cities)
def test_arguments_are_encoded_once(exchange: Exchange) -> None:
    """The arguments of a function call are JSON, and not a JSON string that holds JSON."""
    calls = [call for call in wire_calls(exchange) if not call.is_custom]
    provoked(calls, "no call is of a function")
    for call in calls:
        once = encoded_twice(call.arguments) is None
        expect(once, "arguments that are encoded once", came=call.arguments, at=call.at)


@check("CC-TOOLS-024", three_cities, feature=TOOL_WORDS)
def test_no_call_comes_twice(play: Play) -> None:
    """No two calls of one answer have the same name and the same arguments."""
    seen: set[str] = set()
    for call in calls_in(control_of(play)):
        # What cannot be read is a rule of its own, and makes no two calls alike.
        provoked(call.name and call.arguments, "a call has no name or no arguments", at=call.at)
        key = f"{call.name} {normal(call)}"
        expect(key not in seen, "a call that is not there yet", came=key, at=call.at)
        seen.add(key)


def normal(call: ToolCall) -> str:
    """The arguments in one way of writing; as they came where they are no JSON."""
    try:
        return json.dumps(parse(call.arguments), sort_keys=True)
    except (NotJson, RecursionError):
        return call.arguments


@check("CC-TOOLS-025", three_cities, feature=TOOL_WORDS)
def test_letters_beyond_ascii_survive(play: Play) -> None:
    """Letters of the prompt that are not ASCII stand unharmed in the arguments that repeat them."""
    calls = calls_in(control_of(play))
    whole = ""
    for call in calls:
        text = unicodedata.normalize("NFC", " ".join(texts_of(call)))
        expect(DAMAGED.search(text) is None, "the letters ã and ü", came=call.arguments, at=call.at)
        whole += text
    repeated = any(city in whole for city in CITIES)
    provoked(repeated, "the arguments repeat none of these letters", at=calls[0].at)


def texts_of(call: ToolCall) -> list[str]:
    """The texts among the members of the arguments."""
    try:
        value = parse(call.arguments)
    except NotJson:
        return [call.arguments]
    return [each for each in value.values() if isinstance(each, str)] if isinstance(value, dict) else []
