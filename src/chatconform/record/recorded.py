"""The plays of a run record, for whoever judges them again: nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable

from chatconform.errors import Unrecorded
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey
from chatconform.record.rows import Record
from chatconform.wire.exchange import BEFORE_THE_RUN, Exchange


class RecordedPlays:
    """Stands where a conductor stands in a run."""

    def __init__(self, record: Record) -> None:
        self._plays = {PlayKey(play.scenario, play.path.name, play.attempt): play for play in record.plays}
        during = (each for each in record.exchanges if each.scenario != BEFORE_THE_RUN)
        self._traffic = tuple(sorted(during, key=lambda exchange: exchange.started))

    def begin(self, keys: Iterable[PlayKey]) -> None:
        """Everything has been performed."""

    def play(self, key: PlayKey) -> Play:
        """A play that was recorded; raises `Unrecorded` for any other."""
        if key not in self._plays:
            raise Unrecorded(f"the record has no play of {key.scenario} ({key.path}, attempt {key.attempt})")
        return self._plays[key]

    def traffic(self) -> tuple[Exchange, ...]:
        """Every exchange of the run."""
        return self._traffic

    def again(self, exchange: str, number: int) -> Exchange:
        """Nothing is sent: what was sent again stands in the traffic."""
        raise Unrecorded(f"the record has no answer {number} times after {exchange}")
