"""The clients that there are, which of them a user asked for, and whether they are installed."""

from __future__ import annotations

import importlib
import shutil
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

from chatconform.errors import HarnessError, UsageError
from chatconform.oracles.client import Client

DEFAULT = ("openai",)
NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A client by its name: where its code is, and what has to be installed for it.

    `packages` are modules of Python, or packages of npm where the client `is_npm`; `needless` are modules
    that it imports where they are installed, and that no replay needs.
    """

    name: str
    made_by: str
    packages: tuple[str, ...]
    is_npm: bool = False
    needless: tuple[str, ...] = ()


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            name="openai", made_by="openai_client:OpenAIClient", packages=("openai",), needless=("aiohttp",)
        ),
        Kind(name="litellm", made_by="clients.litellm_client:LiteLLM", packages=("litellm",)),
        Kind(name="langchain", made_by="clients.langchain_client:LangChain", packages=("langchain_openai",)),
        Kind(name="pydantic-ai", made_by="clients.pydantic_ai_client:PydanticAI", packages=("pydantic_ai",)),
        Kind(
            name="ai-sdk",
            made_by="clients.npm:AiSdk",
            is_npm=True,
            packages=("ai", "@ai-sdk/openai-compatible"),
        ),
        Kind(name="openai-node", made_by="clients.npm:OpenAINode", is_npm=True, packages=("openai",)),
    )
}


def clients_from(text: str) -> tuple[str, ...]:
    """The clients that `--clients` names; raises `UsageError` for what there is not, or is not installed."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if names == (NONE,):
        return ()
    if NONE in names or not names:
        raise UsageError(
            f"{text!r} names no clients", hint=f"Give names such as {', '.join(KINDS)}, or {NONE}."
        )
    for name in names:
        if name not in KINDS:
            near = get_close_matches(name, [*KINDS, NONE], n=3, cutoff=0.4) or [*KINDS, NONE]
            raise UsageError(f"there is no client {name!r}", hint=f"Did you mean {' or '.join(near)}?")
        check_installed(KINDS[name])
    return names


def check_installed(kind: Kind) -> None:
    """Raise `UsageError` where a client lacks something, and say how to install it."""
    lacking = [each for each in kind.packages if not _is_there(each, npm=kind.is_npm)]
    if not lacking:
        return
    said = f"the client {kind.name!r} is not installed: {' and '.join(lacking)} cannot be found"
    if not kind.is_npm:
        raise UsageError(said, hint=f"pip install 'chatconform[{kind.name}]'")
    if shutil.which("node") is None:
        raise UsageError(f"the client {kind.name!r} needs node, which is not on the PATH")
    raise UsageError(said, hint=f"npm install {' '.join(kind.packages)}   (in this folder)")


def client_named(name: str) -> Client:
    """The client, with all that it imports."""
    module, _, made = KINDS[name].made_by.partition(":")
    client: Client = getattr(importlib.import_module(f"chatconform.oracles.{module}"), made)()
    return client


def node_modules(package: str) -> Path:
    """The folder that holds a package of npm, looked for as node does from where the user is."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "node_modules" / package / "package.json").is_file():
            return folder / "node_modules"
    raise HarnessError(f"no folder node_modules above {here} holds {package}")


def _is_there(package: str, *, npm: bool) -> bool:
    if not npm:
        return find_spec(package) is not None
    try:
        return shutil.which("node") is not None and node_modules(package).is_dir()
    except HarnessError:
        return False
