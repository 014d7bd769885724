"""The options that say what is to be run, which `chatconform run` and `chatconform soak` have alike."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from chatconform.client.target import DEFAULT_KEY_ENV
from chatconform.fuzzing.effort import EFFORTS, effort_from
from chatconform.judging.sampling import SAMPLINGS, SWIFT, sampling_named
from chatconform.ledger import load_ledger
from chatconform.ledger.profile import load_profile
from chatconform.oracles.catalogue import DEFAULT, clients_from
from chatconform.running.run import DEFAULT_OUT, Run, check_words
from chatconform.running.selection import selected
from chatconform.running.shard import shard_from
from chatconform.targeting.called import Called, TargetOptions, targets_called

_OPTIONS = (
    click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="File of the named targets. Default: chatconform.toml, here or above.",
    ),
    click.option(
        "--model", "--target-model", metavar="ID", help="Model to ask for. Default: the first that answers."
    ),
    click.option(
        "--target-key-env",
        "--key-env",
        "key_env",
        metavar="NAME",
        help=f"Environment variable that holds the key. Default: {DEFAULT_KEY_ENV}, if set.",
    ),
    click.option(
        "--target-key", "--key", "key", metavar="KEY", help="The key itself; better use --target-key-env."
    ),
    click.option(
        "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Sent with every request."
    ),
    click.option(
        "--declare",
        "declared",
        multiple=True,
        metavar="FEATURE[=VALUE]",
        help="The target has this feature, such as browser-access or body-limit=1048576.",
    ),
    click.option(
        "--without",
        "lacks",
        multiple=True,
        metavar="FEATURE",
        help="The target lacks this one, such as tools.",
    ),
    click.option(
        "--upstream",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The target is a gateway; this is what `chatconform serve --record FILE` keeps behind it.",
    ),
    click.option(
        "--requirement",
        "-r",
        "requirements",
        multiple=True,
        metavar="ID",
        help="Only these: CC-STOP-001, STREAM.",
    ),
    click.option(
        "--profile",
        metavar="NAME",
        help="Named set of requirements. Default: the target's own, or standard.",
    ),
    click.option(
        "--shard",
        metavar="K/N",
        help="Judge the K-th of N parts of the requirements; `chatconform merge` puts the records together.",
    ),
    click.option(
        "--concurrency",
        "-c",
        type=click.IntRange(1, 512),
        metavar="N",
        help="Requests in flight. Default: 8.",
    ),
    click.option(
        "--timeout", type=click.FloatRange(min=0.1), metavar="SECONDS", help="Longest exchange. Default: 60."
    ),
    click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        default=DEFAULT_OUT,
        show_default=True,
        metavar="DIR",
        help="Folder of the run record.",
    ),
    click.option(
        "--seed", default="chatconform", show_default=True, help="Seeds what the scenarios choose at random."
    ),
    click.option(
        "--fuzz",
        type=click.Choice([effort.name for effort in EFFORTS]),
        default="quick",
        show_default=True,
        help="Requests generated from the contract: none, about a hundred, or ten thousand.",
    ),
    click.option("--fuzz-requests", type=click.IntRange(min=1), metavar="N", help="At most so many of them."),
    click.option(
        "--fuzz-seconds",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Begin none of them after so long.",
    ),
    click.option(
        "--clients",
        default=",".join(DEFAULT),
        show_default=True,
        metavar="NAMES",
        help="Clients that have to read every answer too, without a second request; none switches it off.",
    ),
    click.option(
        "--sampling",
        type=click.Choice([each.name for each in SAMPLINGS]),
        help="How sure to be of rules about a model's mood: whether it keeps them at all, or reliably. "
        f"Default: the target's own, or {SWIFT.name}.",
    ),
    click.option(
        "--repeat", type=click.IntRange(1, 10_000), metavar="N", help="Attempts at these rules in any case."
    ),
    click.option("--strict", is_flag=True, help="Requirements of level SHOULD decide as well."),
)
_OF_TARGET = ("model", "key", "key_env", "headers", "declared", "lacks", "upstream")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What options say of the target and of the run.

    `profile` and `sampling` are nothing where the target's own decides.
    """

    config: Path | None
    target: TargetOptions
    asked: Run
    profile: str | None
    sampling: str | None
    repeat: int | None

    def runs(self, targets: Sequence[str]) -> tuple[Run, ...]:
        """The run of each target that is called; of none it is one of the embedded server."""
        runs = tuple(map(self._run, targets_called(targets, self.config, self.target)))
        for each in runs:
            # What cannot be selected is said before anything is sent.
            selected(each, load_profile(each.profile, load_ledger()), load_ledger())
        return runs

    def _run(self, called: Called) -> Run:
        """The run of one target, by what its file says where no option says otherwise."""
        return replace(
            self.asked,
            target=called.target,
            name=called.name,
            profile=self.profile or called.profile or self.asked.profile,
            sampling=sampling_named(self.sampling or called.sampling or SWIFT.name, self.repeat),
            strict=self.asked.strict or called.strict,
        )


def run_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options; it gets them as one value, checked as far as they can be by themselves."""

    @wraps(command)
    def called(**given: Any) -> int:
        options = _options(given)
        return command(**given, options=options)

    for option in reversed(_OPTIONS):
        called = option(called)
    return called


def _options(given: dict[str, Any]) -> RunOptions:
    """Take the options of a run out of those of a command; raises `UsageError` where one cannot be used."""
    target = TargetOptions(**{name: given.pop(name) for name in _OF_TARGET})
    requirements, clients = (given.pop(name) for name in ("requirements", "clients"))
    effort, most, seconds = (given.pop(name) for name in ("fuzz", "fuzz_requests", "fuzz_seconds"))
    shard = given.pop("shard")
    ledger = load_ledger()
    ledger.select(requirements)
    check_words(ledger, (*target.declared, *target.lacks))
    asked = Run(
        requirements=requirements,
        effort=effort_from(effort, requests=most, seconds=seconds),
        command=_command(target.key),
        clients=clients_from(clients),
        shard=shard_from(shard) if shard is not None else None,
        **{name: given.pop(name) for name in ("out", "seed", "concurrency", "timeout", "strict")},
    )
    others = {name: given.pop(name) for name in ("config", "profile", "sampling", "repeat")}
    return RunOptions(target=target, asked=asked, **others)


def _command(key: str | None) -> tuple[str, ...]:
    said = (argument.replace(key, "[redacted]") if key else argument for argument in sys.argv[1:])
    return ("chatconform", *said)
