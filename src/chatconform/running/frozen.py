"""Which profile of which version is what: digests of all that a profile resolves to, kept for good.

Somebody who says "conforms to core 0.1.0" says a thing that can be looked up. A profile that resolves to
something else, because it was changed or because the ledger grew, needs a new version; the digests of the
earlier ones stay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from chatconform.errors import ProfileError
from chatconform.ledger.profile import Profile
from chatconform.resources import folder
from chatconform.running.hearing import paths_of

Frozen = Mapping[str, Mapping[str, str]]


def frozen_file() -> Path:
    """The file of the digests of this installation."""
    return folder("spec") / "profiles" / "frozen.json"


def digest_of(profile: Profile) -> str:
    """The SHA-256, in hexadecimal, of the ids, the paths, and what decides and what is sent."""
    resolved = {
        "requirements": list(profile.requirements),
        "paths": sorted(paths_of(profile)),
        "thorough": profile.thorough,
        "strict": profile.strict,
    }
    return hashlib.sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()


def read_frozen(file: Path) -> Frozen:
    """The digests by profile and version; none where there is no file yet.

    Raises:
        ProfileError: The file is there and cannot be used.
    """
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return MappingProxyType({})
    except (OSError, ValueError) as error:
        raise ProfileError(f"{file}: cannot be read: {error}") from None
    if not isinstance(told, dict) or not all(map(_is_of_texts, told.values())):
        raise ProfileError(f"{file}: has to be the digest of each version of each profile")
    return MappingProxyType({name: MappingProxyType(versions) for name, versions in told.items()})


def changed(profile: Profile, frozen: Frozen) -> str:
    """What is wrong with a profile's version, in a sentence; empty where it is what was frozen."""
    kept = frozen.get(profile.name, {}).get(profile.version)
    if kept == digest_of(profile):
        return ""
    called = f"{profile.name} {profile.version}"
    if kept is None:
        return f"the profile {called} is not frozen"
    return f"the profile {called} is not what it was when it was frozen; it needs a new version"


def with_profiles(frozen: Frozen, profiles: Iterable[Profile]) -> Frozen:
    """The digests with those of new versions.

    Raises:
        ProfileError: A profile has changed, and has kept its version.
    """
    added = {name: dict(versions) for name, versions in frozen.items()}
    for profile in profiles:
        versions = added.setdefault(profile.name, {})
        if versions.setdefault(profile.version, digest_of(profile)) != digest_of(profile):
            raise ProfileError(
                changed(profile, frozen),
                hint=f"Raise `version` in spec/profiles/{profile.name}.yaml: records go by it.",
            )
    return added


def frozen_text(frozen: Frozen) -> str:
    """The text of the file: one line a version, so that a diff says which came."""
    ordered = {name: dict(frozen[name]) for name in sorted(frozen)}
    return json.dumps(ordered, indent=2, ensure_ascii=False) + "\n"


def _is_of_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
