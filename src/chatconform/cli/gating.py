"""Holds a record against a baseline, and changes the baseline where that was asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from chatconform.cli.baseline_options import Gating
from chatconform.cli.joblog import without_commands
from chatconform.cli.wanted import Wanted, check_writable, replace_text
from chatconform.errors import BaselineError, HarnessError, NotMeasured, UsageError
from chatconform.gating.acceptance import accept, unreasoned
from chatconform.gating.answer import Answer
from chatconform.gating.baseline import Baseline, Origin, target_name
from chatconform.gating.gate import Asked, gate
from chatconform.gating.matching import check_match
from chatconform.gating.reading import read_baseline
from chatconform.judging.conformance import conformance
from chatconform.ledger import Ledger, load_ledger
from chatconform.plays.path import EVERYWHERE
from chatconform.record import Header, Record, is_strict
from chatconform.resources import load
from chatconform.running.hearing import paths_judged

if TYPE_CHECKING:
    from chatconform.reports.gate.words import GateReport

_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A baseline as it lies there: its text and what it says, neither where there is none yet."""

    gating: Gating
    text: str = ""
    baseline: Baseline | None = None


def open_baseline(gating: Gating, wanted: Sequence[Wanted] = ()) -> Opened:
    """Read it; raises `BaselineError` where it cannot be used, or is missing and not to be written.

    `wanted` are the reports that will be written: none of them may take its place.
    """
    file = gating.file
    if any(each.file is not None and each.file.resolve() == file.resolve() for each in wanted):
        raise UsageError("a report would replace the baseline", hint="Give another file.")
    if gating.update:
        check_writable(file)
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        if gating.update:
            return Opened(gating=gating)
        raise BaselineError(
            f"there is no baseline {file}",
            hint="--baseline-update writes the first one; failures in it need --reason TEXT.",
        ) from None
    except UnicodeDecodeError:
        raise BaselineError(f"{file} cannot be read: it is not UTF-8") from None
    except OSError as error:
        raise BaselineError(f"{file} cannot be read: {error.strerror}") from None
    return Opened(gating=gating, text=text, baseline=read_baseline(text, file, load_ledger()))


def hold(
    opened: Opened,
    record: Record,
    *,
    source: Path,
    strict: bool,
    screen: Console,
    only: Collection[str] = (),
) -> GateReport:
    """Hold a record against the baseline, write what is to be accepted, and print what came of it.

    `only` are the requirements that are looked at; by default all that the run was asked for.
    """
    ledger = load_ledger()
    if opened.baseline is not None:
        check_match(opened.baseline, record.header, opened.gating.file, any_target=opened.gating.any_target)
    holding = _Holding(opened.gating, record, ledger, strict=strict, only=only)
    if opened.gating.update:
        opened = holding.update(opened, screen)
    told: GateReport = load("reports.gate.words").GateReport(
        answer=holding.answer(_there(opened)),
        baseline=opened.gating.file,
        header=record.header,
        source=source,
        any_target=opened.gating.any_target,
    )
    with without_commands(screen):
        load("reports.gate.terminal").print_gate(told, screen)
    return told


class _Holding:
    """One record that is held against baselines."""

    def __init__(
        self, gating: Gating, record: Record, ledger: Ledger, *, strict: bool, only: Collection[str]
    ) -> None:
        asked = {name for name in record.header.requirements if not only or name in only}
        judgements = [each for each in record.judgements if each.requirement in asked]
        if not judgements:
            raise UsageError("the record holds no judgement of what was asked for", hint="Run again.")
        self._gating = gating
        self._header = record.header
        self._ledger = ledger
        self._strict = is_strict(record.header, asked=strict)
        self._run = conformance(judgements, ledger)
        paths = paths_judged(record.header.profile, ledger) | {EVERYWHERE}
        self._asked = Asked(requirements=frozenset(asked), paths=paths)

    def answer(self, baseline: Baseline) -> Answer:
        return gate(
            baseline,
            self._run,
            self._ledger,
            asked=self._asked,
            today=self._gating.today,
            strict=self._strict,
        )

    def update(self, opened: Opened, screen: Console) -> Opened:
        """Accept the answer: write it, print what changed; raises where nothing may be accepted."""
        from chatconform.gating.updating import updated
        from chatconform.gating.writing import first_text

        before = opened.baseline or _first(self._header)
        answer = self.answer(before)
        self._refuse(answer)
        origin = _origin(self._header)
        if opened.baseline is not None and answer.not_asked:
            # What was not asked for is still that of an earlier acceptance.
            origin = opened.baseline.origin
        acceptance = accept(before, answer, self._gating.terms, origin)
        after = acceptance.applied_to(before)
        text = first_text(after, self._ledger)
        if opened.baseline is not None:
            text = updated(opened.text, opened.baseline, acceptance, self._ledger)
        written = self._checked(text, after)
        if text != opened.text:
            _write(self._gating.file, text)
        with without_commands(screen):
            load("reports.gate.update").print_update(
                acceptance.edits,
                (opened.baseline, after),
                file=self._gating.file,
                ledger=self._ledger,
                today=self._gating.today,
                console=screen,
            )
        return replace(opened, text=text, baseline=written)

    def _refuse(self, answer: Answer) -> None:
        if answer.bug:
            raise HarnessError("a check of ours broke down; nothing was accepted. Please report the record")
        if not answer.measured:
            raise NotMeasured("the run measured too little to be accepted; the baseline is as it was")
        open_ = list(dict.fromkeys(finding.requirement.id for finding in unreasoned(answer)))
        if open_ and not self._gating.terms.reason:
            more = f" and {len(open_) - _NAMED} more" if len(open_) > _NAMED else ""
            raise UsageError(
                f"nothing was accepted: {', '.join(open_[:_NAMED])}{more} would be accepted without a reason",
                hint="Give --reason TEXT, and best --expires DATE; -r ID accepts some alone"
                " (`chatconform gate RECORD`).",
            )

    def _checked(self, text: str, wanted: Baseline) -> Baseline:
        """The text as it is read back: what we write has to be what we meant."""
        try:
            written = read_baseline(text, self._gating.file, self._ledger)
        except BaselineError as error:
            raise HarnessError(f"the baseline would be unreadable now; it is as it was: {error}") from None
        if not written.says_the_same_as(wanted):
            raise HarnessError("the baseline would have become another one; it is as it was")
        return written


def _there(opened: Opened) -> Baseline:
    if opened.baseline is None:
        raise HarnessError("a baseline was to be written, and was not")
    return opened.baseline


def _first(header: Header) -> Baseline:
    return Baseline(target=target_name(header.target), origin=_origin(header))


def _origin(header: Header) -> Origin:
    return Origin(tool=header.tool, ledger=header.ledger_digest, profile=header.profile)


def _write(file: Path, text: str) -> None:
    try:
        replace_text(file, text)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}") from None
