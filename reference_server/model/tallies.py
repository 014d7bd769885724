"""Questions of how many: messages of the conversation, occurrences of a line, letters and words of a text."""

import re

from chatconform.reference_server.model.conversation import Conversation
from chatconform.reference_server.model.hints import quoted
from chatconform.reference_server.model.messages import Role
from chatconform.reference_server.model.words import sentences, words

_ASKED = re.compile(
    r"\b(?:how many|how often|number of times|count (?:the )?(?:number of |how many )|count the)\b",
    re.IGNORECASE,
)
_TIMES = re.compile(r"\b(?:times|how often)\b|\boccurrences?\b", re.IGNORECASE)
_MESSAGES = re.compile(r"\b(?:messages|turns|questions|prompts|requests)\b", re.IGNORECASE)
_BY_ME = re.compile(r"\b(?:i|i've|my|me|from me)\b", re.IGNORECASE)
_TARGET = re.compile(
    r"\b(?:the )?(?:exact )?(?:line|message|word|text|phrase|sentence|code|string|token|id"
    r"|number|name)s?:?\s+(\S+)",
    re.IGNORECASE,
)
_LETTERS = re.compile(
    r"\bhow many (?:times (?:does|is) )?(?:the )?(?:letters?"
    r" )?['\"]?([a-z])['\"]?(?:'?s)?\b(?: letters?)?[^?]*?\b(?:in|appear in)\b(?: the)?(?:"
    r" word)? ['\"]?([^\W\d_]{2,})",
    re.IGNORECASE,
)
_SIZE = re.compile(
    r"\bhow many (letters|characters|words|vowels)\b[^?]*?\b(?:in|does|has|have)\b(?: the)?(?:"
    r" word| sentence| phrase| text)?:? ['\"]?([^'\"?\n]+)",
    re.IGNORECASE,
)
_FILLER = frozenset(
    [
        "i",
        "you",
        "did",
        "do",
        "does",
        "was",
        "were",
        "is",
        "have",
        "has",
        "the",
        "times",
        "appear",
        "appears",
        "appeared",
        "occur",
        "sent",
        "send",
        "said",
        "say",
        "in",
        "our",
        "this",
        "conversation",
    ]
)


def tally(talk: Conversation) -> int | None:
    """Return the number that a question asks for, or None where it asks for none that can be counted."""
    asked = _ASKED.search(talk.task)
    if asked is None:
        return None
    spelled = _spelled(talk.task)
    if spelled is not None:
        return spelled
    if _TIMES.search(talk.task):
        return _occurrences(talk)
    if _MESSAGES.search(talk.task):
        mine = _BY_ME.search(talk.task[asked.end() :]) is not None
        said = sum(message.role is Role.USER or not mine for message in talk.earlier)
        return said + 1
    return None


def _spelled(text: str) -> int | None:
    letters = _LETTERS.search(text)
    if letters and not _TIMES.search(text):
        return str(letters[2]).lower().count(letters[1].lower())
    size = _SIZE.search(text)
    if size is None or size[2].lower().startswith(("our", "this", "my", "your")):
        return None
    if size[1].lower() == "words":
        return len(words(size[2]))
    counted = "aeiou" if size[1].lower() == "vowels" else None
    text = str(size[2])
    return sum(char.isalnum() and (counted is None or char.lower() in counted) for char in text)


def _occurrences(talk: Conversation) -> int | None:
    """Count a text in the user's messages, leaving out the question that mentions it."""
    target = _target(talk.task)
    if not target:
        return None
    question = next((part for part in sentences(talk.task) if _ASKED.search(part)), talk.task)
    everyone = re.search(r"\b(?:appear|occur|mention|conversation|anyone|we)\b", talk.task, re.IGNORECASE)
    said = [each.text for each in talk.earlier if each.role is Role.USER or everyone]
    return sum(text.count(target) for text in (*said, talk.whole)) - max(1, question.count(target))


def _target(text: str) -> str:
    """Return what is to be counted: the quoted text, what follows "the line", else the longest odd word."""
    stated = quoted(text)
    if stated:
        return stated[0]
    named = _TARGET.search(text)
    if named and named[1].lower().strip("?.,") not in _FILLER:
        return named[1].strip("?.,!:;")
    odd = [word.strip("?.,!:;") for word in text.split() if re.search(r"\d", word)]
    return max(odd, key=len, default="")
