"""Which of the things that the contract forbids a server may let pass.

A member that a server does not know it need not check, null often means "not given", and some frameworks read
a number that stands in quotes. Vendors differ here, and no client is hurt.
"""

from __future__ import annotations

import re

from chatconform.contract import Violation, load_contract
from chatconform.suite import Json

# What every server that speaks the API has to understand, and so has to check.
CORE = frozenset(
    (
        "model",
        "messages",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "n",
        "stop",
        "frequency_penalty",
        "presence_penalty",
        "logprobs",
        "top_logprobs",
        "stream",
        "tools",
        "tool_choice",
        "response_format",
    )
)
# Parts of the core that are no more common than a member of their own.
_OPTIONAL_PARTS = frozenset(
    (
        "prompt_cache_breakpoint",
        "audio",
        "file",
        "input_audio",
        "image_url",
        "refusal",
        "name",
        "function_call",
        "custom",
        "allowed_tools",
        "description",
        "strict",
    )
)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_NEEDED = frozenset({"model", "messages", "role"})
_SIZES = frozenset({"minItems", "maxItems"})
_LIMITS = frozenset({"max_tokens", "max_completion_tokens"})


def has_to_be_refused(body: Json) -> bool:
    """Whether a body breaks the contract in a way that every server has to notice."""
    violations = load_contract().validator("CreateChatCompletionRequest").violations(body)
    return any(not _may_pass(violation, body) for violation in violations)


def _may_pass(violation: Violation, body: Json) -> bool:
    path = violation.path if violation.missing is None else (*violation.path, violation.missing)
    if not path:
        return False
    value = None if violation.missing is not None else _at(body, path)
    return (
        _is_optional(path)
        or (violation.missing is None and value is None and path[-1] not in _NEEDED)
        or (violation.keyword == "type" and _reads_as_another_type(value))
        or _is_of_a_camp(violation, path)
    )


def _is_optional(path: tuple[str | int, ...]) -> bool:
    return path[0] not in CORE or bool(_OPTIONAL_PARTS & {step for step in path[1:] if isinstance(step, str)})


def _is_of_a_camp(violation: Violation, path: tuple[str | int, ...]) -> bool:
    """Whether it is about sizes of lists, limits of 0 or members that need each other: other rules tell."""
    return (
        violation.rule is not None
        or (violation.keyword in _SIZES and path != ("messages",))
        or (violation.keyword == "minimum" and path[0] in _LIMITS)
    )


def _reads_as_another_type(value: Json) -> bool:
    """Whether a lax framework would read the value as a number or as true or false."""
    return isinstance(value, bool | int | float) or (
        isinstance(value, str) and bool(_NUMBER.fullmatch(value))
    )


def _at(value: Json, path: tuple[str | int, ...]) -> Json:
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
    return value
