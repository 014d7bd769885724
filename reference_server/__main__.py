"""Runs one reference server: `python -m chatconform.reference_server --port 8000 --key-env MY_KEY`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from chatconform.contract import load_contract
from chatconform.errors import UsageError
from chatconform.reference_server.app import create_app
from chatconform.reference_server.options import kinds, rate_limit, with_first_model
from chatconform.reference_server.process import announce, listen, run
from chatconform.reference_server.settings import (
    TRIGGERS,
    BlockedPrompts,
    Pace,
    Settings,
    UnknownParameters,
)


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
        app = create_app(load_contract(), settings)
        listener = listen(options.host, options.port)
    except UsageError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command line's way to speak
        return 2
    address = f"http://{options.host}:{listener.getsockname()[1]}{settings.base_path}"

    def ready() -> None:
        if options.embedded:
            announce(listener)
        else:
            print(f"serving {address}", flush=True)  # noqa: T201 - same

    run(app, listener, ready=ready, end_with_stdin=options.embedded)
    return 0


def settings_from(arguments: list[str]) -> Settings:
    """The settings that a command line stands for."""
    return _settings(_parser().parse_args(arguments))


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(
        keys=_keys(options),
        models=with_first_model(options.model) if options.model else Settings().models,
        context_length=options.context_length,
        body_limit=options.body_limit,
        unknown_parameters=UnknownParameters(options.unknown_parameters),
        rate_limit=rate_limit(options.rate_limit) if options.rate_limit else None,
        pace=Pace(first_token=options.latency, token=options.seconds_per_token),
        ping_seconds=options.ping_seconds,
        gzip=options.gzip,
        **{name: getattr(options, name) for name in TRIGGERS.values()},
        blocked_prompts=BlockedPrompts(options.blocked_prompts),
        stall_seconds=options.stall_seconds,
        scrub=kinds(options.scrub),
        retries=options.retries,
        record=options.record,
        single_slot=options.single_slot,
        faults=tuple(options.fault),
        check_responses=options.check_responses,
    )


def _keys(options: argparse.Namespace) -> tuple[str, ...]:
    if options.key_env is None:
        return (options.key,) if options.key else ()
    key = os.environ.get(options.key_env)
    if not key:
        raise UsageError(f"the environment variable {options.key_env} named by --key-env is not set")
    return (key,)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chatconform.reference_server", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=int, default=8000, help="0 picks a free one")
    add("--embedded", action="store_true", help="announce the port as JSON; end when standard input ends")
    key = parser.add_mutually_exclusive_group()
    key.add_argument("--key", help="accept this key (visible to every user of the machine)")
    key.add_argument("--key-env", metavar="NAME", help="accept the key in this environment variable")
    add("--model", help="id of the first model")
    add("--context-length", type=int, default=Settings().context_length, metavar="TOKENS")
    add("--body-limit", type=int, default=Settings().body_limit, metavar="BYTES")
    add("--unknown-parameters", choices=[each.value for each in UnknownParameters], default="refuse")
    add("--rate-limit", metavar="N/WINDOW", help="such as 60/m")
    add("--latency", type=float, default=0.0, metavar="SECONDS", help="before the first token")
    add("--seconds-per-token", type=float, default=0.0, metavar="SECONDS")
    add(
        "--ping-seconds",
        type=float,
        metavar="SECONDS",
        help="silence of a stream before a keep-alive comment; 0: one at its start",
    )
    add("--gzip", action="store_true", help="compress for clients that ask for it")
    add("--filter-trigger", metavar="TEXT", help="text that the content filter reacts to")
    add("--blocked-prompts", choices=[each.value for each in BlockedPrompts], default="refuse")
    add("--refusal-trigger", metavar="TEXT", help="text in a question that makes the model decline")
    add("--failure-trigger", metavar="TEXT", help="text in a question that makes the generation fail")
    add("--truncation-trigger", metavar="TEXT", help="text in a question that makes the connection break off")
    add("--outage-trigger", metavar="TEXT", help="text in a question that is answered 503")
    add("--overload-trigger", metavar="TEXT", help="text in a question that is answered 429")
    add("--stall-trigger", metavar="TEXT", help="text in a question that makes the response fall silent")
    add("--stall-seconds", type=float, default=Settings().stall_seconds, metavar="SECONDS", help="how long")
    add("--hiccup-trigger", metavar="TEXT", help="text in a question that is answered 503 the first time")
    add("--scrub", default="", metavar="KINDS", help="personal data to mask: email, phone, card")
    add("--retries", type=int, default=0, metavar="N", help="how often a 503 is tried again")
    add("--record", type=Path, metavar="FILE", help="keep the bodies of chat requests in this file")
    add("--single-slot", action="store_true", help="generate one answer at a time")
    add(
        "--fault",
        action="append",
        default=[],
        metavar="ID[@RATE]",
        help="have this defect, always or at a rate; repeatable",
    )
    add("--check-responses", action="store_true", help="hold each response against the contract")
    return parser


if __name__ == "__main__":
    sys.exit(main())
