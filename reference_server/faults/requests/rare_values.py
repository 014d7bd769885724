"""Numbers on the rarer side of a range or a bound, which only a run that sends every case meets."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.asked_for import (
    above,
    below,
    member,
    refused_without_a_word,
)
from chatconform.reference_server.faults.alterations.making import request_body, setting
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PARAMETERS, Aspect.REFUSALS, thorough=True)

ALL: tuple[Fault, ...] = (
    fault(
        "temperature-below-its-range-taken",
        "A `temperature` below 0 is read as 0.",
        request_body(setting(temperature=0), member("temperature", below(0))),
        kills="CC-REQ-012",
    ),
    fault(
        "frequency-penalty-above-its-range-taken",
        "A `frequency_penalty` above 2 is read as 2.",
        request_body(setting(frequency_penalty=2), member("frequency_penalty", above(2))),
        kills="CC-REQ-030",
    ),
    fault(
        "top-p-of-0-refused",
        "A `top_p` of 0 is refused, and nothing tells why.",
        refused_without_a_word(member("top_p", lambda value: value == 0)),
        kills="CC-REQ-052",
    ),
    fault(
        "frequency-penalty-of-2-refused",
        "A `frequency_penalty` of 2 is refused, and nothing tells why.",
        refused_without_a_word(member("frequency_penalty", lambda value: value == 2)),
        kills="CC-REQ-053",
        collateral=dict.fromkeys(("CC-CONT-025", "CC-SAMPLE-008"), "the penalty is 2 there as well"),
    ),
    fault(
        "seed-below-32-bits-refused",
        "A `seed` below 32 bits is refused, and nothing tells why.",
        refused_without_a_word(member("seed", below(-(2**32)))),
        kills="CC-REQ-054",
    ),
)
