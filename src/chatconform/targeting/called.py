"""The targets that a command line calls: URLs, and names of a file, with what options say of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from chatconform.client.target import DEFAULT_KEY_ENV, Target
from chatconform.errors import UsageError
from chatconform.running.run import declaration_from, header_from, target_from
from chatconform.targeting.describing import described
from chatconform.targeting.profile import Given, TargetFile, TargetProfile
from chatconform.targeting.reading import FILE_NAME, find_targets, read_targets

# What a target of a file may be called; anything else on a command line is meant to be a URL.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOptions:
    """What options say of a target; it goes before what a file says."""

    model: str | None = None
    key: str | None = field(default=None, repr=False)
    key_env: str | None = None
    headers: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    upstream: Path | None = None

    def given(self) -> Iterator[str]:
        """The options that describe one target, and cannot be meant for several."""
        told = {
            "--model": self.model,
            "--target-key": self.key,
            "--target-key-env": self.key_env,
            "--header": self.headers,
            "--upstream": self.upstream,
        }
        yield from (option for option, value in told.items() if value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A target with its name where it has one; no target is the embedded server.

    `profile`, `sampling` and `strict` are what its file says, if anything.
    """

    target: Target | None = None
    name: str = ""
    profile: str = ""
    sampling: str = ""
    strict: bool = False


def targets_called(names: Sequence[str], config: Path | None, options: TargetOptions) -> tuple[Called, ...]:
    """Each target that is called.

    Raises:
        UsageError: There is no such target, or what is said of it cannot be used.
    """
    _keep(options)
    if not names:
        _refuse_without_target(config, options)
        return (Called(),)
    if len(names) > 1:
        _refuse_for_several(names, options)
    file = _File(config)
    return tuple(
        _called(file.targets(name)[name], options)
        if _NAME.fullmatch(name)
        else Called(target=target_at(name, options))
        for name in names
    )


def _called(profile: TargetProfile, options: TargetOptions) -> Called:
    target = described(overridden(profile, options))
    return Called(
        target=target,
        name=profile.name,
        profile=profile.profile,
        sampling=profile.sampling,
        strict=profile.strict,
    )


def overridden(profile: TargetProfile, options: TargetOptions) -> TargetProfile:
    """The profile with what options say in the place of what the file says."""
    key_env = DEFAULT_KEY_ENV if options.key is not None else options.key_env
    has = dict(map(declaration_from, options.declared))
    lacks = {declaration_from(text)[0] for text in options.lacks}
    declared = {word: value for word, value in {**profile.declared, **has}.items() if word not in lacks}
    return replace(
        profile,
        model=options.model or profile.model,
        key=Given(env=key_env, line=profile.line) if key_env else profile.key,
        headers=_merged(profile.headers, options.headers),
        declared=MappingProxyType(declared),
        lacks=(profile.lacks - has.keys()) | lacks,
        upstream=options.upstream or profile.upstream,
    )


class _File:
    """The file of targets, read when the first name is met."""

    def __init__(self, config: Path | None) -> None:
        self._config = config
        self._targets: TargetFile | None = None

    def targets(self, name: str) -> TargetFile:
        if self._targets is None:
            file = self._config or find_targets(Path.cwd())
            if file is None:
                raise UsageError(
                    f"there is no target {name!r}: no {FILE_NAME} is here or above",
                    hint="`chatconform init` writes one. A URL begins with http:// or https://.",
                )
            self._targets = read_targets(_short(file))
        return self._targets


def _short(file: Path) -> Path:
    """A file as it is seen from here, if it is below."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def target_at(url: str, options: TargetOptions) -> Target:
    """The target at a URL; raises `UsageError` where it, or what is said of it, cannot be used."""
    return target_from(
        url,
        model=options.model,
        key_env=options.key_env,
        headers=options.headers,
        declared=options.declared,
        lacks=options.lacks,
        upstream=options.upstream,
    )


def _merged(said: Mapping[str, Given], options: tuple[str, ...]) -> Mapping[str, Given]:
    """Headers of the file and of options; a header is one whatever the case of its name."""
    typed = dict(map(header_from, options))
    names = {name.lower() for name in typed}
    kept = {name: value for name, value in said.items() if name.lower() not in names}
    return MappingProxyType({**kept, **{name: Given(text=value) for name, value in typed.items()}})


def _keep(options: TargetOptions) -> None:
    """There is one way in: a key that was typed takes the place of the default variable."""
    if options.key is not None:
        if options.key_env is not None:
            raise UsageError("both --target-key and --target-key-env were given", hint="Give one of them.")
        os.environ[DEFAULT_KEY_ENV] = options.key


def _refuse_without_target(config: Path | None, options: TargetOptions) -> None:
    # Headers reach no embedded server either, but never were a mistake.
    if options.declared or options.lacks or [each for each in options.given() if each != "--header"]:
        raise UsageError("a target was described, but no URL given", hint="chatconform run URL --model ID")
    if config is not None:
        raise UsageError("--config was given, but no target named", hint="chatconform run --config FILE NAME")


def _refuse_for_several(names: Sequence[str], options: TargetOptions) -> None:
    for option in options.given():
        raise UsageError(
            f"{option} describes one target, but several are called: {' '.join(names)}",
            hint=f"Say it in {FILE_NAME}, for each of them.",
        )
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise UsageError(f"{twice[0]} is called more than once")
