"""Scrubbing of personal data that masks some of the items of a text, and leaves the others."""

from __future__ import annotations

import re
from collections.abc import Callable

from chatconform.reference_server.faults.alterations.forwarding import Message
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.gateways.incomplete_scrubbing import BOTH, ITEMS, in_each
from chatconform.reference_server.seams import Alteration

fault = family(Aspect.PROMPT, Aspect.TEXT, Aspect.CALLS)
_MASK = re.compile(r"\[(?:email|phone|card)\]")


def _texts(change: Callable[[str, str], str]) -> Alteration:
    """What arrives of each text of a content is made of its scrubbed form and of its raw one."""

    def choose(one: Message, raw: Message) -> Message:
        content = one.get("content")
        if isinstance(content, str):
            return {**one, "content": change(content, raw["content"])}
        if isinstance(content, list):
            parts = zip(content, raw["content"], strict=True)
            told = [
                {**part, "text": change(part["text"], old["text"])} if "text" in part else part
                for part, old in parts
            ]
            return {**one, "content": told}
        return one

    return in_each(choose)


def _first_item_alone(masked: str, raw: str) -> str:
    """What stands behind the first mask is as it was."""
    found = list(_MASK.finditer(masked))
    if len(found) < 2:
        return masked
    between = masked[found[0].end() : found[1].start()]
    place = raw.find(between, found[0].start())
    return masked if place < 0 else masked[: found[0].end()] + raw[place:]


def _one_of_each_kind(masked: str, raw: str) -> str:
    """An item of a kind that has been masked before is as it was."""
    seen: set[str] = set()
    told, place = "", 0
    pieces = re.split(f"({_MASK.pattern})", masked)
    for number, piece in enumerate(pieces):
        if not _MASK.fullmatch(piece):
            told, place = told + piece, place + len(piece)
            continue
        following = pieces[number + 1]
        end = raw.find(following, place) if following else len(raw)
        told += raw[place:end] if piece in seen else piece
        seen.add(piece)
        place = end
    return told


def _kind_left(kind: str) -> Callable[[str, str], str]:
    return lambda masked, raw: raw if f"[{kind}]" in masked else masked


def _written_together(masked: str, raw: str) -> str:
    return masked if masked == raw else re.sub(r"(?<=\d) (?=\d)", "", raw)


_CHANGES: tuple[tuple[str, str, Alteration, str], ...] = (
    ("first-item-alone", "Only the first item of a text is masked.", _texts(_first_item_alone), ITEMS),
    (
        "one-of-each-kind",
        "Of several items of one kind in a text the first is masked.",
        _texts(_one_of_each_kind),
        ITEMS,
    ),
    ("digits-together", "Numbers lose their blanks and are not masked.", _texts(_written_together), BOTH),
)

ALL: tuple[Fault, ...] = (
    *(fault(f"scrubbing-{word}", told, by, kills=kills) for word, told, by, kills in _CHANGES),
    *(
        fault(
            f"scrubbing-not-{kind}",
            f"Texts with an item of the kind `{kind}` are left as they are.",
            _texts(_kind_left(kind)),
            kills=BOTH,
            seen_in="tale-project/tale#1618 (card masked, e-mail and CVC not)" if kind == "email" else (),
        )
        for kind in ("email", "phone", "card")
    ),
)
