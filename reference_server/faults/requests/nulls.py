"""Null for a parameter that may be null: refused, crashing, or read as a value of its own."""

from __future__ import annotations

from collections.abc import Iterator

from chatconform.reference_server.faults.alterations.asked_for import (
    null,
    refused_by_name,
    refused_without_a_word,
)
from chatconform.reference_server.faults.alterations.making import crash, model_body, request_body, setting
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.PARAMETERS)
# What null means by requirement: the server may not refuse these, whatever it says.
_MEANS_THE_DEFAULT = {
    "CC-REQ-010": ("temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "logit_bias"),
    "CC-REQ-033": ("max_completion_tokens", "max_tokens"),
    "CC-REQ-034": ("stop",),
    "CC-REQ-035": ("n",),
    "CC-REQ-036": ("logprobs", "top_logprobs"),
    "CC-REQ-037": ("stream", "stream_options"),
}
# A server that does not know these may say so; one that says nothing breaks a rule.
_MAY_BE_UNKNOWN = {
    "CC-REQ-038": ("metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key"),
    "CC-REQ-039": ("reasoning_effort", "verbosity", "modalities", "audio", "prediction"),
}
_SEEN_IN = {
    "temperature": ("ggml-org/llama.cpp#25515", "LostRuins/koboldcpp#1503"),
    "max_tokens": ("eclipse-basyx/basyx-pdf-to-aas#8",),
}
_CRASH_SEEN_IN = {"max_tokens": ("getumbrel/llama-gpt#113",)}


def _refused() -> Iterator[Fault]:
    for breaks, names in _MEANS_THE_DEFAULT.items():
        for name in names:
            yield fault(
                f"null-for-{_id(name)}-refused",
                f"`{name}: null` answers 400.",
                refused_by_name(name, null(name)),
                kills=breaks,
                seen_in=_SEEN_IN.get(name, ()),
            )
    for breaks, names in _MAY_BE_UNKNOWN.items():
        for name in names:
            yield fault(
                f"null-for-{_id(name)}-refused",
                f"`{name}: null` answers 400, and nothing tells why.",
                refused_without_a_word(null(name)),
                kills=breaks,
            )


def _crashing() -> Iterator[Fault]:
    for breaks, names in {**_MEANS_THE_DEFAULT, **_MAY_BE_UNKNOWN}.items():
        for name in names:
            own = breaks in _MEANS_THE_DEFAULT
            yield fault(
                f"null-for-{_id(name)}-crashes",
                f"`{name}: null` answers 500.",
                crash(null(name)),
                kills=f"{breaks} CC-ERR-007" if own else "CC-ERR-007",
                seen_in=_CRASH_SEEN_IN.get(name, ()),
            )


def _id(name: str) -> str:
    return name.replace("_", "-")


ALL: tuple[Fault, ...] = (
    *_refused(),
    *_crashing(),
    fault(
        "null-for-a-limit-is-zero",
        "Null for a limit is read as 0, and nothing is written.",
        model_body(setting(max_completion_tokens=0), null("max_completion_tokens")),
        kills="CC-REQ-033",
        also=(Aspect.FINISH,),
    ),
    fault(
        "null-for-a-limit-is-four",
        "Null for a limit is read as a default that cuts any sentence.",
        model_body(setting(max_tokens=4), null("max_tokens")),
        kills="CC-REQ-033",
        also=(Aspect.FINISH,),
    ),
    fault(
        "null-for-n-is-two",
        "Null for `n` gives two choices.",
        model_body(setting(n=2), null("n")),
        kills="CC-REQ-035",
        collateral={"CC-RESP-003": "there are more choices than were asked for"},
    ),
    fault(
        "null-for-logprobs-is-true",
        "`logprobs: null` is taken for true, because the key is there.",
        model_body(setting(logprobs=True), null("logprobs")),
        kills="CC-REQ-036",
        collateral={"CC-LOGPROBS-002": "log probabilities come unasked"},
        also=(Aspect.LOGPROBS,),
    ),
    fault(
        "null-for-stream-is-true",
        "`stream: null` starts a stream, because the key is there.",
        request_body(setting(stream=True), null("stream")),
        kills="CC-REQ-037",
        collateral={
            "CC-HTTP-001": "a plain request is answered by an event stream",
            "CC-HTTP-002": "a plain request is answered by an event stream",
        },
    ),
    fault(
        "null-for-top-logprobs-gives-logprobs",
        "`top_logprobs: null` asks for log probabilities, because the key is there.",
        model_body(setting(logprobs=True), null("top_logprobs")),
        kills="CC-REQ-036",
        collateral={"CC-LOGPROBS-002": "log probabilities come unasked"},
        also=(Aspect.LOGPROBS,),
    ),
)
