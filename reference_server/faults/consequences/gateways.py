"""What else turns red where a gateway is judged by what it passes on and by what it tells, and why."""

from __future__ import annotations

_NOT_PASSED_ON = "what the model is given is not what the client asked for"
_NOT_IN_PLACE = "a message does not reach the model as it was sent"
_REFUSED = "what it refuses is never passed on"
_LIMITS = (
    "limit-counts-characters limit-counts-the-prompt limit-multiplied-by-the-choices "
    "limit-shared-by-the-choices max-*tokens-counts-words max-*tokens-doubled max-*tokens-exceeded-by-one "
    "max-*tokens-ignored max-*tokens-ignored-and-the-count-clipped"
)

# Patterns of the ids of faults, the requirements, and the reason.
CONSEQUENCES: tuple[tuple[str, str, str], ...] = (
    (_LIMITS, "CC-CONT-010", _NOT_PASSED_ON),
    ("stop-ignored stop-takes-the-*-only stop-string-alone-*", "CC-CONT-010", _NOT_PASSED_ON),
    ("wide-stop-ignored", "CC-CONT-010", _NOT_PASSED_ON),
    ("logprobs-ignored-plain logprobs-ignored-streamed", "CC-CONT-010", _NOT_PASSED_ON),
    ("ten-alternatives-always", "CC-CONT-010", _NOT_PASSED_ON),
    (
        "body-read-as-latin-1 wide-characters-dropped",
        "CC-CONT-010 CC-GATE-001",
        "the texts have such letters",
    ),
    ("parts-blanked-user parts-cut-to-the-first-user", "CC-GATE-001", _NOT_IN_PLACE),
    ("system-dropped", "CC-GATE-001 CC-SAFETY-005", _NOT_IN_PLACE),
    ("escapes-taken-literally", "CC-SAFETY-005", "the arguments have escapes"),
    (
        "content-beside-calls-wanted null-beside-calls-refused content-parts-refused",
        "CC-CONT-010 CC-GATE-001 CC-GATE-003 CC-GATE-004 CC-SAFETY-004 CC-SAFETY-005 CC-SAFETY-006",
        _REFUSED,
    ),
    ("content-beside-calls-wanted null-beside-calls-refused", "CC-GATE-002", _REFUSED),
    ("*-given-refused", "CC-GATE-004", _REFUSED),
    ("stream-without-limit-refused", "CC-GATE-005", _REFUSED),
    ("logprobs-unasked", "CC-GATE-005", "something is added to what was asked for"),
    (
        "done-early failure-as-stop failure-hidden-by-stop finish-early finish-on-every-chunk",
        "CC-GATE-010",
        "the stall of an upstream looks like an end",
    ),
    ("stream-where-stream-is-absent limit-outlasts-retry-after", "CC-GATE-009", "so is a stall answered"),
    ("chat-redirected", "CC-GATE-006 CC-GATE-007 CC-GATE-009", "so is a failure of the upstream"),
)
