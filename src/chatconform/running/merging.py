"""Puts the records of shards together: one record, as if one run had judged all requirements.

What a shard found by experiments stands. What was judged of all its traffic (invariants and surveys) is
judged again, of the traffic of all shards: an id may be new in each shard, and yet come twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from chatconform.findings.reception import DoorCount, Outcome, Standing
from chatconform.findings.verdict import Judgement
from chatconform.judging.check import OfTraffic
from chatconform.ledger import Ledger
from chatconform.record import Footer, Header, Record, Tokens
from chatconform.record.renaming import renamed
from chatconform.record.tally import Tally
from chatconform.running.catalogue import all_checks
from chatconform.running.rejudging import judge_traffic_again
from chatconform.running.shard import shard_from
from chatconform.wire.exchange import sent_by


def merged(shards: Iterable[Record], ledger: Ledger, *, command: tuple[str, ...]) -> Record:
    """One record of all shards, which have to belong together and be complete (`running.gathering`).

    Its exchanges have the ids of their shards with the number of the shard behind: `x0012@3`.
    """
    ordered = sorted(shards, key=_number)
    apart = [renamed(shard, partial(sent_by, _number(shard))) for shard in ordered]
    together = Record(
        header=_header([shard.header for shard in apart], command),
        plays=tuple(chain(*(shard.plays for shard in apart))),
        exchanges=tuple(chain(*(shard.exchanges for shard in apart))),
        judgements=(),
        footer=None,
        receptions=tuple(chain(*(shard.receptions for shard in apart))),
        standings=_summed(chain(*(shard.standings for shard in apart))),
    )
    of_traffic = {made.id for made in all_checks() if isinstance(made, OfTraffic)}
    stand = [each for shard in apart for each in shard.judgements if each.check not in of_traffic]
    again = judge_traffic_again(together, ledger, together.header.requirements)
    judgements = (*stand, *again)
    footers = [shard.footer for shard in apart if shard.footer is not None]
    return replace(together, judgements=judgements, footer=_footer(footers, judgements))


def _number(shard: Record) -> int:
    return shard_from(shard.header.shard).number


def _header(headers: Sequence[Header], command: tuple[str, ...]) -> Header:
    """The first shard's header with the requirements of all."""
    return replace(
        headers[0],
        shard="",
        requirements=tuple(chain(*(header.requirements for header in headers))),
        resumed=tuple(sorted(set(chain(*(header.resumed for header in headers))))),
        started=min(header.started for header in headers),
        command=command,
    )


def _footer(footers: Sequence[Footer], judgements: Iterable[Judgement]) -> Footer:
    tally = Tally()
    for judgement in judgements:
        tally.judgement(judgement)
    return Footer(
        finished=max(footer.finished for footer in footers),
        wall=max(footer.wall for footer in footers),
        requests=sum(footer.requests for footer in footers),
        tokens=Tokens(
            prompt=sum(footer.tokens.prompt for footer in footers),
            completion=sum(footer.tokens.completion for footer in footers),
        ),
        verdicts=tally.verdicts,
        complete=True,
    )


def _summed(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """How clients did in all shards together, one standing for each version of a client."""
    together: dict[tuple[str, str], Standing] = {}
    for each in standings:
        key = each.client, each.version
        together[key] = _sum(together[key], each) if key in together else each
    return tuple(together.values())


def _sum(one: Standing, other: Standing) -> Standing:
    counts: dict[str, Counter[Outcome]] = {}
    for door in (*one.doors, *other.doors):
        counts.setdefault(door.door, Counter()).update(door.outcomes)
    return replace(
        one,
        doors=tuple(DoorCount(door=door, outcomes=dict(count)) for door, count in counts.items()),
        unheard=one.unheard + other.unheard,
        reason=other.reason or one.reason,
    )
