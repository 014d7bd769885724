"""Token limits that are ignored, on one path or on all, or counted wrongly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import (
    is_number,
)
from chatconform.reference_server.faults.alterations.forwarding import SEEN_BEHIND
from chatconform.reference_server.faults.alterations.making import (
    Edit,
    chats,
    model_body,
)
from chatconform.reference_server.faults.alterations.paths import FIRST_TURN, When
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.model import ChatRequest, prompt_tokens

fault = family(Aspect.PARAMETERS, Aspect.FINISH, Aspect.TEXT)
NEWER, OLDER = "max_completion_tokens", "max_tokens"
NAMES = (NEWER, OLDER)
OWN_LIMIT = 160
TOKENS_PER_WORD = 1.4
_KILLED_ON = {
    NEWER: {
        "plain": "CC-LIMIT-001@plain",
        "streamed": "CC-LIMIT-001@streamed",
        "after-tool-result": "CC-CONT-008@after-tool-result",
        "later-turn": "CC-CONT-008@later-turn-streamed",
    },
    OLDER: {
        "plain": "CC-LIMIT-002@plain",
        "streamed": "CC-LIMIT-002@streamed",
        "after-tool-result": "CC-CONT-027@after-tool-result",
        "later-turn": "CC-CONT-027@later-turn-streamed",
    },
}
_LATER = {NEWER: "CC-CONT-008", OLDER: "CC-CONT-027"}
_OWN = {NEWER: "CC-LIMIT-001", OLDER: "CC-LIMIT-002"}
_SEEN_IN = {
    NEWER: ("abetlen/llama-cpp-python#1907", "ikawrakow/ik_llama.cpp#2321"),
    OLDER: ("vllm-project/vllm-omni#445", "BerriAI/litellm#1629", "coasys/ad4m#996"),
}


TOO_MANY = {"CC-LIMIT-009": "more tokens are counted than the limit allows"}


def ignoring(name: str) -> Edit:
    """An edit that ignores a limit; the server's own is small enough that nobody has to wait for it."""

    def edit(body: Any) -> None:
        if is_number(body.pop(name, None)) and not any(is_number(body.get(other)) for other in NAMES):
            body[name] = OWN_LIMIT

    return edit


def _ignored() -> Iterator[Fault]:
    for name in NAMES:
        told = name.replace("_", "-")
        yield fault(
            f"{told}-ignored",
            f"`{name}` is ignored, and the server's own limit applies.",
            model_body(ignoring(name)),
            kills=" ".join(_KILLED_ON[name].values()),
            seen_in=_SEEN_IN[name],
        )
        for path, when in FIRST_TURN.items():
            yield fault(
                f"{told}-ignored-{path}",
                f"`{name}` is ignored on one path: {path.replace('-', ' ')}.",
                model_body(ignoring(name), when),
                kills=f"{_KILLED_ON[name][path]} {SEEN_BEHIND[path]}",
            )


def counting(change: Callable[[int, Any], int], *names: str, when: When = chats) -> Any:
    """The limits of these names are others: the change is given the limit and the body."""

    def edit(body: Any) -> None:
        for name in names or NAMES:
            if is_number(body.get(name)):
                body[name] = max(1, change(body[name], body))

    return model_body(edit, when)


def _less_the_prompt(limit: int, body: Any) -> int:
    return limit - prompt_tokens(ChatRequest.from_body(body))


def _of_each() -> Iterator[Fault]:
    for name in NAMES:
        told = name.replace("_", "-")
        for how, what, change in (
            (
                "exceeded-by-one",
                f"One token more is written than `{name}` allows.",
                lambda limit, _: limit + 1,
            ),
            ("doubled", f"`{name}` is applied to each half of the answer.", lambda limit, _: 2 * limit),
            ("counts-words", f"`{name}` bounds the words, which are fewer than the tokens.", _in_words),
        ):
            yield fault(
                f"{told}-{how}",
                what,
                counting(change, name),
                kills=f"{_OWN[name]}@plain {_OWN[name]}@streamed",
                collateral={**TOO_MANY, _LATER[name]: "it holds on every turn"},
            )


def _in_words(limit: int, _: Any) -> int:
    return round(limit * TOKENS_PER_WORD)


ALL: tuple[Fault, ...] = (
    *_ignored(),
    *_of_each(),
    fault(
        "limit-counts-characters",
        "The limit bounds the characters, of which a token has several.",
        counting(lambda limit, _: limit // 4),
        kills="CC-LIMIT-008",
        collateral={
            "CC-LIMIT-002": "two choices have a quarter of their limits",
        },
    ),
    fault(
        "limit-counts-the-prompt",
        "The tokens of the prompt are taken off the limit.",
        counting(_less_the_prompt),
        kills="CC-LIMIT-008",
        collateral={
            "CC-LIMIT-002": "two choices have less than their limits",
            "CC-CONT-022": "one token is left of every answer",
            "CC-TOOLS-004": "calls are cut",
        },
    ),
    fault(
        "limit-shared-by-the-choices",
        "All choices together have the tokens of one.",
        counting(lambda limit, body: limit // (body.get("n") or 1)),
        kills="CC-LIMIT-002@plain CC-LIMIT-002@streamed",
    ),
    fault(
        "limit-multiplied-by-the-choices",
        "Each choice has the tokens of all.",
        counting(lambda limit, body: limit * (body.get("n") or 1)),
        kills="CC-LIMIT-002@plain CC-LIMIT-002@streamed",
        collateral={
            "CC-CONT-027": "it holds on every turn",
        },
    ),
)
