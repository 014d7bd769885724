"""The gate: what a run says against what was accepted of its target. Values and texts, no input or output."""
