"""Faults in who is let in: keys that are not checked, checked in part, or checked at one endpoint only."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.conditions import (
    every,
    has_key,
    has_no_key,
    is_list,
    token,
)
from chatconform.reference_server.faults.alterations.making import When, chats, trust
from chatconform.reference_server.faults.alterations.paths import is_plain, is_streamed
from chatconform.reference_server.faults.alterations.responses import (
    PAGE,
    Redo,
    answers,
    both,
    completion,
    status,
    text,
    with_status,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked

fault = family(Aspect.KEYS)
# These spoil besides with which statuses and objects a key is refused.
refusing = family(Aspect.KEYS, Aspect.ERRORS, Aspect.REFUSALS)
_SENTENCE = "I am sorry, but your API key is not valid."
_LONG_KEY = 20

_MISSING: dict[str, tuple[str, Redo]] = {
    "missing-key-400": ("A request without a key answers 400.", status(400)),
    "missing-key-403": ("A request without a key answers 403.", status(403)),
    "missing-key-404": ("A request without a key answers 404, as if there was nothing.", status(404)),
    "missing-key-500": ("A request without a key answers 500.", status(500)),
    "missing-key-200": ("A request without a key answers 200 with an error object.", status(200)),
    "missing-key-redirected": ("Who has no key is redirected to a page.", both(status(302), text(PAGE))),
    "missing-key-told-as-answer": ("Who has no key is told so by the assistant.", completion(_SENTENCE)),
}
_WRONG: dict[str, tuple[str, Redo]] = {
    "wrong-key-400": ("A wrong key answers 400.", status(400)),
    "wrong-key-403": ("A wrong key answers 403.", status(403)),
    "wrong-key-500": ("A wrong key answers 500.", status(500)),
    "wrong-key-200": ("A wrong key answers 200 with an error object.", status(200)),
    "wrong-key-told-as-answer": (
        "A wrong key answers 200 with an error sentence as the assistant's content.",
        completion(_SENTENCE),
    ),
}
_SEEN = {"wrong-key-told-as-answer": "EpistasisLab/KRAGEN#90", "missing-key-500": "ogx-ai/ogx#2990"}


def _has_sk_key(asked: Asked) -> bool:
    return token(asked).startswith("sk-")


def _has_long_key(asked: Asked) -> bool:
    return len(token(asked)) >= _LONG_KEY


_UNCHECKED: dict[str, tuple[str, When]] = {
    "wrong-key-served": ("Any key is accepted.", every(chats, has_key)),
    "key-checked-by-prefix": ("Every key that begins with `sk-` is accepted.", every(chats, _has_sk_key)),
    "key-checked-by-length": ("Every key of 20 characters or more is accepted.", _has_long_key),
    "keys-not-checked-on-streams": ("A request for a stream needs no key.", is_streamed),
}


def _refused(change: Redo, when: When) -> Alteration:
    return answers(change, when, with_status(401))


_LISTS: dict[str, tuple[str, Alteration]] = {
    "list-open-to-wrong-keys": (
        "GET /models without a key answers 401, but any wrong key is accepted.",
        trust(every(is_list, has_key)),
    ),
    "list-open-without-key": (
        "GET /models without a key is served, but a wrong key answers 401.",
        trust(every(is_list, has_no_key)),
    ),
    "list-crashes-without-key": (
        "GET /models without a key answers 500.",
        _refused(status(500), every(is_list, has_no_key)),
    ),
    "list-hides-from-wrong-keys": (
        "GET /models with a wrong key answers 404.",
        _refused(status(404), every(is_list, has_key)),
    ),
}

ALL: tuple[Fault, ...] = (
    fault("keys-not-checked", "No key is looked at.", trust(), kills="CC-AUTH-001 CC-AUTH-002 CC-AUTH-003"),
    fault(
        "missing-key-served",
        "Requests without an Authorization header are served.",
        trust(every(chats, has_no_key)),
        kills="CC-AUTH-001",
    ),
    *(
        refusing(
            name,
            defect,
            _refused(change, every(chats, has_no_key)),
            kills="CC-AUTH-001",
            seen_in=_SEEN.get(name, ()),
        )
        for name, (defect, change) in _MISSING.items()
    ),
    *(fault(name, defect, trust(when), kills="CC-AUTH-002") for name, (defect, when) in _UNCHECKED.items()),
    *(
        refusing(
            name,
            defect,
            _refused(change, every(is_plain, has_key)),
            kills="CC-AUTH-002",
            seen_in=_SEEN.get(name, ()),
        )
        for name, (defect, change) in _WRONG.items()
    ),
    *(
        fault(
            name,
            defect,
            change,
            kills="CC-AUTH-006",
            seen_in="anomalyco/opencode#47820" if name == "list-open-to-wrong-keys" else (),
        )
        for name, (defect, change) in _LISTS.items()
    ),
)
