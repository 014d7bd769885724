"""Gateways that set a parameter of a generation of which their client said nothing."""

from __future__ import annotations

from typing import Any

from chatconform.reference_server.faults.alterations.asks import FORMS, both
from chatconform.reference_server.faults.alterations.making import Edit, forwarded
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Asked

fault = family(Aspect.PARAMETERS, Aspect.TEXT, Aspect.CALLS)
_KILLS = "CC-GATE-005"
_TOOL = {
    "type": "function",
    "function": {
        "name": "search_the_web",
        "description": "Searches the web.",
        "parameters": {"type": "object", "properties": {}},
    },
}
_ADDED: tuple[tuple[str, Any], ...] = (
    ("temperature", 0.7),
    ("top_p", 0.9),
    ("seed", 42),
    ("frequency_penalty", 0.5),
    ("presence_penalty", 0.5),
    ("logit_bias", {"50256": -100}),
    ("stop", ["\nUser:"]),
    ("n", 2),
    ("logprobs", True),
    ("response_format", {"type": "json_object"}),
    ("tools", [_TOOL]),
)
_ANSWERED = {
    "n": {"CC-RESP-003": "there is a second choice", "CC-STREAM-032": "there are chunks of a second choice"},
    "logprobs": {"CC-LOGPROBS-002": "the answer has log probabilities"},
}
# Beside these a gateway leaves alone what it would set.
_SAID = frozenset(name for name, _ in _ADDED) | {"tool_choice", "top_logprobs", "functions"}


def _says_nothing(asked: Asked) -> bool:
    return asked.is_chat and not _SAID & asked.body.keys()


def _adding(name: str, value: Any) -> Edit:
    return lambda body: body.update({name: value})


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"gateway-adds-{name.replace('_', '-')}",
            f"The gateway sends `{name}` of its own where the client said nothing.",
            forwarded(_adding(name, value), _says_nothing),
            kills=_KILLS,
            collateral=_ANSWERED.get(name),
        )
        for name, value in _ADDED
    ),
    *(
        fault(
            f"gateway-adds-temperature-{word}",
            f"The gateway sends a temperature of its own where the client said nothing, {told}.",
            forwarded(_adding("temperature", 0.7), both(_says_nothing, FORMS[word])),
            kills=f"{_KILLS}@{word}",
        )
        for word, told in (
            ("plain", "for plain answers"),
            ("streamed", "for streams"),
        )
    ),
    fault(
        "gateway-adds-temperature-zero",
        "The gateway sends a temperature of 0 where the client said nothing.",
        forwarded(_adding("temperature", 0), _says_nothing),
        kills=_KILLS,
    ),
)
