"""What else turns red under faults of errors and of their statuses, and why."""

from __future__ import annotations

# Where a refusal is held to name what was wrong.
_NAMED = (
    "CC-CHOICE-006 CC-CHOICE-009 CC-ERR-017 CC-ERR-020 CC-FORMAT-006 CC-LIMIT-004 CC-LIMIT-007 CC-REQ-003 "
    "CC-REQ-013 CC-REQ-023 CC-STOP-003"
)
# Where a bad request is held to be refused.
_REFUSED = (
    "CC-CHOICE-006 CC-CHOICE-009 CC-FORMAT-005 CC-FORMAT-006 CC-HTTP-009 CC-LIMIT-007 CC-REQ-002 CC-REQ-003 "
    "CC-REQ-004 CC-REQ-005 CC-REQ-011 CC-REQ-012 CC-REQ-019 CC-REQ-024 CC-REQ-025 CC-REQ-026 CC-REQ-027 "
    "CC-REQ-028 CC-REQ-029 CC-REQ-030 CC-REQ-031 CC-REQ-032 CC-REQ-063"
)
_NO_OBJECT = (
    "error-in-array error-null error-plural error-object-empty error-nested-twice error-in-json-string "
    "error-as-words-of-json error-page-as-json error-cut error-empty error-page error-as-text error-as-event"
)
_OTHER_TYPE = "error-empty error-page error-as-text error-as-event error-typed-* error-untyped"

# Patterns of the ids of faults, the requirements, and the reason.
CONSEQUENCES: tuple[tuple[str, str, str], ...] = (
    # the envelope of errors
    (_NO_OBJECT, f"{_NAMED} CC-ERR-004", "nothing stands where the wrong member is named"),
    (
        "error-as-detail error-as-detail-list error-flat error-as-string error-as-list error-param-*",
        "CC-ERR-004",
        "no word stands where `param` is looked for",
    ),
    (_OTHER_TYPE, "CC-AUTH-005 CC-RATE-001", "these errors have to be JSON by their type as well"),
    (
        f"error-as-detail error-as-detail-list error-flat error-as-string error-as-list {_NO_OBJECT}",
        "CC-GATE-006 CC-GATE-009",
        "the failure of an upstream is told so as well",
    ),
    ("error-nested-twice", "CC-ERR-009", "the outer object has no type"),
    ("error-empty", "CC-ERR-012", "what has no body has no type"),
    ("error-untyped", "CC-HTTP-014", "a body without a type"),
    ("error-as-event", "CC-STREAM-013", "an event stream that is no answer"),
    ("page-in-message-* refusals-mute", "CC-MODELS-007", "the message does not name the model"),
    ("refusals-mute", _NAMED, "no refusal names anything"),
    # statuses
    ("refusals-with-200", _REFUSED, "what has to be refused is not"),
    (
        "refusals-with-200",
        "CC-AUTH-001 CC-AUTH-002 CC-AUTH-003 CC-ERR-003 CC-RATE-001",
        "nor is anything else",
    ),
    ("refusals-with-200", "CC-GATE-007", "so is what an overloaded upstream refuses"),
    (
        "refusals-with-200 unknown-model-200 unknown-model-200-flat",
        "CC-HTTP-002 CC-STREAM-001",
        "a 200 that is neither a completion nor a stream",
    ),
    ("unknown-model-served-streamed", "CC-STREAM-013", "one of the forms is not refused"),
    ("unknown-model-50* broken-json-50* missing-messages-50*", "CC-ERR-016", "its type blames the client"),
    ("unknown-model-500", "CC-ERR-007", "the contract allows any model's name"),
    ("broken-json-*", "CC-REQ-002 CC-REQ-024", "bodies that are no JSON object have to be refused"),
    ("missing-messages-*", "CC-REQ-003", "missing messages have to be refused"),
    ("broken-json-50* missing-messages-50*", "CC-REQ-001", "a bad request that answers a failure"),
    ("server-failure-blames-client", "CC-ERR-006 CC-REQ-001 CC-REQ-002 CC-REQ-024", "so a bad body fails"),
    ("streamed-refusals-422 streamed-refusals-by-event", "CC-REQ-013", "streams are refused otherwise"),
    (
        "streamed-refusals-by-event",
        (
            "CC-CHOICE-005 CC-CHOICE-006 CC-LIMIT-007 CC-REQ-003 CC-REQ-004 CC-REQ-012 CC-REQ-019 CC-REQ-029 "
            "CC-REQ-030 CC-REQ-031 CC-REQ-032 CC-REQ-063 CC-STREAM-013"
        ),
        "a bad request for a stream is answered with 200",
    ),
    # requests that crash
    (
        "text-parts-crashes",
        "CC-CONT-014 CC-CONT-048 CC-REQ-001 CC-REQ-007 CC-REQ-019 CC-REQ-020 CC-REQ-062 CC-ERR-006",
        "these requests have parts",
    ),
    ("named-message-crashes", "CC-CONT-052 CC-REQ-016 CC-REQ-055", "these requests have names"),
    ("developer-message-crashes", "CC-REQ-006", "the request has a developer message"),
    ("silent-assistant-crashes", "CC-CONT-050 CC-REQ-009 CC-REQ-060", "these histories have such a message"),
    ("null-parameter-crashes", "CC-REQ-035", "the parameter is null there"),
    ("stream-of-two-lengths", "CC-RATE-001", "such an answer is no HTTP"),
    ("metadata-crashes", "CC-REQ-014", "the parameters have metadata among them"),
)
