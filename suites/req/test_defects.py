"""Requests that are not legal: each is refused, for what is wrong with it, in both forms."""

from __future__ import annotations

from chatconform.suite import (
    Exchange,
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
    names_any,
)
from chatconform.suites.forms import OURS, defective, error_of
from chatconform.suites.req.defects import (
    EMPTY_MESSAGES,
    FOREIGN_PART,
    INVENTED_ROLE,
    NO_MESSAGES,
    NO_MODEL,
    OUTSIDE,
    TEMPERATURE_WORD,
    WRONG_TYPES,
    streamed_step,
)
from chatconform.suites.req.refusing import (
    accepted_control,
    expect_all_refused,
    expect_both_refused,
    expect_refused,
    is_refused,
)
from chatconform.suites.req.scenarios import (
    defects,
    not_json,
    outside_ranges,
    stream_options_alone,
    unknown_parameter,
    wrong_types,
)
from chatconform.suites.wire import as_object, body_of, chunks_of, error_in, measured, response_of

SERVER_ERRORS = frozenset({"server_error", "internal_error", "internal_server_error", "api_error"})


@invariant(
    "CC-REQ-001", defective, provoked_by=(defects, wrong_types, outside_ranges, not_json, unknown_parameter)
)
def test_a_bad_request_never_breaks_the_server(exchange: Exchange) -> None:
    """A bad request gets an answer below 500 in time, and no stream that ends in a server error."""
    hung_up = exchange.failure is not None and exchange.failure.kind not in OURS
    expect(not hung_up, "a whole answer", came="none", at=at_failure(exchange))
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


@check("CC-REQ-002", not_json)
def test_a_body_that_is_not_json_answers_400(play: Play) -> Observation:
    """A body that is cut short, empty, or JSON without being an object answers 400 with an error object."""
    accepted_control(play)
    for step in ("cut", "cut-streamed", "empty", "array"):
        expect_refused(play, step, told="the body []" if step == "array" else "")
    kind = error_in(play["cut"]).get("type")
    return Observation(
        topic="not-json-type", camp=kind if isinstance(kind, str) and len(kind) < 60 else "other"
    )


@check("CC-REQ-003", defects)
def test_missing_messages_are_refused_by_name(play: Play) -> None:
    """Without `messages` a request is refused with an error that names them."""
    expect_both_refused(play, NO_MESSAGES)
    for step in (NO_MESSAGES.name, streamed_step(NO_MESSAGES.name)):
        named = names_any(play.response(step), ("messages",))
        expect(named, "an error that names messages", came=error_in(play[step]), at=at_body(play[step]))


@check("CC-REQ-003", defects)
def test_a_missing_model_is_refused_by_name(play: Play) -> Observation:
    """Without `model` a request is refused with an error that names it, unless there is only one model."""
    accepted_control(play)
    steps = (NO_MODEL.name, streamed_step(NO_MODEL.name))
    if all(measured(play, step).status == 200 for step in steps):
        for step in steps:
            _expect_default_model(play, step)
        return Observation(topic="missing-model", camp="loaded-model-default")
    for step in steps:
        expect_refused(play, step, statuses=frozenset({400, 404, 422}))
        named = names_any(play.response(step), ("model",))
        expect(named, "an error that names model", came=error_in(play[step]), at=at_body(play[step]))
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


@check("CC-REQ-004", defects)
def test_empty_messages_are_refused(play: Play) -> Observation:
    """`messages: []` is refused with 400, plain and streamed."""
    expect_both_refused(play, EMPTY_MESSAGES)
    code = error_in(play[EMPTY_MESSAGES.name]).get("code")
    return Observation(
        topic="empty-messages-code", camp=code if isinstance(code, str) and len(code) < 60 else "none"
    )


@check("CC-REQ-005", defects)
def test_an_invented_role_is_refused(play: Play) -> None:
    """A message whose role does not exist is refused with 400, plain and streamed."""
    expect_both_refused(play, INVENTED_ROLE)


@check("CC-REQ-011", wrong_types)
def test_a_wrong_type_is_refused_by_name(play: Play) -> Observation:
    """A parameter of the wrong JSON type is refused with 400 by an error that names it."""
    accepted_control(play)
    coerced = [each for each in WRONG_TYPES if each.coercible and measured(play, each.name).status == 200]
    wrong = [each for each in WRONG_TYPES if each not in coerced]
    expect_all_refused(play, wrong)
    for defect in wrong:
        named = names_any(play.response(defect.name), tuple(defect.members))
        expect(
            named,
            f"an error that names {defect.param}",
            came=error_in(play[defect.name]),
            at=at_body(play[defect.name]),
        )
    return Observation(topic="number-in-quotes", camp="coerced" if coerced else "refused")


@check("CC-REQ-011", defects)
def test_a_word_for_a_number_is_refused_by_name(play: Play) -> None:
    """A word in place of a number is refused with 400 by an error that names the parameter."""
    expect_both_refused(play, TEMPERATURE_WORD)
    for step in (TEMPERATURE_WORD.name, streamed_step(TEMPERATURE_WORD.name)):
        named = names_any(play.response(step), ("temperature",))
        expect(named, "an error that names temperature", came=error_in(play[step]), at=at_body(play[step]))


@check("CC-REQ-012", outside_ranges)
def test_a_number_outside_its_range_is_refused(play: Play) -> None:
    """A number just outside its documented range is refused with 400."""
    accepted_control(play)
    expect_all_refused(play, OUTSIDE)


@check("CC-REQ-013", unknown_parameter)
def test_an_unknown_parameter_meets_one_policy(play: Play) -> Observation:
    """An unknown parameter is refused by name or ignored, and plain and streamed alike."""
    accepted_control(play)
    plain, streamed = measured(play, "plain"), measured(play, "streamed")
    expect(
        plain.status in {200, 400, 422} and plain.status == streamed.status,
        "200 or 400, the same in both forms",
        came=f"{plain.status} plain and {streamed.status} streamed",
        at=(at_status(play["plain"]), at_status(play["streamed"])),
    )
    if plain.status == 200:
        return Observation(topic="unknown-parameter", camp="ignored")
    name = f"x_unknown_{play.note('parameter').lower()}"
    named = names_any(plain, (name, "unknown_parameter"))
    expect(named, f"an error that names {name}", came=error_in(play["plain"]), at=at_body(play["plain"]))
    return Observation(topic="unknown-parameter", camp="refused")


@check("CC-REQ-015", stream_options_alone)
def test_stream_options_alone_start_no_stream(play: Play) -> Observation:
    """`stream_options` without `stream: true` is refused with 400 or ignored, and never starts a stream."""
    accepted_control(play)
    response, exchange = measured(play, "alone"), play["alone"]
    if is_refused(play, "alone"):
        expect_refused(play, "alone")
        return Observation(topic="stream-options-alone", camp="refused")
    expect(response.status == 200, "status 200 or 400", came=str(response.status), at=at_status(exchange))
    plain = not exchange.is_stream and not response.text.lstrip().startswith("data:")
    expect(plain, "a plain answer", came=response.text[:200], at=at_body(exchange))
    return Observation(topic="stream-options-alone", camp="ignored")


@check("CC-REQ-019", defects)
def test_a_foreign_part_is_refused(play: Play) -> None:
    """A content part of an unknown type is refused with 400, not dropped."""
    expect_both_refused(play, FOREIGN_PART)
