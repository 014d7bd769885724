"""Lists of things of a kind: "name three fruits", "what are the days of the week"."""

import re

from chatconform.reference_server.model.drafts import Draft, Fixed, Slot, turned
from chatconform.reference_server.model.prose import FORMS, about
from chatconform.reference_server.model.sequences import separator
from chatconform.reference_server.model.vocabulary import ALIASES, LISTS, WORDS
from chatconform.reference_server.model.words import NUMBER, number

_ASKED = re.compile(
    r"\b(?:list|name|give(?: me| us)?|tell me|write(?: down)?|suggest|provide|mention|show(?:"
    r" me)?|enumerate|think of|recommend"
    rf"|generate|output|i need|i want|what are)\b(?: out)?[^.?!:\n]{{0,20}}?\b(?P<size>{NUMBER}"
    rf"|some|several|a few|the|all(?: of)?(?: the)?)\s+"
    r"(?P<what>[^.?!,;:\n]+)",
    re.IGNORECASE,
)
_NOT_THINGS = re.compile(
    r"\b(?:words? (?:story|essay|text|poem)|sentences?|paragraphs?|times|lines?|poems?"
    r"|stor(?:y|ies)|essays?|json|word|haikus?|jokes?|summary|summaries|articles?|descriptions?|messages?|digits?)\b",
    re.IGNORECASE,
)
_FORM = re.compile(rf"\b(?:{FORMS})\b", re.IGNORECASE)
_ABOUT = re.compile(
    r"\s+(?:about|that|which|who|in|on|with|from|for|and|separated|one per|as|using|at)\b", re.IGNORECASE
)
_PLURAL = (("ies", "y"), ("ves", "f"), ("sses", "ss"), ("xes", "x"), ("s", ""))
_ALL = 12


def listing(text: str) -> Draft | None:
    """Draft a list where a text asks for one."""
    asked = _ASKED.search(text)
    if asked is None:
        return None
    what = _ABOUT.split(asked["what"], maxsplit=1)[0]
    # "A story of 100 words" asks for one thing.
    if _NOT_THINGS.search(what) or _FORM.search(asked.group(), 0, asked.start("size") - asked.start()):
        return None
    kind = kind_of(what)
    size = number(asked["size"])
    whole = asked["size"].lower().startswith(("the", "all"))
    if kind is None:
        if whole or not re.search(r"s\b", what):
            return None
        if re.match(r"(?:\w+ ){0,2}words\b", what, re.IGNORECASE):
            return items(WORDS, size or 5, text)
        return _points(asked["what"], min(size or 5, 100))
    if size is None:
        size = len(LISTS[kind]) if whole and len(LISTS[kind]) <= _ALL else 5
    return items(LISTS[kind], size, text)


def kind_of(phrase: str) -> str | None:
    """Return the kind of thing a phrase speaks of, if the vocabulary has such things."""
    phrase = _ABOUT.split(phrase, maxsplit=1)[0]
    if _NOT_THINGS.search(phrase):
        return None
    said = [_singular(word) for word in re.findall(r"[a-z']+", phrase.lower())][:5]
    for size in (2, 1):
        for start in range(len(said) - size + 1):
            name = " ".join(said[start : start + size])
            name = ALIASES.get(name, name)
            if name in LISTS:
                return name
    return None


def _singular(word: str) -> str:
    for ending, single in _PLURAL:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + single
    return word


def items(options: tuple[str, ...], size: int, text: str) -> Draft:
    """Write different things as long as there are any; then they come again."""
    ordered = options if len(options) <= _ALL else turned(options, text)
    between = separator(text, "\n")
    numbered = between == "\n" and not re.search(
        r"\bone per line|bullet|no number|without number", text, re.IGNORECASE
    )
    left = list(ordered)
    for index in range(size):
        lead = (between if index else "") + (f"{index + 1}. " if numbered else "")
        choice = tuple(left) if size < len(options) else (left[0],)
        if lead.strip():
            yield Fixed(lead.removesuffix(" "))
        space = " " if lead.endswith(" ") else "" if lead.strip() else lead
        written = yield Slot(tuple(space + option for option in choice))
        left = [option for option in left if option != written.removeprefix(space)] or list(ordered)


def _points(what: str, size: int) -> Draft:
    """Write a sentence for each item of a kind that the vocabulary does not know."""
    topic = re.sub(r"\b(?:separated|one per|each|in|with|as) .*$", "", what).strip() or what
    for index in range(size):
        yield Fixed(("\n" if index else "") + f"{index + 1}. ")
        yield from about(topic, 1, start=index)
