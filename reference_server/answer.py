"""What a completion and all chunks of one stream have in common."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]

COMPLETION = "chat.completion"
CHUNK = "chat.completion.chunk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer apart from what the model writes: its identity, and what the request wants told.

    Attributes:
        created: Unix seconds at which the answer began; one value for all its chunks.
        fingerprint: Names the configuration that answered; stable as long as nothing changes.
        service_tier: The tier to report, for requests that asked for one.
        prompt_tokens: The tokens of the request, counted once whatever `n`.
        logprobs: Whether the log probabilities of the text's tokens are told.
        include_usage: Whether a stream ends with the token counts, and all other chunks say null.
    """

    id: str
    created: int
    model: str
    fingerprint: str
    service_tier: str | None = None
    prompt_tokens: int
    logprobs: bool
    include_usage: bool = False

    def envelope(self, kind: str) -> Document:
        """Return the members that every object of this answer starts with."""
        document: Document = {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": self.fingerprint,
        }
        if self.service_tier is not None:
            document["service_tier"] = self.service_tier
        return document


def new_id() -> str:
    """Return an id that no other completion has."""
    return f"chatcmpl-{secrets.token_hex(14)}"


def now() -> int:
    """Return the time as completions tell it, in whole Unix seconds."""
    return int(time.time())
