"""The options of the suites under plain pytest, and the run that they describe."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chatconform.errors import UsageError
from chatconform.fuzzing.effort import effort_from
from chatconform.judging.sampling import SWIFT, sampling_named
from chatconform.ledger import load_ledger
from chatconform.oracles.catalogue import DEFAULT, clients_from
from chatconform.running.resuming import resumption
from chatconform.running.run import DEFAULT_PROFILE, Run, check_words
from chatconform.running.shard import shard_from
from chatconform.targeting.called import Called, TargetOptions, target_at, targets_called


def add_options(parser: pytest.Parser) -> None:
    """Options of the suites, in a group of their own."""
    group = parser.getgroup("chatconform", "conformance of a Chat Completions server")
    add = group.addoption
    add("--target", metavar="NAME", help="target of chatconform.toml, found here or above")
    add("--target-url", metavar="URL", help="base URL of the target (default: the embedded reference server)")
    add("--target-model", metavar="ID", help="model to ask for (default: the first that answers)")
    add("--target-key-env", metavar="NAME", help="environment variable that holds the target's key")
    add(
        "--target-header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="sent with every request",
    )
    add(
        "--target-declare",
        action="append",
        default=[],
        metavar="FEATURE[=VALUE]",
        help="the target has this feature, such as browser-access or body-limit=1048576",
    )
    add("--target-upstream", type=Path, metavar="FILE", help="the record of the upstream behind a gateway")
    add("--target-without", action="append", default=[], metavar="FEATURE", help="the target lacks this one")
    add("--concurrency", type=int, metavar="N", help="requests in flight (default: 8)")
    add("--target-timeout", type=float, metavar="SECONDS", help="longest exchange (default: 60)")
    add("--requirement", action="append", default=[], metavar="ID", help="only these: CC-STOP-001, CC-STREAM")
    add(
        "--profile", metavar="NAME", help="named set of requirements (default: the target's own, or standard)"
    )
    add("--shard", metavar="K/N", help="judge the K-th of N parts of the requirements, such as 2/5")
    add("--resume", type=Path, metavar="FILE", help="go on with the run whose record was cut off")
    add("--out", type=Path, metavar="DIR", help="write a run record to this folder")
    add("--fuzz", default="quick", metavar="off|quick|deep", help="generated requests (default: quick)")
    add("--fuzz-requests", type=int, metavar="N", help="at most so many of them")
    add("--fuzz-seconds", type=float, metavar="SECONDS", help="begin none of them after so long")
    add("--clients", metavar="NAMES", help="clients that read every answer too (default: openai with --out)")
    add("--sampling", metavar="swift|reliable", help="how sure to be of a model's mood")
    add("--repeat", type=int, metavar="N", help="attempts at rules about a model's mood in any case")
    add("--seed", default="chatconform", help="seeds what the scenarios choose at random")


def run_from_options(config: pytest.Config) -> Run:
    """The run that the options ask for; raises `UsageError` for what cannot be used."""
    option = config.option
    called = _called(option)
    run = Run(
        target=called.target,
        name=called.name,
        requirements=tuple(option.requirement),
        profile=option.profile or called.profile or DEFAULT_PROFILE,
        strict=called.strict,
        out=option.out,
        seed=option.seed,
        shard=shard_from(option.shard) if option.shard else None,
        effort=effort_from(option.fuzz, requests=option.fuzz_requests, seconds=option.fuzz_seconds),
        concurrency=option.concurrency,
        timeout=option.target_timeout,
        command=tuple(sys.argv),
        sampling=sampling_named(option.sampling or called.sampling or SWIFT.name, option.repeat),
        clients=clients_from(option.clients) if option.clients else DEFAULT if option.out else (),
    )
    # Workers of pytest-xdist send nothing.
    if option.resume is None or hasattr(config, "workerinput"):
        return run
    return replace(run, resume=resumption(option.resume, run, load_ledger()))


def _called(option: argparse.Namespace) -> Called:
    """The target that is called by its name or by its URL; neither is the embedded server."""
    if not option.target and not option.target_url:
        return Called()
    if option.target and option.target_url:
        raise UsageError("both --target and --target-url were given", hint="Give one of them.")
    check_words(load_ledger(), (*option.target_declare, *option.target_without))
    options = TargetOptions(
        model=option.target_model,
        key_env=option.target_key_env,
        headers=tuple(option.target_header),
        declared=tuple(option.target_declare),
        lacks=tuple(option.target_without),
        upstream=option.target_upstream,
    )
    if option.target_url:
        return Called(target=target_at(option.target_url, options))
    (called,) = targets_called((option.target,), None, options)
    return called
