"""What else turns red where the counts of several answers are compared, and why."""

from __future__ import annotations

_OTHERWISE = "the same messages were counted otherwise before"
_OF_TEXT = "the count is less than the text has words"
_WEIGHED = "what reached the model is weighed by the count"

# Everything that is told by what a text adds to the count.
_WEIGHING = (
    "CC-CONT-001 CC-CONT-002 CC-CONT-005 CC-CONT-006 CC-CONT-007 CC-CONT-014 CC-CONT-017 CC-CONT-040 "
    "CC-CONT-041 CC-CONT-043 CC-CONT-044 CC-CONT-045 CC-CONT-053 CC-HTTP-008 CC-REQ-007 CC-REQ-018 "
    "CC-REQ-050 CC-REQ-062 CC-TOOLS-011"
)

# Patterns of the ids of faults, the requirements, and the reason.
CONSEQUENCES: tuple[tuple[str, str, str], ...] = (
    ("usage-prompt-tokens-negative", "CC-USAGE-014", "a longer prompt has not more tokens"),
    ("*usage-completion-tokens-negative", "CC-USAGE-003", _OF_TEXT),
    ("prompt-tokens-zero streamed-counts-zero", "CC-USAGE-011", _OTHERWISE),
    ("*-cached-tokens-not-in-prompt streamed-prompt-tokens-more", "CC-USAGE-003 CC-USAGE-011", _OTHERWISE),
    ("streamed-counts-zero-after-tool-result limit-counted-as-prompt", "CC-CONT-045", _WEIGHED),
    ("limit-counted-as-prompt", "CC-CONT-006", _WEIGHED),
    (
        "streamed-usage-prompt-tokens-negative",
        "CC-CONT-006 CC-CONT-045 CC-CONT-053 CC-REQ-018",
        _WEIGHED,
    ),
    ("counts-of-all-requests", _WEIGHING, "whatever is sent meanwhile is weighed as well"),
)
