"""JSON answers: one object for `json_object`, a value of the schema for `json_schema`."""

import json
import re
from typing import Any

from chatconform.reference_server.model.answers import answer_text
from chatconform.reference_server.model.calls import hints_of
from chatconform.reference_server.model.conversation import Conversation, conversation
from chatconform.reference_server.model.hints import Hints
from chatconform.reference_server.model.request import ChatRequest, Format
from chatconform.reference_server.model.schema import schema_value

_KEYS = re.compile(
    r"\b(?:keys?|fields?|property|properties|attributes?|members?|entries)\b(?: (?:named|called"
    r"|are|is|of|should be|must be))*:?\s+"
    r"((?:[`'\"]?[A-Za-z_][\w-]*[`'\"]?(?: \([^)]*\))?(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*)?)+)",
)
# "an object with a name, an age and the city" names its keys as well.
_PARTS = re.compile(
    r"\bobjects?\s+(?:with|that has|that have|having|containing)\s+"
    r"((?:(?:an?|the|its)\s+[A-Za-z_]\w*(?:\s*,\s*(?:and\s+)?|\s+and\s+)?)+)",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\b(?:an?|the|its)\s+([A-Za-z_]\w*)", re.IGNORECASE)
_KEY = re.compile(r"[A-Za-z_][\w-]*")
_NOT_KEYS = frozenset(
    {"and", "only", "the", "a", "an", "with", "whose", "value", "values", "to", "is", "are", "in", "for"}
    | {"set", "no", "that", "of", "as", "like", "such", "where", "which", "nothing"}
)
_PAIR = re.compile(r"[`'\"]([A-Za-z_][\w-]*)[`'\"]\s*:")


def json_answer(request: ChatRequest) -> str:
    """Return the JSON text that answers a request with a JSON response format."""
    talk = conversation(request.messages)
    hints = hints_of(talk)
    value: Any
    if request.format is Format.JSON_SCHEMA and request.schema is not None and request.schema is not True:
        value = schema_value(request.schema, hints)
    else:
        value = _object(request, talk, hints)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _object(request: ChatRequest, talk: Conversation, hints: Hints) -> dict[str, Any]:
    keys = _named_keys(talk.task) or _named_keys(talk.instructions)
    if not keys:
        return {"answer": answer_text(request)}
    return {key: _value(request, key, hints) for key in keys}


def _named_keys(text: str) -> list[str]:
    found = _KEYS.search(text)
    if found:
        keys = _KEY.findall(re.sub(r"\([^)]*\)", "", found[1]))
        stop = next((index for index, key in enumerate(keys) if key in _NOT_KEYS - {"and"}), len(keys))
        return list(dict.fromkeys(key for key in keys[:stop] if key not in _NOT_KEYS))
    parts = _PARTS.search(text)
    if parts and not _PAIR.search(text):
        return list(dict.fromkeys(_ARTICLE.findall(parts[1])))
    return list(dict.fromkeys(_PAIR.findall(text)))


def _value(request: ChatRequest, key: str, hints: Hints) -> Any:
    if key.lower() in {"answer", "reply", "response", "result", "message", "text"}:
        return answer_text(request)
    kind = (
        "integer"
        if key.lower() in {"age", "count", "number", "total", "year", "quantity", "id"}
        else "string"
    )
    schema = {"type": "object", "properties": {key: {"type": kind}}, "required": [key]}
    return schema_value(schema, hints)[key]
