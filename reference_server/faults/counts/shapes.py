"""Faults in token counts by themselves: missing, of a wrong type, without a sum."""

from __future__ import annotations

from typing import Any

from chatconform.reference_server.faults.alterations.chunkwise import where, with_usage
from chatconform.reference_server.faults.alterations.counting import FORMS, Recount, Usage, counts, usage
from chatconform.reference_server.faults.alterations.making import Edit, completion, edited
from chatconform.reference_server.faults.alterations.members import Place, Row
from chatconform.reference_server.faults.alterations.paths import asks_plainly, is_plain
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked

fault = family(Aspect.USAGE)


def _of_usage(change: Edit) -> Edit:
    def edit(holder: Any) -> None:
        holder["usage"] = edited(holder["usage"], change)

    return edit


def _details_of(whole: str) -> Any:
    def alter(change: Edit) -> Alteration:
        def edit(told: Usage, _: Asked) -> None:
            told[f"{whole}_details"] = edited(told[f"{whole}_details"], change)

        return usage(edit)

    return alter


_COMPLETION = Place(id="completion", told="a completion", alter=completion, declare=fault)
_COUNTS = Place(
    id="usage",
    told="a completion's usage",
    alter=lambda edit: completion(_of_usage(edit)),
    declare=fault,
)
_STREAMED = Place(
    id="streamed-usage",
    told="a stream's usage",
    alter=lambda edit: where(with_usage, _of_usage(edit)),
    declare=fault,
)
_PROMPT = Place(
    id="details", told="the details of the prompt", alter=_details_of("prompt_tokens"), declare=fault
)
_WRITTEN = Place(
    id="details", told="the details of the completion", alter=_details_of("completion_tokens"), declare=fault
)
_NO_USAGE = "missing null list text object"
_BOTH = "prompt_tokens completion_tokens"
_NEGATIVE = {
    "CC-USAGE-002": "the total is the sum of other counts",
    "CC-USAGE-007": "the other form counts otherwise",
    "CC-USAGE-008": "what was cached is more",
    "CC-USAGE-009": "what was reasoned is more",
}
_NO_USAGE_AT_ALL = {"CC-USAGE-004": "without one of its counts it is no usage"}
_ZERO = {
    "CC-USAGE-003": "nothing is counted for several choices",
    "CC-USAGE-007": "the other form counts otherwise",
    "CC-USAGE-014": "what is zero does not grow",
}
_NO_SUM = {"CC-USAGE-002": "no sum can be made of it"}


def _setting(**numbers: Any) -> Recount:
    return lambda told, _: told.update(numbers)


def _adding(name: str, number: int) -> Recount:
    def change(told: Usage, _: Asked) -> None:
        told[name] += number

    return change


def _plain_question(asked: Asked) -> bool:
    return is_plain(asked) and asks_plainly(asked)


def _hidden_in_the_total(told: Usage, _: Asked) -> None:
    told["total_tokens"] += 40


ALL: tuple[Fault, ...] = (
    *_COMPLETION.faults(
        (Row(members="usage", values="missing null list text object", kills="CC-USAGE-001"),)
    ),
    *_COUNTS.faults(
        (
            Row(
                members=_BOTH,
                values="missing null text fraction boolean",
                kills="CC-USAGE-001",
                collateral=_NO_SUM,
            ),
            Row(members=_BOTH, values="negative", kills="CC-USAGE-001", collateral=_NEGATIVE),
            Row(members="total_tokens", values="missing text", kills="CC-USAGE-001 CC-USAGE-002"),
        )
    ),
    *_STREAMED.faults(
        (
            Row(
                members=_BOTH,
                values="missing text fraction",
                kills="CC-STREAM-024",
                collateral={**_NO_SUM, **_NO_USAGE_AT_ALL},
            ),
            Row(members=_BOTH, values="negative", kills="CC-STREAM-024", collateral=_NEGATIVE),
            Row(
                members="total_tokens",
                values="missing null",
                kills="CC-USAGE-002 CC-STREAM-024",
                collateral=_NO_USAGE_AT_ALL,
            ),
        )
    ),
    *_PROMPT.faults((Row(members="cached_tokens", values="text fraction negative", kills="CC-USAGE-010"),)),
    *_WRITTEN.faults(
        (Row(members="reasoning_tokens", values="text fraction negative list", kills="CC-USAGE-010"),)
    ),
    *(
        fault(
            f"{whole.replace('_', '-')}-details-{word}",
            f"The details of {whole} are {told} instead of an object.",
            usage(_setting(**{f"{whole}_details": value})),
            kills="CC-USAGE-010",
        )
        for whole in ("prompt_tokens", "completion_tokens")
        for word, told, value in (("number", "a number", 0), ("list", "a list", []))
    ),
    *(
        fault(
            f"{form}-total-{word}",
            f"The total_tokens of {told} {how}.",
            usage(change, when),
            kills="CC-USAGE-002",
        )
        for form, told, when in FORMS
        for word, how, change in (
            ("too-low", "is one too low", _adding("total_tokens", -1)),
            ("with-hidden-reasoning", "counts tokens that no other count has", _hidden_in_the_total),
        )
    ),
    *(
        fault(
            f"{name.replace('_', '-')}-zero",
            f"The {name} of a completion are zero.",
            counts(_setting(**{name: 0}), _plain_question),
            kills="CC-USAGE-001",
            collateral=_ZERO,
        )
        for name in ("prompt_tokens", "completion_tokens")
    ),
)
