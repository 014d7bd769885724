"""Answers from the conversation: the sentence that shares most with the question, wherever it was said.

Searched are the instructions, the earlier messages of both sides, earlier tool results, and the rest of the
task itself. A shared word weighs more the fewer sentences have it; a sentence that holds a value of the kind
that is asked for (a number, a code, a name, an address ...) weighs more; later sentences win ties.
"""

# ruff: noqa: RUF001 - users write typographic quotes, dashes and signs

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatconform.reference_server.model.conversation import Conversation
from chatconform.reference_server.model.hints import codes, names, quoted
from chatconform.reference_server.model.messages import Role
from chatconform.reference_server.model.words import content_stems, sentences, stem, words

_ASKING = re.compile(
    r"\?|^\W*(?:what|which|who|whom|whose|where|when|why|how|is|are|was|were|do|does|did|can|could)\b"
    r"|\b(?:tell me|remind|recall|remember|repeat|give me|name|state|what|which|who|look (?:it"
    r" )?up|find|quote|return|answer)\b",
    re.IGNORECASE,
)
_ABOUT_TALK = re.compile(
    r"\b(?:earlier|before|previous(?:ly)?|remember(?:ed)?|told|tell you|said|say"
    r"|mention(?:ed)?|gave|given|shared|stated|recall"
    r"|asked|started|beginning|conversation|noted|wrote|sent|above)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:my|the|your|our)(?: very)? (?P<which>first|second|third|last|previous|earlier"
    r"|opening|initial) (?:\w+ )?(?P<what>message|question|line|sentence|prompt|turn|thing"
    r"|reply|answer|response|request)\b"
    r"|\bwhat (?:did|have) (?P<who>i|you) (?:say|said|ask|asked|tell|told|write|send|sent)(?:"
    r" \w+)?(?: \w+)? (?P<when>first|last|earlier|before|just now|at the (?:beginning"
    r"|start))\b",
    re.IGNORECASE,
)
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_KINDS: tuple[tuple[str, str], ...] = (
    (r"e-?mails?", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (r"url|link|website|web address", r"https?://\S+"),
    (r"phone|telephone|mobile", r"\+?\d[\d ()-]{5,}\d"),
    (
        r"codes?|password|passphrase|tokens?|keys?|identifier|id|serial|secret|reference|canary|uuid|hash|pin",
        r"(?<![\w-])(?=[\w-]*\d)[\w-]{3,}|\b[A-Z]{4,}\b|\"[^\"]+\"|'[^']+'",
    ),
    (r"date|day|when|year|birthday|deadline", rf"\b\d{{4}}(?:-\d\d-\d\d)?\b|\b(?:{_MONTH}|\w+day)\b"),
    (r"time|o'clock", r"\b\d{1,2}(?::\d\d| ?[ap]m)"),
    (
        r"how (?:many|much|old|far|long|tall|hot|cold|warm|big|heavy)|number|temperature|age|price|cost",
        r"-?\d+(?:[.,]\d+)*",
    ),
    (
        r"city|town|country|where|place|capital|live|location",
        r"(?:(?<=\bin )|(?<=\bfrom )|(?<=\bto )|(?<=\bat ))[A-ZÀ-Þ][\w'’-]+",
    ),
    (r"name|who|called|whose|person", r"(?<=[a-z:,] )[\"']?(?!I\b)[A-ZÀ-Þ][\w'’-]+"),
)
"""What a question asks for, by its words, and what such a value looks like."""
_YOURS = (
    (r"\bi am\b|\bi'm\b", "you are"),
    (r"\bi was\b", "you were"),
    (r"\bi've\b", "you have"),
    (r"\b(?:my|our)\b", "your"),
    (r"\bmine\b", "yours"),
    (r"\bmyself\b", "yourself"),
    (r"\b(?:me|i)\b", "you"),
)
_VALUE_AFTER = re.compile(
    r"(?:\b(?:is|are|was|were|called|named|equals|be|am|to|in|at|remember)\b|[:=])\s+(?P<value>[^.;!?]+)",
    re.IGNORECASE,
)
_INTRODUCTION = re.compile(r"\b(?:[Cc]all me|I am|I'm|[Tt]his is) [A-ZÀ-Þ]")
_ORDER = {
    "first": 0,
    "opening": 0,
    "initial": 0,
    "at the beginning": 0,
    "at the start": 0,
    "second": 1,
    "third": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence of the conversation and who wrote it."""

    text: str
    role: Role


def recalled(talk: Conversation) -> Said | None:
    """Return the sentence that answers the task, or None where nothing in the conversation does."""
    if not _ASKING.search(talk.task):
        return None
    placed = _placed(talk)
    if placed is not None:
        return placed
    asking = [part for part in sentences(talk.task) if _ASKING.search(part)]
    return best(
        " ".join(asking) or talk.task, list(_said(talk)), loose=_ABOUT_TALK.search(talk.task) is not None
    )


def best(question: str, said: list[Said], *, loose: bool = False) -> Said | None:
    """Return what was said that shares most with a question; `loose` settles for a telling value alone."""
    asked = set(content_stems(question))
    known = [_stems(each.text) for each in said]
    spread = Counter(word for stems in known for word in stems)
    shape = _shape(question)
    ranked: list[tuple[float, int]] = []
    for index, (each, stems) in enumerate(zip(said, known, strict=True)):
        shared = asked & stems
        if not stems - asked or (not shared and not loose):
            continue
        score = sum(1 + 1 / spread[word] for word in shared) - 0.004 * len(stems)
        score += _telling(each.text, shape, loose=loose) - (2 if each.text.endswith("?") else 0)
        ranked.append((score, index))
    if not ranked or max(ranked)[0] < 1:
        return None
    return said[max(ranked)[1]]


def _stems(text: str) -> set[str]:
    """Return what a sentence is about; one that introduces somebody is about a name."""
    return set(content_stems(text)) | ({stem("name")} if _INTRODUCTION.search(text) else set())


def _shape(question: str) -> re.Pattern[str] | None:
    kinds = [value for asked, value in _KINDS if re.search(rf"\b(?:{asked})\b", question, re.IGNORECASE)]
    return re.compile(kinds[0]) if kinds else None


def _telling(text: str, shape: re.Pattern[str] | None, *, loose: bool) -> float:
    if shape is not None:
        return 1.0 if shape.search(text) else 0.0
    return 1.0 if loose and (codes(text) or quoted(text) or re.search(r"\d", text)) else 0.0


def _said(talk: Conversation) -> Iterator[Said]:
    yield from (Said(text=part, role=Role.SYSTEM) for part in _joined(talk.instructions))
    for message in talk.earlier:
        yield from (Said(text=part, role=message.role) for part in _joined(message.text))
    for result in talk.past_results:
        yield from (Said(text=part, role=Role.TOOL) for part in _joined(result.text))
    questions = (part for part in _joined(talk.whole) if not part.endswith("?"))
    told = [part for part in questions if not _ASKING.search(part)]
    yield from (Said(text=part, role=Role.USER) for part in told)


def _joined(text: str) -> Iterable[str]:
    """Cut a text into sentences; one that ends with a colon keeps the line after it."""
    parts: list[str] = []
    for part in sentences(text):
        if parts and parts[-1].endswith(":"):
            parts[-1] += " " + part
        else:
            parts.append(part)
    return parts


def _placed(talk: Conversation) -> Said | None:
    """Return a message that the task refers to by its place ("my first message")."""
    found = _PLACE.search(talk.task)
    if found is None:
        return None
    theirs = (
        bool(re.match(r"your|reply|answer|response", found.group(), re.IGNORECASE))
        or (found["who"] or "").lower() == "you"
    )
    role = Role.ASSISTANT if theirs or found["what"] in {"reply", "answer", "response"} else Role.USER
    messages = [message for message in talk.earlier if message.role is role]
    index = _ORDER.get((found["which"] or found["when"]).lower(), -1)
    if not -len(messages) <= index < len(messages):
        return None
    return Said(text=messages[index].text, role=Role.TOOL)


def spoken(said: Said) -> str:
    """Say again what was said, seen from the other side, as a whole sentence."""
    text = said_back(said.text) if said.role is Role.USER else said.text
    text = text.strip()
    if len(words(text)) < 3 or not re.search(r"[aeiou]", text, re.IGNORECASE):
        text = f"This is what I found: {text}"
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in tuple(".!?\"'”") else text + "."


def said_back(text: str) -> str:
    """Say what a user said from the other side: "my name" becomes "your name"."""
    for pattern, other in _YOURS:
        text = re.sub(pattern, other, text, flags=re.IGNORECASE)
    return (
        re.sub(
            r"^(?:please )?(?:remember|note|keep in mind)(?: this| that| the following)?[:,]?\s+",
            "",
            text,
            flags=re.IGNORECASE,
        )
        or text
    )


def value_in(text: str, question: str) -> str:
    """Return the bare value that a sentence gives to a question: what a one-word answer would be."""
    asked = set(content_stems(question))
    shape = _shape(question)
    for value in _candidates(text, shape):
        if not {stem(word) for word in words(value)} <= asked:
            return value.strip(" .,;!?\"'")
    return text


def _candidates(text: str, shape: re.Pattern[str] | None) -> Iterator[str]:
    if shape is not None:
        yield from (match.group() for match in shape.finditer(text))
    yield from quoted(text)
    yield from codes(text)
    after = [match["value"] for match in _VALUE_AFTER.finditer(text)]
    yield from (value for value in after if len(value.split()) <= 4)
    yield from names(text)
    yield from re.findall(r"-?\d+(?:\.\d+)?", text)
    yield from after
