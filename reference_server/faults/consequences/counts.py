"""What else turns red where the counts of several answers are compared, and why."""

from __future__ import annotations

# Patterns of the ids of faults, the requirements, and the reason.
CONSEQUENCES: tuple[tuple[str, str, str], ...] = (
    ("usage-prompt-tokens-negative", "CC-USAGE-014", "a longer prompt has not more tokens"),
)
