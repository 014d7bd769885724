"""Faults that show where a request is one that nobody writes down: they spare what people try first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chatconform.contract import load_contract
from chatconform.reference_server.faults.alterations.asked_for import (
    is_number,
    refused_without_a_word,
    streamed,
)
from chatconform.reference_server.faults.alterations.making import (
    chats,
    completion,
    crash,
    header,
    request,
    request_body,
)
from chatconform.reference_server.faults.alterations.paths import When
from chatconform.reference_server.faults.alterations.responses import (
    answers,
    json,
    refusals,
    status,
    with_status,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Asked

fault = family(Aspect.REFUSALS)
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "n": (1, 128),
    "top_logprobs": (0, 20),
}
_GREETING: dict[str, Any] = {"model": "reference-1", "messages": [{"role": "user", "content": "Hello!"}]}
# What few clients send, and a handler may not expect.
_SELDOM = ("prompt_cache_options", "prompt_cache_retention", "safety_identifier", "functions", "verbosity")
_RARE_METHODS = frozenset({"PUT", "PATCH", "DELETE", "QUERY"})
_NO_OBJECT = {"CC-ERR-001": "an error is told by an object"}
_CRASH = {"CC-ERR-007": "the request is legal"}


def _clamped(body: Any) -> None:
    for name, (low, high) in _RANGES.items():
        if is_number(body.get(name)):
            body[name] = min(max(body[name], low), high)


def _is_bad(asked: Asked) -> bool:
    schema = load_contract().validator("CreateChatCompletionRequest")
    return asked.is_chat and bool(asked.body) and not schema.is_valid(asked.body)


def _has_null(asked: Asked) -> bool:
    return asked.is_chat and any(value is None for value in asked.body.values())


def _is_seldom(asked: Asked) -> bool:
    return asked.is_chat and any(asked.body.get(name) is not None for name in _SELDOM)


def _as_post(asked: Asked) -> Asked:
    return replace(asked, method="POST") if asked.path.endswith("/chat/completions") else asked


def _method(*names: str) -> When:
    return lambda asked: asked.method in names


def _declared(test: Callable[[str], bool]) -> When:
    return lambda asked: asked.is_chat and test(asked.headers.get("content-type", ""))


def _is_other_type(media_type: str) -> bool:
    return not media_type.lower().startswith("application/json")


def _is_short(found: Any) -> None:
    """A completion that was cut by its limit has no date."""
    if any(choice.get("finish_reason") == "length" for choice in found["choices"]):
        del found["created"]


ALL: tuple[Fault, ...] = (
    fault(
        "numbers-out-of-range-moved-to-the-bound",
        "A number outside of its range is moved to the nearer bound, and nobody is told.",
        request_body(_clamped),
        kills="CC-CONTRACT-001",
    ),
    fault(
        "nulls-refused-without-a-word",
        "A null anywhere in a request answers 400, and nothing tells why.",
        refused_without_a_word(_has_null),
        kills="CC-CONTRACT-002",
    ),
    fault(
        "bad-streams-answered-with-a-greeting",
        "With `stream: true` nothing is validated: a bad request is answered as a greeting.",
        request(lambda asked: asked.with_body({**_GREETING, "stream": True}), streamed(_is_bad)),
        kills="CC-CONTRACT-003",
    ),
    fault(
        "bad-streams-refused-with-422",
        "A bad request is refused with 400, and with 422 where `stream: true` stands beside it.",
        refusals(status(422), streamed(_is_bad)),
        kills="CC-CONTRACT-003",
    ),
    fault(
        "bad-streams-refused-with-an-empty-object",
        "The refusal of a bad request with `stream: true` is an empty object.",
        refusals(json({}), streamed(_is_bad)),
        kills="CC-CONTRACT-003",
        collateral={**_NO_OBJECT, "CC-CONTRACT-006": _NO_OBJECT["CC-ERR-001"]},
    ),
    fault(
        "cut-completions-undated",
        "A completion that its limit has cut has no `created`.",
        completion(_is_short),
        kills="CC-CONTRACT-004",
        collateral={"CC-RESP-001": "a completion has its date"},
        also=(Aspect.SHAPE,),
    ),
    fault(
        "bad-requests-answer-418",
        "A bad request is refused with status 418.",
        refusals(status(418), _is_bad),
        kills="CC-CONTRACT-005",
    ),
    fault(
        "answers-are-non-authoritative",
        "A completion has status 203, as from a transforming proxy.",
        answers(status(203), chats, with_status(200)),
        kills="CC-CONTRACT-005",
        collateral={"CC-STREAM-001": "a stream begins with 200"},
    ),
    fault(
        "errors-to-bad-requests-are-texts",
        "What is wrong with a request stands as a string where the error object belongs.",
        refusals(json({"error": "Bad Request"}), _is_bad),
        kills="CC-CONTRACT-006",
        collateral=_NO_OBJECT,
    ),
    fault(
        "seldom-members-crash",
        "A member that few clients send answers 500.",
        crash(_is_seldom),
        kills="CC-CONTRACT-007",
        collateral=_CRASH,
    ),
    fault(
        "rare-methods-served-as-post",
        "Every method on the path of chat is served as POST is.",
        request(_as_post, _method(*_RARE_METHODS)),
        kills="CC-CONTRACT-008",
    ),
    fault(
        "rare-methods-refused-without-allow",
        "The 405 to a seldom method has no header Allow.",
        header("allow", None, _method(*_RARE_METHODS, "TRACE")),
        kills="CC-CONTRACT-008",
    ),
    fault(
        "other-media-types-crash",
        "A body that is not declared to be JSON answers 500.",
        crash(_declared(_is_other_type)),
        kills="CC-CONTRACT-009",
        collateral=_CRASH,
    ),
    fault(
        "other-media-types-refused-emptily",
        "The refusal of a body that is not declared to be JSON is an empty object.",
        refusals(json({}), _declared(_is_other_type)),
        kills="CC-CONTRACT-009",
        collateral=_NO_OBJECT,
    ),
)
