"""Answers from tool results: each named by what its call asked for."""

import json
import re
from typing import Any

from chatconform.reference_server.model.conversation import Conversation, Result
from chatconform.reference_server.model.directives import wants_value
from chatconform.reference_server.model.hints import codes, name_words
from chatconform.reference_server.model.messages import Role
from chatconform.reference_server.model.recall import Said, best, value_in
from chatconform.reference_server.model.words import content_stems, sentences

_LONG = 400


def from_results(talk: Conversation) -> str:
    """Answer a task from the results that came after it."""
    if len(talk.results) == 1 and wants_value(talk.task):
        return _value(talk.results[0], talk.task)
    if wants_value(talk.task):
        return "; ".join(f"{_label(result)}: {_value(result, talk.task)}" for result in talk.results)
    if len(talk.results) == 1:
        result = talk.results[0]
        return _ended(f"Here is what I found for {_label(result)}: {_told(result.text, talk.task)}")
    told = "; ".join(
        f"{_label(result)}: {_told(result.text, talk.task).rstrip('.')}" for result in talk.results
    )
    return _ended(f"Here is what I found. {told}")


def concerned(talk: Conversation) -> bool:
    """Tell whether the results bear on the task: a story stays a story when a tool has told the date."""
    asked = set(content_stems(talk.task))
    if re.search(r"\b(?:tools?|functions?|results?|it returned)\b", talk.task, re.IGNORECASE):
        return True
    told = (f"{' '.join(name_words(each.name))} {each.arguments} {each.text}" for each in talk.results)
    return any(asked & set(content_stems(text)) for text in told)


def _label(result: Result) -> str:
    """Name a result by its call's arguments, or by its tool where the call had none."""
    values = [value for value in result.arguments.values() if isinstance(value, str | int | float)]
    shown = ", ".join(str(value) for value in values if value != "")
    return shown if 0 < len(shown) <= 120 else result.name


def _told(text: str, task: str) -> str:
    """Return what a result says: all of it if it is short, else the sentences that matter to the task."""
    spoken = _spoken(_parsed(text))
    if not spoken.strip():
        return "nothing was returned"
    if len(spoken) <= _LONG:
        return spoken.strip()
    parts = sentences(spoken)
    asked = set(content_stems(task))
    telling = [part for part in parts if codes(part) or asked & set(content_stems(part))]
    telling.sort(key=lambda part: -len(asked & set(content_stems(part))) - 2 * bool(codes(part)))
    chosen: list[str] = []
    size = 0
    for part in telling or parts[:1]:
        if chosen and size + len(part) > _LONG:
            break
        chosen.append(part)
        size += len(part)
    return " ".join(part for part in parts if part in chosen)


def _value(result: Result, task: str) -> str:
    parsed = _parsed(result.text)
    if isinstance(parsed, dict):
        asked = set(content_stems(task))
        fitting = [
            value for key, value in parsed.items() if asked & set(content_stems(" ".join(name_words(key))))
        ]
        if fitting or len(parsed) == 1:
            return _spoken(fitting[0] if fitting else next(iter(parsed.values())))
    text = _spoken(parsed)
    said = [Said(text=part, role=Role.TOOL) for part in sentences(text)]
    chosen = best(task, said, loose=True) or (said[0] if said else None)
    return value_in(chosen.text, task) if chosen else "nothing"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _spoken(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_spoken(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_spoken(each) for each in value)
    return json.dumps(value)


def _ended(text: str) -> str:
    return text if re.search(r"[.!?]$", text) else text + "."
