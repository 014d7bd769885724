"""Makes a target of a profile: what the file names in the environment is looked up here, and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from chatconform.client.target import Target
from chatconform.errors import ProfileError
from chatconform.running.run import target_from
from chatconform.targeting.profile import Given, TargetProfile


def described(profile: TargetProfile) -> Target:
    """The target of a profile.

    Raises:
        ProfileError: The environment lacks what the profile names; the message has every variable, no value.
    """
    missing = [*_missing(profile)]
    if missing:
        raise ProfileError(
            "\n".join(
                f"{profile.file}:{each.line}: target {profile.name}: {_lack(each)}" for each in missing
            ),
            hint=f"export {missing[0].env}=...",
        )
    target = target_from(
        profile.url,
        model=profile.model or None,
        key_env=profile.key.env if profile.key else "",
        declared=tuple(f"{word}={value}" for word, value in profile.declared.items()),
        lacks=tuple(profile.lacks),
        upstream=profile.upstream,
    )
    return replace(
        target,
        headers=tuple((name, _value(given)) for name, given in profile.headers.items()),
        declared=MappingProxyType(
            {word: value for word, value in target.declared.items() if word not in profile.lacks}
        ),
        secrets=tuple(_value(given) for given in profile.headers.values() if given.env),
        timeout=profile.timeout or target.timeout,
        concurrency=profile.concurrency or target.concurrency,
    )


def _missing(profile: TargetProfile) -> Iterator[Given]:
    for given in (profile.key, *profile.headers.values()):
        if given and given.env and not os.environ.get(given.env, "").strip():
            yield given


def _lack(given: Given) -> str:
    return f"the environment variable {given.env} is not set or empty"


def _value(given: Given) -> str:
    # What was read from a file into the environment ends with a line break easily.
    return os.environ[given.env].strip() if given.env else given.text
