"""Log probabilities asked for in the rarer ways, which only a run that sends every case meets."""

from __future__ import annotations

from dataclasses import replace

from chatconform.reference_server.faults.alterations.asked_for import above, member
from chatconform.reference_server.faults.alterations.asks import both
from chatconform.reference_server.faults.alterations.making import crash
from chatconform.reference_server.faults.consequences.calls import FAILED_AT_BAD
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.logprobs.probabilities import drawn, itself
from chatconform.reference_server.model import Token

fault = family(Aspect.LOGPROBS, Aspect.PARAMETERS, Aspect.REFUSALS, thorough=True)


def _one_at_least(token: Token) -> Token:
    return replace(token, top=token.top or (itself(token),))


ALL: tuple[Fault, ...] = (
    fault(
        "no-alternatives-are-one",
        "`top_logprobs: 0` gives each token an alternative.",
        drawn(_one_at_least, member("top_logprobs", lambda value: value == 0)),
        kills="CC-LOGPROBS-003",
    ),
    fault(
        "alternatives-beside-no-log-probabilities-crash",
        "`top_logprobs` beside `logprobs: false` answers 500.",
        crash(both(member("logprobs", lambda value: value is False), member("top_logprobs", above(0)))),
        kills="CC-LOGPROBS-004",
        collateral=FAILED_AT_BAD,
    ),
)
