"""Stories, essays, paragraphs, sentences and poems about a topic, of the length that is asked for."""

# ruff: noqa: RUF001 - users write typographic quotes, dashes and signs

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chatconform.reference_server.model.drafts import Draft, Fixed, Segment, Slot, turned
from chatconform.reference_server.model.vocabulary import PROSE
from chatconform.reference_server.model.words import NUMBER, is_function_word, number, words

FORMS = (
    "story|tale|essay|article|paragraphs?|sentences?|poem|haiku|limerick|song|letter|email"
    "|e-mail|blog post|post|report"
    "|speech|description|summary|overview|introduction|biography|review|fable|novel|chapter|scene|dialogue"
    "|explanation|joke|guide|tutorial|monologue|lyrics|script|narrative"
)
_ASKED = re.compile(
    rf"\b(?:write|tell|compose|draft|generate|create|produce|make up|give|need|want|continue"
    rf"|provide)\b[^.?!\n]{{0,60}}?\b(?P<form>{FORMS})\b"
    r"|\b(?P<explain>explain|describe|discuss|summari[sz]e|elaborate|tell me (?:more "
    r"|something |everything |a bit )?about|talk about|write about|teach me)\b"
    rf"|\b(?:a|an) [\w-]*[ -]?(?P<bare>story|essay|poem|haiku|article)\b|\b(?:\d{{2,5}}|hundred"
    rf"|thousand)[- ]words?\b",
    re.IGNORECASE,
)
_WORD_COUNT = re.compile(rf"\b({NUMBER})(?:\s*[-–]\s*\d+)?[- ](?:word|token)s?\b", re.IGNORECASE)
_PARTS = re.compile(
    rf"\b({NUMBER}|a|single)(?:[- ]\w+)?(?:[- ]\w+)?[- ](sentences?|paragraphs?|lines?|verses?|stanzas?)\b",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"\b(?:about|on|regarding|concerning|describing|titled|called|explain(?:ing)?|describe"
    r"|discuss|summari[sz]e|of)\s+"
    r"(?:how |why |what |where |the concept of |the topic of |to me )*(?P<topic>[^.?!,;:\n]{1,80})",
    re.IGNORECASE,
)
_TOPIC_END = re.compile(
    rf"\s+(?:in (?:about |at most |exactly |under )?(?:{NUMBER}|one|a|detail|simple|plain"
    rf"|english|french|short|brief|your)\b|using\b|with (?:at|about|exactly|{NUMBER})"
    r"|for (?:me|a|the)\b|please\b|works?$|work$|that (?:is|has)|and (?:do not|don't|make|use"
    r"|then|call|end)|without\b|of (?:about|at least) ).*$",
    re.IGNORECASE,
)
_EXTENT = re.compile(
    rf"\b(?:in|using|with|of) (?:about |at most |exactly |under |around |only |no more than "
    rf"|fewer than )*{NUMBER}[- ]"
    r"(?:short |simple |long )?(?:words?|tokens?|sentences?|paragraphs?|lines?)\b",
    re.IGNORECASE,
)
_LENGTHS = {
    "sentence": 14,
    "haiku": 12,
    "joke": 24,
    "paragraph": 70,
    "words": 60,
    "text": 80,
    "note": 50,
    "line": 10,
}
_USUAL = 140

_NARRATIVE = (
    "In the {adj} {when}, a {adj} {person} {did} the {noun} and thought about {topic}.",
    "The {person} {went} {how} along the {noun}, and every {thing} seemed connected with {topic}.",
    "Nobody in the {noun} had expected that {topic} could bring so much {feel}.",
    "Near the {adj} {noun}, an old {person} {did} a {thing} about {topic} and told it to the children.",
    "“Listen,” said the {person}, “{topic} will teach us {feel} if we wait.”",
    "Then the {adj} {person} {went} home {how}, full of {feel}.",
    "Every {when} the people of the {noun} spoke {how} about {topic} and shared their {feel}.",
    "It was a {adj} {thing}, yet the {person} {did} it with {feel} and a smile.",
    "Beyond the {noun} lay a {adj} {noun}, and there the {person} at last {did} the truth about {topic}.",
    "The {when} passed {how}, and the {noun} grew {adj} under the open sky.",
)
_EXPOSITORY = (
    "One useful {thing} about {topic} is that it {does} the daily life of many people.",
    "A {adj} {thing} often helps a {person} to see {topic} from another side.",
    "People who work with {topic} speak {how} of {feel} and of the {thing} behind it.",
    "In practice, {topic} {does} more than one {adj} {thing}, and each of them deserves attention.",
    "Over time, every {person} learns that {topic} asks for {feel} and a {adj} {thing}.",
    "Another {adj} {thing} is that {topic} {does} the place where it is found.",
    "For example, a {person} may use a {adj} {thing} to understand {topic} better.",
    "It also matters that {topic} is {how} linked with {feel}.",
)
_SENTENCES = (
    "The {adj} story of {topic} is the story of every {noun} that it {does}, and of each {person}.",
    "Among all things, {topic} {does} the {adj} {noun}, the {person} and the {noun} with equal {feel}.",
    "Many a {person} has {how} praised {topic}, and many a {person} the {adj} {thing} that it brings.",
)
_LONGER = (
    ", while a {adj} {person} {did} the {noun} beyond the {noun} and {went} {how} towards the {adj} {noun}",
    ", because the {thing} of one {when} often {does} the {thing} of the next",
    ", and so the {adj} {noun} keeps its {feel} from one {when} to another",
)
_CLOSINGS = (
    "", "Indeed.", "They smiled.", "Everyone felt content.", "The day ended well.", "And so it went on.",
    "All was calm in the end.", "The people remembered it for many years.",
    "At last there was peace in the land.",
    "It was a good end to a long day.", "From then on they all lived in peace and hope.",
    "In the end everyone agreed that it had been well worth it.",
    "When the evening came, all of them went home and told the others.",
    "The memory of that day stayed with all of them for a very long time.",
    "And when the morning came, the people of the place began all over once again.",
)  # fmt: skip
_MARK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    topic: str
    templates: Sequence[str]
    words: int | None = None
    sentences: int | None = None
    between: str = " "
    paragraphs: int = 1


def prose(text: str) -> Draft | None:
    """Draft a text about a topic where one is asked for."""
    asked = _ASKED.search(text)
    return None if asked is None else _written(_plan(text, asked))


def about(topic: str, count: int, start: int = 0) -> Draft:
    """Draft a few explaining sentences about a topic, from number `start` of the known ones."""
    templates = _EXPOSITORY[start % len(_EXPOSITORY) :] + _EXPOSITORY[: start % len(_EXPOSITORY)]
    return _written(_Plan(topic=topic, templates=templates, sentences=count))


def topic_of(text: str) -> str:
    """Return what a text is about, in its own words."""
    text = _EXTENT.sub(" ", text)
    found = _TOPIC.search(text)
    if found:
        topic = _TOPIC_END.sub("", found["topic"]).strip(" \"'“”`*")
        topic = re.sub(r"^an? ", "the ", re.sub(r"^(?:about|all about) ", "", topic))
        if topic and not all(is_function_word(word) for word in words(topic)):
            return topic
    said = [word for word in words(text) if not is_function_word(word)]
    return " ".join(said[:4])


def _plan(text: str, asked: re.Match[str]) -> _Plan:
    form = (asked["form"] or asked["bare"] or asked["explain"] or "words").lower()
    told = _WORD_COUNT.sub(" ", _EXTENT.sub(" ", text))
    topic = topic_of(told) if _TOPIC.search(told) else _rest_topic(told)
    wanted = _WORD_COUNT.search(text)
    parts = _PARTS.search(text)
    if asked["explain"]:
        templates: Sequence[str] = _EXPOSITORY
    elif form.startswith("sentence"):
        templates = _SENTENCES
    elif re.match(
        r"story|tale|fable|novel|poem|chapter|scene|haiku|song|joke|narrative|words|limerick|lyrics", form
    ):
        templates = _NARRATIVE
    else:
        templates = _EXPOSITORY
    if wanted and (size := number(wanted[1])):
        return _Plan(topic=topic, templates=templates, words=size)
    lines = "\n" if re.match(r"poem|haiku|song|limerick|lyrics", form) else " "
    if parts or form.startswith(("sentence", "haiku")):
        return _counted_plan(text, topic, templates, parts, lines)
    size = _LENGTHS.get(form.rstrip("s"), _USUAL if not asked["explain"] else 70)
    size = size // 2 if re.search(r"\b(?:short|brief|tiny|little|quick)\b", text, re.IGNORECASE) else size
    size = size * 3 if re.search(r"\b(?:long|detailed|thorough|lengthy)\b", text, re.IGNORECASE) else size
    return _Plan(topic=topic, templates=templates, words=size, between=lines)


def _counted_plan(
    text: str, topic: str, templates: Sequence[str], parts: re.Match[str] | None, lines: str
) -> _Plan:
    """Plan a text of so many sentences, lines or paragraphs; "long" makes a single sentence longer."""
    total = (number(parts[1]) or 1) if parts else 1
    unit = parts[2].lower() if parts else "sentence"
    if unit.startswith("paragraph"):
        return _Plan(topic=topic, templates=templates, sentences=4 * total, paragraphs=total)
    if re.match(r"line|verse|stanza", unit) or lines == "\n":
        return _Plan(
            topic=topic, templates=templates, sentences=max(total, 3 if not parts else total), between="\n"
        )
    if total == 1 and re.search(r"\blong\b", text, re.IGNORECASE):
        longer = tuple(template[:-1] + "".join(_LONGER) + "." for template in _SENTENCES)
        return _Plan(topic=topic, templates=longer, sentences=1)
    return _Plan(topic=topic, templates=templates, sentences=total)


def _rest_topic(text: str) -> str:
    """Return the words that name neither the form nor its length."""
    form = re.compile(
        rf"(?:{FORMS}|short|long|brief|{NUMBER}|creative|please|english|tell|compose|draft"
        rf"|generate|create|continue|explain|describe)",
        re.IGNORECASE,
    )
    left = [word for word in words(text) if not is_function_word(word) and not form.fullmatch(word)]
    return " ".join(left[:4]) or "the sea"


def _written(plan: _Plan) -> Draft:
    """Write sentences until the length is reached; the last one makes the number of words exact."""
    left = plan.words
    per_paragraph = max(1, (plan.sentences or 0) // plan.paragraphs)
    index = 0
    topics = _called(plan.topic)
    while (left is None or left >= len(_CLOSINGS)) and (plan.sentences is None or index < plan.sentences):
        lead = (
            ""
            if index == 0
            else "\n\n"
            if plan.paragraphs > 1 and index % per_paragraph == 0
            else plan.between
        )
        written = yield from _sentence(plan, index, lead, topics)
        left = None if left is None else left - len(written.split())
        index += 1
    if left is not None and left > 0:
        yield Fixed((plan.between if index else "") + _CLOSINGS[left], yields=True)


def _called(topic: str) -> Iterator[tuple[str, ...]]:
    """Yield what a topic is called: by its name first, and later by a pronoun as well."""
    yield (topic,)
    while True:
        yield (topic, "it", "this")


def _sentence(
    plan: _Plan, index: int, lead: str, topics: Iterator[tuple[str, ...]]
) -> Generator[Segment, str, str]:
    order = turned(plan.templates, (plan.topic, index // len(plan.templates)))
    template = order[index % len(order)]
    written = ""
    for place, part in enumerate(_pieces(lead + template[:1].upper() + template[1:])):
        segment: Segment = Fixed(part.text, yields=True)
        if part.kind == "topic":
            options = tuple(part.text + name for name in next(topics))
            segment = Slot(options) if len(options) > 1 else Fixed(options[0], yields=True)
        elif part.kind:
            segment = Slot(turned(_spaced(part.kind, part.text), (plan.topic, index, place)))
        written += yield segment
    return written


@dataclass(frozen=True, slots=True)
class _Piece:
    """A text, or with a kind what stands before a word of that kind: a space or nothing."""

    text: str
    kind: str = ""


@lru_cache(maxsize=256)
def _pieces(template: str) -> tuple[_Piece, ...]:
    """Cut a template into texts and words; the space before a word belongs to it."""
    pieces: list[_Piece] = []
    at = 0
    for mark in _MARK.finditer(template):
        text = template[at : mark.start()]
        pieces += [_Piece(text.removesuffix(" ")), _Piece(" " if text.endswith(" ") else "", mark[1])]
        at = mark.end()
    pieces.append(_Piece(template[at:]))
    return tuple(piece for piece in pieces if piece.text or piece.kind)


@lru_cache(maxsize=64)
def _spaced(kind: str, space: str) -> tuple[str, ...]:
    return tuple(space + word for word in PROSE[kind])
