"""Stop strings that are ignored, on one path or on all, or of which some are."""

from __future__ import annotations

from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import (
    is_text,
    member,
    refused_by_name,
    refused_without_a_word,
)
from chatconform.reference_server.faults.alterations.forwarding import SEEN_BEHIND
from chatconform.reference_server.faults.alterations.making import dropping, model_body, request_body
from chatconform.reference_server.faults.alterations.paths import FIRST_TURN
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.requests.bad_requests import crashing

fault = family(Aspect.PARAMETERS, Aspect.TEXT, Aspect.FINISH)
FOUR = 4
_KILLED_ON = {
    "plain": "CC-STOP-001@plain CC-STOP-002@plain",
    "streamed": "CC-STOP-001@streamed CC-STOP-008@streamed",
    "after-tool-result": "CC-CONT-009@after-tool-result CC-STOP-002@after-tool-result",
    "later-turn": "CC-CONT-009@later-turn-streamed",
}
EVERYWHERE = " ".join(_KILLED_ON.values())


def _only(*places: slice) -> Any:
    """Of several stop strings those in these places."""

    def change(body: Any) -> None:
        if isinstance(body.get("stop"), list):
            body["stop"] = [each for place in places for each in body["stop"][place]]

    return change


def _is_wide(value: Any) -> bool:
    return is_text(value) and not value.isascii()


_MANY = member("stop", lambda value: isinstance(value, list) and len(value) > FOUR)
_ONE = member("stop", is_text)
_WIDE = member("stop", lambda value: isinstance(value, list) and any(map(_is_wide, value)))


def _without_wide(body: Any) -> None:
    body["stop"] = [each for each in body["stop"] if not _is_wide(each)] or None


ALL: tuple[Fault, ...] = (
    fault(
        "stop-ignored",
        "`stop` is ignored.",
        model_body(dropping("stop")),
        kills=f"{EVERYWHERE} CC-STOP-008",
        seen_in="NVIDIA-NeMo/Megatron-Bridge#5815",
    ),
    *(
        fault(
            f"stop-ignored-{path}",
            f"`stop` is ignored on one path: {path.replace('-', ' ')}.",
            model_body(dropping("stop"), when),
            kills=f"{_KILLED_ON[path]} {SEEN_BEHIND[path]}",
        )
        for path, when in FIRST_TURN.items()
    ),
    fault(
        "stop-takes-the-first-only",
        "Of several stop strings only the first is used.",
        model_body(_only(slice(1))),
        kills="CC-STOP-002@after-tool-result CC-CONT-009@after-tool-result",
    ),
    fault(
        "stop-takes-the-last-only",
        "Of several stop strings only the last is used.",
        model_body(_only(slice(-1, None))),
        kills="CC-STOP-001@plain",
        collateral={
            "CC-CONT-009": "it holds on every turn",
        },
    ),
    fault(
        "stop-string-alone-ignored",
        "A stop string is ignored unless it is in an array.",
        model_body(dropping("stop"), _ONE),
        kills="CC-STOP-002@plain",
        seen_in="NVIDIA-NeMo/Megatron-Bridge#5815",
    ),
    fault(
        "stop-string-alone-refused",
        "A stop string is refused unless it is in an array, and nothing tells why.",
        refused_without_a_word(_ONE),
        kills="CC-STOP-002@plain",
        seen_in="songquanpeng/one-api#613",
    ),
    fault(
        "wide-stop-ignored",
        "Stop strings beyond ASCII are never found, for tokens are decoded one by one.",
        model_body(_without_wide, _WIDE),
        kills="CC-STOP-008",
    ),
    fault(
        "fifth-stop-string-dropped",
        "The fifth stop string is cut off silently.",
        request_body(_only(slice(FOUR)), _MANY),
        kills="CC-STOP-003",
        seen_in=("QwenLM/Qwen-Agent#808", "BerriAI/litellm#18921"),
    ),
    crashing("fifth-stop-string", "An array of five stop strings", _MANY, "CC-STOP-003"),
    fault(
        "fifth-stop-string-refused-without-a-word",
        "Five stop strings are refused, and nothing tells why.",
        refused_without_a_word(_MANY),
        kills="CC-STOP-003",
    ),
    fault(
        "fifth-stop-string-forbidden",
        "Five stop strings answer 403.",
        refused_by_name("stop", _MANY, status=403),
        kills="CC-STOP-003",
    ),
)
