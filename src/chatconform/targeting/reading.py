"""Finds a `chatconform.toml` and reads it; whatever is wrong with it is told at once, each with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from chatconform.client.target import Role, checked_url
from chatconform.contract import load_contract
from chatconform.errors import ProfileError, UsageError
from chatconform.ledger.profile import known_profiles, profile_hint
from chatconform.targeting import lines as positions
from chatconform.targeting.profile import Given, TargetFile, TargetProfile
from chatconform.targeting.schema import Mistake, mistakes
from chatconform.targeting.units import seconds, size

FILE_NAME = "chatconform.toml"
_PLACE = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|(?P<end>end of document))\)")


def find_targets(folder: Path) -> Path | None:
    """The nearest file of targets, in a folder or above it."""
    inside = folder.absolute()
    return next((at / FILE_NAME for at in (inside, *inside.parents) if (at / FILE_NAME).is_file()), None)


def read_targets(file: Path) -> TargetFile:
    """The targets of a file.

    Raises:
        ProfileError: It cannot be read or used; the message has every mistake with its line.
    """
    text = _text(file)
    document = _document(file, text)
    found = [*mistakes(document)]
    # What has no shape can be asked nothing more.
    lines = positions.lines_of(text)
    if not found:
        found = [*_further(document)]
    if found:
        placed = {(positions.line_of(lines, each.at), _spelt(each)) for each in found}
        raise ProfileError("\n".join(f"{file}:{line}: {reason}" for line, reason in sorted(placed)))
    reader = _Reader(file, lines)
    return TargetFile(
        file=file, targets=tuple(reader.profile(name, said) for name, said in document["targets"].items())
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ProfileError(f"{file}: cannot be read: it is not UTF-8") from None
    except OSError as error:
        raise ProfileError(
            f"{file}: cannot be read: {error.strerror or error}", hint="`chatconform init` writes one."
        ) from None


def _document(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.fullmatch(str(error).partition("\n")[0])
        what = place["what"] if place else str(error)
        line = int(place["line"]) if place and place["line"] else text.count("\n") + 1
        raise ProfileError(f"{file}:{line}: is not TOML: {what}") from None
    except RecursionError:
        raise ProfileError(f"{file}:1: is nested too deeply") from None


def _spelt(mistake: Mistake) -> str:
    """A mistake with the table that it is in, so that it can be found in a file of many targets."""
    match mistake.at:
        case ("targets", str(name), *_):
            return f"target {name}: {mistake.reason}"
    return mistake.reason


def _further(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """What is wrong beyond the shape."""
    for name, said in document["targets"].items():
        try:
            checked_url(said["url"])
        except UsageError as error:
            yield Mistake(at=("targets", name, "url"), reason=str(error))
        if "profile" in said and said["profile"] not in known_profiles():
            reason = f"there is no profile {said['profile']!r}; {profile_hint(said['profile'])}"
            yield Mistake(at=("targets", name, "profile"), reason=reason)
        # What overlays add to the contract may be what they want: then they decide, once they are read.
        if not said.get("overlays"):
            yield from _forbidden(said.get("body", {}), at=("targets", name, "body"))


def _forbidden(members: Mapping[str, Any], at: positions.Path) -> Iterator[Mistake]:
    """What the contract forbids in a body: each request would break it, and the target get the blame."""
    body = {**members, "model": "any", "messages": [{"role": "user", "content": "any"}]}
    for violation in load_contract().validator("CreateChatCompletionRequest").violations(body):
        place = (*at, *violation.path)
        yield Mistake(at=place, reason=f"the contract forbids this in a body: {violation.message}")


class _Reader:
    """Makes values of a document that is known to be sound."""

    def __init__(self, file: Path, lines: dict[positions.Path, int]) -> None:
        self._file = file
        self._lines = lines

    def profile(self, name: str, said: Mapping[str, Any]) -> TargetProfile:
        at = ("targets", name)
        features = said.get("features", {})
        has = {word: _declared(word, value) for word, value in features.items() if value is not False}
        key = said.get("key-env")
        return TargetProfile(
            name=name,
            file=self._file,
            line=positions.line_of(self._lines, at),
            url=said["url"],
            model=said.get("model", ""),
            models=MappingProxyType({Role(role): model for role, model in said.get("models", {}).items()}),
            key=self._given({"env": key}, (*at, "key-env")) if key else None,
            headers=self._all_given(said, "headers", at),
            query=self._all_given(said, "query", at),
            body=MappingProxyType(said.get("body", {})),
            proxy=self._given(said["proxy"], (*at, "proxy")) if "proxy" in said else None,
            overlays=tuple(self._beside(each) for each in said.get("overlays", ())),
            profile=said.get("profile", ""),
            sampling=said.get("sampling", ""),
            strict=said.get("strict", False),
            ca_file=self._path(said, "ca-file"),
            timeout=seconds(said["timeout"]) if "timeout" in said else None,
            connect_timeout=seconds(said["connect-timeout"]) if "connect-timeout" in said else None,
            concurrency=said.get("concurrency"),
            per_minute=said.get("requests-per-minute"),
            token_budget=said.get("token-budget"),
            declared=MappingProxyType(has),
            lacks=frozenset(features.keys() - has.keys()),
            upstream=self._path(said, "upstream"),
        )

    def _all_given(self, said: Mapping[str, Any], key: str, at: positions.Path) -> Mapping[str, Given]:
        values = said.get(key, {}).items()
        return MappingProxyType({name: self._given(value, (*at, key, name)) for name, value in values})

    def _given(self, value: str | Mapping[str, str], at: positions.Path) -> Given:
        line = positions.line_of(self._lines, at)
        return Given(text=value, line=line) if isinstance(value, str) else Given(env=value["env"], line=line)

    def _path(self, said: Mapping[str, Any], key: str) -> Path | None:
        return self._beside(said[key]) if key in said else None

    def _beside(self, path: str) -> Path:
        return self._file.parent / Path(path).expanduser()


def _declared(word: str, value: object) -> str:
    """What has to be known of a feature, as an option would say it."""
    if value is True:
        return ""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(size(value)) if word == "body-limit" and isinstance(value, int | str) else str(value)
