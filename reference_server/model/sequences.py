"""Determined sequences: counting, the alphabet, the same thing again and again."""

# ruff: noqa: RUF001 - users write typographic quotes, dashes and signs

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as endless

from chatconform.reference_server.model.drafts import LOOSE, Draft, Fixed
from chatconform.reference_server.model.hints import quoted
from chatconform.reference_server.model.words import NUMBER, number, spelled

_BY = r"(?:by|with|using) (?:a )?(?:single |one )?"
_SEPARATORS = tuple(
    (re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), mark)
    for pattern, mark in (
        (r"(?:without|no|zero) (?:any )?(?:spaces?|separators?|delimiters?|gaps|whitespace)", ""),
        (r"not separated|unseparated|continuous(?:ly)?|as one (?:word|string)|concatenated", ""),
        (r"with nothing (?:in )?between", ""),
        (r"(?:one|each)(?: \w+)? (?:per|on (?:a|its own|each)) (?:new |separate |own )?line", "\n"),
        (r"on (?:separate|new|individual) lines|line by line|per line", "\n"),
        (r"each on (?:its own|a new|a separate|one) line|newline[- ]separated", "\n"),
        (rf"{_BY}(?:new ?lines?|line breaks?)", "\n"),
        (rf"comma[- ]separated|{_BY}commas?", ", "),
        (rf"space[- ]separated|{_BY}spaces?|spaces? between", " "),
        (rf"(?:dash|hyphen)[- ]separated|{_BY}(?:dash(?:es)?|hyphens?)", "-"),
        (rf"semicolon[- ]separated|{_BY}semicolons?", "; "),
        (rf"pipe[- ]separated|{_BY}(?:pipes?|vertical bars?)", "|"),
        (rf"{_BY}(?:forward )?slash(?:es)?", "/"),
        (rf"{_BY}(?:dots?|periods?|full stops?)", "."),
        (rf"tab[- ]separated|{_BY}tabs?", "\t"),
        (rf"{_BY}underscores?", "_"),
    )
)
_OWN = re.compile(
    r"\b(?:separated|delimited|joined|divided|separator)\b[^\"'`\n]{0,30}(?:\"([^\"]+)\""
    r"|'([^']+)'|`([^`]+)`)",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    r"\bcount(?:ing|down)?\b|\b(?:numbers|integers|digits)\b[^.?!\n]{0,40}?\b(?:from|between|to|through)\b"
    r"|\bfirst \w+ (?:natural |positive |whole )?(?:numbers|integers)\b",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?:\b(?:from|between)\s+)?({NUMBER})\s*(?:(?:up |down )?\b(?:to|through|until|till|and"
    rf"|thru)\b|-|–|\.\.\.?|…)\s*({NUMBER})",
    re.IGNORECASE,
)
_UP_TO = re.compile(rf"\b(?:up )?(?:to|until|till)\s+({NUMBER})", re.IGNORECASE)
_DOWN_FROM = re.compile(
    rf"\b(?:down|backwards?|backward|countdown)\b[^.\n]{{0,20}}?\bfrom\s+({NUMBER})", re.IGNORECASE
)
_FIRST = re.compile(rf"\bfirst ({NUMBER}) (?:natural |positive |whole )?(?:numbers|integers)", re.IGNORECASE)
_RUN = re.compile(rf"({NUMBER})(?P<sep>[,;]?\s+|\s*,\s*|\s*-\s*)({NUMBER})(?P=sep)({NUMBER})", re.IGNORECASE)
_TAIL = re.compile(
    rf"(?:\.\.\.|…|\band so on\b|\betc\.?)[\s,]*(?:up )?(?:to |until )?({NUMBER})", re.IGNORECASE
)
_STEP = re.compile(
    rf"\b(?:(?:in )?(?:steps|increments|multiples) of|skip(?:ping)? by|by|every) ({NUMBER})s?\b",
    re.IGNORECASE,
)
_BACK = re.compile(r"\b(?:backwards?|in reverse|reversed?|descending|down|countdown)\b", re.IGNORECASE)
_RANDOM = re.compile(r"\b(?:random(?:ly)?|arbitrary|pick|choose)\b", re.IGNORECASE)
_HOW_MANY = re.compile(r"\b(?:how many|number of times|how often)\b", re.IGNORECASE)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SPAN = re.compile(
    r"\bfrom (?:the letter )?['\"]?([A-Z])['\"]? (?:up )?(?:to|through) (?:the letter )?['\"]?([A-Z])\b",
    re.IGNORECASE,
)
_ALPHABET = re.compile(
    r"\balphabet\b|\b(?:letters?|capitals?)\b[^.\n]{0,20}\b(?:from )?['\"]?A['\"]? (?:to"
    r"|through) ['\"]?[B-Z]\b",
    re.IGNORECASE,
)
_VERB = (
    r"(?:repeat(?:ing|edly)?|say(?:ing)?|write|writing|print(?:ing)?|output(?:ting)?|type"
    r"|typing|echo|chant|send|generate|recite|respond with|reply with)"
)
_TIMES = re.compile(
    rf"\b(?:({NUMBER})(?: or more| separate| consecutive)? times\b|(twice|thrice)\b|a (hundred"
    rf"|thousand|million) times\b)",
    re.IGNORECASE,
)
_FOREVER = re.compile(
    r"\b(?:forever|for ever|endless(?:ly)?|infinite(?:ly)?|indefinitely|non-?stop|over and"
    r" over|again and again"
    r"|without (?:ever )?(?:stopping|end|ending|a break|pause)|until (?:you|i|told|the|stopped"
    r"|your)|never stop(?:ping)?"
    r"|as (?:many times|long|often) as|continuously|repeatedly|don't stop|do not stop|ad"
    r" infinitum|many times)\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:times|twice|thrice|forever|endlessly|over and over)\b[^:.\n]{0,60}:\s*(\S[^\n]*)", re.IGNORECASE
)
_LITERAL = re.compile(
    r"\b(?:exactly|verbatim|precisely|word for word|following \w+)\b[^:\n]{0,40}:", re.IGNORECASE
)
_NAMED = re.compile(
    r"\b(?:the )?(?:single )?(?:word|letter|phrase|string|text|token|syllable|sentence|name"
        r"|number|emoji|character)s?\s+(\S+(?: \S+){0,8}?)"
    r"(?=[,.;:!?]*(?:\s+(?:exactly |about |at least |for |to |over |again |until |without |as "
        r"|separated |in |on |with |and |one |each |repeatedly|endlessly"
    r"|indefinitely|infinitely|continuously|non|many|non-?stop|forever|twice|thrice|\d+ |a"
        r" (?:hundred|thousand|million)|" + NUMBER + r")|\s*$|[.,;!?]))",
    re.IGNORECASE,
)  # fmt: skip
_BETWEEN = re.compile(
    rf"\b{_VERB}\s+(.{{1,80}}?)(?=[,;:]?\s+(?:exactly |about |at least |for ever|forever"
        rf"|endless|infinite|indefinite|over and|again and|without "
    rf"|until |as many|non-?stop|continuous|repeatedly|many times|twice|thrice|a (?:hundred"
        rf"|thousand|million) times|{NUMBER} (?:or more |separate |consecutive )?times))",
    re.IGNORECASE,
)  # fmt: skip


def separator(text: str, default: str) -> str:
    """Return what a text asks to stand between the items."""
    own = _OWN.search(text)
    if own:
        return next(group for group in own.groups() if group)
    tight = re.search(r"\bcommas?\b[^.]{0,20}\b(?:without|no) spaces?\b", text, re.IGNORECASE)
    if tight:
        return ","
    return next((mark for pattern, mark in _SEPARATORS if pattern.search(text)), default)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    first: int
    last: int
    step: int
    in_words: bool
    between: str


def counting(text: str) -> Draft | None:
    """Draft a count where a text asks for one."""
    if not _COUNTS.search(text) or _HOW_MANY.search(text) or _RANDOM.search(text):
        return None
    found = _count(text)
    return None if found is None else _counted(found)


def _count(text: str) -> _Count | None:
    ends = _ends(text)
    if ends is None:
        return None
    first_text, last_text, between = ends
    first, last = number(first_text), number(last_text)
    if first is None or last is None:
        return None
    digits = re.search(r"\b(?:digits?|numerals?|figures)\b", text, re.IGNORECASE)
    worded = re.search(
        r"\b(?:in|as|using|with|spelled(?: out)?|written(?: out)?)(?: in)?(?: as)? (?:\w+"
        r" )?words?\b|\bspelled out\b|\bin english\b|\bword form\b|\bnumber words\b",
        text,
        re.IGNORECASE,
    )
    in_words = bool(worded) or (not digits and first_text[-1:].isalpha() and last_text[-1:].isalpha())
    if _BACK.search(text) and first < last:
        first, last = last, first
    small = max(abs(first), abs(last)) < 1_000_000
    between = separator(text, between)
    return _Count(first=first, last=last, step=_step(text), in_words=in_words and small, between=between)


def _ends(text: str) -> tuple[str, str, str] | None:
    """Find the first number, the last one, and the separator that the text itself uses."""
    run = _RUN.search(text)
    if run and (number(run[1]) or 0) + 1 == number(run[3]):
        tail = _TAIL.search(text, run.end())
        found = re.findall(NUMBER, text[run.start() :], re.IGNORECASE)
        return run[1], tail[1] if tail else _last_of_run(found), run["sep"]
    down = _DOWN_FROM.search(text)
    bounds = _RANGE.search(text)
    if bounds:
        return bounds[1], bounds[2], ", "
    if down:
        return down[1], "one" if down[1].isalpha() else "1", ", "
    up = _UP_TO.search(text) or _FIRST.search(text)
    if up:
        return ("one" if up[1][-1:].isalpha() else "1"), up[1], ", "
    return None


def _last_of_run(found: list[str]) -> str:
    last = found[0]
    for each in found[1:]:
        if number(each) != (number(last) or 0) + 1:
            break
        last = each
    return last


def _step(text: str) -> int:
    if re.search(r"\b(?:even|odd) numbers\b|\btwos\b", text, re.IGNORECASE):
        return 2
    step = _STEP.search(text)
    return max(1, abs(number(step[1]) or 1)) if step else 1


def _counted(plan: _Count) -> Draft:
    step = plan.step if plan.first <= plan.last else -plan.step
    lead = ""
    for value in range(plan.first, plan.last + (1 if step > 0 else -1), step):
        yield Fixed(lead + (spelled(value) if plan.in_words else str(value)))
        lead = plan.between


def alphabet(text: str) -> Draft | None:
    """Draft the alphabet, or a part of it, where a text asks for it."""
    if not _ALPHABET.search(text) or re.search(
        r"\b(?:how many|what is|which|history|about|why|who)\b", text, re.IGNORECASE
    ):
        return None
    letters = _LETTERS
    span = _SPAN.search(text)
    if span:
        letters = letters[letters.index(span[1].upper()) : letters.index(span[2].upper()) + 1]
    if _BACK.search(text):
        letters = letters[::-1]
    if re.search(r"\b(?:lower ?case|small letters|lower-case)\b", text, re.IGNORECASE):
        letters = letters.lower()
    return _letters(letters, separator(text, " "))


def _letters(letters: str, between: str) -> Draft:
    if not between:
        yield Fixed(letters)
        return
    for index, letter in enumerate(letters):
        yield Fixed((between if index else "") + letter)


def repetition(text: str) -> Draft | None:
    """Draft a repetition where a text asks to say something several times or for ever."""
    if _HOW_MANY.search(text) or not re.search(rf"\b{_VERB}\b", text, re.IGNORECASE):
        return None
    times = _TIMES.search(text)
    if times is None and not _FOREVER.search(text):
        return None
    literal = _LITERAL.search(text)
    if literal and not (times and times.start() < literal.end()):
        return None  # what is to be said exactly only happens to speak of times
    what = _repeated(text)
    if not what:
        return None
    named = next((group for group in times.groups() if group), "") if times else ""
    total = {"million": 1_000_000}.get(named.lower(), number(named)) if named else None
    return _again(what, total, separator(text, " "))


def _repeated(text: str) -> str:
    found = quoted(text)
    if found:
        return found[0]
    told = _TOLD.search(text)
    if told:
        return told[1].strip()
    for pattern in (_NAMED, _BETWEEN):
        match = pattern.search(text)
        if match:
            return match[1].strip(" \"'“”`,:;.")
    _, colon, rest = text.partition(":")
    return rest.strip() if colon else ""


def _again(what: str, times: int | None, between: str) -> Draft:
    turns: Iterator[int] = endless() if times is None else iter(range(times))
    for turn in turns:
        yield Fixed((between if turn else "") + what, LOOSE if times is None else LOOSE * 2, yields=True)
