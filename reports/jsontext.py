"""The JSON of reports: indented for whoever looks into it, with texts as they read."""

from __future__ import annotations

import json
from typing import Any

JsonObject = dict[str, Any]


def document(value: object) -> str:
    """A JSON document with its line end."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
