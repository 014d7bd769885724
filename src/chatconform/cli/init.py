"""`chatconform init`: asks for a target, looks at it, and writes it into a new `chatconform.toml`."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import click
from rich.console import Console

from chatconform.client.exploring import Found, explore
from chatconform.client.modellist import nearest
from chatconform.client.target import checked_url
from chatconform.errors import ChatconformError, UsageError
from chatconform.printable import printable
from chatconform.running.run import target_from
from chatconform.targeting import FILE_NAME
from chatconform.targeting.schema import target_schema
from chatconform.targeting.writing import file_text

_LOCAL = ("localhost", "127.0.0.1", "::1")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@click.command(short_help="Write a chatconform.toml: asks, and looks at the target.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=FILE_NAME,
    show_default=True,
    metavar="FILE",
    help="File to write; it must not be there.",
)
@click.option("--url", metavar="URL", help="Base URL, as the official client takes it.")
@click.option("--name", metavar="NAME", help="What to call the target. Default: from the URL.")
@click.option("--key-env", metavar="NAME", help="Environment variable that holds the key.")
@click.option("--model", metavar="ID", help="Model to ask for. Default: the first that answers.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing; needs --url.")
@click.option("--no-probe", is_flag=True, help="Send nothing to the target.")
@click.option("--schema", is_flag=True, help="Only print the JSON Schema of the file, for editors.")
def init(
    config: Path,
    url: str | None,
    name: str | None,
    key_env: str | None,
    model: str | None,
    yes: bool,
    no_probe: bool,
    schema: bool,
) -> int:
    """Write a chatconform.toml with a target: asks for it, and looks what it has."""
    if schema:
        click.echo(json.dumps(target_schema(), indent=2, ensure_ascii=False))
        return 0
    _refuse_to_overwrite(config)
    try:
        return _init(config, url=url, name=name, key_env=key_env, model=model, yes=yes, probes=not no_probe)
    except click.Abort:
        raise UsageError(
            f"{config} is not written", hint="`chatconform init --yes --url URL` asks nothing."
        ) from None


def _init(
    config: Path,
    *,
    url: str | None,
    name: str | None,
    key_env: str | None,
    model: str | None,
    yes: bool,
    probes: bool,
) -> int:
    url = checked_url(url or _asked_url(yes=yes))
    name = _checked(_NAME, "name", name or _asked("Name", _name_of(url), yes=yes))
    if key_env is None:
        key_env = _asked("Environment variable of the key, - for none", _variable_of(name), yes=yes)
        key_env = "" if key_env == "-" or (yes and not os.environ.get(key_env)) else key_env
    if key_env:
        _checked(_VARIABLE, "environment variable", key_env)
    found = _found(url, key_env, model, yes=yes) if probes else None
    chosen = model or (found.model if found else "")
    text = file_text(
        name,
        url=url,
        model=chosen,
        key_env=key_env,
        features=found.features if found else {},
        models=found.models if found else (),
    )
    _write(config, text)
    click.echo(f"{config} is written; the next step: chatconform run {name}")
    return 0


def _refuse_to_overwrite(file: Path) -> None:
    if file.exists():
        raise UsageError(
            f"{file} is there already, and stays as it is",
            hint="Add a [targets.NAME] to it, or give --config FILE for another.",
        )


def _asked_url(*, yes: bool) -> str:
    if yes:
        raise UsageError("no target was given", hint="chatconform init --yes --url URL")
    return str(click.prompt("Base URL", default="http://127.0.0.1:8000/v1", err=True))


def _asked(question: str, default: str, *, yes: bool) -> str:
    return default if yes else str(click.prompt(question, default=default, err=True)).strip()


def _checked(pattern: re.Pattern[str], what: str, text: str) -> str:
    # It is not quoted: somebody may have typed the key itself.
    if not pattern.fullmatch(text):
        raise UsageError(f"this is no {what}", hint=f"Letters, digits and underscores make a {what}.")
    return text


def _name_of(url: str) -> str:
    """The name that somebody would give a target: the first word of its host that says something."""
    host = urlsplit(url).hostname or ""
    if host in _LOCAL:
        return "local"
    words = [word for word in host.split(".") if word not in ("www", "api")]
    return words[0] if words and _NAME.fullmatch(words[0]) and not words[0].isdigit() else "target"


def _variable_of(name: str) -> str:
    variable = f"{name.replace('-', '_').upper()}_KEY"
    return variable if _VARIABLE.fullmatch(variable) else "TARGET_KEY"


def _found(url: str, key_env: str, model: str | None, *, yes: bool) -> Found | None:
    """What the target has; nothing where it cannot be asked, and somebody wants the file all the same."""
    console = Console(stderr=True, highlight=False)
    key_is_there = bool(os.environ.get(key_env)) if key_env else False
    if key_env and not key_is_there:
        console.print(f"{key_env} is not set: the target is asked without a key", markup=False)
    try:
        found = asyncio.run(explore(target_from(url, model=model, key_env=key_env if key_is_there else "")))
    except ChatconformError as error:
        if yes:
            raise
        console.print("error:", style="bold red", end=" ")
        console.print(printable(str(error)), markup=False)
        if click.confirm("Write the file all the same?", default=False, err=True):
            return None
        raise click.Abort from None
    _tell(found, console)
    return found


def _tell(found: Found, console: Console) -> None:
    console.print(printable(f"model {found.model} answers"), markup=False)
    if len(found.models) > 1:
        others = [model for model in found.models if model != found.model]
        console.print(printable(f"it also lists {nearest(found.model, others)}"), markup=False)
    for word, has in {"streams": found.streams, **found.features}.items():
        glyph, style = ("✓", "green") if has else ("✗", "yellow")
        console.print(f"{glyph} {word}", style=style)


def _write(file: Path, text: str) -> None:
    """Write a new file, whole; one that came meanwhile is left as it is."""
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        _refuse_to_overwrite(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}") from None
