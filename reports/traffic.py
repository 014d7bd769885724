"""What `chatconform lint` prints: the findings as a run does, then what could not be judged, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    ExitCode.CONFORMS: ("✓ conforms, as far as was seen", "bold green"),
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
        name: request
        for name, request in linted.exhibits.items()
        if not (request.withheld or request.head_withheld)
    }
    shown, unrecorded, unseen = _sorted_out(answer, linted)
    yield from broken(shown, sent, key_env)
    for verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE):
        yield from unmeasured(shown, verdict)
    yield from observations(shown)
    for reason, results in unrecorded.items():
        yield from _named(results, f"{_rules(results)} could not be judged, since {reason}")
    yield from _named(unseen, f"nothing was seen that {_rules(unseen)} could be judged by")
    yield from _gaps(linted, told=frozenset(unrecorded))
    yield Rule(style="dim")
    yield _sum(linted)
    if linted.is_limited:
        yield Text(
            "the traffic is long: rules about all of it together saw it in overlapping parts", style="dim"
        )
    word, style = HEADLINES[code]
    yield Text(f"{word}: {_told(shown)}", style=style)


def _sorted_out(
    answer: Conformance, linted: Linted
) -> tuple[Conformance, dict[str, list[Result]], list[Result]]:
    """What is worth a line each; what all exchanges lacked, by reason; and what there was nothing of."""
    shown: list[Result] = []
    unrecorded: dict[str, list[Result]] = {}
    unseen: list[Result] = []
    for result in answer.results:
        lacked = next((gap.reason for gap in linted.gaps if _is_for(gap.reason, result)), "")
        if lacked:
            unrecorded.setdefault(lacked, []).append(result)
        elif all(_is_unseen(each) for each in result.judgements):
            unseen.append(result)
        else:
            shown.append(result)
    return replace(answer, results=tuple(shown)), unrecorded, unseen


def _is_unseen(judgement: Judgement) -> bool:
    return judgement.verdict is Verdict.INCONCLUSIVE and not judgement.exchanges


def _is_for(reason: str, result: Result) -> bool:
    return result.verdict is Verdict.INCONCLUSIVE and result.decisive[0].reason.endswith(reason)


def _named(results: Sequence[Result], told: str) -> Iterator[RenderableType]:
    if results:
        yield Text(f"\n? {told}", style="yellow")
        names = ", ".join(result.requirement.id for result in results)
        yield Padding(Text(names, style="dim"), (0, 0, 0, 2))


def _rules(results: Sequence[Result]) -> str:
    return "1 rule" if len(results) == 1 else f"{len(results)} rules"


def _gaps(linted: Linted, *, told: frozenset[str]) -> Iterator[RenderableType]:
    # What all exchanges lack alike has been said with the rules that it leaves open.
    gaps = [gap for gap in linted.gaps if gap.count < linted.heard or gap.reason not in told]
    if not gaps:
        return
    yield Text("\n! what could not be judged", style="bold magenta")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    for gap in gaps[:_REASONS]:
        grid.add_row(
            f"  {gap.count}", Text.assemble(printable(gap.reason), "\n", (_places(gap, linted), "dim"))
        )
    yield grid
    if len(gaps) > _REASONS:
        yield Text(f"  and for {len(gaps) - _REASONS} other reasons", style="dim")


def _places(gap: Gap, linted: Linted) -> str:
    if gap.count == linted.heard and gap.count > _PLACES:
        return "all exchanges"
    more = f" and {gap.count - _PLACES} more" if gap.count > _PLACES else ""
    return printable("; ".join(gap.places[:_PLACES]) + more)


def _sum(linted: Linted) -> Text:
    exchanges = "1 exchange" if linted.heard == 1 else f"{linted.heard} exchanges"
    others = "1 other entry is" if linted.beside == 1 else f"{linted.beside} other entries are"
    beside = f"; {others} not of the API" if linted.beside else ""
    return Text(f"{exchanges} judged{beside}", style="dim")


def _told(answer: Conformance) -> str:
    """How the rules came out of which something was seen, in words."""
    told: list[str] = []
    for verdict, word in ((Verdict.PASS, "held"), (Verdict.FAIL, "broken")):
        for level in (Level.MUST, Level.SHOULD):
            count = sum(r.verdict is verdict and r.requirement.level is level for r in answer.results)
            told += [f"{count} {level} {word}"] if count or verdict is Verdict.PASS else []
    left = sum(result.verdict not in {Verdict.PASS, Verdict.FAIL} for result in answer.results)
    return ", ".join(told + ([f"{left} left open"] if left else []))
