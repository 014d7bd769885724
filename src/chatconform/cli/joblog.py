"""The log of a job of GitHub Actions, in which every line that begins with `::` is a command to the runner.

What a target wrote stands in our reports, and a line may break anywhere. The way to print such text is to
stop the commands for as long, by a word that nobody can guess.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def without_commands(console: Console) -> Iterator[None]:
    """What is printed to the console is no command to the runner; outside of such a job it is as ever."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        yield
        return
    word = secrets.token_hex(16)
    _say(console, f"::stop-commands::{word}")
    try:
        yield
    finally:
        _say(console, f"::{word}::")


def _say(console: Console, command: str) -> None:
    console.file.write(f"{command}\n")
    console.file.flush()
