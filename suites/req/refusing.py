"""Telling a refusal of one defect from a refusal of everything."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chatconform.suite import (
    Exchange,
    Json,
    Play,
    at_body,
    at_status,
    expect,
    provoked,
)
from chatconform.suites.forms import request_body, response_body
from chatconform.suites.req.defects import Defect, Group, streamed_step
from chatconform.suites.wire import as_list, as_object, error_in, measured

# FastAPI's default for what cannot be validated; clients treat both alike.
REFUSED = frozenset({400, 422})
LONGEST_WORD = 60


def accepted_control(play: Play, control: str = "control") -> None:
    """Leave the check inconclusive unless the same request without any defect was answered."""
    accepted = play.response(control).status == 200
    provoked(accepted, "the good request is not served either", at=at_status(play[control]))


def is_refused(play: Play, step: str) -> bool:
    """Whether a step was answered with a 4xx other than 429."""
    return 400 <= play.response(step).status < 500 and play.response(step).status != 429


def expect_refused(play: Play, step: str, *, told: str = "", statuses: frozenset[int] = REFUSED) -> None:
    """Break the rule unless a step was refused with one of the statuses."""
    response, exchange = measured(play, step), play[step]
    expect(
        response.status in statuses,
        f"{_told(statuses)} to {told or repr(step)}",
        came=str(response.status),
        at=at_status(exchange),
    )


def sent_steps(play: Play, defect: Defect, group: Group | None = None) -> tuple[str, ...]:
    """The steps that tell of a defect: those in which it was sent alone, else the one of its group.

    Leaves the check inconclusive where the good request was not served in the same form.
    """
    steps = tuple(step for step in defect.steps if play.has(step))
    if not steps:
        provoked(group is None or defect in group.core, f"{defect.told} was not sent")
        steps = (group.step if group else defect.step,)
    for step in steps:
        streamed = request_body(play[step]).get("stream") is True
        accepted_control(play, "control-streamed" if streamed else "control")
    return steps


def expect_each_refused(play: Play, defects: Iterable[Defect], group: Group | None = None) -> None:
    """Break the rule unless every defect that was sent was refused; tells of all that were not."""
    outcomes = [
        (defect, step) for defect in _sent(play, defects, group) for step in sent_steps(play, defect, group)
    ]
    provoked(outcomes, "none of these bad requests was sent")
    others = [(defect, step) for defect, step in outcomes if measured(play, step).status not in REFUSED]
    expect(
        not others,
        f"{_told(REFUSED)} to {' and to '.join(dict.fromkeys(defect.told for defect, _ in outcomes))}",
        came=" and ".join(_outcome(play, defect, step) for defect, step in others),
        at=tuple(at_status(play[step]) for _, step in others),
    )


def _sent(play: Play, defects: Iterable[Defect], group: Group | None) -> list[Defect]:
    """Those that were sent: alone, or as a core defect of the group."""
    core = group.core if group else ()
    return [each for each in defects if group is None or each in core or any(map(play.has, each.steps))]


def _outcome(play: Play, defect: Defect, step: str) -> str:
    forms = {defect.name: "plain", streamed_step(defect.name): "streamed"}
    return f"{play.response(step).status} to {defect.told}, {forms.get(step, 'beside others')}"


def _told(statuses: frozenset[int]) -> str:
    return f"status {' or '.join(str(status) for status in sorted(statuses))}"


def expect_named(play: Play, step: str, member: str) -> None:
    """Break the rule unless the refusal of a step names a member."""
    exchange = play[step]
    expect(
        names(exchange, member),
        f"an error that names {member}",
        came=error_in(exchange),
        at=at_body(exchange),
    )


def names(exchange: Exchange, member: str) -> bool:
    """Whether a refusal names a member as a word of its own: in its parameter, its code or its message."""
    # A line feed that was written as an escape is no parameter `n`.
    word = re.compile(rf"(?<![\w\\]){re.escape(member)}(?!\w)", re.IGNORECASE)
    return any(word.search(text) for text in _texts(exchange))


def _texts(exchange: Exchange) -> list[str]:
    body = response_body(exchange)
    error = body.get("error", body)
    if not isinstance(error, dict):
        return [str(error)]
    return [
        *(str(error.get(key) or "") for key in ("param", "code", "message")),
        *_details(error.get("detail")),
    ]


def _details(detail: Json) -> list[str]:
    """What a list of faults says of each, without the input that it repeats."""
    if not isinstance(detail, list):
        return [str(detail or "")]
    return [f"{as_list(each.get('loc'))} {each.get('msg')}" for each in map(as_object, detail)]


def word_of(value: Json) -> str:
    """A word of the target's vocabulary as an observation can keep it."""
    return (
        value if isinstance(value, str) and 0 < len(value) <= LONGEST_WORD else "other" if value else "none"
    )
