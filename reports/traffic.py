"""What `chatconform lint` prints: the findings as a run does, then what could not be judged, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.conformance import Conformance, ExitCode, Result
from chatconform.ledger.requirement import Level
from chatconform.printable import printable
from chatconform.reports.terminal import broken, observations, unmeasured
from chatconform.running.linting import Gap, Linted

_PLACES = 3
_REASONS = 20
HEADLINES = {
    ExitCode.CONFORMS: ("✓ nothing broken", "bold green"),
    ExitCode.DOES_NOT_CONFORM: ("✗ does not conform", "bold red"),
    ExitCode.NOT_MEASURED: ("! not all could be judged", "bold magenta"),
    ExitCode.BUG: ("! a bug in chatconform, please report it", "bold magenta"),
}


def print_linted(
    linted: Linted, answer: Conformance, code: ExitCode, *, key_env: str, console: Console | None = None
) -> None:
    """Print what came of linting, which ends with this exit code."""
    screen = console or Console(highlight=False)
    for part in _parts(linted, answer, code, key_env):
        screen.print(part, soft_wrap=isinstance(part, Text) and part.no_wrap is True)


def _parts(linted: Linted, answer: Conformance, code: ExitCode, key_env: str) -> Iterator[RenderableType]:
    # Of a request that was not recorded nobody can say how to send it again.
    sent = {
        name: exchange.request
        for name, exchange in linted.exhibits.items()
        if not (exchange.request.withheld or exchange.request.head_withheld)
    }
    seen, unseen = _by_sight(answer)
    yield from broken(seen, sent, key_env)
    for verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE):
        yield from unmeasured(seen, verdict)
    yield from observations(seen)
    yield from _not_seen(unseen)
    yield from _gaps(linted)
    yield Rule(style="dim")
    yield _sum(linted)
    if linted.is_limited:
        yield Text(
            "the traffic is long: rules about all of it together saw it in overlapping parts", style="dim"
        )
    word, style = HEADLINES[code]
    yield Text(f"{word}: {_held(seen, Level.MUST)}; {_held(seen, Level.SHOULD)}", style=style)


def _by_sight(answer: Conformance) -> tuple[Conformance, tuple[Result, ...]]:
    """What there was something to judge of, and what there was nothing of: that is no news in a file."""
    unseen = tuple(result for result in answer.results if _is_unseen(result.judgements))
    seen = tuple(result for result in answer.results if result not in unseen)
    return replace(answer, results=seen), unseen


def _is_unseen(judgements: Iterable[Judgement]) -> bool:
    return all(each.verdict is Verdict.INCONCLUSIVE and not each.exchanges for each in judgements)


def _not_seen(unseen: tuple[Result, ...]) -> Iterator[RenderableType]:
    if unseen:
        names = ", ".join(result.requirement.id for result in unseen)
        yield Text(f"\n? nothing was seen of what {len(unseen)} further rules are about", style="yellow")
        yield Padding(Text(names, style="dim"), (0, 0, 0, 2))


def _gaps(linted: Linted) -> Iterator[RenderableType]:
    if not linted.gaps:
        return
    yield Text("\n! what could not be judged", style="bold magenta")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    for gap in linted.gaps[:_REASONS]:
        grid.add_row(
            f"  {gap.count}", Text.assemble(printable(gap.reason), "\n", (_places(gap, linted), "dim"))
        )
    yield grid
    if len(linted.gaps) > _REASONS:
        yield Text(f"  and for {len(linted.gaps) - _REASONS} other reasons", style="dim")


def _places(gap: Gap, linted: Linted) -> str:
    if gap.count == linted.heard and gap.count > _PLACES:
        return "all exchanges"
    more = f" and {gap.count - _PLACES} more" if gap.count > _PLACES else ""
    return printable("; ".join(gap.places[:_PLACES]) + more)


def _sum(linted: Linted) -> Text:
    beside = f"; {linted.beside} other entries are not of the API" if linted.beside else ""
    return Text(f"{linted.heard} exchanges judged{beside}", style="dim")


def _held(answer: Conformance, level: Level) -> str:
    results = [result for result in answer.results if result.requirement.level is level]
    counts = answer.count(results)
    told = [f"{counts[Verdict.PASS]} of {len(results)} {level} that were seen held"]
    told += [f"{counts[Verdict.FAIL]} broken"] if counts[Verdict.FAIL] else []
    return ", ".join(told)
