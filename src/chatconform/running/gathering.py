"""Whether records are the shards of one run, all of them: what else would be put together misleads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from chatconform._version import __version__
from chatconform.contract import load_contract
from chatconform.errors import UsageError
from chatconform.ledger import Ledger
from chatconform.record import Header, Record
from chatconform.record.agreement import disagreements
from chatconform.running.shard import Shard, shard_from

_RUN_AGAIN = "Run that shard again, or go on with it by `chatconform run ... --resume RECORD`."


def superseded(records: Mapping[Path, Record]) -> dict[Path, Path]:
    """Records of runs that were cut off, each with that of the run which went on from it, and has it all."""
    successors = {
        (record.header.shard, started): file
        for file, record in records.items()
        for started in record.header.resumed
    }
    places = {file: (record.header.shard, record.header.started) for file, record in records.items()}
    return {
        file: successors[place]
        for file, place in places.items()
        if place in successors and not _is_whole(records[file])
    }


def check_shards(records: Mapping[Path, Record], ledger: Ledger) -> None:
    """Raise `UsageError` for records that are not all the shards of one run, whole, and of this tool."""
    for file, record in records.items():
        _check_whole(file, record)
    shards = {file: _shard(file, record.header) for file, record in records.items()}
    first, *others = records
    for file in others:
        _check_agreement(first, records[first].header, file, records[file].header)
    _check_number(shards)
    _check_requirements([records[file].header for file in sorted(shards, key=shards.__getitem__)])
    _check_tool(records[first].header, ledger)


def _is_whole(record: Record) -> bool:
    return record.footer is not None and record.footer.complete


def _check_whole(file: Path, record: Record) -> None:
    if record.footer is None:
        raise UsageError(f"{file}: the record was cut off: it has no footer", hint=_RUN_AGAIN)
    if not record.footer.complete:
        raise UsageError(f"{file}: the run was not complete: {record.footer.reason}", hint=_RUN_AGAIN)


def _shard(file: Path, header: Header) -> Shard:
    if not header.shard:
        raise UsageError(
            f"{file} is no shard: its run judged all requirements that were selected",
            hint="Shards are made by `chatconform run --shard 1/5`, 2/5 and so on.",
        )
    return shard_from(header.shard)


def _check_agreement(first: Path, one: Header, file: Path, other: Header) -> None:
    found = next(disagreements(one, other), None)
    if found is not None:
        raise UsageError(
            f"{found.what} is {found.one} in {first} and {found.other} in {file}",
            hint="Shards of one run have all of that in common.",
        )


def _check_number(shards: Mapping[Path, Shard]) -> None:
    """Every number once, and none missing."""
    known: dict[Shard, Path] = {}
    for file, shard in shards.items():
        if shard in known:
            raise UsageError(f"{known[shard]} and {file} are both the shard {shard}")
        known[shard] = file
    (first, shard), *others = shards.items()
    for file, other in others:
        if other.of != shard.of:
            raise UsageError(f"{first} is the shard {shard} and {file} the shard {other}: of different runs")
    missing = [str(Shard(n, shard.of)) for n in range(1, shard.of + 1) if Shard(n, shard.of) not in known]
    if missing:
        raise UsageError(f"these shards are missing: {', '.join(missing)}")


def _check_requirements(ordered: Sequence[Header]) -> None:
    """The blocks have to be those of one selection."""
    together = [each for header in ordered for each in header.requirements]
    for header in ordered:
        if shard_from(header.shard).part(together) != header.requirements:
            raise UsageError(
                f"the shard {header.shard} has other requirements than its part of what all shards have",
                hint="The shards were run with different selections; run all with the same options.",
            )


def _check_tool(header: Header, ledger: Ledger) -> None:
    """What is judged again has to be judged as the shards judged it."""
    if header.tool != __version__:
        raise UsageError(
            f"the shards were run by chatconform {header.tool}, and this is {__version__}",
            hint="Merge them with the version that ran them.",
        )
    if header.ledger_digest != ledger.digest:
        raise UsageError(
            "the shards were judged by another ledger than that of this chatconform",
            hint="Merge them with the version that ran them.",
        )
    if header.contract_digest != load_contract().digest:
        raise UsageError(
            "the shards were held to another contract than this one",
            hint="Give the overlays of their target: --overlay FILE, in the same order.",
        )
