"""`chatconform serve`: the reference server, with snippets to paste and a line for each request."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from chatconform import resources
from chatconform.cli.introduction import introduce, introduce_record
from chatconform.contract import load_contract
from chatconform.errors import UsageError
from chatconform.printable import printable
from chatconform.running.features import UPSTREAM_TRIGGERS

if TYPE_CHECKING:
    from chatconform.reference_server.access import Access

_KEY_VARIABLE = "CHATCONFORM_KEY"
_NUMBER = click.FloatRange(min=0)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 picks a free one."
)
@click.option(
    "--model", default="reference-1", show_default=True, metavar="ID", help="Id of the first model."
)
@click.option("--key-env", metavar="NAME", help="Accept the key in this variable. Default: a new key.")
@click.option("--no-auth", is_flag=True, help="Serve everybody.")
@click.option("--latency", type=_NUMBER, default=0, metavar="SECONDS", help="Before the first token.")
@click.option("--seconds-per-token", type=_NUMBER, default=0, metavar="SECONDS", help="For each token.")
@click.option("--ping", "ping_seconds", type=_NUMBER, metavar="SECONDS", help="Keep silent streams alive.")
@click.option("--rate-limit", metavar="N/WINDOW", help="Such as 60/m or 5/10s.")
@click.option("--context-length", type=click.IntRange(1), default=8192, show_default=True, metavar="TOKENS")
@click.option("--body-limit", type=click.IntRange(1), default=4194304, show_default=True, metavar="BYTES")
@click.option("--ignore-unknown", is_flag=True, help="Serve requests with unknown members.")
@click.option("--gzip", is_flag=True, help="Compress for clients that ask for it.")
@click.option("--filter-trigger", metavar="TEXT", help="Text that the content filter reacts to.")
@click.option(
    "--blocked-prompts",
    type=click.Choice(["refuse", "finish"]),
    default="refuse",
    show_default=True,
    help="How the filter answers prompts.",
)
@click.option("--refusal-trigger", metavar="TEXT", help="Text in a question that makes the model decline.")
@click.option("--failure-trigger", metavar="TEXT", help="Text in a question that makes it fail midway.")
@click.option("--truncation-trigger", metavar="TEXT", help="Text in a question that cuts the connection.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="ID[@RATE]",
    help="Have this defect, always or at a rate; repeatable.",
)
@click.option("--outage-trigger", metavar="TEXT", help="Text in a question that is answered 503.")
@click.option("--overload-trigger", metavar="TEXT", help="Text in a question that is answered 429.")
@click.option("--stall-trigger", metavar="TEXT", help="Text in a question that makes it fall silent midway.")
@click.option(
    "--stall-seconds", type=_NUMBER, default=5, show_default=True, metavar="SECONDS", help="For how long."
)
@click.option("--hiccup-trigger", metavar="TEXT", help="Text in a question that is 503 the first time.")
@click.option("--scrub", default="", metavar="KINDS", help="Mask personal data: email, phone, card.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the bodies of chat requests, to judge a gateway by; sets every trigger.",
)
@click.option("--single-slot", is_flag=True, help="Generate one answer at a time.")
def serve(host: str, port: int, key_env: str | None, no_auth: bool, **options: Any) -> None:
    """Serve the contract on this machine until Ctrl-C.

    The server answers with a deterministic model of its own: no network, no weights, no costs.
    """
    if no_auth and key_env:
        raise UsageError("--no-auth and --key-env exclude each other")
    variable = key_env or _KEY_VARIABLE
    key = "" if no_auth else _key(key_env)
    settings = _settings(key, **options)
    console = Console(highlight=False)
    process = resources.load("reference_server.process")
    with ExitStack() as undone:
        listener = process.listen(host, port)
        # Where the settings cannot be used, nobody will come to close it.
        undone.callback(listener.close)
        app = resources.load("reference_server").create_app(
            load_contract(), settings, access_log=lambda access: _tell(console, access)
        )
        undone.pop_all()
    url = f"http://{_authority(host, listener.getsockname()[1])}{settings.base_path}"
    introduce(console, url, settings.models[0].id, variable="" if no_auth else variable)
    if settings.record is not None:
        introduce_record(console, url, settings)
    if key and not key_env:
        console.print(f"\n[bold]The key[/], made for this run alone:\n\n  export {variable}={key}")
    console.print("\nCtrl-C ends the server.\n", style="dim")
    process.run(app, listener)
    console.print("stopped", style="dim")


def _key(variable: str | None) -> str:
    if variable is None:
        return f"sk-ref-{secrets.token_hex(20)}"
    key = os.environ.get(variable, "")
    if not key:
        raise UsageError(f"the environment variable {variable} is not set", hint="It has to hold the key.")
    return key


def _settings(key: str, **options: Any) -> Any:
    server = resources.load("reference_server")
    read = resources.load("reference_server.options")
    unknown = server.UnknownParameters
    return server.Settings(
        keys=(key,) if key else (),
        models=read.with_first_model(options["model"]),
        context_length=options["context_length"],
        body_limit=options["body_limit"],
        unknown_parameters=unknown.IGNORE if options["ignore_unknown"] else unknown.REFUSE,
        rate_limit=read.rate_limit(options["rate_limit"]) if options["rate_limit"] else None,
        pace=server.Pace(first_token=options["latency"], token=options["seconds_per_token"]),
        ping_seconds=options["ping_seconds"] or None,
        gzip=options["gzip"],
        **_triggers(options),
        blocked_prompts=server.BlockedPrompts(options["blocked_prompts"]),
        stall_seconds=options["stall_seconds"],
        scrub=read.kinds(options["scrub"]),
        record=options["record"],
        single_slot=options["single_slot"],
        faults=options["faults"],
    )


def _triggers(options: Mapping[str, Any]) -> dict[str, str | None]:
    """The texts that were given; an upstream that records has one for everything that it can do."""
    usual = UPSTREAM_TRIGGERS if options["record"] else {}
    settings = resources.load("reference_server.settings").TRIGGERS
    return {name: options[name] or usual.get(word) for word, name in settings.items()}


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _tell(console: Console, access: Access) -> None:
    line = Text(time.strftime("%H:%M:%S "), style="dim")
    status = "---" if access.status is None else str(access.status)
    line.append(status, style="green" if status.startswith("2") else "red")
    # The path comes from a stranger.
    line.append(f"  {printable(access.method)} {printable(access.path)[:200]}", style="default")
    line.append(f"  {access.seconds * 1000:.1f} ms")
    if not access.complete:
        line.append("  the client left", style="yellow")
    console.print(line, soft_wrap=True)
