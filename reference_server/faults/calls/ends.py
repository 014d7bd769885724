"""Faults in how answers with tool calls end, and in answers that end as if they had some."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.asks import (
    FORMS,
    both,
    chooses,
    chooses_by,
    offers_no_tools,
    offers_tools,
)
from chatconform.reference_server.faults.alterations.paths import follows_tool_result, is_later, is_plain
from chatconform.reference_server.faults.alterations.rewriting import ends
from chatconform.reference_server.faults.consequences.calls import for_all
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import FinishReason
from chatconform.reference_server.seams import Asked

# Where calls cannot be read their end is not judged either.
fault = family(Aspect.FINISH, Aspect.CALLS)
_STOP, _CALLS, _FUNCTION = FinishReason.STOP, FinishReason.TOOL_CALLS, FinishReason.FUNCTION_CALL
_LENGTH = FinishReason.LENGTH
_SEEN = (
    "BerriAI/litellm#35663",
    "vllm-project/vllm#25054",
    "ollama/ollama#7963",
    "runpod-workers/worker-vllm#271",
)


_NOT_CUT = {"CC-LIMIT-008": "the answer says that it was cut, and was not"}
_LATER = {"CC-CONT-055": "it is so on later turns as well"}
_NOT_STOP = for_all(
    "CC-CONT-001 CC-CONT-009 CC-RESP-007 CC-STOP-001 CC-STOP-002 CC-STOP-006 CC-STOP-008",
    "a text that is complete ends otherwise",
)


def _by_itself(asked: Asked) -> bool:
    """The model chooses by itself whether it calls."""
    return asked.is_chat and asked.body.get("tool_choice") in (None, "auto")


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"calls-end-with-{reason.value.replace('_', '-')}-{form}",
            f"A tool call ends with finish_reason `{reason.value}`, in {form} answers.",
            ends({_CALLS: reason}, both(FORMS[form], _by_itself)),
            kills="CC-TOOLS-004@all-traffic",
            seen_in=_SEEN if reason is _STOP else (),
        )
        for reason in (_STOP, _FUNCTION)
        for form in FORMS
    ),
    # A stream without usage may have been cut by its limit.
    fault(
        "calls-end-with-length",
        "A tool call that no limit cut ends with finish_reason `length`.",
        ends({_CALLS: _LENGTH}, both(is_plain, _by_itself)),
        kills="CC-TOOLS-004@all-traffic",
        collateral=_NOT_CUT,
    ),
    fault(
        "calls-of-later-rounds-end-with-stop",
        "A tool call that follows a tool result ends with finish_reason `stop`.",
        ends({_CALLS: _STOP}, both(follows_tool_result, _by_itself)),
        kills="CC-TOOLS-004@plain",
    ),
    *(
        fault(
            f"required-calls-end-with-function-call-{form}",
            f"A call that was required ends with finish_reason `function_call`, in {form} answers.",
            ends({_CALLS: _FUNCTION}, both(FORMS[form], chooses("required"))),
            kills=f"CC-TOOLS-004@{form}",
        )
        for form in FORMS
    ),
    fault(
        "required-calls-of-later-turns-end-with-stop",
        "A call that was required ends with `tool_calls` on the first turn, with `stop` on a later one.",
        ends({_CALLS: _STOP}, both(is_later, chooses("required"))),
        kills="CC-TOOLS-004@later-turn-streamed",
    ),
    fault(
        "named-calls-end-with-length",
        "A named choice ends with finish_reason `length`.",
        ends({_CALLS: _LENGTH}, chooses_by("function")),
        kills="CC-CHOICE-004",
        collateral=_NOT_CUT,
    ),
    *(
        fault(
            f"named-calls-end-with-stop-{form}",
            f"A named choice ends with finish_reason `stop` in {form} answers only.",
            ends({_CALLS: _STOP}, both(FORMS[form], chooses_by("function"))),
            kills="CC-CHOICE-004",
        )
        for form in FORMS
    ),
    *(
        fault(
            f"none-ends-with-tool-calls-{form}",
            f"A text under tool_choice none ends with finish_reason `tool_calls`, in {form} answers.",
            ends({_STOP: _CALLS}, both(FORMS[form], chooses("none"))),
            kills=f"CC-TOOLS-018 CC-CHOICE-001@{form}",
            collateral=_LATER,
        )
        for form in FORMS
    ),
    fault(
        "answers-beside-tools-end-with-tool-calls",
        "Answers to requests with tools end with tool_calls, whether or not one is called.",
        ends({_STOP: _CALLS}, offers_tools),
        kills="CC-TOOLS-018 CC-CHOICE-001",
        collateral={**_LATER, **_NOT_STOP},
        seen_in="vllm-project/vllm#53255",
    ),
    *(
        fault(
            f"texts-without-tools-end-with-{reason.value.replace('_', '-')}",
            f"Answers to requests without tools end with `{reason.value}`.",
            ends({_STOP: reason}, offers_no_tools),
            kills="CC-TOOLS-016@plain CC-TOOLS-016@all-traffic",
            collateral=_NOT_STOP,
            also=(Aspect.TEXT,),
        )
        for reason in (_CALLS, _FUNCTION)
    ),
    *(
        fault(
            f"function-calls-end-with-{reason.value.replace('_', '-')}",
            f"A deprecated function_call ends with finish_reason `{reason.value}`.",
            ends({_FUNCTION: reason}),
            kills="CC-TOOLS-028",
            seen_in="MeetKai/functionary#243" if reason is _CALLS else (),
        )
        for reason in (_CALLS, _STOP)
    ),
)
