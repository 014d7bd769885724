"""Generated requests: which there are, which are chosen, how they are tamed and made smaller."""

import json
import random
import sys
from collections import Counter
from dataclasses import replace
from importlib.metadata import version

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform import resources
from chatconform.client.target import Target
from chatconform.contract import load_contract
from chatconform.errors import HarnessError, UsageError
from chatconform.fuzzing import generation, generator
from chatconform.fuzzing.case import Case
from chatconform.fuzzing.choosing import chosen
from chatconform.fuzzing.conformity import Aspect, deviations
from chatconform.fuzzing.coverage import FILE, coverage_text, kept_cases
from chatconform.fuzzing.effort import DEEP, OFF, QUICK, Effort, effort_from
from chatconform.fuzzing.generation import is_allowed
from chatconform.fuzzing.generator import covered_anew, covering, drawn
from chatconform.fuzzing.reduction import smaller
from chatconform.fuzzing.taming import TINY, aimed, sensible
from chatconform.suites.contract.cases import (
    MEDIA,
    METHODS,
    allowed_cases,
    forbidden_cases,
    odd_cases,
    shares,
)
from chatconform.suites.contract.sending import REDUCED, TRIES
from chatconform.tests.support.exchanges import completion, exchange, hung, refusal, streamed

TARGET = Target(url="http://127.0.0.1:9/v1", model="model-1")
LIMITS = {"max_tokens", "max_completion_tokens"}


def test_the_coverage_phase_reaches_every_member_of_a_request() -> None:
    """For every member of the request there is a request that the contract forbids because of it."""
    members = set(load_contract().resolve("#/components/schemas/CreateChatCompletionRequest")["properties"])

    assert {case.member for case in covering() if not case.allowed} >= members
    assert all(is_allowed(case.body) is case.allowed for case in covering())


def test_drawn_requests_are_different_and_repeatable() -> None:
    """A seed draws the same requests again, all of them different and on the side that was asked for."""
    first = drawn(12, seed=7, allowed=False)

    assert first == drawn(12, seed=7, allowed=False)
    assert len({case.content for case in first}) == len(first) == 12
    assert not any(is_allowed(case.body) for case in first)
    assert all(is_allowed(case.body) for case in drawn(12, seed=7, allowed=True))


def test_what_is_kept_is_what_is_generated() -> None:
    """The kept requests are those that Schemathesis makes of the contract (if not: `scripts/cover`)."""
    by = json.loads(resources.text(FILE).partition("\n")[0])["schemathesis"]
    if by != version("schemathesis"):
        pytest.skip(f"they were made by Schemathesis {by}, which is not installed")

    assert covering() == covered_anew()
    assert resources.text(FILE) == coverage_text(covering(), load_contract().digest)


def test_a_process_of_its_own_generates_the_same() -> None:
    """What is generated in another process is what would be in this one."""
    assert covered_anew() == generation.covering()


def test_what_is_kept_of_another_contract_is_not_taken() -> None:
    """A contract that changed has other requests: they are made anew until they are kept."""
    assert kept_cases(load_contract().digest) == covering()
    assert kept_cases("0" * 64) is None


def test_a_generator_that_breaks_down_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends with an error is a bug of ours, with the last line of what it said."""
    monkeypatch.setattr(generator, "_COMMAND", (sys.executable, "-c", "raise SystemExit('no memory left')"))

    with pytest.raises(HarnessError, match="no memory left"):
        drawn(1, seed=1, allowed=True)


@settings(max_examples=20)
@given(seed=st.integers(), number=st.integers(0, 300))
def test_what_lies_near_the_top_has_its_turn_first(seed: int, number: int) -> None:
    """However few are chosen, they are different, and no deeper place comes before one at the top."""
    cases = [case for case in covering() if not case.allowed]
    some = chosen(cases, number, random.Random(seed))

    at_the_top = {(case.place, case.kind) for case in cases if len(case.place) < 2}
    assert len({case.content for case in some}) == len(some) == number
    first = {(case.place, case.kind) for case in some[: len(at_the_top)]}
    assert len(first) == min(number, len(at_the_top))
    assert first <= at_the_top


@settings(max_examples=20)
@given(seed=st.integers())
def test_the_core_has_three_turns_for_one(seed: int) -> None:
    """Before any other member has a second case, those of the core have several of each kind."""
    cases = [case for case in covering() if not case.allowed and len(case.place) == 1]
    some = chosen(cases, 115, random.Random(seed), core={"temperature", "n"})

    kinds = Counter((case.member, case.kind) for case in some)
    assert kinds["temperature", "incorrect_type string"] == 1
    assert kinds["temperature", "incorrect_type object"] == 1
    assert kinds["temperature", "value_above_maximum"] == 1
    assert kinds["n", "value_below_minimum"] == 1


def test_every_request_has_the_model_and_a_tiny_limit() -> None:
    """What is sent asks the target's model, and for a few tokens, unless that is what it is about."""
    sent = [
        *forbidden_cases(QUICK, TARGET, random.Random(1)),
        *allowed_cases(QUICK, TARGET, random.Random(1)),
    ]

    for case in sent:
        if isinstance(case.body, dict) and case.member not in {"model", *LIMITS}:
            assert case.body.get("model", TARGET.model) == TARGET.model
            assert case.body["max_completion_tokens"] == TINY
            assert "max_tokens" not in case.body


def test_a_target_without_a_limit_is_sent_none() -> None:
    """Where the target knows no limit none is invented."""
    case = aimed(covering()[0], replace(TARGET, limit=""))

    assert case is not None
    assert isinstance(case.body, dict)
    assert not LIMITS & case.body.keys()


def test_aiming_mends_nothing() -> None:
    """What the contract forbids for its model or its limit alone is left out, not sent as legal."""
    body = {"model": "", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": -1}
    case = Case(told="", place=(), kind="drawn", allowed=False, body=body)  # type: ignore[arg-type]  # it is JSON

    assert aimed(case, TARGET) is None
    assert aimed(replace(case, place=("model",)), TARGET) is not None


def test_sensible_requests_are_ones_that_a_real_server_can_meet() -> None:
    """A sensible request is legal, has no empty text, ends with the user, and asks for little."""
    some = [tamed for case in covering() if case.allowed and (tamed := sensible(case, TARGET))]

    assert len(some) > 60
    assert {case.member for case in some} > {"tools", "stop", "n", "temperature", "messages", "stream"}
    for case in some:
        body = case.body
        assert isinstance(body, dict)
        assert is_allowed(body)
        assert '""' not in json.dumps(body)
        assert body["messages"][-1]["role"] == "user"  # type: ignore[index, call-overload]  # it is legal
        assert body.get("n") in {None, 1, 2}
        assert all(body[name] <= TINY for name in LIMITS & body.keys())  # type: ignore[operator]  # same


def test_the_form_is_left_alone_where_it_matters() -> None:
    """A request about `stream` or its options has no twin as a stream; any other one has."""
    cases = {case.member: case for case in covering() if not case.allowed and isinstance(case.body, dict)}

    assert cases["stream"].streamed() is None
    assert cases["stream_options"].streamed() is None
    twin = cases["stop"].streamed()
    assert twin is not None
    assert isinstance(twin.body, dict)
    assert twin.body["stream"] is True


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(value=JSON)
def test_what_is_made_smaller_is_smaller_and_on_the_same_side(value: object) -> None:
    """Each step makes a request shorter, and the contract finds nothing new wrong with it."""
    body = {"model": "model-1", "messages": [{"role": "user", "content": "Hello"}], "n": value}
    case = Case(told="", place=("n",), kind="", allowed=is_allowed(body), body=body)  # type: ignore[arg-type]

    for less in smaller(case):
        assert len(less.content) < len(case.content)
        assert is_allowed(less.body) is case.allowed
        assert less.body["messages"]  # type: ignore[index, call-overload]  # an object, whose messages are legal


def test_what_bounds_the_cost_is_never_taken_out() -> None:
    """The limit of a request stays, however small it is made."""
    body = {"messages": "no list", "max_tokens": TINY, "user": "somebody"}
    case = Case(told="", place=(), kind="", allowed=False, body=body)

    assert all("max_tokens" in less.body for less in smaller(case))  # type: ignore[operator]  # an object
    assert any(less.body == {"messages": "no list", "max_tokens": TINY} for less in smaller(case))


@pytest.mark.parametrize("effort", [QUICK, replace(DEEP, requests=150)])
def test_an_effort_keeps_to_its_bound(effort: Effort) -> None:
    """All that is sent of an effort is no more than its bound, and the most of it is used."""
    own, dice = shares(effort), random.Random(3)
    plain = [len(make(effort, TARGET, dice)) for make in (forbidden_cases, allowed_cases, odd_cases)]
    twins = effort.share(own.forbidden_streamed) + effort.share(own.odd_streamed)
    # A real server's legal requests go in both forms where there is room for it.
    twins += 0 if effort.tame else plain[1]
    frames = effort.share(METHODS) + effort.share(MEDIA) if effort.tame else 0
    smaller_ones = 2 * REDUCED * TRIES if effort.tame else 0

    assert 0.8 * effort.requests < sum(plain) + twins + frames + smaller_ones <= effort.requests


def test_odd_requests_are_for_deep_efforts() -> None:
    """A tame effort sends nothing that a real server cannot meet."""
    assert odd_cases(QUICK, TARGET, random.Random(3)) == ()


def test_efforts_have_names_and_bounds() -> None:
    """An effort is chosen by its name and may be bounded otherwise; the nearest name is suggested."""
    assert effort_from("off") is not None
    assert effort_from("off").requests == 0 == OFF.requests
    assert effort_from("deep", requests=50, seconds=2.0) == replace(DEEP, requests=50, seconds=2.0)
    with pytest.raises(UsageError, match="no fuzzing 'quikc'") as error:
        effort_from("quikc")
    assert "quick" in str(error.value.hint)
    with pytest.raises(UsageError, match="bounds nothing"):
        effort_from("off", requests=5)
    with pytest.raises(UsageError, match="bounds nothing"):
        effort_from("quick", seconds=0)


def test_schemathesis_is_a_second_opinion() -> None:
    """Each aspect of an answer is compared by itself; an answer that did not come has none."""
    every = tuple(Aspect)

    assert not deviations(exchange(completion()), *every)
    assert not deviations(streamed(), *every)
    assert not deviations(refusal(), *every)
    assert not deviations(hung(), *every)
    assert [each.title for each in deviations(refusal(418), Aspect.STATUS)] == ["Undocumented status code"]
    assert not deviations(refusal(418), Aspect.BODY)
    assert deviations(exchange(b"\xff\xfe", media_type="application/json"), Aspect.BODY)
    assert deviations(exchange(completion(), headers=(("content-encoding", "gzip"),)), Aspect.BODY)
