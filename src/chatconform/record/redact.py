"""Rows without secrets: everything that a target, a user or a scenario wrote into them is searched."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, pairwise

from chatconform.findings.reception import Difference, Reception, Standing
from chatconform.findings.verdict import Evidence, Judgement, Observation
from chatconform.record.rows import Footer, Header, PlayRow, Row
from chatconform.wire.exchange import Exchange, Failure, Request, Response
from chatconform.wire.redaction import Redactor
from chatconform.wire.stream import Arrival


def redacted(row: Row, redactor: Redactor) -> Row:  # noqa: PLR0911 - one a kind
    """The row without secrets."""
    match row:
        case Header():
            return _header(row, redactor)
        case Exchange():
            return redacted_exchange(row, redactor)
        case PlayRow():
            return _play(row, redactor)
        case Judgement():
            return redacted_judgement(row, redactor)
        case Reception():
            return _reception(row, redactor)
        case Standing():
            return replace(row, reason=redactor.text(row.reason))
        case Footer():
            return replace(row, reason=redactor.text(row.reason))


def _header(header: Header, redactor: Redactor) -> Header:
    target = header.target
    return replace(
        header,
        target=replace(target, url=redactor.text(target.url), model=redactor.text(target.model)),
        command=tuple(map(redactor.text, header.command)),
        seed=redactor.text(header.seed),
    )


def redacted_exchange(exchange: Exchange, redactor: Redactor) -> Exchange:
    """An exchange without secrets."""
    return replace(
        exchange,
        request=redacted_request(exchange.request, redactor),
        response=_response(exchange.response, redactor) if exchange.response else None,
        failure=_failure(exchange.failure, redactor) if exchange.failure else None,
        illness=redactor.text(exchange.illness),
    )


def _play(play: PlayRow, redactor: Redactor) -> PlayRow:
    return replace(
        play,
        notes={redactor.text(name): redactor.text(value) for name, value in play.notes.items()},
        ended=redactor.text(play.ended),
        error=redactor.text(play.error),
    )


def redacted_judgement(judgement: Judgement, redactor: Redactor) -> Judgement:
    """A judgement without secrets."""
    return replace(
        judgement,
        reason=redactor.text(judgement.reason),
        expected=redactor.text(judgement.expected),
        came=redactor.text(judgement.came),
        evidence=tuple(_evidence(each, redactor) for each in judgement.evidence),
        observations=tuple(_observation(each, redactor) for each in judgement.observations),
        bug=redactor.text(judgement.bug),
    )


def _reception(reception: Reception, redactor: Redactor) -> Reception:
    return replace(
        reception,
        differences=tuple(_difference(each, redactor) for each in reception.differences),
        error=redactor.text(reception.error),
    )


def _difference(difference: Difference, redactor: Redactor) -> Difference:
    return replace(difference, wire=redactor.text(difference.wire), client=redactor.text(difference.client))


def _evidence(evidence: Evidence, redactor: Redactor) -> Evidence:
    return replace(evidence, where=redactor.text(evidence.where), quoted=redactor.text(evidence.quoted))


def _observation(observation: Observation, redactor: Redactor) -> Observation:
    return replace(observation, camp=redactor.text(observation.camp))


def redacted_request(request: Request, redactor: Redactor) -> Request:
    """A request without secrets."""
    return replace(
        request,
        method=redactor.text(request.method),
        url=redactor.text(request.url),
        headers=redactor.own_headers(request.headers),
        body=redactor.data(request.body),
    )


def _response(response: Response, redactor: Redactor) -> Response:
    ends = list(accumulate(arrival.size for arrival in response.arrivals))
    raw, moved = redactor.data_with_cuts(response.raw, ends)
    sizes = [end - start for start, end in pairwise((0, *moved))]
    return replace(
        response,
        reason=redactor.text(response.reason),
        headers=redactor.headers(response.headers),
        raw=raw,
        arrivals=tuple(
            Arrival(at=arrival.at, size=size) for arrival, size in zip(response.arrivals, sizes, strict=True)
        ),
    )


def _failure(failure: Failure, redactor: Redactor) -> Failure:
    return replace(failure, message=redactor.text(failure.message))
