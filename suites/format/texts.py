"""Answers in JSON mode: their text as a value, and the forms in which they come."""

from __future__ import annotations

import re

from chatconform.errors import TargetError
from chatconform.suite import Answer, Choice, Exchange, Json, NotJson, parse, provoked, read_answer
from chatconform.suites.forms import answers, request_body
from chatconform.suites.wire import as_object

MODES = ("json_object", "json_schema")
FENCE = re.compile(r"\s*```[^\n`]*\n(.*?)\n?\s*```\s*", re.DOTALL)


def json_of(answer: Answer) -> Json:
    """The text of an answer that was neither cut nor refused, as JSON; nothing where it is none.

    Fences around it are left to a rule of their own.
    """
    unhindered(answer)
    try:
        return parse(without_fences(answer.text))
    except NotJson:
        return None


def unhindered(answer: Answer) -> None:
    """Nothing kept the model from writing its text to the end."""
    first = answer.first
    provoked(not first.refusal, "the model refused", at=first.at_text)
    provoked(answer.finish_reason != "length", "the answer was cut by the limit", at=first.at_finish)
    provoked(answer.finish_reason != "content_filter", "the answer was filtered", at=first.at_finish)
    provoked(not first.tool_calls, "the model called a tool", at=first.at_text)


def object_of(answer: Answer) -> dict[str, Json]:
    """The text as a JSON object; empty where it is none, or where the answer was hindered."""
    try:
        return as_object(parse(without_fences(answer.text)))
    except NotJson:
        return {}


def without_fences(text: str) -> str:
    """The text within code fences, where these surround the whole."""
    fenced = FENCE.fullmatch(text)
    return fenced[1] if fenced else text


def is_fenced(text: str) -> bool:
    """Whether the text begins with a code fence."""
    return text.lstrip().startswith("```")


def in_json_mode(exchange: Exchange) -> bool:
    """Every answer with text to a request whose response_format asks for JSON."""
    return _format(exchange) in MODES and answers(exchange) and bool(texts(exchange))


def plain_or_without_schema(exchange: Exchange) -> bool:
    """Every answer with text in JSON mode that is plain, or a stream without a schema."""
    # A stream under a schema is a rule of its own.
    return in_json_mode(exchange) and not (exchange.is_stream and _format(exchange) == "json_schema")


def texts(exchange: Exchange) -> tuple[Choice, ...]:
    """The choices of an answer that have text; none where it cannot be read."""
    try:
        return tuple(choice for choice in read_answer(exchange).choices if choice.text)
    except TargetError:
        return ()


def _format(exchange: Exchange) -> Json:
    return as_object(request_body(exchange).get("response_format")).get("type")
