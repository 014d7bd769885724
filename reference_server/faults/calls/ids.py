"""Faults in the ids and in the names of tool calls."""

from __future__ import annotations

from dataclasses import replace

from chatconform.reference_server.faults.alterations.asks import FORMS
from chatconform.reference_server.faults.alterations.making import chats
from chatconform.reference_server.faults.alterations.rewriting import starts
from chatconform.reference_server.faults.consequences.calls import NO_HEAD, WRONG_NAME
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import CallKind, ToolCallStart
from chatconform.reference_server.seams import Alteration

fault = family(Aspect.CALLS)


def _ids(pattern: str, form: str = "") -> Alteration:
    """Ids by a pattern of the call's index and name."""

    def change(start: ToolCallStart) -> ToolCallStart:
        return (
            replace(start, id=pattern.format(index=start.index, name=start.name, id=start.id))
            if start.id
            else start
        )

    return starts(change, FORMS.get(form, chats))


def _names(pattern: str, kind: CallKind = CallKind.FUNCTION, form: str = "") -> Alteration:
    """Names by a pattern of the true one."""

    def change(start: ToolCallStart) -> ToolCallStart:
        return replace(start, name=pattern.format(name=start.name)) if start.kind is kind else start

    return starts(change, FORMS.get(form, chats))


ALL: tuple[Fault, ...] = (
    fault(
        "call-ids-all-alike",
        "Every tool call has the id call_0.",
        _ids("call_0"),
        kills=("CC-TOOLS-005@all-traffic", "CC-TOOLS-005@after-tool-result", "CC-TOOLS-005@plain"),
        seen_in="Ollama resolves repeated ids by 'last one wins' (openai.go, nameFromToolCallID)",
    ),
    fault(
        "call-ids-restart",
        "The ids of tool calls count from 0 in every answer.",
        _ids("call_{index}"),
        kills=("CC-TOOLS-005@after-tool-result", "CC-TOOLS-005@plain"),
    ),
    *(
        fault(
            f"call-id-the-name-{form}",
            f"The id of a tool call is the name of its tool, in {form} answers.",
            _ids("{name}", form),
            kills="CC-TOOLS-005@all-traffic",
        )
        for form in FORMS
    ),
    *(
        fault(
            f"call-id-empty-{form}",
            f"The id of a tool call is empty, in {form} answers.",
            _ids("", form),
            kills="CC-TOOLS-001 CC-TOOLS-005@all-traffic",
            collateral=NO_HEAD,
        )
        for form in FORMS
    ),
    fault(
        "call-id-with-a-blank",
        "The id of a call is its name, a blank, and a number.",
        _ids("{name} {id}"),
        kills="CC-TOOLS-019",
    ),
    fault(
        "call-id-with-a-line-break",
        "The id of a call ends with a line break.",
        _ids("{id}\n"),
        kills="CC-TOOLS-019",
    ),
    *(
        fault(
            f"call-of-an-own-tool-{form}",
            f"A call names a tool of the server's own that the request did not define, in {form} answers.",
            _names("search_web", form=form),
            kills="CC-TOOLS-015",
            collateral=WRONG_NAME,
        )
        for form in FORMS
    ),
    fault(
        "call-name-with-a-prefix",
        "The names of called tools have the prefix `functions.`.",
        _names("functions.{name}"),
        kills="CC-TOOLS-015",
        collateral=WRONG_NAME,
    ),
    fault(
        "call-name-empty",
        "The name of a tool call is empty.",
        _names(""),
        kills="CC-TOOLS-001 CC-TOOLS-015",
        collateral=NO_HEAD,
    ),
    fault(
        "function-call-of-an-own-function",
        "A deprecated function_call names a function that the request did not define.",
        _names("search_web", CallKind.LEGACY),
        kills="CC-TOOLS-015",
    ),
)
