"""What all tests of the project have in common."""

from __future__ import annotations

from hypothesis import settings

# How fast something is, is measured in bench/: here a busy machine would fail what is right.
settings.register_profile("project", deadline=None)
settings.load_profile("project")
