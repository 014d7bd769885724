"""What else turns red in the conversations that a state machine makes up, and why."""

from __future__ import annotations

_IDS = "ids come again in the same conversation"
_CALLS = "calls of any conversation are so"
_HISTORY = "the history of any conversation has it"
_LOST = "what is lost is not counted"
_FORMS = "the other form is answered otherwise"

# Patterns of faults, the requirements that they turn red besides, and the reason.
CONSEQUENCES: tuple[tuple[str, str, str], ...] = (
    ("call-ids-all-alike call-ids-restart call-id-the-name-*", "CC-TALK-001", _IDS),
    ("answer-id-constant answer-id-from-few", "CC-TALK-001", _IDS),
    ("call-id-empty-* call-name-empty call-name-missing-* call-of-an-own-tool-*", "CC-TALK-002", _CALLS),
    ("required-calls-end-with-function-call-*", "CC-TALK-002", _CALLS),
    ("null-beside-calls-* content-parts-* tool-parts-crashes", "CC-TALK-003", _HISTORY),
    ("only-the-latest-tool-round third-tool-round-lost only-the-last-user-message", "CC-TALK-005", _LOST),
    ("tools-dropped-*", "CC-TALK-005", "a turn in the other form has fewer prompt tokens"),
    ("tool-results-lost-streamed streamed-counts-zero-after-tool-result", "CC-TALK-005", _LOST),
    ("tool-results-lost-streamed streamed-counts-zero-after-tool-result", "CC-TALK-006", _FORMS),
    ("tools-dropped-* call-of-an-own-tool-* call-name-missing-*", "CC-TALK-006", _FORMS),
)
