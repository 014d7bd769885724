"""What a `chatconform.toml` says of a target, as values; secrets are named there, and never held."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from chatconform.client.target import Role
from chatconform.errors import ProfileError
from chatconform.wire.jsontext import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A text that is sent, or the environment variable that holds it; `line` is where the file says so."""

    text: str = ""
    env: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetProfile:
    """One `[targets.NAME]`; nothing stands for what it does not say. Files are those that can be opened.

    `profile` is the set of requirements that it is held to, `sampling` how sure to be of moods; with `strict`
    requirements of level SHOULD decide too.
    """

    name: str
    file: Path
    line: int
    url: str
    model: str = ""
    models: Mapping[Role, str] = field(default_factory=lambda: MappingProxyType({}))
    key: Given | None = None
    headers: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    query: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    body: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    proxy: Given | None = None
    ca_file: Path | None = None
    overlays: tuple[Path, ...] = ()
    profile: str = ""
    sampling: str = ""
    strict: bool = False
    timeout: float | None = None
    connect_timeout: float | None = None
    concurrency: int | None = None
    per_minute: int | None = None
    token_budget: int | None = None
    declared: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    lacks: frozenset[str] = frozenset()
    upstream: Path | None = None

    def given(self) -> Iterator[Given]:
        """Everything that may be named instead of said."""
        named = (self.key, self.proxy, *self.headers.values(), *self.query.values())
        yield from (given for given in named if given is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFile:
    """All targets of a file, in its order."""

    file: Path
    targets: tuple[TargetProfile, ...]

    def __iter__(self) -> Iterator[TargetProfile]:
        return iter(self.targets)

    def __getitem__(self, name: str) -> TargetProfile:
        """The target with a name; raises `ProfileError`, which tells the nearest names."""
        for profile in self.targets:
            if profile.name == name:
                return profile
        known = [profile.name for profile in self.targets]
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
        raise ProfileError(
            f"{self.file}: there is no target {name!r}",
            hint=f"Did you mean {' or '.join(near)}?"
            if near
            else f"Known targets: {', '.join(known) or 'none'}",
        )
