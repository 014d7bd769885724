"""String formats and constraints of JSON Schema."""

import re
from collections.abc import Mapping
from typing import Any

FORMATS = {
    "date": "2025-01-15",
    "date-time": "2025-01-15T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1D",
    "email": "user@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "uri": "https://example.com/",
}
SHAPES = {
    "date": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])",
    "date-time": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ",
    "email": r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
    "uri": r"https?://[A-Za-z0-9.-]+(/[\w./?=&%-]*)?",
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "ipv4": r"((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}",
}


def fits(value: str, schema: Mapping[str, Any]) -> bool:
    """Tell whether a string keeps a schema's length, format and pattern."""
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    form = schema.get("format")
    if form in FORMATS and not re.fullmatch(SHAPES.get(form, r"(?!)"), value, re.ASCII):
        return False
    return "pattern" not in schema or _found(str(schema["pattern"]), value)


def _found(pattern: str, value: str) -> bool:
    try:
        # `$` of ECMA-262 does not match before a final line break, `\Z` neither.
        return re.search(pattern.replace("$", r"\Z"), value, re.ASCII) is not None
    except re.error:
        return False
