"""Limits that are odd: two at once, zero, far above the context, and a prompt that exceeds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatconform.reference_server.faults.alterations.asked_for import (
    is_number,
    is_text,
    member,
    objects_in,
    refused_by_name,
    refused_without_a_word,
)
from chatconform.reference_server.faults.alterations.making import (
    crash,
    dropping,
    model_body,
    request_body,
    waiting,
)
from chatconform.reference_server.faults.alterations.paths import When
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.limits.ignored import NAMES, NEWER, OLDER, TOO_MANY, ignoring
from chatconform.reference_server.faults.requests.bad_answers import NEVER, failing_in_the_stream
from chatconform.reference_server.faults.requests.bad_requests import crashing
from chatconform.reference_server.seams import Asked

fault = family(Aspect.PARAMETERS, Aspect.FINISH, Aspect.TEXT)
HUGE = 1_000_000
# The context of the stands, in tokens; of the prompts that exceed it each token has a letter and a blank.
CONTEXT = 8192


def added(body: Any) -> None:
    """Both limits are the sum of both."""
    body[NEWER] = body[OLDER] = body[NEWER] + body[OLDER]


def _without_both(body: Any) -> None:
    ignoring(OLDER)(body)
    ignoring(NEWER)(body)


def _with_both(asked: Asked) -> bool:
    return asked.is_chat and all(is_number(asked.body.get(name)) for name in NAMES)


def limited(test: Callable[[Any], bool]) -> When:
    """A limit, of either name, is as the test wants it."""
    return lambda asked: any(member(name, test)(asked) for name in NAMES)


_ZERO = limited(lambda value: value == 0 and is_number(value))
_HUGE = limited(lambda value: is_number(value) and value >= HUGE)


def too_long(asked: Asked) -> bool:
    """The prompt exceeds the context."""
    contents = [str(each.get("content")) for each in objects_in(asked)]
    return asked.is_chat and sum(map(len, contents)) > 2 * CONTEXT


def _cut_to_the_context(body: Any) -> None:
    for each in body["messages"]:
        if is_text(each.get("content")):
            each["content"] = each["content"][-CONTEXT:]


ALL: tuple[Fault, ...] = (
    fault(
        "both-limits-added",
        "Two limits are added.",
        model_body(added, _with_both),
        kills="CC-LIMIT-006",
        collateral=TOO_MANY,
    ),
    fault(
        "both-limits-ignored",
        "Of two limits neither applies.",
        model_body(_without_both, _with_both),
        kills="CC-LIMIT-006",
    ),
    fault(
        "zero-limit-is-none",
        "A limit of 0 is treated as no limit.",
        request_body(dropping(*NAMES), _ZERO),
        kills="CC-LIMIT-004",
    ),
    fault(
        "zero-limit-refused-without-a-word",
        "A limit of 0 is refused, and nothing tells why.",
        refused_without_a_word(_ZERO),
        kills="CC-LIMIT-004",
    ),
    fault(
        "zero-limit-forbidden",
        "A limit of 0 answers 403.",
        refused_by_name(NEWER, _ZERO, status=403),
        kills="CC-LIMIT-004",
    ),
    crashing("zero-limit", "A limit of 0", _ZERO, "CC-LIMIT-004"),
    fault(
        "huge-limit-hangs",
        "A limit far above the context is never answered.",
        waiting(NEVER, _HUGE),
        kills="CC-LIMIT-005",
        also=(Aspect.TIME, Aspect.CONNECTION),
        seen_in="paiml/aprender#665",
    ),
    fault(
        "huge-limit-crashes",
        "A limit far above the context answers 500.",
        crash(_HUGE),
        kills="CC-LIMIT-005 CC-ERR-007",
        collateral={
            "CC-SAMPLE-009": "the defaults are written out beside it",
        },
    ),
    fault(
        "huge-limit-too-large",
        "A limit far above the context answers 413.",
        refused_by_name(NEWER, _HUGE, status=413),
        kills="CC-LIMIT-005",
    ),
    fault(
        "long-prompt-cut-silently",
        "The beginning of the prompt is dropped without a word until it fits.",
        model_body(_cut_to_the_context, too_long),
        kills="CC-LIMIT-007",
        collateral={
            "CC-USAGE-013": "the rest is not counted",
        },
        also=(Aspect.PROMPT,),
        seen_in="langgenius/dify-plugin-sdks#74",
    ),
    fault(
        "long-prompt-refused-without-a-word",
        "A prompt over the context is refused, and nothing tells why.",
        refused_without_a_word(too_long),
        kills="CC-LIMIT-007",
        seen_in="NVIDIA/TensorRT-LLM#19457",
    ),
    fault(
        "long-prompt-refused-in-the-stream",
        "A prompt over the context is refused in the stream, behind a status of 200.",
        failing_in_the_stream(too_long, kind="invalid_request_error", code="context_length_exceeded"),
        kills="CC-LIMIT-007",
        seen_in="sgl-project/sglang#19996",
    ),
    fault(
        "long-prompt-crashes",
        "A prompt over the context answers 500.",
        crash(too_long),
        kills="CC-LIMIT-007 CC-ERR-007",
        collateral={
            "CC-HTTP-009": "a body beyond every bound has a long prompt",
        },
    ),
)
