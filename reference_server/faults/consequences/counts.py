"""What else turns red where the counts of several answers are compared, and why."""

from __future__ import annotations

_OTHERWISE = "the same messages were counted otherwise before"
_OF_TEXT = "the count is less than the text has words"
_WEIGHED = "what reached the model is weighed by the count"

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
    ("counts-of-all-requests", "CC-HTTP-008", "texts that mean the same are compared by their counts"),
)
