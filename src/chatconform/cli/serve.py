"""`chatconform serve`: the reference server, with snippets to paste and a line for each request."""

from __future__ import annotations

import os
import secrets
import time
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from chatconform import resources
from chatconform.contract import load_contract
from chatconform.errors import UsageError
from chatconform.printable import printable

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
@click.option("--fault", "faults", multiple=True, metavar="ID", help="Have this defect; repeatable.")
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
    app = resources.load("reference_server").create_app(
        load_contract(), settings, access_log=lambda access: _tell(console, access)
    )
    process = resources.load("reference_server.process")
    listener = process.listen(host, port)
    url = f"http://{_authority(host, listener.getsockname()[1])}{settings.base_path}"
    _introduce(console, url, settings.models[0].id, variable="" if no_auth else variable)
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
        filter_trigger=options["filter_trigger"],
        blocked_prompts=server.BlockedPrompts(options["blocked_prompts"]),
        refusal_trigger=options["refusal_trigger"],
        failure_trigger=options["failure_trigger"],
        truncation_trigger=options["truncation_trigger"],
        single_slot=options["single_slot"],
        faults=options["faults"],
    )


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _introduce(console: Console, url: str, model: str, *, variable: str) -> None:
    """Say where the server is, and how to talk to it; a key is only ever named by its variable."""
    site = url.rpartition("/")[0]
    console.print(f"[bold green]serving[/]  {url}", soft_wrap=True)
    console.print(f"[bold]docs[/]     {site}/docs   {site}/openapi.json", soft_wrap=True)
    console.print("\n[bold]curl[/]\n")
    _verbatim(console, _curl(url, model, variable))
    console.print("\n[bold]Python[/]\n")
    _verbatim(console, _python(url, model, variable))


def _curl(url: str, model: str, variable: str) -> str:
    key = f'-H "Authorization: Bearer ${variable}" ' if variable else ""
    body = f'{{"model": "{model}", "messages": [{{"role": "user", "content": "Count from 1 to 5."}}]}}'
    return f"curl {url}/chat/completions {key}-H 'Content-Type: application/json' \\\n  -d '{body}'"


def _python(url: str, model: str, variable: str) -> str:
    key = f'os.environ["{variable}"]' if variable else '"unused"'
    return "\n".join(
        [
            *(["import os"] if variable else []),
            "from openai import OpenAI",
            f'client = OpenAI(base_url="{url}", api_key={key})',
            'question = {"role": "user", "content": "Count from 1 to 5."}',
            f'completion = client.chat.completions.create(model="{model}", messages=[question])',
            "print(completion.choices[0].message.content)",
        ]
    )


def _verbatim(console: Console, text: str) -> None:
    # To be pasted as it stands: no markup, no colours, no line breaks of the console's own.
    console.print(Text(text), soft_wrap=True)


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
