"""Sums of two or more numbers, in digits, signs or words."""

# ruff: noqa: RUF001 - users write typographic quotes, dashes and signs

import operator
import re
from collections.abc import Callable
from fractions import Fraction

from chatconform.reference_server.model.words import NUMBER, number

_VALUE = rf"(?:-?\d{{1,15}}(?:\.\d{{1,6}})?|{NUMBER})"
_SIGNS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add, "plus": operator.add, "added to": operator.add, "and": operator.add,
    "-": operator.sub, "−": operator.sub, "minus": operator.sub, "less": operator.sub,
    "*": operator.mul, "x": operator.mul, "×": operator.mul, "times": operator.mul,
    "multiplied by": operator.mul,
    "/": operator.truediv, "÷": operator.truediv, "divided by": operator.truediv, "over": operator.truediv,
}  # fmt: skip
_SYMBOL = {operator.add: "+", operator.sub: "-", operator.mul: "×", operator.truediv: "÷"}
_INFIX = re.compile(
    rf"(?<![\w.])({_VALUE})\s*([-+*/x×÷−]|\b(?:plus|minus|times|multiplied by|divided by|over"
    rf"|added to|less)\b)\s*({_VALUE})(?![\w]|\.\d)",
    re.IGNORECASE,
)
_NAMED: tuple[tuple[str, Callable[[Fraction, Fraction], Fraction]], ...] = (
    (r"\b(?:sum|total) of\b|\badd(?:ing)?\b", operator.add),
    (r"\b(?:product) of\b|\bmultiply(?:ing)?\b", operator.mul),
    (r"\b(?:difference) (?:of|between)\b", operator.sub),
    (r"\b(?:quotient) of\b|\bdivid(?:e|ing)\b", operator.truediv),
)
_PAIR = re.compile(rf"({_VALUE})\s*(?:,|and|to|with|by|from)\s*({_VALUE})", re.IGNORECASE)
_SUBTRACT = re.compile(rf"\b(?:subtract|take)\s+({_VALUE})\s+(?:away )?from\s+({_VALUE})", re.IGNORECASE)
_ASKED = re.compile(
    r"\?|\b(?:what|calculate|compute|solve|evaluate|add|multiply|divide|subtract|sum|how much"
    r"|equals?|result|work out|take|answer)\b|=|^\W*[\d(]",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{1,4}[-/]\d{1,2}[-/]\d{1,4}|\d-digit")


def arithmetic(text: str) -> tuple[str, str] | None:
    """Return a sum that a text asks for and its result, both as text."""
    if not _ASKED.search(text) or _DATE.search(text):
        return None
    found = _sum(text)
    if found is None:
        return None
    one, sign, other = found
    if sign is operator.truediv and other == 0:
        return f"{_shown(one)} ÷ 0", "undefined"
    return f"{_shown(one)} {_SYMBOL[sign]} {_shown(other)}", _shown(sign(one, other))


def _sum(text: str) -> tuple[Fraction, Callable[[Fraction, Fraction], Fraction], Fraction] | None:
    subtract = _SUBTRACT.search(text)
    if subtract:
        return _value(subtract[2]), operator.sub, _value(subtract[1])
    infix = _INFIX.search(text)
    if infix:
        return _value(infix[1]), _SIGNS[infix[2].lower()], _value(infix[3])
    for pattern, sign in _NAMED:
        named = re.search(pattern, text, re.IGNORECASE)
        pair = _PAIR.search(text, named.end()) if named else None
        if pair:
            return _value(pair[1]), sign, _value(pair[2])
    return None


def _value(text: str) -> Fraction:
    worded = number(text)
    return Fraction(worded) if worded is not None else Fraction(text)


def _shown(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.6f}".rstrip("0").rstrip(".")
