"""What a run is asked to do: which target, which requirements, where the record goes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

from chatconform.client.recording import NEED, recording_header
from chatconform.client.target import DEFAULT_KEY_ENV, Target, checked_url
from chatconform.errors import UsageError
from chatconform.fuzzing.effort import QUICK, Effort
from chatconform.judging.sampling import SWIFT, Sampling
from chatconform.ledger import Ledger
from chatconform.ledger.profile import Profile
from chatconform.record import Policy
from chatconform.running.features import REFERENCE_FEATURES
from chatconform.running.resumption import Resumption
from chatconform.running.shard import Shard

DEFAULT_OUT = Path("chatconform-results")
DEFAULT_PROFILE = "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The whole input of a run. `target` is nothing for the embedded reference server.

    `name` is what the user calls the target, if anything; `label` tells it from others that are run beside
    it. Into `clients` every answer is replayed. With `strict` requirements of level SHOULD decide, whatever
    the profile says; `sampling` says how often moods are tried. Without a `shard` all requirements are
    judged. `resume` is what the run goes on from, if it is not a new one.
    """

    target: Target | None = None
    name: str = ""
    label: str = ""
    requirements: tuple[str, ...] = ()
    profile: str = DEFAULT_PROFILE
    out: Path | None = None
    seed: str = "chatconform"
    effort: Effort = QUICK
    concurrency: int | None = None
    timeout: float | None = None
    command: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    strict: bool = False
    sampling: Sampling = SWIFT
    shard: Shard | None = None
    resume: Resumption | None = None

    def policy(self, profile: Profile) -> Policy:
        """By what this run decides: what was asked for, and what its profile says for itself."""
        return Policy(
            strict=self.strict or profile.strict,
            sampling=self.sampling,
            fuzzing=self.effort.name,
            fuzz_requests=self.effort.requests,
            fuzz_seconds=self.effort.seconds,
        )

    @property
    def declared(self) -> Mapping[str, str]:
        """The features that the target is known to have before anything is sent."""
        if self.target is not None:
            return self.target.declared
        return REFERENCE_FEATURES

    @property
    def lacks(self) -> frozenset[str]:
        """The features that the target is known not to have."""
        return self.target.lacks if self.target is not None else frozenset()

    def limits(self, target: Target) -> Target:
        """The target with the limits that were asked for."""
        return replace(
            target,
            concurrency=target.concurrency if self.concurrency is None else self.concurrency,
            timeout=target.timeout if self.timeout is None else self.timeout,
        )


def target_from(
    url: str,
    *,
    model: str | None,
    key_env: str | None,
    headers: tuple[str, ...] = (),
    declared: tuple[str, ...] = (),
    lacks: tuple[str, ...] = (),
    upstream: Path | None = None,
) -> Target:
    """The target that the user described; raises `UsageError` for what cannot be used.

    `declared` are features as `word` or `word=value`, `lacks` are words, `upstream` is the record of the
    upstream behind the target. An empty `key_env` says that no key is sent; None is for the usual variable.
    """
    key = _key(key_env)
    features = _features_behind(upstream) | dict(map(declaration_from, declared))
    if NEED in features:
        recording_header(Path(features[NEED]))
    return Target(
        url=checked_url(url),
        model=model or "",
        key=key,
        key_env=key_env or DEFAULT_KEY_ENV,
        headers=tuple(header_from(text) for text in headers),
        # Whoever gives a key says that keys are enforced.
        declared=MappingProxyType(({"auth": ""} if key else {}) | features),
        lacks=frozenset(lacks),
    )


def _features_behind(upstream: Path | None) -> dict[str, str]:
    """The features that a target has by the upstream whose record this is."""
    return {} if upstream is None else {**recording_header(upstream).features, NEED: str(upstream)}


def check_words(ledger: Ledger, declarations: tuple[str, ...]) -> None:
    """Raise `UsageError` for a feature that the ledger does not know."""
    known = [need.word for need in ledger.needs]
    for text in declarations:
        word, _ = declaration_from(text)
        if word not in known:
            near = get_close_matches(word, known, n=3, cutoff=0.4) or known
            raise UsageError(f"there is no feature {word!r}", hint=f"Did you mean {' or '.join(near)}?")


def declaration_from(text: str) -> tuple[str, str]:
    """A feature as `word` or `word=value`, the value empty where there is none."""
    word, _, value = text.partition("=")
    return word.strip(), value


def _key(name: str | None) -> str:
    if name is None:
        return os.environ.get(DEFAULT_KEY_ENV, "")
    if not name:
        return ""
    if not os.environ.get(name):
        raise UsageError(
            f"the environment variable {name} is not set or empty",
            hint=f"export {name}=... with the target's key, or leave out --target-key-env",
        )
    return os.environ[name]


def header_from(text: str) -> tuple[str, str]:
    """A header as `Name: value`; raises `UsageError` for anything else."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise UsageError(f"{text!r} is not a header", hint="Write it as 'Name: value'")
    return name.strip(), value.strip()
