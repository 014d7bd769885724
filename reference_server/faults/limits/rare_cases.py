"""Limits and stop strings of the rarer kinds, which only a run that sends every case meets."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.asked_for import below, is_number, is_text, member
from chatconform.reference_server.faults.alterations.asks import both
from chatconform.reference_server.faults.alterations.making import crash, dropping, model_body, request_body
from chatconform.reference_server.faults.alterations.paths import is_plain
from chatconform.reference_server.faults.consequences.calls import FAILED, FAILED_AT_BAD
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.limits.ignored import NAMES, NEWER, OLDER, TOO_MANY
from chatconform.reference_server.faults.limits.odd import added, limited, too_long
from chatconform.reference_server.seams import Asked

fault = family(Aspect.PARAMETERS, Aspect.REFUSALS, Aspect.FINISH, Aspect.TEXT, thorough=True)


def _is_smaller_by_the_older_name(asked: Asked) -> bool:
    older, newer = asked.body.get(OLDER), asked.body.get(NEWER)
    return asked.is_chat and is_number(older) and is_number(newer) and bool(older < newer)  # type: ignore[operator]


ALL: tuple[Fault, ...] = (
    fault(
        "empty-list-of-stops-crashes",
        "`stop: []` answers 500.",
        crash(member("stop", lambda value: value == [])),
        kills="CC-STOP-003",
        collateral=FAILED_AT_BAD,
    ),
    fault(
        "empty-stop-string-crashes",
        "An empty stop string answers 500.",
        crash(member("stop", lambda value: value == "")),
        kills="CC-STOP-003",
        collateral=FAILED,
    ),
    fault(
        "negative-limit-crashes",
        "A negative limit answers 500.",
        crash(limited(below(0))),
        kills="CC-LIMIT-004",
        collateral=FAILED_AT_BAD,
    ),
    fault(
        "fraction-of-a-limit-crashes",
        "A limit with a fraction answers 500.",
        crash(limited(lambda value: isinstance(value, float))),
        kills="CC-LIMIT-004",
        collateral=FAILED_AT_BAD,
    ),
    fault(
        "limit-as-text-ignored",
        "A limit that is a string is ignored.",
        request_body(dropping(*NAMES), limited(is_text)),
        kills="CC-LIMIT-004",
    ),
    fault(
        "limits-added-where-the-older-is-smaller",
        "Of two limits the sum applies, where that of the older name is the smaller one.",
        model_body(added, _is_smaller_by_the_older_name),
        kills="CC-LIMIT-006",
        collateral=TOO_MANY,
    ),
    fault(
        "long-prompt-crashes-plain",
        "A prompt over the context answers 500 where no stream is asked for.",
        crash(both(is_plain, too_long)),
        kills="CC-LIMIT-007",
        collateral={**FAILED, "CC-HTTP-009": "a body beyond every bound has a long prompt"},
    ),
)
