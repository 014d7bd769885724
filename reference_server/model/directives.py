"""Instructions on the form of an answer, from the instructions in force and from the task itself."""

import re
from dataclasses import dataclass, replace

from chatconform.reference_server.model.conversation import Conversation
from chatconform.reference_server.model.drafts import Draft, Fixed, Segment, Slot
from chatconform.reference_server.model.words import abridged

_VALUE = re.compile(
    r"\b(?:reply|respond|answer|return|output|give|say|write|print"
    r"|tell)\b[^.?!\n]{0,30}?\b(?:only|just|nothing but|solely|exactly)\b"
    r"|\b(?:only|just|nothing but)\b[^.?!\n]{0,15}\b(?:the )?(?:number|code|name|word|value"
    r"|token|city|temperature|date|answer|digits?|id|key|price|email)\b"
    r"|\b(?:one|a single|single)[- ]word\b|\b(?:reply|respond|answer) with (?:a|the|its|that|my|one)\b",
    re.IGNORECASE,
)
_PAYLOAD = (
    r"(?:the (?:exact )?(?:word|phrase|text|string|token|line|sentence|letters?)s?"
    r" )?(?:\"([^\"\n]+)\"|'([^'\n]+)'|`([^`\n]+)`|“([^”\n]+)”|([^\s.,;!?]+))"
)
_SUFFIX = re.compile(
    rf"\b(?:end|finish|close|conclude|sign off)\b(?: (?:each|every|all|your|the|of|with it"
    rf"|reply|replies|answers?|responses?|messages?|sentence)){{0,6}} (?:with|by (?:saying"
    rf"|writing|adding)) {_PAYLOAD}",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    rf"\b(?:start|begin|open|preface|prefix)\b(?: (?:each|every|all|your|the|of|reply|replies"
    rf"|answers?|responses?|messages?)){{0,6}} (?:with|by (?:saying|writing)) {_PAYLOAD}",
    re.IGNORECASE,
)
_UPPER = re.compile(
    r"\b(?:in|use|using|all|only) (?:all )?(?:caps|capitals|capital letters|upper ?-?case)\b|\ball[- ]caps\b",
    re.IGNORECASE,
)
_LOWER = re.compile(r"\b(?:in|use|using|all|only) (?:all )?(?:lower ?-?case|small letters)\b", re.IGNORECASE)
_LANGUAGE = re.compile(
    r"\b(?:answer|reply|respond|speak|write|talk|say|communicate)\b[^.?!\n]{0,40}?\b(?:in|into"
    r"|only) (french|spanish|german|italian)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directives:
    """How an answer is to look; empty texts mean nothing is asked."""

    prefix: str = ""
    suffix: str = ""
    case: str = ""
    language: str = ""


def directives(talk: Conversation) -> Directives:
    """Read the directives in force; the task's own count like those of the instructions."""
    text = f"{abridged(talk.instructions)}\n{talk.task}" if talk.whole != talk.instructions else talk.task
    language = _LANGUAGE.search(text)
    return Directives(
        prefix=_payload(_PREFIX, text),
        suffix=_payload(_SUFFIX, text),
        case="upper" if _UPPER.search(text) else "lower" if _LOWER.search(text) else "",
        language=language[1].lower() if language else "",
    )


def wants_value(text: str) -> bool:
    """Tell whether a text asks for the bare value instead of a sentence."""
    return _VALUE.search(text) is not None


def _payload(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return next((group for group in found.groups() if group), "") if found else ""


def directed(draft: Draft, wanted: Directives) -> Draft:
    """Put a draft into the form that is asked for."""
    if wanted.prefix:
        yield Fixed(wanted.prefix + " ")
    written = ""
    try:
        segment = next(draft)
        while True:
            text = yield _cased(segment, wanted.case)
            written += text
            segment = draft.send(text)
    except StopIteration:
        pass
    if wanted.suffix and not written.rstrip().endswith(wanted.suffix):
        yield Fixed(" " + wanted.suffix)


def _cased(segment: Segment, case: str) -> Segment:
    if not case:
        return segment
    change = str.upper if case == "upper" else str.lower
    if isinstance(segment, Slot):
        return Slot(tuple(change(option) for option in segment.options))
    return replace(segment, text=change(segment.text))
