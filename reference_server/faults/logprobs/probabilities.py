"""Faults in what log probabilities say: of another base, of another token, of too many or too few."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.alterations.making import (
    When,
    chats,
    pieces,
    request_body,
    setting,
    stream,
)
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.logprobs.tokens import each_token, tokens
from chatconform.reference_server.model import Alternative, ChatRequest, Piece, Text, Token
from chatconform.reference_server.seams import Alteration, Chunks

fault = family(Aspect.LOGPROBS)
_LATER = {"CC-CONT-054": "the alternatives of later turns are judged alike"}
_NOT_THE_TEXT = {"CC-LOGPROBS-005": "the tokens of the stream are not its text"}


def drawn(change: Callable[[Token], Token], when: When = chats) -> Alteration:
    """Every token that the model draws for a text is told of as another one."""

    def edit(written: Iterator[Piece], _: ChatRequest) -> Iterator[Piece]:
        for piece in written:
            if isinstance(piece, Text):
                yield replace(piece, tokens=tuple(map(change, piece.tokens)))
            else:
                yield piece

    return pieces(edit, when)


def _to_base(convert: Callable[[float], float]) -> Alteration:
    def change(token: Token) -> Token:
        top = tuple(replace(other, logprob=convert(other.logprob)) for other in token.top)
        return replace(token, logprob=convert(token.logprob), top=top)

    return drawn(change)


def _one_more(token: Token) -> Token:
    last = token.top[-1].logprob if token.top else token.logprob
    return replace(token, top=(*token.top, Alternative(id=0, text="~~", data=b"~~", logprob=last - 1)))


def _only_five_sorted(token: Token) -> Token:
    return replace(token, top=(*token.top[:5], *token.top[:4:-1]))


def itself(token: Token) -> Alternative:
    """The token as an alternative."""
    return Alternative(id=token.id, text=token.text, data=token.data, logprob=token.logprob)


def _itself_first(token: Token) -> Token:
    return replace(token, top=(itself(token), *token.top)[: len(token.top)])


def _with_others_of(earlier: Callable[[list[Token]], Token]) -> Alteration:
    """Every token has the alternatives of one of those before it."""

    def edit(written: Iterator[Piece], _: ChatRequest) -> Iterator[Piece]:
        seen: list[Token] = []
        for piece in written:
            told = []
            for token in piece.tokens if isinstance(piece, Text) else ():
                told.append(replace(token, top=earlier(seen).top if seen else token.top))
                seen = [*seen[:1], token]
            yield replace(piece, tokens=tuple(told)) if isinstance(piece, Text) else piece

    return pieces(edit)


def _code_points(token: Any) -> None:
    token["bytes"] = [ord(character) for character in token["token"]]


def _without_blank(token: Any) -> None:
    if token["token"].startswith(" "):
        token["bytes"] = token["bytes"][1:]


def _thinned(keeps: Callable[[int], bool]) -> Alteration:
    """Of the chunks with tokens only some keep them, by their number."""

    async def change(chunks: Chunks) -> Chunks:
        number = 0
        async for each in chunks:
            for choice in each.get("choices", ()):
                if choice.get("logprobs"):
                    choice["logprobs"] = choice["logprobs"] if keeps(number) else None
                    number += 1
            yield each

    return stream(change)


async def _at_the_end(chunks: Chunks) -> Chunks:
    told: list[Any] = []
    async for each in chunks:
        for choice in each.get("choices", ()):
            if choice.get("logprobs"):
                told += choice["logprobs"]["content"] or ()
                choice["logprobs"] = None
            if choice["finish_reason"] and told:
                choice["logprobs"] = {"content": told, "refusal": None}
        yield each


ALL: tuple[Fault, ...] = (
    fault(
        "one-alternative-more",
        "Each list of alternatives has one entry more than was asked for.",
        drawn(_one_more),
        kills="CC-LOGPROBS-003",
        collateral={
            **_LATER,
            "CC-RESP-012": "the contract allows 20 of them",
            "CC-STREAM-024": "the contract allows 20 of them",
        },
        seen_in="cequence-io/openai-scala-client#54",
    ),
    fault(
        "ten-alternatives-always",
        "Each list has ten alternatives, however many were asked for.",
        request_body(setting(top_logprobs=10), lambda asked: 0 < (asked.body.get("top_logprobs") or 0) <= 20),
        kills="CC-LOGPROBS-003",
        collateral=_LATER,
        also=(Aspect.PARAMETERS,),
    ),
    fault(
        "five-alternatives-sorted",
        "Only the first five alternatives are sorted by their probability.",
        drawn(_only_five_sorted),
        kills="CC-LOGPROBS-003",
    ),
    fault(
        "no-alternatives",
        "No token has alternatives, however many were asked for.",
        drawn(lambda token: replace(token, top=())),
        kills="CC-LOGPROBS-003",
        collateral=_LATER,
    ),
    fault(
        "alternatives-rising",
        "The least likely alternative comes first.",
        drawn(lambda token: replace(token, top=token.top[::-1])),
        kills="CC-LOGPROBS-003",
        collateral={**_LATER, "CC-LOGPROBS-006": "the chosen token comes last"},
    ),
    fault(
        "bytes-as-code-points",
        "The bytes of a token are code points instead of UTF-8.",
        each_token(_code_points),
        kills="CC-LOGPROBS-005",
        seen_in=("sgl-project/sglang#30188", "deepjavalibrary/djl-serving#1714"),
    ),
    fault(
        "bytes-without-blanks",
        "The bytes of a token lack the blank that it begins with.",
        each_token(_without_blank),
        kills="CC-LOGPROBS-005",
    ),
    fault(
        "last-token-left-out",
        "The last token of a text is left out of a completion.",
        tokens(lambda told: told[:-1], lambda asked: not is_streamed(asked)),
        kills="CC-LOGPROBS-005",
    ),
    fault(
        "alternatives-shifted",
        "The lists of alternatives are shifted by one position.",
        _with_others_of(lambda seen: seen[-1]),
        kills="CC-LOGPROBS-006",
    ),
    fault(
        "alternatives-of-the-first",
        "The list of the first token is attached to every token.",
        _with_others_of(lambda seen: seen[0]),
        kills="CC-LOGPROBS-006",
        seen_in="sgl-project/sglang#30188",
    ),
    fault(
        "chosen-logprob-of-its-own",
        "The logprob of a token is another one than that of the same token among its alternatives.",
        drawn(lambda token: replace(token, logprob=token.logprob - 0.5)),
        kills="CC-LOGPROBS-006",
    ),
    fault(
        "logprobs-on-the-first-chunk-alone",
        "Only the first chunk with text has log probabilities.",
        _thinned(lambda number: number == 0),
        kills="CC-LOGPROBS-007",
        collateral=_NOT_THE_TEXT,
    ),
    fault(
        "logprobs-on-every-other-chunk",
        "Every other chunk with text lacks its log probabilities.",
        _thinned(lambda number: number % 2 == 0),
        kills="CC-LOGPROBS-007",
        collateral=_NOT_THE_TEXT,
    ),
    fault(
        "logprobs-at-the-end-of-the-stream",
        "The log probabilities of a stream come together, with the finish reason.",
        stream(_at_the_end),
        kills="CC-LOGPROBS-007",
        also=(Aspect.FINISH,),
    ),
    fault(
        "one-token-for-each-chunk",
        "Of the several tokens of a chunk only the last is reported.",
        tokens(lambda told: told[-1:], is_streamed),
        kills="CC-LOGPROBS-007",
        collateral=_NOT_THE_TEXT,
    ),
    fault(
        "streamed-tokens-twice",
        "The tokens of a chunk are reported twice.",
        tokens(lambda told: [*told, *told], is_streamed),
        kills="CC-LOGPROBS-007",
        collateral=_NOT_THE_TEXT,
    ),
    fault(
        "logprobs-to-the-base-of-10",
        "Logarithms to the base of 10 are returned.",
        _to_base(lambda logarithm: logarithm / math.log(10)),
        kills="CC-LOGPROBS-008",
    ),
    fault(
        "probabilities-as-logprobs",
        "Probabilities are returned instead of their logarithms.",
        _to_base(math.exp),
        kills="CC-LOGPROBS-001 CC-LOGPROBS-008",
    ),
    fault(
        "all-logprobs-zero",
        "Every logprob is zero.",
        _to_base(lambda _: 0.0),
        kills="CC-LOGPROBS-008",
    ),
    fault(
        "chosen-token-twice",
        "The chosen token is put before the alternatives, although it is one of them.",
        drawn(_itself_first),
        kills="CC-LOGPROBS-009",
        collateral={"CC-LOGPROBS-008": "its probability counts twice"},
    ),
)
