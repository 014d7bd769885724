"""Bodies of the rarer kinds that crash the server, which only a run that sends every case meets."""

from __future__ import annotations

import re

from chatconform.reference_server.faults.alterations.making import crash
from chatconform.reference_server.faults.alterations.paths import When
from chatconform.reference_server.faults.consequences.calls import FAILED_AT_BAD
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Asked

fault = family(Aspect.REFUSALS, thorough=True)


def _is(text: bytes) -> When:
    return lambda asked: asked.is_chat and asked.content.strip() == text


def _has(pattern: bytes) -> When:
    compiled = re.compile(pattern)
    return lambda asked: asked.is_chat and compiled.search(asked.content) is not None


def _is_a_number(asked: Asked) -> bool:
    return asked.is_chat and asked.content.strip().isdigit()


def _is_no_utf8(asked: Asked) -> bool:
    try:
        asked.content.decode()
    except UnicodeDecodeError:
        return asked.is_chat
    return False


_BAD: tuple[tuple[str, str, When, str], ...] = (
    ("body-of-a-number", "A body that is a number", _is_a_number, "CC-REQ-024"),
    ("body-of-null", "A body that is `null`", _is(b"null"), "CC-REQ-024"),
    ("empty-body", "A body without a byte", _is(b""), "CC-REQ-002"),
    ("not-a-number", "A body with NaN in it", _has(rb":\s*NaN"), "CC-REQ-002"),
    ("body-of-broken-utf-8", "A body that is no UTF-8", _is_no_utf8, "CC-REQ-002"),
    ("deep-nesting", "A body that is nested a hundred times deep", _has(rb"\[{100}"), "CC-REQ-001"),
    ("long-integer", "An integer of three hundred digits", _has(rb"[0-9]{300}"), "CC-REQ-001"),
)

ALL: tuple[Fault, ...] = (
    *(
        fault(f"{name}-crashes", f"{what} answers 500.", crash(when), kills=kills, collateral=FAILED_AT_BAD)
        for name, what, when, kills in _BAD
    ),
    fault(
        "half-a-surrogate-crashes",
        "A text with half of a surrogate pair answers 500.",
        crash(_has(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u)")),
        kills="CC-ERR-007",
    ),
)
