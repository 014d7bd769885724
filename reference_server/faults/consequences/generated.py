"""What else turns red under faults of requests that nobody writes down, and why."""

from __future__ import annotations

_OUT_OF_RANGE = "CC-REQ-012 CC-REQ-029 CC-REQ-030 CC-REQ-031 CC-REQ-032 CC-REQ-063"
_NULLS = "CC-REQ-010 CC-REQ-033 CC-REQ-034 CC-REQ-035 CC-REQ-036 CC-REQ-037 CC-REQ-038 CC-REQ-039"
_REFUSALS = (
    "CC-AUTH-005 CC-CHOICE-005 CC-CHOICE-006 CC-FORMAT-004 CC-FORMAT-006 CC-LIMIT-004 CC-LOGPROBS-004 "
    "CC-REQ-003 CC-REQ-004 CC-REQ-005 CC-REQ-011 CC-REQ-015 CC-REQ-019 CC-REQ-023 CC-REQ-025 CC-REQ-026 "
    f"CC-REQ-027 CC-REQ-028 CC-STOP-003 CC-TOOLS-012 CC-TOOLS-013 CC-TOOLS-033 {_OUT_OF_RANGE}"
)

# Patterns of the ids of faults, the requirements, and the reason.
CONSEQUENCES: tuple[tuple[str, str, str], ...] = (
    ("numbers-out-of-range-moved-to-the-bound", _OUT_OF_RANGE, "what is out of range is not refused"),
    ("bad-requests-answer-418", _REFUSALS, "it is a refusal with another status than any that is documented"),
    (
        "bad-streams-answered-with-a-greeting",
        f"CC-CHOICE-006 CC-ERR-008 CC-REQ-003 CC-REQ-004 CC-REQ-019 CC-STREAM-013 {_OUT_OF_RANGE}",
        "streams that have to be refused are answered",
    ),
    ("bad-streams-refused-with-422", "CC-AUTH-005 CC-ERR-008", "the plain form is refused otherwise"),
    (
        "bad-streams-refused-with-an-empty-object",
        "CC-CHOICE-006 CC-ERR-004 CC-ERR-008 CC-ERR-017 CC-REQ-003",
        "the refusal of a stream names nothing",
    ),
    (
        "errors-to-bad-requests-are-texts",
        "CC-CHOICE-006 CC-ERR-004 CC-ERR-017 CC-FORMAT-006 CC-LIMIT-004 CC-REQ-003 CC-REQ-023 CC-STOP-003",
        "such a text names nothing",
    ),
    ("nulls-refused-without-a-word", _NULLS, "these parameters are null there"),
    ("other-media-types-crash", "CC-HTTP-006", "another media type is sent on purpose"),
    ("seldom-members-crash", "CC-REQ-014", "the parameters have some of these among them"),
    (
        "answers-are-non-authoritative",
        "CC-CONT-050 CC-CONT-052 CC-HTTP-003 CC-HTTP-008 CC-LIMIT-005",
        "the status has to be 200",
    ),
    ("answers-are-non-authoritative", "CC-RATE-003", "the status after the wait has to be 200"),
)
