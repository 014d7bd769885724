"""Faults in which calls there are: too many, or left in the text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from chatconform.reference_server.faults.alterations.asks import (
    FORMS,
    both,
    chooses,
    chooses_by,
    offers_tools,
)
from chatconform.reference_server.faults.alterations.making import dropping, model_body, pieces
from chatconform.reference_server.faults.alterations.rewriting import call, whole_calls
from chatconform.reference_server.faults.consequences.calls import NOT_FORWARDED, WRONG_NAME, for_all, of
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import (
    ChatRequest,
    Finish,
    FinishReason,
    Piece,
    Text,
    ToolCallStart,
)

Pieces = Iterator[Piece]
fault = family(Aspect.CALLS)
_BARE = '{"name": %s, "arguments": %s}'
_MARKED_UP = f"<tool_call>\n{_BARE}\n</tool_call>\n"


def _twice(found: Pieces, _: ChatRequest) -> Pieces:
    for each in whole_calls(found):
        if isinstance(each, tuple):
            start, text = each
            yield from call(replace(start, index=2 * start.index), text)
            yield from call(replace(start, index=2 * start.index + 1, id=f"{start.id}b"), text)
        else:
            yield each


def _begun_again(found: Pieces, _: ChatRequest) -> Pieces:
    """The arguments as they were at their beginning are a call as well."""
    for each in whole_calls(found):
        if isinstance(each, tuple):
            start, text = each
            yield from call(replace(start, index=2 * start.index), "{}")
            yield from call(replace(start, index=2 * start.index + 1, id=f"{start.id}b"), text)
        else:
            yield each


def _as_text(pattern: str) -> Callable[[Pieces, ChatRequest], Pieces]:
    """Nobody reads the calls out of what the model wrote."""

    def rewrite(found: Pieces, _: ChatRequest) -> Pieces:
        for each in whole_calls(found):
            if isinstance(each, tuple):
                yield _written(*each, pattern)
            elif isinstance(each, Finish) and each.reason is FinishReason.TOOL_CALLS:
                yield replace(each, reason=FinishReason.STOP)
            else:
                yield each

    return rewrite


def _beside_text(found: Pieces, _: ChatRequest) -> Pieces:
    """The calls are read, and stay in the text as well."""
    held = list(whole_calls(found))
    for each in held:
        if isinstance(each, tuple):
            yield _written(*each)
    for each in held:
        if isinstance(each, tuple):
            yield from call(*each)
        else:
            yield each


def _written(start: ToolCallStart, text: str, pattern: str = _MARKED_UP) -> Text:
    """A call as models write it."""
    return Text(text=pattern % (json.dumps(start.name), text), tokens=())


_WRITTEN_OUT = of(
    {"CC-STOP-007": "the text has the stop string that stands in the arguments"},
    {"CC-STREAM-030": "the call is written in one piece"},
)
_LEFT = of(
    for_all("CC-CONT-055 CC-RESP-010", "the call is left in the text on later turns as well"),
    {"CC-FORMAT-008": "the call stands in the place of the value that the schema describes"},
)

ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"calls-sent-twice-{form}",
            f"Every call is sent twice, under two indices and two ids, in {form} answers.",
            pieces(_twice, FORMS[form]),
            kills=f"CC-TOOLS-024@{form}",
            collateral={"CC-CHOICE-007": "where one call is allowed two come"},
            seen_in="mudler/LocalAI#9722",
        )
        for form in FORMS
    ),
    fault(
        "named-calls-begun-again-in-streams",
        "In streams every prefix of the arguments of a named choice that happens to be JSON becomes a call.",
        pieces(_begun_again, both(FORMS["streamed"], chooses_by("function"))),
        kills="CC-CHOICE-010",
        collateral={"CC-TOOLS-002": "a call that is begun lacks arguments"},
        seen_in="mudler/LocalAI#9722",
    ),
    *(
        fault(
            f"calls-left-in-text-{form}",
            f"Calls are left in the text as the model wrote them, in {form} answers.",
            pieces(_as_text(_MARKED_UP), both(FORMS[form], offers_tools)),
            kills=f"CC-CHOICE-002@{form} CC-RESP-010",
            collateral=of(
                WRONG_NAME, _WRITTEN_OUT, {"CC-CONT-056": "there is no call on later turns either"}
            ),
            also=(Aspect.TEXT, Aspect.FINISH),
        )
        for form in FORMS
    ),
    *(
        fault(
            f"none-calls-in-{name}-{form}",
            f"Under tool_choice none the model calls, and the call is left in the text, in {form} answers.",
            model_body(dropping("tool_choice"), both(FORMS[form], chooses("none"))),
            pieces(_as_text(pattern), both(FORMS[form], chooses("none"))),
            kills=f"CC-CHOICE-001@{form}",
            collateral=of(_LEFT, NOT_FORWARDED),
            also=(Aspect.TEXT, Aspect.PARAMETERS),
        )
        for name, pattern in (("markup", _MARKED_UP), ("json", _BARE))
        for form in FORMS
    ),
    *(
        fault(
            f"calls-beside-their-text-{form}",
            f"Calls stand in the text as well, as the model wrote them, in {form} answers.",
            pieces(_beside_text, both(FORMS[form], offers_tools)),
            kills="CC-RESP-010",
            collateral=_WRITTEN_OUT,
            also=(Aspect.TEXT,),
        )
        for form in FORMS
    ),
)
