"""Telling a refusal of one defect from a refusal of everything."""

from __future__ import annotations

from collections.abc import Iterable

from chatconform.suite import Play, at_status, expect, provoked
from chatconform.suites.req.defects import Defect, streamed_step
from chatconform.suites.wire import expect_error_object, measured

# FastAPI's default for what cannot be validated; clients treat both alike.
REFUSED = frozenset({400, 422})


def accepted_control(play: Play) -> None:
    """Leave the check inconclusive unless the same request without any defect was answered."""
    accepted = play.response("control").status == 200
    provoked(accepted, "the good request is not served either", at=at_status(play["control"]))


def is_refused(play: Play, step: str) -> bool:
    """Whether a step was answered with a 4xx other than 429."""
    return 400 <= play.response(step).status < 500 and play.response(step).status != 429


def expect_refused(play: Play, step: str, *, told: str = "", statuses: frozenset[int] = REFUSED) -> None:
    """Break the rule unless a step was refused with one of the statuses and an error object."""
    response, exchange = measured(play, step), play[step]
    expect(
        response.status in statuses,
        f"{_told(statuses)} to {told or repr(step)}",
        came=str(response.status),
        at=at_status(exchange),
    )
    expect_error_object(exchange)


def expect_all_refused(play: Play, wrong: Iterable[Defect]) -> None:
    """Break the rule unless every defect was refused with an error object; tells of all that were not."""
    defects = tuple(wrong)
    others = [defect for defect in defects if measured(play, defect.name).status not in REFUSED]
    expect(
        not others,
        f"{_told(REFUSED)} to each of {len(defects)} bad requests",
        came=", ".join(f"{play.response(defect.name).status} to {defect.told}" for defect in others),
        at=tuple(at_status(play[defect.name]) for defect in others),
    )
    for defect in defects:
        expect_error_object(play[defect.name])


def _told(statuses: frozenset[int]) -> str:
    return f"status {' or '.join(str(status) for status in sorted(statuses))}"


def expect_both_refused(play: Play, defect: Defect) -> None:
    """Break the rule unless a defect was refused plain and streamed, where the good request was answered."""
    accepted_control(play)
    steps = {defect.name: "plain", streamed_step(defect.name): "streamed"}
    others = [step for step in steps if measured(play, step).status not in REFUSED]
    expect(
        not others,
        f"{_told(REFUSED)} to {defect.name}, plain and streamed",
        came=" and ".join(f"{play.response(step).status} {steps[step]}" for step in others),
        at=tuple(at_status(play[step]) for step in others),
    )
    for step in steps:
        expect_error_object(play[step])
