"""Faults in which definitions of tools, or parts of them, do not reach the model."""

from __future__ import annotations

from typing import Any

from chatconform.reference_server.faults.alterations.asks import FORMS, both, offers_tools
from chatconform.reference_server.faults.alterations.making import Edit, dropping, model_body
from chatconform.reference_server.faults.consequences.calls import TOOLS_NOT_FORWARDED, WRONG_NAME, of
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PARAMETERS, Aspect.CALLS, Aspect.PROMPT)
_FEWER = {"CC-USAGE-007": "the prompt has fewer tokens in this form"}


def _in_functions(change: Edit) -> Edit:
    def edit(body: Any) -> None:
        for tool in body["tools"]:
            if "function" in tool:
                tool["function"] = change(tool["function"])

    return edit


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"tools-dropped-{form}",
            f"`tools` is dropped before the prompt is rendered, in {form} answers.",
            model_body(dropping("tools"), both(FORMS[form], offers_tools)),
            kills=f"CC-TOOLS-011@{form} CC-CHOICE-002@{form}",
            collateral=of(
                WRONG_NAME,
                _FEWER,
                TOOLS_NOT_FORWARDED,
                {"CC-CONT-056": "there is no call on later turns either"},
            ),
        )
        for form in FORMS
    ),
    *(
        fault(
            f"tool-descriptions-dropped-{form}",
            f"The descriptions of tools do not reach the model, in {form} answers.",
            model_body(_in_functions(dropping("description")), both(FORMS[form], offers_tools)),
            kills=f"CC-TOOLS-011@{form}",
            collateral=of(_FEWER, TOOLS_NOT_FORWARDED),
        )
        for form in FORMS
    ),
    fault(
        "tool-parameters-dropped",
        "The parameters of tools do not reach the model.",
        model_body(_in_functions(dropping("parameters")), offers_tools),
        kills="CC-TOOLS-002",
        collateral=of(TOOLS_NOT_FORWARDED, {"CC-TOOLS-003": "what a strict tool requires is not known"}),
    ),
)
