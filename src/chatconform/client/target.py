"""What is under test: where it is, how to authenticate, and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlencode, urlsplit, urlunsplit

from chatconform.errors import UsageError
from chatconform.wire.exchange import Headers
from chatconform.wire.jsontext import Json
from chatconform.wire.redaction import CREDENTIAL

# The variable whose key is for targets that are called by their URL.
DEFAULT_KEY_ENV = "CHATCONFORM_KEY"


class Role(StrEnum):
    """What another model than the usual one may be asked for."""

    TOOLS = "tools"
    SMALL = "small"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A base URL with everything that a request to it needs.

    `models` are those for requests with tools, and for the many generated ones, where they are others.
    `concurrency` is the number of requests in flight, `timeout` the seconds that an exchange may take.
    `declared` are the features (words of the ledger's `needs`) that the target is known to have, each with
    what has to be known of it (a trigger, a size; often nothing), `lacks` those that it is known not to have.
    The key is left out of the representation, so that it reaches no log by accident. `limit` is the parameter
    by which the target bounds a completion; it is empty where it knows none. `steady` says that the target
    takes temperature 0; where it does not, no request asks for it but those that are about temperature.
    `query` and `body` are the fields that every request has beside ours, `secrets` what the user gave beside
    the key that may stand nowhere. `per_minute` is the number of requests that may begin within a minute,
    `token_budget` that of tokens after which nothing more is sent,
    `connect_timeout` the seconds in which a connection has to come about; `proxy` stands between us and the
    target, and `ca_file` holds certificates to be trusted beside the usual ones. `overlays` are
    OpenAPI Overlays that say what the target's vendor adds to the contract.
    """

    url: str
    model: str = ""
    models: Mapping[Role, str] = field(default_factory=lambda: MappingProxyType({}))
    key: str = field(default="", repr=False)
    headers: Headers = field(default=(), repr=False)
    concurrency: int = 8
    timeout: float = 60.0
    declared: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    lacks: frozenset[str] = frozenset()
    key_env: str = DEFAULT_KEY_ENV
    limit: str = "max_completion_tokens"
    steady: bool = True
    query: Headers = field(default=(), repr=False)
    body: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    secrets: tuple[str, ...] = field(default=(), repr=False)
    per_minute: int | None = None
    token_budget: int | None = None
    connect_timeout: float | None = None
    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    overlays: tuple[Path, ...] = ()

    def endpoint(self, path: str) -> str:
        """The URL of an endpoint such as `/chat/completions`, with every query field."""
        parts = urlsplit(self.below(path))
        query = "&".join(filter(None, (parts.query, urlencode(self.query))))
        return urlunsplit(parts._replace(query=query))

    def below(self, path: str) -> str:
        """The base URL with a path behind it, its own query kept."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path))

    def model_for(self, role: Role) -> str:
        """The model for some requests: that of the role, or the one for all."""
        return self.models.get(role, self.model)

    def all_secrets(self) -> tuple[str, ...]:
        """The key, and whatever else the user gave us to authenticate with."""
        given = (value for name, value in (*self.headers, *self.query) if CREDENTIAL.search(name))
        return tuple(secret for secret in (self.key, *self.secrets, *given) if secret)


def checked_url(url: str) -> str:
    """A base URL that can be called; raises `UsageError` which says what is wrong with it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError(
            f"{url!r} is not a URL: {error}", hint="Give a base URL such as http://127.0.0.1:8000/v1"
        ) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(
            f"{url!r} is not an http or https URL", hint="Give a base URL such as http://127.0.0.1:8000/v1"
        )
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return urlunsplit(parts._replace(path=path, fragment=""))
