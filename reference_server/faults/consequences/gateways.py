"""What else turns red where a gateway is judged by what it passes on, and why."""

from __future__ import annotations

_NOT_PASSED_ON = "what the model is given is not what the client asked for"

# Patterns of the ids of faults, the requirements, and the reason.
CONSEQUENCES: tuple[tuple[str, str, str], ...] = (
    ("max-tokens-ignored max-completion-tokens-ignored", "CC-CONT-010", _NOT_PASSED_ON),
    (
        "stop-ignored stop-takes-the-*-only stop-string-alone-* wide-stop-ignored",
        "CC-CONT-010",
        _NOT_PASSED_ON,
    ),
)
