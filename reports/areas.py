"""The areas of the ledger in words, for readers who have not met their short names."""

from __future__ import annotations

WORDS = {
    "HTTP": "HTTP",
    "AUTH": "Keys",
    "MODELS": "The list of models",
    "REQ": "Requests, accepted and refused",
    "RESP": "The completion object",
    "STREAM": "Event streams",
    "TOOLS": "Tools",
    "CHOICE": "The choice of tools",
    "CONT": "Conversations that go on",
    "STOP": "Stop strings",
    "LIMIT": "Token limits and the context",
    "SAMPLE": "Sampling",
    "FORMAT": "Formats of answers",
    "USAGE": "Token counts",
    "LOGPROBS": "Log probabilities",
    "ERR": "Errors",
    "RATE": "Rate limits",
    "CORS": "Use from a browser",
    "SAFETY": "Content filters",
    "GATE": "Gateways",
    "TALK": "Long conversations",
    "CONTRACT": "Generated requests",
}


def in_words(area: str) -> str:
    """An area in words; by its short name where it is newer than this table."""
    return WORDS.get(area, area)
