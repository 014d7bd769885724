"""Freezes the profiles of a checkout: `scripts/freeze`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from chatconform.errors import ProfileError
from chatconform.ledger import load_ledger
from chatconform.ledger.profile import known_profiles, load_profile
from chatconform.running.frozen import frozen_file, frozen_text, read_frozen, with_profiles


def freeze(folder: Path | None = None) -> Path:
    """Write the digests of all profiles of a folder beside them, by default of this installation's.

    Raises:
        ProfileError: A profile has changed, and has kept its version; nothing is written then.
    """
    file = frozen_file() if folder is None else folder / frozen_file().name
    ledger = load_ledger()
    profiles = [load_profile(name, ledger, folder) for name in known_profiles(folder)]
    file.write_text(frozen_text(with_profiles(read_frozen(file), profiles)), encoding="utf-8")
    return file


def main() -> int:
    """Freeze, and say where; 2 where a profile needs another version."""
    try:
        click.echo(freeze())
    except ProfileError as error:
        click.echo(f"error: {error}\n{error.hint or ''}", err=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
