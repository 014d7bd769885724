"""The answer to a task as text: the first kind of instruction that the task matches decides."""

import re
from collections.abc import Callable

from chatconform.reference_server.model.arithmetic import arithmetic
from chatconform.reference_server.model.chance import pick
from chatconform.reference_server.model.conversation import Conversation, conversation
from chatconform.reference_server.model.directives import directed, directives, wants_value
from chatconform.reference_server.model.drafts import Draft, Slot, fixed, plain
from chatconform.reference_server.model.echoes import echo
from chatconform.reference_server.model.listing import listing
from chatconform.reference_server.model.prose import prose
from chatconform.reference_server.model.recall import recalled, spoken, value_in
from chatconform.reference_server.model.request import ChatRequest
from chatconform.reference_server.model.results import concerned, from_results
from chatconform.reference_server.model.sequences import alphabet, counting, repetition
from chatconform.reference_server.model.small_talk import fact, small_talk
from chatconform.reference_server.model.spelling import assembled
from chatconform.reference_server.model.tallies import tally
from chatconform.reference_server.model.words import abridged, sentences

_ALWAYS = re.compile(r"\b(?:always|only|every|each|regardless|no matter|whatever|any)\b", re.IGNORECASE)
_FORM = re.compile(r"\b(?:end|start|begin|finish)\b", re.IGNORECASE)
_YES_NO = re.compile(r"\byes or no\b|\byes/no\b|\btrue or false\b", re.IGNORECASE)


def answer(request: ChatRequest) -> Draft:
    """Draft the answer to a request's task, in the form that is asked for."""
    talk = conversation(request.messages)
    wanted = directives(talk)
    return directed(_draft(talk, wanted.language), wanted)


def answer_text(request: ChatRequest) -> str:
    """Return the likeliest answer as text."""
    return plain(answer(request))


def _draft(talk: Conversation, language: str) -> Draft:
    if talk.whole != talk.instructions:
        ordered = _standing_order(talk.instructions)
        if ordered:
            return fixed(ordered)
    if talk.results and concerned(talk):
        return fixed(from_results(talk))
    for kind in _KINDS:
        draft = kind(talk)
        if draft is not None:
            return draft
    return fixed(from_results(talk)) if talk.results else small_talk(talk.task, language)


def _standing_order(instructions: str) -> str | None:
    """Return what the instructions tell to say whatever is asked."""
    for sentence in sentences(abridged(instructions)):
        if _ALWAYS.search(sentence) and not _FORM.search(sentence):
            said = echo(sentence)
            if said:
                return said
    return None


def _echoed(talk: Conversation) -> Draft | None:
    said = echo(talk.whole)
    if said is None:
        return None
    options = re.split(r"\s+or\s+", said)
    return _one_of(options) if len(options) > 1 and len(said.split()) <= 7 else fixed(said)


def _fixed_text(text: str | None) -> Draft | None:
    return None if text is None else fixed(text)


def _one_of(options: list[str]) -> Draft:
    yield Slot(tuple(option.strip(" ,\"'").removeprefix("either ") for option in options))


def _tallied(talk: Conversation) -> Draft | None:
    total = tally(talk)
    if total is None:
        return None
    bare = wants_value(talk.task) or re.search(r"\b(?:number|digits?)\b", talk.task, re.IGNORECASE)
    return fixed(str(total) if bare else f"The answer is {total}.")


def _computed(talk: Conversation) -> Draft | None:
    found = arithmetic(talk.task)
    if found is None:
        return None
    return fixed(found[1] if wants_value(talk.task) else f"{found[0]} is {found[1]}.")


def _recalled(talk: Conversation) -> Draft | None:
    said = recalled(talk)
    if said is None:
        return None
    if _YES_NO.search(talk.task):
        return fixed("Yes")
    # Where one message tells and asks, what it tells is no part of the question.
    question = talk.task.replace(said.text, "")
    return fixed(value_in(said.text, question) if wants_value(talk.task) else spoken(said))


def _known(talk: Conversation) -> Draft | None:
    found = fact(talk.task)
    if found is None:
        return None
    return fixed(found[0] if wants_value(talk.task) else found[1])


_KINDS: tuple[Callable[[Conversation], Draft | None], ...] = (
    lambda talk: repetition(talk.task),
    _tallied,
    lambda talk: counting(talk.task),
    lambda talk: alphabet(talk.task),
    lambda talk: _fixed_text(assembled(talk.task)),
    _echoed,
    lambda talk: pick(talk.task),
    _computed,
    lambda talk: listing(talk.task),
    lambda talk: prose(talk.task),
    _recalled,
    _known,
)
