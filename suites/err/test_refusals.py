"""Refusals: an unknown model, the member that is to blame, and the same outcome in both forms."""

from __future__ import annotations

from collections.abc import Iterable

from chatconform.suite import (
    Exchange,
    Observation,
    Play,
    at_body,
    at_status,
    check,
    expect,
    provoked,
)
from chatconform.suites.req.defects import (
    DEFECTS,
    EMPTY_MESSAGES,
    FIVE_STOPS,
    FOREIGN_MODEL,
    NO_MESSAGES,
    NO_MODEL,
    OUTSIDE,
    TOO_HOT,
    WRONG_TYPES,
    Defect,
    streamed_step,
)
from chatconform.suites.req.refusing import accepted_control, is_refused
from chatconform.suites.req.scenarios import defects, outside_ranges, wrong_types
from chatconform.suites.wire import error_in, expect_error_object, measured

UNKNOWN_MODEL = {404: "not-found-404", 400: "bad-request-400", 403: "forbidden-403", 422: "bad-request-400"}
BLAMED = (TOO_HOT, FIVE_STOPS, EMPTY_MESSAGES, NO_MESSAGES, NO_MODEL)
ENOUGH_BLAMED = 3


@check("CC-ERR-003", defects)
def test_an_unknown_model_answers_404(play: Play) -> Observation:
    """An unknown model answers 404 (400 and 403 are recorded), plain and streamed; never 200 or 5xx."""
    accepted_control(play)
    seen = {}
    for step in (FOREIGN_MODEL.name, streamed_step(FOREIGN_MODEL.name)):
        response, exchange = measured(play, step), play[step]
        expect(
            response.status in UNKNOWN_MODEL, "status 404", came=str(response.status), at=at_status(exchange)
        )
        expect_error_object(exchange)
        seen[UNKNOWN_MODEL[response.status]] = str(error_in(exchange).get("code"))
    return Observation(topic="unknown-model", camp="+".join(sorted(seen)))


@check("CC-ERR-004", defects)
def test_a_validation_error_names_the_parameter(play: Play) -> None:
    """`error.param` is the member at fault in at least three refusals, or in all if fewer were refused."""
    accepted_control(play)
    refused = [(defect, play[defect.name]) for defect in BLAMED if is_refused(play, defect.name)]
    provoked(refused, "none of the bad requests was refused")
    named = [exchange for defect, exchange in refused if _names(exchange, defect)]
    enough = min(ENOUGH_BLAMED, len(refused))
    expect(
        len(named) >= enough,
        f"error.param to name the member at fault in {enough} of {len(refused)} refusals",
        came=", ".join(
            f"{error_in(exchange).get('param')!r} for {defect.param} ({defect.name})"
            for defect, exchange in refused
        ),
        at=tuple(at_body(exchange) for _, exchange in refused if exchange not in named),
    )


def _names(exchange: Exchange, defect: Defect) -> bool:
    param = error_in(exchange).get("param")
    # `messages`, `messages[0].role`, `body.messages` and `$.messages` all name it.
    return isinstance(param, str) and defect.param in param


@check("CC-ERR-008", defects)
def test_both_forms_refuse_the_same_defects(play: Play) -> None:
    """The same bad request has the same status and code whether it asks for a stream or not."""
    _expect_parity(play, DEFECTS, "of the requests with a member missing or foreign")


@check("CC-ERR-008", wrong_types)
def test_both_forms_refuse_the_same_types(play: Play) -> None:
    """The same wrong type has the same status and code whether the request asks for a stream or not."""
    judged = (defect for defect in WRONG_TYPES if "stream" not in defect.members)
    _expect_parity(play, judged, "of the wrong types")


@check("CC-ERR-008", outside_ranges)
def test_both_forms_refuse_the_same_ranges(play: Play) -> None:
    """The same number out of range has the same status and code in both forms."""
    _expect_parity(play, OUTSIDE, "of the numbers out of range")


def _expect_parity(play: Play, wrong: Iterable[Defect], which: str) -> None:
    judged = 0
    for defect in wrong:
        plain, streamed = play[defect.name], play[streamed_step(defect.name)]
        refused = is_refused(play, plain.step), is_refused(play, streamed.step)
        if not any(refused):
            continue
        judged += 1
        outcomes = [
            (measured(play, each.step).status, error_in(each).get("code")) for each in (plain, streamed)
        ]
        expect(
            outcomes[0] == outcomes[1],
            f"{outcomes[0][0]} with code {outcomes[0][1]!r} as in the plain form",
            came=f"{outcomes[1][0]} with code {outcomes[1][1]!r}",
            at=(at_status(streamed), at_status(plain)),
        )
    provoked(judged, f"none {which} was refused in either form")
