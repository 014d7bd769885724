"""Gateways that send another request than the first one when they try again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chatconform.reference_server.faults.alterations.asks import FORMS, both
from chatconform.reference_server.faults.alterations.forwarding import (
    Message,
    each_message_of,
    is_again,
    messages,
)
from chatconform.reference_server.faults.alterations.making import Edit, dropping, forwarded, setting
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PARAMETERS, Aspect.PROMPT, Aspect.UPSTREAM)
_KILLS = "CC-CONT-019"
_LEFT = frozenset({"model", "messages", "stream", "stream_options"})
_NOTE: Message = {"role": "system", "content": "Answer at once."}
_LOST: Mapping[str, str] = {
    "temperature": "",
    "top_p": "",
    "seed": "",
    "frequency_penalty": "",
    "presence_penalty": "",
    "logit_bias": "",
    "stop": "NVIDIA-NeMo/Megatron-Bridge#5815",
    "max_completion_tokens": "Mintplex-Labs/anything-llm#6330 (one path omits max_tokens)",
    "n": "",
    "response_format": "",
    "tool_choice": "BerriAI/litellm#39737 (tool_choice dropped)",
    "parallel_tool_calls": "",
}


def _without_parameters(body: Any) -> Any:
    return {name: value for name, value in body.items() if name in _LEFT}


_CHANGED: tuple[tuple[str, str, Edit], ...] = (
    ("without-parameters", "The retried request has only model and messages.", _without_parameters),
    (
        "without-tools",
        "The retried request has no tools.",
        dropping("tools", "tool_choice", "parallel_tool_calls"),
    ),
    (
        "without-logprobs",
        "The retried request asks for no log probabilities.",
        dropping("logprobs", "top_logprobs"),
    ),
    (
        "with-own-temperature",
        "The retried request has a temperature of the gateway's.",
        setting(temperature=1),
    ),
    (
        "with-own-limit",
        "The retried request has a limit of the gateway's.",
        setting(max_completion_tokens=4096),
    ),
    ("without-history", "The retried request has only the last message.", messages(lambda found: found[-1:])),
    (
        "with-the-history-twice",
        "The retried request has the conversation twice.",
        messages(lambda found: [*found, *found]),
    ),
    (
        "with-the-question-twice",
        "The retried request has the last message twice.",
        messages(lambda found: [*found, found[-1]]),
    ),
    (
        "with-the-system-message-twice",
        "The retried request has the system message twice.",
        messages(lambda found: [found[0], *found]),
    ),
    (
        "with-an-instruction",
        "The retried request has an instruction beside its messages.",
        messages(lambda found: [_NOTE, *found]),
    ),
    (
        "with-another-role",
        "The retried request has its system message as one of the user.",
        each_message_of("system", setting(role="user")),
    ),
    (
        "with-cut-texts",
        "The retried request has its texts cut.",
        each_message_of("user", lambda each: each.update(content=str(each["content"])[:60])),
    ),
)


def _all() -> Iterator[Fault]:
    for word, told, edit in _CHANGED:
        yield fault(f"gateway-retries-{word}", told, forwarded(edit, is_again), kills=_KILLS)
    for name, seen_in in _LOST.items():
        yield fault(
            f"gateway-retries-without-{name.replace('_', '-')}",
            f"The retried request has no `{name}`.",
            forwarded(dropping(name), is_again),
            kills=_KILLS,
            seen_in=seen_in or (),
        )
    for form, when in FORMS.items():
        yield fault(
            f"gateway-retries-without-parameters-{form}",
            f"The retried request has only model and messages where the answer is {form}.",
            forwarded(_without_parameters, both(is_again, when)),
            kills=f"{_KILLS}@{form}",
        )


ALL: tuple[Fault, ...] = tuple(_all())
