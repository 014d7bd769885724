"""The command line. Each command is thin: it reads options, calls the engine, and prints what came."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
from rich.console import Console

from chatconform import __version__
from chatconform.cli.codes import code_of
from chatconform.cli.joblog import without_commands
from chatconform.errors import ChatconformError, HarnessError
from chatconform.judging.conformance import ExitCode


class _Commands(click.Group):
    """Imports a command when it is called, so that `--help` does not wait for all of them."""

    loaders: dict[str, Callable[[], click.Command]] = {}  # noqa: RUF012 - filled below, once

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.loaders)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        loader = self.loaders.get(cmd_name)
        return loader() if loader else super().get_command(ctx, cmd_name)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__)
def commands() -> None:
    """Does a URL speak the OpenAI Chat Completions API, and where exactly does it not?

    Exit codes: 0 conforms, 1 does not, 2 usage, 3 not measured, 4 a bug of ours.
    """


def _run() -> click.Command:
    from chatconform.cli.run import run

    return run


def _soak() -> click.Command:
    from chatconform.cli.soak import soak

    return soak


def _init() -> click.Command:
    from chatconform.cli.init import init

    return init


def _serve() -> click.Command:
    from chatconform.cli.serve import serve

    return serve


def _list() -> click.Command:
    from chatconform.cli.catalogue import list_requirements

    return list_requirements


def _profiles() -> click.Command:
    from chatconform.cli.profiles import profiles

    return profiles


def _explain() -> click.Command:
    from chatconform.cli.catalogue import explain

    return explain


def _faults() -> click.Command:
    from chatconform.cli.faults import faults

    return faults


def _prove() -> click.Command:
    from chatconform.cli.prove import prove

    return prove


def _lint() -> click.Command:
    from chatconform.cli.lint import lint

    return lint


def _judge() -> click.Command:
    from chatconform.cli.judge import judge

    return judge


def _export() -> click.Command:
    from chatconform.cli.export import export

    return export


def _report() -> click.Command:
    from chatconform.cli.report import report

    return report


def _compare() -> click.Command:
    from chatconform.cli.compare import compare

    return compare


def _history() -> click.Command:
    from chatconform.cli.history import history

    return history


def _merge() -> click.Command:
    from chatconform.cli.merge import merge

    return merge


def _gate() -> click.Command:
    from chatconform.cli.gate import gate

    return gate


def _docs() -> click.Command:
    from chatconform.cli.docs import docs

    return docs


_Commands.loaders = {
    "run": _run,
    "soak": _soak,
    "init": _init,
    "lint": _lint,
    "judge": _judge,
    "report": _report,
    "compare": _compare,
    "history": _history,
    "merge": _merge,
    "gate": _gate,
    "export": _export,
    "serve": _serve,
    "list": _list,
    "profiles": _profiles,
    "explain": _explain,
    "docs": _docs,
    "faults": _faults,
    "prove": _prove,
}


def main(arguments: list[str] | None = None) -> None:
    """The console command: every error of the tree becomes one sentence and its exit code."""
    try:
        code: Any = commands.main(args=arguments, prog_name="chatconform", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = ExitCode.USAGE
    except click.Abort:
        code = ExitCode.NOT_MEASURED
    except ChatconformError as error:
        _say(error)
        code = code_of(error)
    except Exception:  # noqa: BLE001 - whatever is left is our mistake, and says so by its own exit code
        console = Console(stderr=True)
        with without_commands(console):
            console.print_exception()
        _say(HarnessError("a bug in chatconform; please report what stands above"))
        code = ExitCode.BUG
    sys.exit(code if isinstance(code, int) else ExitCode.CONFORMS)


def _say(error: ChatconformError) -> None:
    console = Console(stderr=True, highlight=False)
    hint = getattr(error, "hint", None)
    # A target may be quoted, and where a line breaks is up to its length.
    with without_commands(console):
        console.print("error:", style="bold red", end=" ")
        console.print(str(error), markup=False)
        if hint:
            console.print(hint, markup=False)
