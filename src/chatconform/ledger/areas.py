"""The areas of the ledger, in the order in which they are listed everywhere, each in words.

A file of `spec/requirements` is named after its area.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

AREAS: Mapping[str, str] = MappingProxyType(
    {
        "HTTP": "HTTP, whatever it carries",
        "AUTH": "Keys and authentication",
        "MODELS": "Models",
        "REQ": "Requests, accepted and refused",
        "RESP": "The completion object",
        "STREAM": "Event streams",
        "TOOLS": "Tools and tool calls",
        "CHOICE": "Tool choice",
        "CONT": "Conversations that go on",
        "STOP": "Stop strings",
        "LIMIT": "Token limits and the context",
        "SAMPLE": "Sampling parameters",
        "FORMAT": "Response formats",
        "USAGE": "Usage",
        "LOGPROBS": "Log probabilities",
        "ERR": "Errors",
        "RATE": "Rate limits",
        "CORS": "Use from a browser",
        "SAFETY": "Content filters and personal data",
        "GATE": "Gateways, from both sides",
        "TALK": "Made-up conversations",
        "CONTRACT": "Generated requests",
    }
)
