"""Requests that are not legal: each is refused, for what is wrong with it."""

from __future__ import annotations

from chatconform.suite import (
    Exchange,
    FailureKind,
    Observation,
    Play,
    Unmeasured,
    at_body,
    at_event,
    at_failure,
    at_status,
    check,
    expect,
    invariant,
    provoked,
    survey,
)
from chatconform.suites.forms import OURS, asked_chat, defective, error_of
from chatconform.suites.req.defects import EMPTY_MESSAGES, FOREIGN_PART, INVENTED_ROLE, NO_MESSAGES, NO_MODEL
from chatconform.suites.req.refusing import (
    accepted_control,
    expect_each_refused,
    expect_named,
    expect_refused,
    sent_steps,
    word_of,
)
from chatconform.suites.req.scenarios import (
    defects,
    members,
    not_json,
    outside_ranges,
    unknown_parameter,
    wrong_types,
)
from chatconform.suites.wire import as_object, body_of, chunks_of, error_in, measured, response_of

SERVER_ERRORS = frozenset({"server_error", "internal_error", "internal_server_error", "api_error"})
# A target one of whose answers takes so much of the time-out may be too slow for it with another.
SLOW_SHARE = 0.25
ALL_BAD = (defects, members, wrong_types, outside_ranges, not_json, unknown_parameter)


@invariant("CC-REQ-001", defective, provoked_by=ALL_BAD)
def test_a_bad_request_never_breaks_the_server(exchange: Exchange) -> None:
    """A bad request is answered below 500, and by no stream that ends in a server error."""
    response = response_of(exchange)
    if response.status == 429:
        raise Unmeasured("a rate limit answered", evidence=(at_status(exchange),))
    expect(
        200 <= response.status < 500, "a status below 500", came=str(response.status), at=at_status(exchange)
    )
    if response.status == 200 and exchange.is_stream:
        _expect_no_server_error(exchange)


def _expect_no_server_error(exchange: Exchange) -> None:
    for event in response_of(exchange).stream.chunks:
        error = as_object(error_of(event.chunk))
        failed = error.get("type") in SERVER_ERRORS or error.get("code") in {500, "500", 502, "502"}
        expect(not failed, "no server error", came=error, at=at_event(exchange, event.index))


@survey("CC-REQ-022", asked_chat, provoked_by=ALL_BAD)
def test_a_bad_request_is_always_answered(exchanges: tuple[Exchange, ...]) -> None:
    """Every bad request gets a whole answer in time: no hang, and no connection that is dropped."""
    bad = [exchange for exchange in exchanges if defective(exchange)]
    provoked(bad, "no bad request was sent")
    unanswered = [exchange for exchange in bad if exchange.failure and exchange.failure.kind not in OURS]
    slowest = max((exchange.elapsed for exchange in exchanges if not exchange.failure), default=0.0)
    late = [exchange for exchange in unanswered if _may_be_slow(exchange, slowest)]
    left = [exchange for exchange in unanswered if exchange not in late]
    expect(
        not left,
        "a whole answer to every bad request",
        came=f"none to {len(left)} of {len(bad)}",
        at=tuple(map(at_failure, left)),
    )
    told = f"an answer took {slowest:.0f} s: the target may have been writing one to the bad request as well"
    provoked(not late, told, at=at_failure(late[0]) if late else None)


def _may_be_slow(exchange: Exchange, slowest: float) -> bool:
    """Whether our time was up for a target that takes a good part of it to answer anything."""
    failure = exchange.failure
    return failure is not None and failure.kind is FailureKind.TIMEOUT and slowest > SLOW_SHARE * failure.at


@check("CC-REQ-002", not_json)
def test_a_body_that_is_not_json_answers_400(play: Play) -> Observation:
    """A body that is cut short, empty, or no JSON for another reason answers 400."""
    accepted_control(play)
    for step in ("cut", *filter(play.has, ("cut-streamed", "empty", "nan", "invalid-utf-8"))):
        expect_refused(play, step, told=f"the body {step!r}")
    return Observation(topic="not-json-type", camp=word_of(error_in(play["cut"]).get("type")))


@check("CC-REQ-024", not_json)
def test_json_that_is_no_object_answers_400(play: Play) -> None:
    """A body that is JSON, but no object, answers 400."""
    accepted_control(play)
    for step, told in (("array", "[]"), ("number", "5"), ("string", '"hi"'), ("null", "null")):
        if step == "array" or play.has(step):
            expect_refused(play, step, told=f"the body {told}")


@check("CC-REQ-003", defects)
def test_missing_messages_are_refused_by_name(play: Play) -> None:
    """Without `messages` a request is refused with an error that names them."""
    expect_each_refused(play, (NO_MESSAGES,))
    for step in sent_steps(play, NO_MESSAGES):
        expect_named(play, step, "messages")


@check("CC-REQ-023", members)
def test_a_missing_model_is_refused_by_name(play: Play) -> Observation:
    """Without `model` a request is refused by name, unless the answer names the model that was used."""
    steps = sent_steps(play, NO_MODEL)
    if all(measured(play, step).status == 200 for step in steps):
        for step in steps:
            _expect_default_model(play, step)
        return Observation(topic="missing-model", camp="loaded-model-default")
    for step in steps:
        expect_refused(play, step, statuses=frozenset({400, 404, 422}))
        expect_named(play, step, "model")
    return Observation(topic="missing-model", camp="refused")


def _expect_default_model(play: Play, step: str) -> None:
    """Who needs no model has one that is loaded, and names it in the answer, if not in each of its chunks."""
    play.answer(step)
    exchange = play[step]
    parts = (
        [event.chunk or {} for event in chunks_of(exchange)] if exchange.is_stream else [body_of(exchange)]
    )
    expect(
        any(isinstance(part.get("model"), str) and part["model"] for part in parts),
        "a refusal that names model, or an answer that names the model which served it",
        came="200 with an answer that names no model",
        at=at_body(exchange),
    )


@check("CC-REQ-004", members)
def test_empty_messages_are_refused(play: Play) -> Observation:
    """`messages: []` is refused with 400."""
    expect_each_refused(play, (EMPTY_MESSAGES,))
    step = sent_steps(play, EMPTY_MESSAGES)[0]
    return Observation(topic="empty-messages-code", camp=word_of(error_in(play[step]).get("code")))


@check("CC-REQ-005", members)
def test_an_invented_role_is_refused(play: Play) -> None:
    """A message whose role does not exist is refused with 400."""
    expect_each_refused(play, (INVENTED_ROLE,))


@check("CC-REQ-019", members)
def test_a_foreign_part_is_refused(play: Play) -> None:
    """A content part of an unknown type is refused with 400, not dropped."""
    expect_each_refused(play, (FOREIGN_PART,))
