"""Each check of the cont suite passes on the reference server, and fails on the defect that it is for."""

from __future__ import annotations

from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.ledger import load_ledger
from chatconform.tests.support.plays import (
    AnyCheck,
    Edit,
    Theatre,
    at,
    changed,
    check_named,
    checks_of,
    choices_in,
    counting,
    ending,
    saying,
)

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
LATER = ("after-tool-result", "after-tool-result-streamed", "later-turn", "later-turn-streamed")
LONG_TEXT = "The keeper climbed the stairs of the lighthouse again and looked out over the grey sea. " * 5


# What a gateway forwards is judged where there is an upstream, in test_suite_gate.
WITHOUT_UPSTREAM = [
    each
    for each in checks_of("cont")
    if "recording-upstream" not in load_ledger()[each.values[0].requirement].declared_needs
]


@pytest.mark.parametrize(("made", "path"), WITHOUT_UPSTREAM)
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    judgement = theatre.judge(made, path)

    assert judgement.verdict is PASS, judgement.reason


def without_logprobs(document: Any) -> None:
    """The log probabilities are null."""
    for choice in choices_in(document):
        choice["logprobs"] = None


def one_choice(document: Any) -> None:
    """Only the first choice is left."""
    for holder in document if isinstance(document, list) else [document]:
        holder["choices"] = [choice for choice in holder["choices"] if choice["index"] == 0]


def in_turn(first: Edit, second: Edit) -> Edit:
    """Two edits, one after the other."""
    return lambda exchange: second(first(exchange))


def in_both_forms(check: str, edit: Edit, verdict: Verdict) -> list[tuple[str, str, Edit, Verdict]]:
    return [(check, path, edit, verdict) for path in ("plain", "streamed")]


# That each parameter is missed where it is dropped is shown in test_suite_parameters.
LIMITED, NARROW = "max_completion_tokens_holds_later_as_well", "max_tokens_holds_later_as_well"
FREQUENCY, PRESENCE = "a_frequency_penalty_holds_later_as_well", "a_presence_penalty_holds_later_as_well"
BENT = ("narrow", "other-penalty")
BY_LIMIT = {LIMITED: "forced", NARROW: "narrow"}
PARAMETERS = [
    *(
        case
        for path in LATER
        for check, step in BY_LIMIT.items()
        for case in (
            (check, path, at(step)(counting(completion=160)), FAIL),
            (check, path, at(step)(saying(LONG_TEXT, finish="length")), FAIL),
            (check, path, at(step)(ending("stop")), FAIL),
            (check, path, in_turn(saying("A short story."), counting(completion=4)), INCONCLUSIVE),
        )
    ),
    *(
        case
        for path in LATER
        for case in (
            ("stop_holds_later_as_well", path, at("stopped")(saying("Rivers flow. And flow.")), FAIL),
            ("stop_holds_later_as_well", path, at("stopped")(ending("length")), FAIL),
            ("stop_holds_later_as_well", path, at("control")(saying("no end of it")), INCONCLUSIVE),
            ("logprobs_come_later_as_well", path, at("stopped")(changed(without_logprobs)), FAIL),
            ("logprobs_come_later_as_well", path, at("stopped")(saying("", finish="length")), INCONCLUSIVE),
            ("n_holds_later_as_well", path, at("hot")(changed(one_choice)), FAIL),
            ("temperature_holds_later_as_well", path, at("hot")(saying("red")), INCONCLUSIVE),
            ("top_p_holds_later_as_well", path, at("narrow")(saying("A story.")), INCONCLUSIVE),
            ("a_seed_holds_later_as_well", path, at("again")(saying("red")), FAIL),
            (FREQUENCY, path, at(*BENT)(saying(LONG_TEXT)), PASS),
            (FREQUENCY, path, at(*BENT)(saying("It was a golden")), INCONCLUSIVE),
            (PRESENCE, path, at(*BENT)(saying(LONG_TEXT)), PASS),
            (PRESENCE, path, at(*BENT)(saying("It was a golden")), INCONCLUSIVE),
            ("a_bias_holds_later_as_well", path, at("forced")(saying("It was a golden")), FAIL),
            ("a_bias_holds_later_as_well", path, at("forced")(saying("Once there was")), INCONCLUSIVE),
        )
    ),
]


@pytest.mark.parametrize(("check", "path", "edit", "verdict"), PARAMETERS)
def test_an_answer_is_judged_by_its_defect(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A broken answer fails its check, a legal oddity passes, and what cannot be judged says so."""
    judgement = theatre.judge(check_named(f"cont.{check}"), path, edit)

    assert judgement.verdict is verdict, judgement.reason
