"""Judging many rules in one pass: the same verdicts as one by one, in windows where the traffic is long."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import pytest

from chatconform.findings.finding import expect
from chatconform.findings.verdict import Verdict
from chatconform.judging.check import OfTraffic, Survey
from chatconform.judging.judge import judge_traffic
from chatconform.judging.panel import Panel, Window
from chatconform.running.catalogue import all_checks
from chatconform.suites.resp.scenarios import greeting
from chatconform.tests.support.exchanges import completion, error, exchange, refusal, streamed
from chatconform.wire.exchange import Exchange

RULES = [made for made in all_checks() if isinstance(made, OfTraffic)]


def traffic() -> list[Exchange]:
    """Some good, some bad, one that met an ill target, one that was sent again."""
    return [
        exchange(completion()),
        streamed(),
        streamed(done=False),
        exchange(completion(finish_reason="invented")),
        refusal(),
        exchange(error(), status=500),
        replace(exchange(error(), status=503), illness="it was given up"),
        replace(exchange(error(), status=503), illness="it was away", sent_again=True),
    ]


def pairs(exchanges: tuple[Exchange, ...]) -> None:
    statuses = [each.response.status for each in exchanges if each.response]
    expect(len(set(statuses)) == len(statuses), "no status twice", came=statuses, at=())


UNIQUE = Survey(
    id="tests.unique",
    requirement="CC-RESP-002",
    rule="No status comes twice.",
    form=lambda _: True,
    provoked_by=(greeting,),
    judge=pairs,
)


def test_one_pass_judges_as_one_by_one() -> None:
    """Every rule says the same of the same traffic, whether it is asked alone or with all others."""
    came = traffic()
    panel = Panel(RULES)
    for each in came:
        panel.take(each)

    assert panel.judgements() == tuple(judge_traffic(made, came) for made in RULES)
    assert not panel.is_limited


def test_failures_are_exhibited() -> None:
    """The requests that the evidence of a failure points at are kept, and no others."""
    came = traffic()
    panel = Panel(RULES)
    for each in came:
        panel.take(each)
    failed = [each for each in panel.judgements() if each.verdict is Verdict.FAIL]

    pointed_at = {evidence.exchange for judgement in failed for evidence in judgement.evidence}
    assert pointed_at
    assert panel.exhibits.keys() == pointed_at
    assert all(panel.exhibits[each.id] == each.request for each in came if each.id in pointed_at)


@pytest.mark.parametrize(("apart", "verdict"), [(4, Verdict.FAIL), (12, Verdict.PASS)])
def test_a_survey_hears_what_is_near(apart: int, verdict: Verdict) -> None:
    """Two exchanges within half a window are heard together; the panel says that it had to have windows."""
    panel = Panel([UNIQUE], Window(exchanges=8))
    for number in range(30):
        status = 200 if number in {9, 9 + apart} else 300 + number
        panel.take(exchange(completion(), status=status))

    assert panel.judgements()[0].verdict is verdict
    assert panel.is_limited


def test_what_ended_is_not_heard_with_what_follows() -> None:
    """The traffic of two sources has nothing to do with each other."""
    panel = Panel([UNIQUE])
    for _ in range(2):
        panel.take(exchange(completion()))
        panel.end()

    (judgement,) = panel.judgements()
    assert judgement.verdict is Verdict.PASS
    assert len(judgement.exchanges) == 2


def test_hosts_are_heard_apart() -> None:
    """What two hosts send is not compared."""
    panel = Panel([UNIQUE])
    for host in ("one", "other"):
        panel.take(exchange(completion(), url=f"http://{host}/v1/models"))

    assert panel.judgements()[0].verdict is Verdict.PASS


def test_checks_that_do_not_apply_are_left_out() -> None:
    """A rule that is out of scope for a source sees nothing of it."""
    panel = Panel([UNIQUE])
    panel.take(exchange(completion()), without={UNIQUE.id})

    assert panel.judgements()[0].exchanges == ()


def test_memory_does_not_grow_with_the_traffic() -> None:
    """Exchanges are let go: of many broken ones, a window and a few exhibits are held."""
    panel = Panel(RULES, Window(exchanges=10))
    seen: list[weakref.ref[object]] = []
    for _ in range(100):
        came = streamed(done=False)
        seen.append(weakref.ref(came.response))  # type: ignore[arg-type]  # there is one
        panel.take(came)
        del came
    gc.collect()

    assert sum(each() is not None for each in seen) == 0
    assert len(panel.exhibits) <= 40
