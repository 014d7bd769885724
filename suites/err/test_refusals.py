"""Refusals: an unknown model, the member that is to blame, and the same outcome in both forms."""

from __future__ import annotations

from collections.abc import Iterable

from chatconform.suite import Exchange, Observation, Play, at_body, at_status, check, expect, provoked
from chatconform.suites.err.scenarios import refusals
from chatconform.suites.req.defects import (
    DEFECTS,
    EMPTY_MESSAGES,
    FOREIGN_MODEL,
    FOREIGN_PART,
    INVENTED_ROLE,
    MEMBERS,
    NO_MESSAGES,
    NO_MODEL,
    OUTSIDE,
    TEMPERATURE_WORD,
    TOO_HOT,
    WRONG_TYPES,
    Defect,
    Group,
    streamed_step,
)
from chatconform.suites.req.refusing import is_refused, names, sent_steps
from chatconform.suites.req.scenarios import defects
from chatconform.suites.wire import error_in, measured

UNKNOWN_MODEL = {404: "not-found-404", 400: "bad-request-400", 403: "forbidden-403", 422: "bad-request-400"}
BLAMED = (EMPTY_MESSAGES, NO_MESSAGES, NO_MODEL, TEMPERATURE_WORD, TOO_HOT)
ENOUGH_BLAMED = 3
# By these words a message may tell which part of a conversation it means.
WORDS = {
    INVENTED_ROLE.name: ("banana",),
    FOREIGN_PART.name: ("type", "hologram", "part"),
}


@check("CC-ERR-003", defects)
def test_an_unknown_model_answers_404(play: Play) -> Observation:
    """An unknown model answers 404 (400 and 403 are recorded), plain and streamed; never 200 or 5xx."""
    seen = {}
    for step in sent_steps(play, FOREIGN_MODEL):
        response, exchange = measured(play, step), play[step]
        expect(
            response.status in UNKNOWN_MODEL, "status 404", came=str(response.status), at=at_status(exchange)
        )
        seen[UNKNOWN_MODEL[response.status]] = str(error_in(exchange).get("code"))
    return Observation(topic="unknown-model", camp="+".join(sorted(seen)))


@check("CC-ERR-020", defects)
def test_an_unknown_model_is_called_so(play: Play) -> None:
    """The error to an unknown model names `model`, or the model that was asked for."""
    for step in sent_steps(play, FOREIGN_MODEL):
        provoked(is_refused(play, step), "an unknown model is not refused", at=at_status(play[step]))
        words = ("model", "model_not_found", f"nope-{play.note('unknown-model').lower()}")
        named = any(names(play[step], word) for word in words)
        expect(named, "an error that names the model", came=error_in(play[step]), at=at_body(play[step]))


@check("CC-ERR-004", refusals)
def test_a_validation_error_names_the_parameter(play: Play) -> None:
    """`error.param` is the member at fault in at least three refusals, or in all if fewer were refused."""
    # Of a defect that was sent in both forms one refusal is enough.
    refused = list({defect.name: (defect, exchange) for defect, exchange in _refused(play, BLAMED)}.values())
    provoked(refused, "none of the bad requests was refused")
    named = [exchange for defect, exchange in refused if _in_param(exchange, defect)]
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


def _in_param(exchange: Exchange, defect: Defect) -> bool:
    param = error_in(exchange).get("param")
    if not isinstance(param, str):
        return False
    # `messages`, `messages[0].role`, `body.messages` and `$.messages` all name it; of the defects that were
    # sent in one request any one may be blamed.
    group = next((each for each in (WRONG_TYPES, OUTSIDE) if each.step == exchange.step), None)
    return any(each.param in param for each in (group.core if group else (defect,)))


@check("CC-ERR-017", refusals)
def test_a_refusal_tells_what_is_wrong(play: Play) -> None:
    """The param, the code or the message of every refusal of a bad member names the member."""
    judged = (EMPTY_MESSAGES, INVENTED_ROLE, FOREIGN_PART, *WRONG_TYPES.defects, *OUTSIDE.defects)
    refused = _refused(play, judged)
    provoked(refused, "none of the bad requests was refused")
    silent = [(defect, exchange) for defect, exchange in refused if not _told(exchange, defect)]
    expect(
        not silent,
        "an error that names the member at fault",
        came=", ".join(f"none of {defect.param} to {defect.told}" for defect, _ in silent),
        at=tuple(at_body(exchange) for _, exchange in silent),
    )


def _told(exchange: Exchange, defect: Defect) -> bool:
    return any(names(exchange, word) for word in (*WORDS.get(defect.name, ()), *defect.members, defect.param))


def _refused(play: Play, wrong: Iterable[Defect]) -> list[tuple[Defect, Exchange]]:
    """The defects that were sent and refused, each with an exchange that tells of it."""
    found = []
    for defect in wrong:
        group = _group_of(defect)
        beside_others = group is not None and defect in group.core and play.has(group.step)
        if beside_others or any(map(play.has, defect.steps)):
            steps = sent_steps(play, defect, group)
            found += [(defect, play[step]) for step in steps if is_refused(play, step)]
    return found


def _group_of(defect: Defect) -> Group | None:
    return next((group for group in (WRONG_TYPES, OUTSIDE) if defect in group.defects), None)


@check("CC-ERR-008", defects)
def test_both_forms_refuse_the_same_defects(play: Play) -> None:
    """The same bad request has the same status and code whether it asks for a stream or not."""
    _expect_parity(play, DEFECTS)


@check("CC-ERR-008", refusals)
def test_both_forms_refuse_the_same_members(play: Play) -> None:
    """The same bad member has the same status and code in both forms, wherever both were sent."""
    _expect_parity(play, (NO_MESSAGES, *MEMBERS, *WRONG_TYPES.defects, *OUTSIDE.defects))


def _expect_parity(play: Play, wrong: Iterable[Defect]) -> None:
    judged = 0
    for defect in wrong:
        if not all(map(play.has, (defect.name, streamed_step(defect.name)))):
            continue
        sent_steps(play, defect)
        plain, streamed = play[defect.name], play[streamed_step(defect.name)]
        if not any((is_refused(play, plain.step), is_refused(play, streamed.step))):
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
    provoked(judged, "no bad request was refused that was sent in both forms")
