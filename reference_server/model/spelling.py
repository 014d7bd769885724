"""Putting together what a text gives in pieces: spelled words ("p-i-n-e"), or quoted parts of one text."""

# ruff: noqa: RUF001 - users write typographic quotes, dashes and signs

import re

from chatconform.reference_server.model.hints import quoted

_GAPS = "hyphens?|dash(?:es)?|spaces?|dots?|periods?|commas?|separators?|gaps?|breaks?|anything"
_ASKED = re.compile(
    r"\b(?:join(?:ed|ing)?|concatenat\w+|combin(?:e|ed|ing)|merg(?:e|ed|ing)|glued?"
    r"|put(?:ting)? (?:\w+ ){0,4}together"
    r"|spell(?:s|ed)?|(?:as|into|to) (?:one|a single) (?:word|string|text|line)"
    rf"|(?:without|no|remov\w+|leav\w+ out|drop\w*|omit\w*) (?:(?:a|the|any|all|its|their) )?(?:{_GAPS})"
    rf"|(?:{_GAPS}) (?:removed|left out|taken out))\b",
    re.IGNORECASE,
)
_LITERAL = re.compile(r"\b(?:exactly|verbatim|word for word)\b[^:\n]{0,40}:", re.IGNORECASE)
_RUN = re.compile(r"(?<![\w'’-])\w(?:(?P<gap>[-.·_]| ?, ?| )\w)(?:(?P=gap)\w)+(?![\w'’])")


def assembled(text: str) -> str | None:
    """Return what the pieces in a text amount to, where it asks to put them together."""
    if not _ASKED.search(text) or _LITERAL.search(text):
        return None
    pieces = quoted(text)
    if len(pieces) > 1:
        return "".join(pieces)
    runs = [found.group() for found in _RUN.finditer(text)]
    return " ".join("".join(re.findall(r"\w", run)) for run in runs) or None
