"""The report of a run on a terminal: a table by area, every failure with its evidence, what it cost.

A pure function of the run record: what it prints is what the record says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.conformance import Conformance, ExitCode, Result
from chatconform.ledger import Ledger
from chatconform.ledger.requirement import Level
from chatconform.plays.path import EVERYWHERE
from chatconform.printable import printable
from chatconform.record import Record, answer_of
from chatconform.reports.attempts import kept, not_always
from chatconform.reports.clients import clients_section
from chatconform.reports.run_facts import decided_by, target_told
from chatconform.reports.sentences import illnesses, level_sentence, observed
from chatconform.reports.showing import by_check, reproductions
from chatconform.wire.exchange import Request

# A glyph and a word beside every colour: nothing is told by colour alone.
GLYPHS = {
    Verdict.PASS: ("✓", "green"),
    Verdict.FAIL: ("✗", "bold red"),
    Verdict.ERROR: ("!", "bold magenta"),
    Verdict.INCONCLUSIVE: ("?", "yellow"),
    Verdict.UNSUPPORTED: ("○", "cyan"),
    Verdict.NOT_APPLICABLE: ("·", "dim"),
}

HEADLINES = {
    ExitCode.CONFORMS: ("✓ conforms", "bold green"),
    ExitCode.DOES_NOT_CONFORM: ("✗ does not conform", "bold red"),
    ExitCode.NOT_MEASURED: ("! not measured well enough to say", "bold magenta"),
    ExitCode.BUG: ("! a bug in chatconform, please report the record", "bold magenta"),
}


def print_report(
    record: Record, ledger: Ledger, *, path: Path, strict: bool, console: Console | None = None
) -> None:
    """Print the whole report of a record that lies at `path`; `strict` adds to the policy of its run."""
    answer = answer_of(record, ledger, strict=strict)
    screen = console or Console(highlight=False)
    for part in _parts(record, answer, path):
        screen.print(part, soft_wrap=isinstance(part, Text) and part.no_wrap is True)


def _parts(record: Record, answer: Conformance, path: Path) -> Iterator[RenderableType]:
    sent = {exchange.id: exchange.request for exchange in record.exchanges}
    yield from broken(answer, sent, record.header.target.key_env)
    for verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE):
        yield from unmeasured(answer, verdict)
    yield from wavering(answer)
    yield from observations(answer)
    yield from clients_section(record, answer)
    yield Rule(style="dim")
    yield _header(record, answer)
    yield _cost(record, path)
    yield from _illnesses(record)
    if record.header.shard:
        yield _shard(record)
    yield headline(answer)


def broken(answer: Conformance, sent: Mapping[str, Request], key_env: str) -> Iterator[RenderableType]:
    """The table by area, and every failure, with how to send again what shows it."""
    yield _table(answer)
    yield _legend()
    failures = [result for result in answer.results if result.verdict is Verdict.FAIL]
    for result in sorted(failures, key=lambda result: list(Level).index(result.requirement.level)):
        yield from _failure(result, sent, key_env)


def _table(answer: Conformance) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("area", no_wrap=True)
    table.add_column("requirements", overflow="fold", max_width=30)
    for glyph, style in GLYPHS.values():
        table.add_column(Text(glyph, style=style), justify="right", no_wrap=True)
    for area, results in answer.areas.items():
        table.add_row(area, _bar(results), *_cells(answer, results))
    table.add_section()
    table.add_row("all", "", *_cells(answer, answer.results), style="bold")
    return table


def _legend() -> Text:
    words = [Text.assemble((glyph, style), f" {verdict}") for verdict, (glyph, style) in GLYPHS.items()]
    return Text("   ", style="dim").join(words)


def _bar(results: Iterable[Result]) -> Text:
    """One glyph a requirement, in the ledger's order: the eye finds the odd one."""
    bar = Text()
    for result in results:
        glyph, style = GLYPHS[result.verdict]
        bar.append(glyph, style=style)
    return bar


def _cells(answer: Conformance, results: Iterable[Result]) -> Iterator[Text]:
    counts = answer.count(results)
    for verdict, (_, style) in GLYPHS.items():
        yield Text(str(counts[verdict]), style=style) if counts[verdict] else Text("·", style="dim")


def _failure(result: Result, sent: Mapping[str, Request], key_env: str) -> Iterator[RenderableType]:
    row = result.requirement
    yield Text()
    yield Text.assemble(("✗ ", "bold red"), (row.id, "bold"), f"  {row.level}  ", (row.title, "bold"))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("rule", Text(row.rule))
    for judgement, paths in by_check(result.decisive):
        for name, value in _evidence(judgement, paths):
            grid.add_row(name, Text(printable(value)))
    yield Padding(grid, (0, 0, 0, 2))
    commands = reproductions(result, sent, key_env)
    if commands:
        yield Text("  reproduce", style="dim")
    for command in commands:
        # Not wrapped and not indented: it is made to be copied into a shell.
        yield Text(command, style="blue", no_wrap=True, overflow="ignore")


def _evidence(judgement: Judgement, paths: list[str]) -> Iterator[tuple[str, str]]:
    yield "check", judgement.check
    yield "on", ", ".join(paths) + _attempts(judgement)
    if judgement.expected and judgement.path != EVERYWHERE:
        yield "expected", judgement.expected
        yield "came", judgement.came
    else:
        yield "reason", judgement.reason
    for evidence in judgement.evidence:
        yield "at", f"{evidence.exchange} {evidence.where}: {evidence.quoted}"


def _attempts(judgement: Judgement) -> str:
    tried = kept(judgement)
    return f" ({tried})" if tried else ""


def wavering(answer: Conformance) -> Iterator[RenderableType]:
    """What was kept, but not always: rules about a model's mood that an attempt or an exchange broke."""
    found = list(not_always(answer.results))
    if not found:
        return
    yield Text("\n≈ kept, but not always", style="yellow")
    grid = Table.grid(padding=(0, 2))
    for each in found:
        row = each.requirement
        grid.add_row(f"  {row.id}", row.level, Text(printable(f"{row.title} ({each.path}): {each.told}")))
    yield grid


def unmeasured(answer: Conformance, verdict: Verdict) -> Iterator[RenderableType]:
    """What was not measured for one reason, each with why."""
    results = [result for result in answer.results if result.verdict is verdict]
    if not results:
        return
    glyph, style = GLYPHS[verdict]
    yield Text(f"\n{glyph} {verdict}", style=style)
    grid = Table.grid(padding=(0, 2))
    for result in results:
        row, first = result.requirement, result.decisive[0]
        on = f" ({first.path})" if first.path != "plain" else ""
        grid.add_row(f"  {row.id}", row.level, Text(printable(f"{row.title}{on}: {first.reason}")))
    yield grid


def observations(answer: Conformance) -> Iterator[RenderableType]:
    """What the target does where vendors may differ."""
    seen = list(observed(answer))
    if not seen:
        return
    yield Text("\nobservations, where vendors may differ", style="bold")
    grid = Table.grid(padding=(0, 2))
    for requirement, topic, camp in seen:
        grid.add_row(f"  {requirement}", Text(topic.replace("-", " ")), Text(printable(camp), style="bold"))
    yield grid


def _header(record: Record, answer: Conformance) -> Text:
    target = record.header.target
    told = f"{target_told(target)}, model {target.model}: {decided_by(record.header, strict=answer.strict)}"
    return Text(" ".join(printable(told).split()), style="dim")


def _cost(record: Record, path: Path) -> Text:
    footer = record.footer
    if footer is None:
        return Text(f"the run was cut off; {len(record.exchanges)} requests are recorded in {path}")
    tokens = footer.tokens.prompt + footer.tokens.completion
    cost = f"{footer.requests} requests, {tokens} tokens, {footer.wall:.1f} s"
    cut = "" if footer.complete else f" ({footer.reason})"
    return Text(f"{cost}{cut}; record: {path}", style="dim")


def _shard(record: Record) -> Text:
    count = len(record.header.requirements)
    rules = "1 requirement" if count == 1 else f"{count} requirements"
    return Text(f"shard {record.header.shard} of a run: what follows is about {rules} of it", style="bold")


def _illnesses(record: Record) -> Iterator[Text]:
    for told in illnesses(record):
        yield Text(f"! {printable(told)}", style="bold magenta")


def headline(answer: Conformance) -> Text:
    """The answer in one line."""
    word, style = HEADLINES[answer.exit_code]
    return Text(
        f"{word}: {level_sentence(answer, Level.MUST)}; {level_sentence(answer, Level.SHOULD)}", style=style
    )
