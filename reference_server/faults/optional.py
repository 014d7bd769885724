"""Parameters that a server may lack, and numbers on the bounds of their ranges: refused without a word, or worse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from chatconform.reference_server.faults.conditions import (
    above,
    below,
    both,
    member,
    message,
    refused_by_name,
    refused_without_a_word,
    streamed,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.making import crash, is_completion, model_body, reply, request_body, setting
from chatconform.reference_server.faults.paths import When
from chatconform.reference_server.seams import Alteration, Asked, Document, Response

fault = family(Aspect.PARAMETERS)
_KNOWN_MEMBERS = frozenset({"role", "content", "name", "refusal", "audio", "tool_calls", "tool_call_id", "function_call"})
_LONG = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a request that is legal: the rule that lets it pass, and when a request has it."""

    name: str
    what: str
    breaks: str
    when: When
    collateral: tuple[tuple[str, str], ...] = ()


def _given(name: str) -> When:
    return member(name, lambda value: value is not None)


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and len(value) > _LONG


_OPTIONAL = (
    Part(name="long-user", what="A `user` of more than 64 characters", breaks="CC-REQ-040", when=member("user", _is_long)),
    *(
        Part(name=name.replace("_", "-"), what=f"`{name}`", breaks=breaks, when=_given(name))
        for name, breaks in (
            ("metadata", "CC-REQ-041"),
            ("store", "CC-REQ-042"),
            ("service_tier", "CC-REQ-043"),
            ("prompt_cache_key", "CC-REQ-044"),
            ("safety_identifier", "CC-REQ-044"),
            ("reasoning_effort", "CC-REQ-045"),
            ("verbosity", "CC-REQ-046"),
            ("modalities", "CC-REQ-047"),
            ("prediction", "CC-REQ-048"),
        )
    ),
    Part(
        name="unknown-member-of-a-message",
        what="A member of a message that is not known",
        breaks="CC-REQ-049",
        when=message(lambda each: bool(each.keys() - _KNOWN_MEMBERS)),
    ),
)
_BOUNDS = (
    Part(name="temperature-of-2", what="A `temperature` of 2", breaks="CC-REQ-051", when=member("temperature", lambda value: value == 2)),
    Part(name="top-p-of-1", what="A `top_p` of 1", breaks="CC-REQ-052", when=member("top_p", lambda value: value == 1)),
    Part(name="negative-penalty", what="A negative penalty", breaks="CC-REQ-053", when=member("frequency_penalty", below(0))),
    Part(name="penalty-of-2", what="A `presence_penalty` of 2", breaks="CC-REQ-053", when=member("presence_penalty", lambda value: value == 2)),
    Part(name="seed-above-32-bits", what="A `seed` above 32 bits", breaks="CC-REQ-054", when=member("seed", above(2**32 - 1))),
)


def _faults() -> Iterator[Fault]:
    for part in (*_OPTIONAL, *_BOUNDS):
        yield fault(
            f"{part.name}-refused",
            f"{part.what} is refused, and nothing tells why.",
            refused_without_a_word(part.when),
            kills=part.breaks,
            collateral=dict(part.collateral),
        )
        optional = part in _OPTIONAL
        yield fault(
            f"{part.name}-crashes",
            f"{part.what} answers 500.",
            crash(part.when),
            kills="CC-REQ-014 CC-ERR-007" if optional else "CC-ERR-007",
        )


class _Repeated(Alteration):
    """Completions bear the metadata of their request, with long values cut."""

    def plain(self, document: Document, asked: Asked) -> Document:
        labels = asked.body.get("metadata")
        if not (is_completion(document) and isinstance(labels, dict)):
            return document
        return {**document, "metadata": {name: str(value)[:_LONG] for name, value in labels.items()}}


def _labels_in_the_prompt(body: Any) -> None:
    told = "\n".join(f"{name}: {value}" for name, value in body["metadata"].items())
    body["messages"].insert(0, {"role": "system", "content": told})


def _unknown(name: str) -> bool:
    return name.startswith("x_")


def _with_unknown(asked: Asked) -> bool:
    return asked.is_chat and any(map(_unknown, asked.body))


def _without_unknown(body: Any) -> Any:
    return {name: value for name, value in body.items() if not _unknown(name)}


def _unnamed_type(response: Response, asked: Asked) -> Response:  # noqa: ARG001 - the form of a change
    others = tuple(pair for pair in response.headers if pair[0] != "content-type")
    return replace(response, headers=(*others, ("content-type", "application/json")))


_OPTIONS_ALONE = both(_given("stream_options"), lambda asked: asked.body.get("stream") is not True)

ALL: tuple[Fault, ...] = (
    *_faults(),
    fault(
        "metadata-repeated-cut",
        "The answer repeats the metadata with long values cut.",
        _Repeated(),
        kills="CC-REQ-041",
    ),
    fault(
        "metadata-in-the-prompt",
        "The labels of `metadata` are rendered into the prompt.",
        model_body(_labels_in_the_prompt, _given("metadata")),
        kills="CC-REQ-050",
    ),
    fault(
        "unknown-parameter-crashes",
        "Unknown keys reach the engine as keyword arguments and answer 500.",
        crash(_with_unknown),
        kills="CC-REQ-013 CC-ERR-007",
    ),
    fault(
        "unknown-parameter-refused-without-a-word",
        "An unknown parameter is refused, and nothing tells which.",
        refused_without_a_word(_with_unknown),
        kills="CC-REQ-013",
        seen_in="voideditor/void#128",
    ),
    fault(
        "unknown-parameter-ignored-in-streams",
        "An unknown parameter is refused, but ignored where a stream is asked for.",
        request_body(_without_unknown, streamed(_with_unknown)),
        kills="CC-REQ-013",
    ),
    fault(
        "stream-options-alone-start-a-stream",
        "`stream_options` alone turn the answer into an event stream.",
        request_body(setting(stream=True), _OPTIONS_ALONE),
        kills="CC-REQ-015",
    ),
    fault(
        "stream-options-alone-send-events-as-json",
        "`stream_options` alone turn the answer into events that call themselves JSON.",
        request_body(setting(stream=True), _OPTIONS_ALONE),
        reply(_unnamed_type, _OPTIONS_ALONE),
        kills="CC-REQ-015",
    ),
    fault(
        "stream-options-alone-crash",
        "`stream_options` without a stream answer 500.",
        crash(_OPTIONS_ALONE),
        kills="CC-REQ-015 CC-REQ-001",
        collateral={"CC-ERR-006": "a status of 500 is retried"},
    ),
    fault(
        "stream-options-alone-forbidden",
        "`stream_options` without a stream answer 403.",
        refused_by_name("stream_options", _OPTIONS_ALONE, status=403),
        kills="CC-REQ-015",
    ),
)
