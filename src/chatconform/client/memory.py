"""What a run that was cut off has already been answered: looked up before anything is sent again.

Scenarios are deterministic by the seed and by what is answered, so a run that is begun again asks for the
same. What stands in the record of the run before is handed out instead of being sent, each exchange once.
What says nothing of its request is not: whatever met an ill target, had no answer, or lost its connection is
sent anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chatconform.client.probe import USER_AGENT
from chatconform.client.telling import CONTROLS, Place
from chatconform.client.transfer import Outgoing, closed_by_us
from chatconform.client.trouble import has_said_all, is_refusal
from chatconform.wire.exchange import BEFORE_THE_RUN, Exchange, FailureKind, Request
from chatconform.wire.redaction import Redactor
from chatconform.wire.url import without_userinfo

# What a client adds by itself when it sends; the names are those of what follows from URL and body.
_ADDED = frozenset({("accept", "*/*"), ("user-agent", USER_AGENT)})
_FOLLOWING = frozenset({"host", "content-length"})
# How an answer may have ended that stands all the same.
_STANDING = frozenset({FailureKind.ABORTED, FailureKind.TOO_LARGE, FailureKind.PROTOCOL})

# All that goes out, without secrets; attempts share nothing, and the calls before a run nothing with it.
_Key = tuple[bool, int, str, str, tuple[tuple[str, str], ...], bytes]


@dataclass(slots=True)
class _Answer:
    """An exchange whose answer stands, behind those that it repeats."""

    chain: tuple[Exchange, ...]
    is_used: bool = False

    @property
    def last(self) -> Exchange:
        return self.chain[-1]


class Memory:
    """The exchanges of runs that were cut off; its methods belong to one event loop at a time.

    `records` are their exchanges, record by record, that of the latest run first. What a later run had of an
    earlier one is kept once. `redactor` takes out what was taken out of the records.
    """

    def __init__(self, records: Iterable[Sequence[Exchange]], redactor: Redactor) -> None:
        self._redactor = redactor
        self._answers: dict[_Key, list[_Answer]] = {}
        self._sent: list[Exchange] = []
        self._handed_out: set[int] = set()
        met: set[tuple[float, float, bytes]] = set()
        for exchanges in records:
            fresh = [each for each in exchanges if _moment(each) not in met]
            met |= {_moment(each) for each in fresh}
            self._sent += [each for each in fresh if not _is_unsent(each)]
            for answer in _answers(fresh):
                key = _key(answer.last.request, place_of(answer.last))
                self._answers.setdefault(key, []).append(answer)

    @property
    def sent(self) -> tuple[Exchange, ...]:
        """What was sent to the target and is not handed out: it was paid for all the same."""
        return tuple(each for each in self._sent if id(each) not in self._handed_out)

    @property
    def answered(self) -> int:
        """How many requests are answered, without the calls before the run."""
        answers = (each for answers in self._answers.values() for each in answers)
        return sum(each.last.scenario != BEFORE_THE_RUN for each in answers)

    def controls(self) -> tuple[Exchange, ...]:
        """What showed in a run before that the target was well: nobody asks for it, and it is traffic too."""
        found = [each for each in self._sent if each.scenario == CONTROLS and _answers_well(each)]
        self._handed_out |= {id(each) for each in found}
        return tuple(found)

    def recall(
        self, outgoing: Outgoing, place: Place, *, is_own: bool = False, patience: bool = True
    ) -> tuple[Exchange, ...]:
        """The exchange that came of an equal request, behind those that it repeats; nothing if there is none.

        One that was sent from the same place is preferred; with `is_own` no other is taken. With `patience` a
        refusal is no answer, as it is waited out.
        """
        known = self._answers.get(_key(self._redacted(outgoing.request), place), [])
        fitting = [each for each in known if not each.is_used and _fits(each.last, outgoing, place, patience)]
        same = [each for each in fitting if place_of(each.last) == place]
        found = next(iter(same or ([] if is_own else fitting)), None)
        if found is None:
            return ()
        found.is_used = True
        self._handed_out |= {id(each) for each in found.chain}
        return tuple(
            replace(each, request=_with_secrets(each.request, outgoing.request)) for each in found.chain
        )

    def _redacted(self, request: Request) -> Request:
        """The request as a record would have it."""
        return Request(
            method=request.method.upper(),
            url=self._redactor.text(without_userinfo(request.url)),
            headers=self._redactor.own_headers(request.headers),
            body=self._redactor.data(request.body),
        )


def _answers(exchanges: Iterable[Exchange]) -> Iterator[_Answer]:
    known = {each.id: each for each in exchanges}
    for exchange in known.values():
        if _stands(exchange):
            yield _Answer(tuple(reversed(list(_repeated(exchange, known)))))


def _repeated(exchange: Exchange, known: dict[str, Exchange]) -> Iterator[Exchange]:
    """The exchange, the one that it repeats, and so on; a record may lack some, and say what it likes."""
    met: set[str] = set()
    each: Exchange | None = exchange
    while each is not None and each.id not in met:
        met.add(each.id)
        yield each
        each = known.get(each.retry_of) if each.retry_of else None


def _stands(exchange: Exchange) -> bool:
    """Whether what came answers the request, so that nobody has to ask again."""
    return exchange.scenario != CONTROLS and exchange.is_told and _answers_well(exchange)


def _answers_well(exchange: Exchange) -> bool:
    if exchange.sent_again or exchange.illness or exchange.response is None:
        return False
    failure = exchange.failure
    return failure is None or failure.kind in _STANDING or has_said_all(exchange)


def _fits(exchange: Exchange, outgoing: Outgoing, place: Place, patience: bool) -> bool:
    """Whether an exchange is what would come of sending, were the request the same."""
    if patience and is_refusal(exchange.response):
        return False
    bound = outgoing.stop_after_events
    if exchange.failure is not None and exchange.failure.kind is FailureKind.ABORTED:
        return bound is not None and exchange.failure.message == closed_by_us(bound)
    # An answer that ended before the bound does not show that there was one.
    return bound is None or place_of(exchange) == place


def _key(request: Request, place: Place) -> _Key:
    headers = sorted((name.lower(), value.strip()) for name, value in request.headers)
    told = tuple(pair for pair in headers if pair not in _ADDED and pair[0] not in _FOLLOWING)
    is_before = place.scenario == BEFORE_THE_RUN
    return is_before, place.attempt, request.method, request.url, told, request.body


def _with_secrets(recorded: Request, sent: Request) -> Request:
    """The request as it went out then: rules compare it with others, from which no secret was taken out."""
    values: dict[str, list[str]] = {}
    for name, value in sent.headers:
        values.setdefault(name.lower(), []).append(value)
    headers = ((name, (values.get(name.lower()) or [value]).pop(0)) for name, value in recorded.headers)
    return replace(recorded, url=without_userinfo(sent.url), headers=tuple(headers), body=sent.body)


def place_of(exchange: Exchange) -> Place:
    """Where an exchange belonged."""
    return Place(scenario=exchange.scenario, path=exchange.path, attempt=exchange.attempt, step=exchange.step)


def _moment(exchange: Exchange) -> tuple[float, float, bytes]:
    return exchange.started, exchange.elapsed, exchange.request.body


def _is_unsent(exchange: Exchange) -> bool:
    return exchange.failure is not None and exchange.failure.kind is FailureKind.NOT_SENT
