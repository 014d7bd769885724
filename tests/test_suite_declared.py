"""Checks of what a target declares: filters, and failures in mid-stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.reference_server import Settings
from chatconform.reference_server.events import DONE, Event
from chatconform.reference_server.model import (
    ChatRequest,
    Finish,
    FinishReason,
    Piece,
    generate,
)
from chatconform.reference_server.pipeline import Pipeline
from chatconform.reference_server.refusal import Refusal, invalid
from chatconform.reference_server.settings import BlockedPrompts
from chatconform.tests.support.plays import at, check_named, crashed, failing_late, refused
from chatconform.tests.support.theatres import served

PASS, FAIL, INCONCLUSIVE, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR
SECRET = "plumage heron"
DECLARED = {
    "filter-trigger": SECRET,
    "fault-injection": "otter",
    "truncation": "badger",
}
SETTINGS = Settings(
    filter_trigger=SECRET,
    failure_trigger="otter",
    truncation_trigger="badger",
)
FILTERED = "safety.a_filtered_answer_ends_with_content_filter"
BLOCK = "safety.a_block_in_mid_stream_is_no_normal_end"
PROMPT = "safety.a_blocked_prompt_is_reported"
FAILED = "stream.a_failure_in_mid_stream_is_an_error_event"
CUT = "stream.a_stream_that_breaks_off_claims_no_stop"
ALL = (FILTERED, BLOCK, PROMPT, FAILED, CUT)


def judged(
    *checks: str, pipeline: Pipeline | None = None, settings: Settings = SETTINGS
) -> dict[tuple[str, str], Judgement]:
    """The judgements of checks on all their paths, against a server with these settings."""
    with served(pipeline, settings, DECLARED) as theatre:
        found = {
            (name, path): theatre.judge(check_named(name), path)
            for name in checks
            for path in check_named(name).path_names
        }
    assert not [each.bug for each in found.values() if each.bug]
    return found


def verdicts(*checks: str, pipeline: Pipeline | None = None, settings: Settings = SETTINGS) -> set[Verdict]:
    return {each.verdict for each in judged(*checks, pipeline=pipeline, settings=settings).values()}


def rewriting(change: Any) -> Pipeline:
    """A pipeline that writes other pieces than the model."""

    def rewritten(request: ChatRequest, **options: Any) -> Iterator[Piece]:
        yield from change(request, generate(request, **options))

    return Pipeline(generate=rewritten)


def claiming_stop(_: ChatRequest, pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Whatever ended an answer, it claims to have ended by itself."""
    for piece in pieces:
        yield replace(piece, reason=FinishReason.STOP) if isinstance(piece, Finish) else piece


def ending_instead(reason: FinishReason | None) -> Pipeline:
    """A server that ends a stream like any other where its generation failed or broke off."""

    async def framed(chunks: AsyncIterator[Any], failure: Refusal) -> AsyncIterator[Any]:
        last: Any = {}
        try:
            async for chunk in chunks:
                last = chunk
                yield Event(orjson.dumps(chunk))
        except Exception:  # noqa: BLE001 - the defect: whatever failed is hidden
            if reason:
                choice = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": reason.value}
                yield Event(orjson.dumps({**last, "choices": [choice]}))
        yield DONE

    return Pipeline(frame=framed)


def test_the_reference_server_passes() -> None:
    """What a server with these features does passes, or this file proves nothing."""
    assert verdicts(*ALL) == {PASS}


def test_a_filtered_answer_that_claims_stop_fails() -> None:
    """Content that was removed, and a normal end: both rules about filtered answers see it."""
    assert verdicts(FILTERED, BLOCK, pipeline=rewriting(claiming_stop)) == {FAIL}


def test_a_filter_that_does_not_act_is_inconclusive() -> None:
    """Where the trigger comes through nothing was filtered, and nothing can be said."""
    unfiltered = replace(SETTINGS, filter_trigger=None)

    assert verdicts(FILTERED, BLOCK, PROMPT, settings=unfiltered) == {INCONCLUSIVE}


def test_a_blocked_prompt_may_finish_with_content_filter() -> None:
    """A prompt may be blocked with 200 and content_filter as well as with 400, and the camp is recorded."""
    found = [judged(PROMPT, settings=each)[PROMPT, "plain"] for each in (SETTINGS, _finishing())]

    assert [each.verdict for each in found] == [PASS, PASS]
    assert [each.observations[0].camp for each in found] == ["bad-request-400", "finish-reason-200"]


def test_an_empty_answer_to_a_blocked_prompt_fails() -> None:
    """An empty answer that ends with stop hides the block."""
    assert verdicts(PROMPT, pipeline=rewriting(claiming_stop), settings=_finishing()) == {FAIL}


def _finishing() -> Settings:
    return replace(SETTINGS, blocked_prompts=BlockedPrompts.FINISH)


def test_a_server_that_filters_instructions_is_told_the_trigger_in_pieces() -> None:
    """Where the trigger is blocked in any message, the model is led to it by another prompt."""

    def understand(body: Any) -> ChatRequest:
        if any(SECRET in str(message["content"]) for message in body["messages"]):
            raise invalid("The content filter blocked the prompt.", param="messages")
        return ChatRequest.from_body(body)

    found = judged(FILTERED, BLOCK, PROMPT, pipeline=Pipeline(understand=understand))

    assert {key: each.reason for key, each in found.items() if each.verdict is not PASS} == {}


@pytest.mark.parametrize(
    ("reason", "failing", "cut"),
    [(FinishReason.STOP, FAIL, FAIL), (FinishReason.LENGTH, FAIL, FAIL), (None, FAIL, FAIL)],
)
def test_a_stream_that_hides_its_failure_fails(
    reason: FinishReason | None, failing: Verdict, cut: Verdict
) -> None:
    """A normal end, a limit that nobody set, or [DONE] alone in the place of an error: all are lies."""
    pipeline = ending_instead(reason)

    assert verdicts(FAILED, pipeline=pipeline) == {failing}
    assert verdicts(CUT, pipeline=pipeline) == {cut}


def test_a_generation_that_goes_on_is_inconclusive() -> None:
    """Where the declared text brings no failure about, nothing can be said."""
    sound = replace(SETTINGS, failure_trigger=None, truncation_trigger=None)

    assert verdicts(FAILED, CUT, settings=sound) == {INCONCLUSIVE}


@pytest.mark.parametrize(
    ("check", "edit", "verdict"),
    [
        (FILTERED, at("written")(crashed()), ERROR),
        (FILTERED, at("written")(refused("blocked")), INCONCLUSIVE),
        (BLOCK, at("written")(failing_late), INCONCLUSIVE),
        (PROMPT, at("prompt")(crashed()), FAIL),
        (PROMPT, at("prompt")(refused("blocked", status=403)), PASS),
        (PROMPT, at("prompt")(refused("no such page", status=404)), FAIL),
        (FAILED, at("answer")(crashed()), INCONCLUSIVE),
        (FAILED, at("answer")(refused("busy", status=429)), ERROR),
        (CUT, at("answer")(failing_late), PASS),
    ],
)
def test_an_answer_is_judged_by_its_defect(check: str, edit: Any, verdict: Verdict) -> None:
    """What cannot be judged says so, and a failure of the server is none of a filter's reports."""
    with served(None, SETTINGS, DECLARED) as theatre:
        judgement = theatre.judge(check_named(check), check_named(check).path_names[-1], edit)

    assert judgement.bug == ""
    assert judgement.verdict is verdict, judgement.reason
