"""Makes a target of a profile: what the file names in the environment is looked up here, and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from chatconform.client.target import Target
from chatconform.client.trust import trusting
from chatconform.contract import overlaid
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
        models=profile.models,
        query=tuple((name, _value(given)) for name, given in profile.query.items()),
        body=profile.body,
        secrets=tuple(_secrets(profile)),
        per_minute=profile.per_minute,
        token_budget=profile.token_budget,
        connect_timeout=profile.connect_timeout,
        proxy=_proxy(profile),
        ca_file=_trusted(profile.ca_file),
        overlays=_applicable(profile),
        timeout=profile.timeout or target.timeout,
        concurrency=profile.concurrency or target.concurrency,
    )


def _missing(profile: TargetProfile) -> Iterator[Given]:
    for given in profile.given():
        if given.env and not os.environ.get(given.env, "").strip():
            yield given


def _secrets(profile: TargetProfile) -> Iterator[str]:
    for given in profile.given():
        if given.env and given is not profile.key:
            yield _value(given)
    password = urlsplit(_value(profile.proxy)).password if profile.proxy else None
    if password:
        yield from {password, unquote(password)}


def _proxy(profile: TargetProfile) -> str | None:
    """The URL of the proxy; it is not quoted where it is none, as it may hold a password."""
    if profile.proxy is None:
        return None
    url = _value(profile.proxy)
    try:
        parts = urlsplit(url)
        sound = parts.scheme == "http" and parts.hostname and (parts.port or True)
    except ValueError:
        sound = False
    if not sound:
        raise ProfileError(
            f"{profile.file}:{profile.proxy.line}: target {profile.name}: the proxy is no http URL",
            hint="Give one such as http://proxy.example.com:3128",
        )
    return url


def _trusted(file: Path | None) -> Path | None:
    """The file of certificates; that it holds some is seen before anything is sent."""
    if file is not None:
        trusting(file)
    return file


def _applicable(profile: TargetProfile) -> tuple[Path, ...]:
    """The overlays; that they can be applied, and our bodies be sent, is seen before anything is sent."""
    body = {"model": "any", "messages": [{"role": "user", "content": "any"}], **profile.body}
    contract = overlaid(profile.overlays)
    violations = contract.validator("CreateChatCompletionRequest").violations(body)
    if violations:
        raise ProfileError(
            f"{profile.file}:{profile.line}: target {profile.name}: with its overlays the contract forbids "
            f"every request: {violations[0].message}",
            hint=f"What a vendor wants in every body is said by [targets.{profile.name}.body].",
        )
    return profile.overlays


def _lack(given: Given) -> str:
    return f"the environment variable {given.env} is not set or empty"


def _value(given: Given) -> str:
    # What was read from a file into the environment ends with a line break easily.
    return os.environ[given.env].strip() if given.env else given.text
