"""What else turns red where an answer lacks what another has, or has what it should not, and why."""

from __future__ import annotations

_MEMBERS = "what the fault spares and what it hits do not have the same members"
_SHAPES = (
    "choice-finish-reason-empty choice-finish-reason-list choice-finish-reason-missing "
    "choice-finish-reason-null choice-index-missing choice-index-null choice-logprobs-text "
    "cut-completions-undated message-annotations-* message-audio-text message-function-call-text "
    "message-role-empty message-role-missing message-role-null message-tool-calls-text"
)

# Patterns of the ids of faults, the requirements, and the reason.
CONSEQUENCES: tuple[tuple[str, str, str], ...] = (
    (
        _SHAPES,
        "CC-SAMPLE-009",
        _MEMBERS,
    ),
    ("completion-metadata-*", "CC-REQ-041", "the metadata that were sent come back otherwise"),
    ("wide-stop-leaves-half-a-character", "CC-RESP-020", "half a character is no text"),
)
