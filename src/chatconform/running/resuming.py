"""Whether a run may go on from a record: only if it would have been the same run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from chatconform.client.recording import NEED
from chatconform.client.target import Target
from chatconform.contract import overlaid
from chatconform.errors import UsageError
from chatconform.ledger import Ledger
from chatconform.ledger.profile import load_profile
from chatconform.record import Header, Record, RecordError, begin_header, read_record, read_rows
from chatconform.record.agreement import Disagreement, disagreements
from chatconform.record.redact import redacted
from chatconform.running.resumption import Resumption
from chatconform.running.run import Run
from chatconform.running.selection import selected
from chatconform.wire.redaction import Redactor

_AGAIN = "Run again with the options of then, or without --resume."


def resumption(file: Path, run: Run, ledger: Ledger) -> Resumption:
    """What a run goes on from.

    Raises:
        UsageError: The file is no record, or that of a complete run or of another one.
    """
    if run.target is None:
        raise UsageError(
            "--resume needs a target: the embedded server of then is gone, with what it answered",
            hint="Give the URL or the name of the target that the record is of.",
        )
    if NEED in run.declared:
        raise UsageError(
            "a run with the record of an upstream cannot be resumed: nobody knows who sent what of it then",
            hint="Run again without --resume; with --shard less is lost when a run is cut off.",
        )
    record = read_record(file, allow_incomplete=True)
    if record.footer is not None and record.footer.complete:
        raise UsageError(f"{file}: the run is complete: there is nothing to resume")
    _check_agreement(file, record.header, run, ledger)
    earlier = [each.exchanges for each in _earlier(file, record.header)]
    return Resumption(file=file, header=record.header, records=(record.exchanges, *earlier))


def check_model(found: Resumption, target: Target) -> None:
    """Raise `UsageError` where the target, of which no model was said, chose another one than then."""
    then = found.header.target.model
    if Redactor(target.all_secrets()).text(target.model) != then:
        raise UsageError(
            f"{found.file} is of the model {then!r}, and this run would ask for {target.model!r}",
            hint=f"Say which: --model {then}",
        )


def _check_agreement(file: Path, then: Header, run: Run, ledger: Ledger) -> None:
    now = _header(run, ledger)
    if run.target is not None and not run.target.model:
        # Which one is asked for is known after the first calls.
        now = replace(now, target=replace(now.target, model=then.target.model))
    found = next(_differences(then, now), None)
    if found is not None:
        raise UsageError(f"{found.what} is {found.one} in {file} and {found.other} now", hint=_AGAIN)


def _differences(then: Header, now: Header) -> Iterator[Disagreement]:
    yield from disagreements(then, now)
    if then.shard != now.shard:
        yield Disagreement(what="the shard", one=then.shard or "none", other=now.shard or "none")
    if then.requirements != now.requirements:
        one, other = (_told(header.requirements) for header in (then, now))
        yield Disagreement(what="the list of requirements", one=one, other=other)


def _told(requirements: tuple[str, ...]) -> str:
    count = len(requirements)
    return f"{', '.join(requirements[:3])}{' …' if count > 3 else ''} ({count})"


def _header(run: Run, ledger: Ledger) -> Header:
    """The header that the record of the run would have."""
    assert run.target is not None
    profile = load_profile(run.profile, ledger)
    header = begin_header(
        target=run.limits(run.target),
        contract=overlaid(run.target.overlays),
        ledger=ledger,
        profile=run.profile,
        profile_version=profile.version,
        policy=run.policy(profile),
        requirements=selected(run, profile, ledger),
        command=run.command,
        seed=run.seed,
        name=run.name,
        shard=str(run.shard or ""),
    )
    told = redacted(header, Redactor(run.target.all_secrets()))
    assert isinstance(told, Header)
    return told


def _earlier(file: Path, header: Header) -> Iterator[Record]:
    """The records that a record went on from, as far as they lie beside it, the latest first.

    What it had not come to when it was cut off itself stands there alone.
    """
    beside = {}
    for other in file.absolute().parent.glob("*.jsonl") if header.resumed else ():
        try:
            first = next(read_rows(other, allow_incomplete=True))
        except RecordError:
            continue
        if isinstance(first, Header) and first.started in header.resumed and _is_same(first, header):
            beside[first.started] = other
    for started in header.resumed:
        if started in beside:
            yield read_record(beside[started], allow_incomplete=True)


def _is_same(one: Header, other: Header) -> bool:
    return one.shard == other.shard and next(disagreements(one, other), None) is None
