"""What else turns red under faults of keys, bodies, limits, models, addresses and forms, and why."""

from __future__ import annotations

# Patterns of the ids of faults, the requirements, and the reason.
CONSEQUENCES: tuple[tuple[str, str, str], ...] = (
    # keys
    ("key-checked-by-length", "CC-AUTH-006", "it is not checked for the list either"),
    ("keys-not-checked-on-streams", "CC-AUTH-005 CC-STREAM-013", "a wrong key is served in one form"),
    ("keys-not-checked-on-streams", "CC-RATE-001 CC-RATE-006", "streams are counted apart"),
    ("wrong-key-400 wrong-key-403", "CC-AUTH-005", "another status than with a bad body and for a stream"),
    ("wrong-key-as-event*", "CC-STREAM-013", "an event stream that is no answer"),
    ("wrong-key-as-event-stream", "CC-ERR-001 CC-ERR-012", "an error that is no JSON"),
    ("wrong-key-as-event-in-200", "CC-AUTH-002", "a 200 to a wrong key"),
    (
        "wrong-key-and-bad-body-500",
        "CC-ERR-006 CC-ERR-016 CC-REQ-001",
        "a bad request that answers a failure",
    ),
    ("key-in-error-message", "CC-MODELS-007", "the message does not name the model"),
    ("missing-key-200 wrong-key-200", "CC-ERR-002 CC-HTTP-002", "an error with 200 is no completion"),
    ("*-key-told-as-answer limit-told-as-answer", "CC-RESP-014", "its date is a constant"),
    (
        "scheme-alone-crashes basic-scheme-crashes missing-key-500 wrong-key-500 body-over-limit-500",
        "CC-ERR-007 CC-ERR-016",
        "a failure to a legal request, though its type blames the client",
    ),
    (
        "scheme-in-lower-case-crashes traceparent-refused charset-crashes text-body-crashes",
        "CC-ERR-007",
        "a failure to a legal request",
    ),
    ("list-crashes-without-key", "CC-ERR-016", "its type blames the client"),
    ("*-redirected", "CC-ERR-015", "a redirect"),
    # browsers and bodies
    (
        "preflight-[345]* preflight-without-[ach]*",
        "CC-CORS-002",
        "the same preflight asks for the headers of clients",
    ),
    ("escaped-text-refused body-over-limit-502", "CC-ERR-001 CC-ERR-012", "the refusal is a page"),
    ("body-over-limit-cut", "CC-USAGE-013", "the prompt that is counted is cut"),
    ("body-read-as-latin-1", "CC-CONT-046", "the texts of a conversation change"),
    (
        "body-read-as-latin-1 wide-characters-dropped escapes-taken-literally",
        "CC-USAGE-011",
        "other text is counted",
    ),
    ("answer-in-latin-1", "CC-HTTP-001", "JSON is UTF-8"),
    (
        "type-missing",
        "CC-AUTH-005 CC-ERR-012 CC-HTTP-001 CC-HTTP-005 CC-MODELS-001 CC-RATE-001",
        "the type of these bodies is JSON",
    ),
    ("stream-charset-windows-1252", "CC-STREAM-001", "the charset of a stream"),
    (
        "raw-text-refused",
        (
            "CC-LOGPROBS-003 CC-LOGPROBS-005 CC-LOGPROBS-007 CC-STOP-006 CC-STOP-008 CC-STREAM-009 "
            "CC-STREAM-019 CC-STREAM-023"
        ),
        "these texts have such characters",
    ),
    (
        "answer-in-latin-1",
        "CC-LOGPROBS-005 CC-STREAM-019 CC-TOOLS-025",
        "the text of these answers is another one",
    ),
    # limits
    ("*-tokens-[0-9] remaining-tokens-over-limit", "CC-CORS-004", "a further header of a limit, not exposed"),
    ("remaining-requests-grow", "CC-RATE-004", "what is left comes to exceed the limit"),
    ("limit-as-page limit-as-event", "CC-ERR-001 CC-ERR-012", "an error that is no JSON"),
    ("limit-as-text", "CC-ERR-012", "an error by another type"),
    ("limit-answers-*", "CC-STREAM-013", "some of the same requests are refused, and some are served"),
    ("limit-answers-5*", "CC-ERR-007 CC-ERR-016", "a failure to a legal request"),
    ("limit-told-as-answer", "CC-RESP-002 CC-USAGE-011", "all these answers are the same one"),
    ("limit-told-as-answer limit-with-200", "CC-STREAM-001", "a 200 to a request for a stream that is none"),
    ("limit-with-200", "CC-ERR-002 CC-HTTP-002", "an error with 200 is no completion"),
    ("retry-after-zero", "CC-RATE-003", "waiting no time does not help"),
    # models
    ("entry-id-*", "CC-MODELS-010", "the model under test has no id in the list"),
    ("entry-created-* entry-owned-by-*", "CC-MODELS-005", "the single model has the right one"),
    ("slash-id-cut slash-id-encoded", "CC-MODELS-005", "the single model that is compared has a slash"),
    ("list-404", "CC-ERR-001 CC-ERR-012", "an error that is a page"),
    ("list-500", "CC-ERR-001", "a status of errors without an error"),
    ("list-ids-prefixed", "CC-MODELS-005 CC-MODELS-006", "the single model has another id than is listed"),
    (
        "single-route-missing single-500 single-as-list single-in-array single-constant single-without-id",
        "CC-MODELS-006",
        "a model with a slash is a single model too",
    ),
    # addresses
    (
        "chat-redirected",
        (
            "CC-CONT-050 CC-CONT-052 CC-HTTP-003 CC-HTTP-006 CC-HTTP-008 CC-LIMIT-005 CC-LIMIT-007 "
            "CC-RATE-001 CC-SAFETY-003"
        ),
        "no chat is answered or refused",
    ),
    ("model-list-redirected", "CC-MODELS-001", "there is no list"),
    # forms
    ("plain-json-in-* plain-answer-as-event-stream", "CC-HTTP-002 CC-HTTP-003", "no object says what it is"),
    ("plain-answer-calls-itself-chunk", "CC-HTTP-003 CC-RESP-001", "the object says something else"),
    ("plain-answer-as-event-stream", "CC-STREAM-002 CC-STREAM-003", "JSON is read as an event stream"),
    ("stream-where-stream-is-*", "CC-HTTP-001 CC-HTTP-002", "an event stream where none was asked for"),
    ("stream-where-stream-is-null", "CC-REQ-037", "null is not the default there"),
    ("stream-where-stream-is-false", "CC-REQ-015", "an equal request is answered otherwise"),
    ("accept-header-refused", "CC-ERR-001 CC-ERR-012 CC-STREAM-013", "its refusal is a page"),
    (
        "chat-answers-201",
        "CC-CONT-050 CC-CONT-052 CC-LIMIT-005 CC-RATE-003 CC-STREAM-001",
        "these want the status 200",
    ),
)
