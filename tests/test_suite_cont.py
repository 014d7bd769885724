"""Each check of the cont suite passes on the reference server, and fails on the defect that it is for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
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
    refused,
    saying,
)

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
LATER = ("after-tool-result", "after-tool-result-streamed", "later-turn", "later-turn-streamed")
LONG_TEXT = "The keeper climbed the stairs of the lighthouse again and looked out over the grey sea. " * 5


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    with Theatre() as opened:
        yield opened


@pytest.mark.parametrize(("made", "path"), checks_of("cont"))
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


def in_both_forms(check: str, edit: Edit, verdict: Verdict) -> list[tuple[str, str, Edit, Verdict]]:
    return [(check, path, edit, verdict) for path in ("plain", "streamed")]


PARAMETERS = [
    *(
        case
        for path in LATER
        for name in ("max_completion_tokens", "max_tokens")
        for case in (
            (f"{name}_holds_later_as_well", path, at("limited")(counting(completion=64)), FAIL),
            (f"{name}_holds_later_as_well", path, at("limited")(saying(LONG_TEXT, finish="length")), FAIL),
            (f"{name}_holds_later_as_well", path, at("limited")(ending("stop")), FAIL),
            (f"{name}_holds_later_as_well", path, saying("A short story."), INCONCLUSIVE),
            (f"{name}_holds_later_as_well", path, refused("No such limit.", param=name), Verdict.UNSUPPORTED),
        )
    ),
    *(
        case
        for path in LATER
        for case in (
            ("stop_holds_later_as_well", path, at("stopped")(saying("Rivers flow.")), FAIL),
            ("stop_holds_later_as_well", path, at("stopped")(ending("length")), FAIL),
        )
    ),
    *in_both_forms("max_completion_tokens_holds_beside_tools", at("limited")(counting(completion=64)), FAIL),
    *in_both_forms(
        "max_completion_tokens_holds_beside_tools",
        at("limited")(saying("", calls=[("get_time", "{}")])),
        INCONCLUSIVE,
    ),
    *in_both_forms("logprobs_come_after_a_tool_result_as_well", at("later")(changed(without_logprobs)), FAIL),
    *in_both_forms("logprobs_come_after_a_tool_result_as_well", changed(without_logprobs), INCONCLUSIVE),
    *in_both_forms("n_holds_after_a_tool_result_as_well", at("later")(changed(one_choice)), FAIL),
    *in_both_forms("n_holds_after_a_tool_result_as_well", changed(one_choice), INCONCLUSIVE),
    *in_both_forms("json_object_mode_holds_after_a_tool_result_as_well", at("later")(saying("No.")), FAIL),
    *in_both_forms("json_object_mode_holds_after_a_tool_result_as_well", at("later")(saying("[1]")), FAIL),
    *in_both_forms("json_object_mode_holds_after_a_tool_result_as_well", saying("No."), INCONCLUSIVE),
]


@pytest.mark.parametrize(("check", "path", "edit", "verdict"), PARAMETERS)
def test_an_answer_is_judged_by_its_defect(
    theatre: Theatre, check: str, path: str, edit: Edit, verdict: Verdict
) -> None:
    """A broken answer fails its check, a legal oddity passes, and what cannot be judged says so."""
    judgement = theatre.judge(check_named(f"cont.{check}"), path, edit)

    assert judgement.verdict is verdict, judgement.reason
