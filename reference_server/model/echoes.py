"""Saying what one is told to say: "repeat exactly: X", "reply with the single word X", "say X"."""

import re

from chatconform.reference_server.model.words import abridged, sentences

_SAY = (
    "repeat|echo|say|write|output|print|copy|return|type|quote|recite|parrot|reproduce|transcribe|state|send|"
    "display|emit"
)
_ANSWER = "reply|respond|answer|give|come back"
_LEAD = (
    r"(?:with|back|exactly|only|just|verbatim|the|this|that|these|those|following|text|words?"
    r"|lines?|sentences?|strings?"
    r"|phrases?|messages?|after|me|to|precisely|literally|and|nothing|else|more|but|once|out"
    r"|by|in|full|same|single"
    r"|exact|as|it|is|i|wrote|written|given|shown|codes?|tokens?|characters?|letters?|numbers?"
    r"|emojis?|symbols?"
    r"|content|below|here|your|reply|response|output|answer|please|all|of|for|without|any"
    r"|changes?|modification|using"
    r"|quotes?|one|a|an|do|not|don't|add|anything|simply|solely|then|again|user|entire|whole"
    r"|itself|are|must|be|json|object|array)"
)
_QUOTE = (
    r"(?:\"(?P<q1>[^\"]+)\"|“(?P<q2>[^”]+)”|(?<!\w)'(?P<q3>[^'\n]+)'(?!\w)|`(?P<q4>[^`\n]+)`|«(?P<q5>[^»]+)»)"
)
_AFTER_COLON = re.compile(
    rf"\b(?:(?:{_SAY})(?:[ ,]+{_LEAD}){{0,12}}|(?:{_ANSWER})(?:[ ,]+{_LEAD}){{1,12}})"
    r"\s{0,4}(?::|\n|—)\s*(?P<payload>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile(rf"\b(?:{_SAY}|{_ANSWER})(?:[ ,]+{_LEAD}){{0,12}}[ ,:]+{_QUOTE}", re.IGNORECASE)
_ONE = re.compile(
    rf"\b(?:{_SAY}|{_ANSWER})(?:[ ,]+{_LEAD}){{0,12}}?[ ,]+(?:word|letter|number|code|token|emoji"
    rf"|digit|symbol|character|string)"
    r"[ ,:]+(?P<one>[^\s.!?,;]+(?:[.,][^\s.!?,;]+)*)",
    re.IGNORECASE,
)
_MANY = re.compile(
    rf"\b(?:{_SAY}|{_ANSWER})(?:[ ,]+{_LEAD}){{0,12}}?[ ,]+(?:phrase|sentence|line|text|message"
    rf"|words)[ ,:]+(?P<many>[^.!?\n]+)",
    re.IGNORECASE,
)
_OPEN = (
    r"^\W*(?:(?:please|now|just|simply|only|ok|okay|can you|could you|would you|will you|then"
    r"|you must|i want you to)[ ,]+)*"
)
_BARE_SAY = re.compile(
    rf"{_OPEN}say(?: (?:only|just|exactly|back|simply|out loud))*,? (?P<rest>[^.!?\n]+)", re.IGNORECASE
)
_BARE_ANSWER = re.compile(
    rf"{_OPEN}(?:{_ANSWER}|output|print|return|write|type|repeat|echo)(?: back| to this| to me| to that)?"
    r"(?P<mark>(?: (?:with|only|just|exactly|simply|nothing but|solely|verbatim))*) (?P<rest>[^.!?\n]{1,80})",
    re.IGNORECASE,
)
_NOT_A_WORD = frozenset(
    {"of", "that", "which", "you", "from", "in", "for", "i", "is", "only", "and", "with", "we", "to", "or"}
    | {"as", "if", "on", "at", "below", "above", "after", "following", "given", "about", "within", "inside"}
    | {
        "between",
        "summary",
        "story",
        "description",
        "answer",
        "explanation",
        "version",
        "poem",
        "long",
        "reply",
    }
)

_NOT_A_TEXT = re.compile(
    r"(?:the|a|an|your|its|one|my|his|her|their|our|each|every|some|any|no more|at most|at"
    r" least|no|two|three|four|five|six"
    r"|something|anything|nothing|what|how|why|which|who|whom|whose|where|when|whether|if|it"
    r"|that|these|those|in|as|based"
    r"|about|more|less|all|me|us|to|using|from|for|by|json|yaml|xml|html|sql|code|csv|markdown"
    r"|plain|digits?|numbers?"
    r"|words?|letters?|english|french|german|spanish|integers?|valid|numeric|lowercase"
    r"|uppercase|bullet|emojis?|names?"
    r"|facts?|short|brief|briefly|raw|minified|ascii|single|either|complete|full|only|politely"
    r"|concisely|honestly"
    r"|carefully|correctly|accordingly|both|such|so|up|down|out|random|ideas?|examples?)\b",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"[\s,.;]{0,8}(?:\(|\b)(?:and (?:do not|don't)|and nothing (?:else|more)|nothing (?:else|more)"
    r"|no other (?:text|words)|do not (?:add|say|write|include|call|use)"
    r"|don't (?:add|say|write|include|call|use)|without (?:any )?(?:quotes|changes|explanation"
    r"|other|quotation|anything)|no explanation"
    r"|only that|and only that|exactly as (?:written|is|shown)|as[- ]is|verbatim|no quotes"
    r"|with no other|no more and no less"
    r"|and that's it|that's all|please)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_REMARK = re.compile(
    r"(?:(?<=[.!?\n])\s*|\s*\()(?:and )?(?:(?:do not|don't) (?:add|say|write|include|change|use)"
    r"|nothing (?:else|more)|no other (?:text|words)|without (?:any )?(?:quotes|changes|explanation)"
    r"|no explanation|only that)\b[^\n]*$"
    r"|,? and nothing (?:else|more)[.!]?$",
    re.IGNORECASE,
)
_AT_END = re.compile(
    r"\s+(?:in (?:one|a single) word|in (?:all )?(?:upper ?case|lower ?case|caps|capitals)|only|exactly"
    r"|please|to me|back|again|alone|verbatim|for me|now|back to me)$",
    re.IGNORECASE,
)


def echo(text: str) -> str | None:
    """Return what a text tells the model to say, or None where it tells no such thing."""
    short = abridged(text)
    return _stated(text) or _word(short) or _bare(short)


def _stated(text: str) -> str | None:
    quoted = _QUOTED.search(text)
    after = _AFTER_COLON.search(text)
    if quoted and not (after and after.start("payload") <= quoted.start()) and not _asks_how(text):
        return next(group for group in quoted.groups() if group)
    if after is None:
        return None
    payload = after["payload"].strip()
    question = payload.endswith("?") and re.match(_ANSWER, after.group(), re.IGNORECASE)
    return None if question or _asks_how(text) else _unwrapped(payload)


def _asks_how(text: str) -> bool:
    return re.match(r"\W*(?:how|what|why|which|who)\b", text, re.IGNORECASE) is not None


def _unwrapped(payload: str) -> str:
    """Take a payload out of its quotes, or cut a remark after it."""
    found = re.match(_QUOTE, payload)
    if found:
        rest = payload[found.end() :].strip(" .!")
        if (
            not rest
            or _TRAILER.match(payload, found.end())
            or re.match(r"[\s.!]*\n|[\s.!]+[A-Z]", payload[found.end() :])
        ):
            return next(group for group in found.groups() if group)
    return _REMARK.sub("", payload).strip() or payload


def _word(text: str) -> str | None:
    one = _ONE.search(text)
    if one and one["one"].lower() not in _NOT_A_WORD:
        return one["one"].strip("\"'“”`*")
    many = _MANY.search(text)
    if many and many["many"].split()[0].lower() not in _NOT_A_WORD:
        return _trimmed(many["many"])
    return None


def _trimmed(text: str) -> str:
    text = _TRAILER.sub("", text).strip(" \"'“”`,")
    shorter = _AT_END.sub("", text)
    while shorter != text:
        text, shorter = shorter, _AT_END.sub("", shorter)
    return text


def _bare(text: str) -> str | None:
    for place, sentence in enumerate(sentences(text)):
        said = _BARE_SAY.match(sentence)
        if said and not _NOT_A_TEXT.match(said["rest"]):
            return _trimmed(said["rest"]) or None
        found = _BARE_ANSWER.match(sentence)
        if found is None or _NOT_A_TEXT.match(found["rest"]):
            continue
        rest = _trimmed(found["rest"])
        if rest and len(rest.split()) <= 8 and _is_text(rest, found["mark"], text, place):
            return rest
    return None


def _is_text(rest: str, mark: str, text: str, place: int) -> bool:
    """Tell a text to say from a remark on the form of an answer ("city name only")."""
    shouted = rest.isupper() or (" " not in rest and any(char.isdigit() for char in rest))
    if place:
        return shouted or (bool(mark) and "?" not in text and " " not in rest)
    return bool(mark) or shouted
