"""Faults in the shape of log probabilities: other members, other types, another API's form, not asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatconform.reference_server.faults.alterations.forms import choices
from chatconform.reference_server.faults.alterations.making import (
    Edit,
    When,
    chats,
    crash,
    dropping,
    edited,
    refusal,
    request_body,
)
from chatconform.reference_server.faults.alterations.members import Place, Row
from chatconform.reference_server.faults.alterations.paths import PATHS
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Alteration, Asked

fault = family(Aspect.LOGPROBS)
_CONTRACT = {
    "CC-RESP-012": "the contract describes tokens",
    "CC-STREAM-024": "the contract describes tokens",
}
_LATER = {
    "CC-CONT-018": "the tokens of later turns are judged alike",
    "CC-CONT-054": "the alternatives of later turns are judged alike",
}
_NOT_LEADING = {**_CONTRACT, **_LATER, "CC-LOGPROBS-006": "what is not there cannot be the same"}
_NOT_THE_TEXT = {**_CONTRACT, **_LATER, "CC-LOGPROBS-005": "what are no bytes are not the text"}
_NO_OTHERS = {**_CONTRACT, **_LATER, "CC-LOGPROBS-003": "no token has alternatives"}


def tokens(change: Callable[[list[Any]], Any], when: When = chats) -> Alteration:
    """The list of tokens of every choice that has one is another one."""

    def edit(choice: Any) -> None:
        told = choice.get("logprobs")
        if told and told.get("content"):
            told["content"] = edited(told["content"], change)

    return choices(edit, when)


def each_token(change: Edit, when: When = chats) -> Alteration:
    """Every token is another one."""
    return tokens(lambda told: [edited(token, change) for token in told], when)


def each_alternative(change: Edit) -> Alteration:
    """Every alternative of a token is another one."""

    def edit(token: Any) -> None:
        token["top_logprobs"] = [edited(other, change) for other in token["top_logprobs"]]

    return each_token(edit)


def _legacy(choice: Any) -> None:
    told = choice.get("logprobs")
    if told and told.get("content"):
        choice["logprobs"] = {
            "tokens": [token["token"] for token in told["content"]],
            "token_logprobs": [token["logprob"] for token in told["content"]],
            "top_logprobs": [
                {other["token"]: other["logprob"] for other in token["top_logprobs"]}
                for token in told["content"]
            ],
            "text_offset": [],
        }


def _as_list(choice: Any) -> None:
    told = choice.get("logprobs")
    if told and told.get("content"):
        choice["logprobs"] = told["content"]


def _empty(choice: Any) -> None:
    if not choice.get("logprobs"):
        choice["logprobs"] = {"content": [], "refusal": None}


def _with_all(body: Any) -> None:
    body["logprobs"] = True


def _asks_for_none(asked: Asked) -> bool:
    return asked.is_chat and not asked.body.get("logprobs") and "top_logprobs" not in asked.body


def _asks_by_half(asked: Asked) -> bool:
    return asked.is_chat and not asked.body.get("logprobs") and asked.body.get("top_logprobs") is not None


_TOKEN = Place(id="token", told="a token", alter=each_token, declare=fault)
_OTHER = Place(id="alternative", told="an alternative", alter=each_alternative, declare=fault)

ALL: tuple[Fault, ...] = (
    fault(
        "logprobs-of-the-older-api",
        "The shape of log probabilities is that of the legacy completions (tokens, token_logprobs).",
        choices(_legacy),
        kills="CC-LOGPROBS-001",
        collateral={**_CONTRACT, **_LATER},
        seen_in=("deepjavalibrary/djl-serving#1714", "mozilla-ocho/llamafile#409"),
    ),
    fault(
        "logprobs-without-content",
        "The list of tokens stands in `logprobs` itself.",
        choices(_as_list),
        kills="CC-LOGPROBS-001",
        collateral={**_CONTRACT, **_LATER},
    ),
    *(
        fault(
            f"logprobs-ignored-{path}",
            f"Log probabilities that were asked for are left out ({path.replace('-', ' ')}).",
            request_body(dropping("logprobs", "top_logprobs"), PATHS[path]),
            kills=f"CC-LOGPROBS-001@{path}",
            collateral={"CC-REQ-032": "what is left out is not refused"},
            seen_in="BerriAI/litellm#3253",
        )
        for path in ("plain", "streamed")
    ),
    *_TOKEN.faults(
        (
            Row(
                members="token",
                values="missing null number",
                kills="CC-LOGPROBS-001",
                collateral=_NOT_LEADING,
            ),
            Row(
                members="logprob",
                values="missing null text",
                kills="CC-LOGPROBS-001",
                collateral=_NOT_LEADING,
            ),
            Row(members="logprob", values="fraction", kills="CC-LOGPROBS-001", collateral=_NOT_LEADING),
            Row(
                members="bytes",
                values="missing text object texts",
                kills="CC-LOGPROBS-001",
                collateral=_NOT_THE_TEXT,
            ),
            Row(
                members="top_logprobs",
                values="missing null object",
                kills="CC-LOGPROBS-001",
                collateral=_NO_OTHERS,
            ),
        )
    ),
    *_OTHER.faults(
        (
            Row(members="token bytes", values="missing", kills="CC-LOGPROBS-003", collateral=_NOT_LEADING),
            Row(members="logprob", values="missing text", kills="CC-LOGPROBS-003", collateral=_NOT_LEADING),
        )
    ),
    fault(
        "logprobs-empty-unasked",
        "`logprobs: {content: []}` is sent although nobody asked.",
        choices(_empty, _asks_for_none),
        kills="CC-LOGPROBS-002",
    ),
    fault(
        "logprobs-unasked",
        "Log probabilities are sent although nobody asked.",
        request_body(_with_all, _asks_for_none),
        kills="CC-LOGPROBS-002",
    ),
    fault(
        "depth-alone-is-enough",
        "The parameter top_logprobs alone returns log probabilities.",
        request_body(_with_all, _asks_by_half),
        kills="CC-LOGPROBS-004",
        also=(Aspect.REFUSALS, Aspect.PARAMETERS),
    ),
    fault(
        "depth-alone-crashes",
        "The parameter top_logprobs without logprobs is answered 500.",
        crash(_asks_by_half),
        kills="CC-LOGPROBS-004",
        collateral={
            "CC-ERR-006": "a bad request is answered as if it could be sent again",
            "CC-REQ-001": "a bad request breaks the server",
        },
        also=(Aspect.REFUSALS, Aspect.PARAMETERS),
    ),
    fault(
        "depth-alone-forbidden",
        "The parameter top_logprobs without logprobs is answered 403.",
        refusal(lambda _: Refusal(403, "Not allowed.", param="top_logprobs"), _asks_by_half),
        kills="CC-LOGPROBS-004",
        also=(Aspect.REFUSALS, Aspect.PARAMETERS),
    ),
)
