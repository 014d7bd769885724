"""A gateway forwards every parameter of a generation, on every path and when it tries again."""

from __future__ import annotations

from chatconform.suite import Play, at_status, check, expect, provoked
from chatconform.suites.gate.failures import hiccup
from chatconform.suites.gate.forwarded import Forwarded, expect_kept, expect_messages, forwarded_on
from chatconform.suites.gate.parameters import NAMES
from chatconform.suites.gate.scenarios import KEPT, continued, forwarded
from chatconform.suites.gate.served import served
from chatconform.suites.gate.test_messages import ROUNDS


@check("CC-CONT-010", forwarded, feature=NAMES)
def test_a_gateway_forwards_every_parameter(play: Play) -> None:
    """The upstream receives every parameter of a generation with the value that the client sent."""
    parameters = served(play, NAMES)
    expect_kept(parameters.forwarded, NAMES)
    parameters.expect_no_refusal()


@check("CC-CONT-010", continued, feature=NAMES)
def test_a_gateway_forwards_the_parameters_of_a_continuation(play: Play) -> None:
    """Sampling and stop strings arrive with a call, with its result, and with the question after it."""
    for step in ROUNDS[: 1 + sum(play.has(step) for step in ROUNDS[1:])]:
        expect_kept(forwarded_on(play, step), (*KEPT, "tool_choice"))


@check("CC-CONT-019", hiccup, feature=NAMES)
def test_a_retry_repeats_the_whole_request(play: Play) -> None:
    """What a gateway sends again has the parameters, tools and messages of what it sent first."""
    first, *again = forwarded_on(play, "hiccup")
    provoked(again, "the gateway does not try again", at=at_status(play["hiccup"]))
    for each in again:
        repeated = Forwarded(exchange=each.exchange, sent=first.came, came=each.came)
        expect_kept((repeated,), NAMES)
        own = expect_messages(repeated)
        expect(not own, "the messages of the first request", came="further ones", at=each.at("/messages"))
