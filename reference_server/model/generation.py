"""Generation: from a request to pieces, lazily, one token after the other."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from chatconform.reference_server.model.answers import answer
from chatconform.reference_server.model.calls import PlannedCall, planned_calls
from chatconform.reference_server.model.drafts import CONSTRAINED, Draft, fixed
from chatconform.reference_server.model.gate import Gate
from chatconform.reference_server.model.objects import json_answer
from chatconform.reference_server.model.pieces import (
    CallKind,
    Finish,
    FinishReason,
    Piece,
    RefusalText,
    Text,
    Token,
    ToolCallArguments,
    ToolCallStart,
)
from chatconform.reference_server.model.request import ChatRequest, Format
from chatconform.reference_server.model.sampling import Sampler

_DECLINING = "I am sorry, but I cannot help with that."


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggers:
    """Texts that a model is set up to react to; None for no reaction.

    `filter` is what the content filter reacts to, in a user message or in the text that is written; `refuse`
    in the last user message makes the model decline.
    """

    filter: str | None = None
    refuse: str | None = None


_NO_TRIGGERS = Triggers()


def generate(
    request: ChatRequest, *, choice: int = 0, entropy: int, triggers: Triggers = _NO_TRIGGERS
) -> Iterator[Piece]:
    """Write one choice of an answer.

    `entropy` is a number that the server never uses twice: it makes call ids unique, and stands in for a
    missing seed.
    """
    if triggers.filter and request.prompt_has(triggers.filter):
        yield Finish(reason=FinishReason.CONTENT_FILTER, completion_tokens=0)
        return
    sampler = Sampler(request.sampling, choice=choice, entropy=entropy)
    if triggers.refuse and request.asks_with(triggers.refuse):
        for piece in _write_text(request, fixed(_DECLINING), sampler, triggers.filter):
            yield RefusalText(text=piece.text, tokens=piece.tokens) if isinstance(piece, Text) else piece
        return
    calls = planned_calls(request)
    if calls:
        yield from _write_calls(calls, sampler, request.limit, f"{entropy}/{choice}")
    else:
        yield from _write_text(request, _draft(request), sampler, triggers.filter)


def _draft(request: ChatRequest) -> Draft:
    if request.format is Format.TEXT:
        return answer(request)
    return fixed(json_answer(request), CONSTRAINED)


def _write_text(
    request: ChatRequest, draft: Draft, sampler: Sampler, trigger: str | None
) -> Iterator[Text | Finish]:
    gate = Gate(request.stops if trigger is None else (*request.stops, trigger))
    tokens = sampler.tokens(draft)
    spent = 0
    for token in islice(tokens, request.limit):
        spent += 1
        text = gate.push(token)
        if text is not None:
            yield text
        if gate.matched is not None:
            filtered = gate.matched == trigger and trigger not in request.stops
            reason = FinishReason.CONTENT_FILTER if filtered else FinishReason.STOP
            yield Finish(reason=reason, completion_tokens=spent)
            return
    rest = gate.flush()
    if rest is not None:
        yield rest
    cut = spent == request.limit and next(tokens, None) is not None
    yield Finish(reason=FinishReason.LENGTH if cut else FinishReason.STOP, completion_tokens=spent)


def _write_calls(
    calls: tuple[PlannedCall, ...], sampler: Sampler, limit: int, origin: str
) -> Iterator[Piece]:
    """Write calls one after the other; each costs one token for its start and those of its arguments."""
    spent = 0
    for index, call in enumerate(calls):
        if spent == limit:
            yield Finish(reason=FinishReason.LENGTH, completion_tokens=spent)
            return
        spent += 1
        number = "" if call.kind is CallKind.LEGACY else _call_id(f"{origin}/{index}")
        yield ToolCallStart(index=index, id=number, kind=call.kind, name=call.name)
        tokens = sampler.tokens(fixed(call.arguments, CONSTRAINED))
        arguments = _Arguments(index)
        for token in islice(tokens, limit - spent):
            spent += 1
            yield from arguments.push(token)
        if spent == limit and next(tokens, None) is not None:
            yield Finish(reason=FinishReason.LENGTH, completion_tokens=spent)
            return
    legacy = calls[0].kind is CallKind.LEGACY
    reason = FinishReason.FUNCTION_CALL if legacy else FinishReason.TOOL_CALLS
    yield Finish(reason=reason, completion_tokens=spent)


@dataclass(slots=True)
class _Arguments:
    """Puts the tokens of one call's arguments together to fragments of whole characters."""

    index: int
    gate: Gate

    def __init__(self, index: int) -> None:
        self.index = index
        self.gate = Gate(())

    def push(self, token: Token) -> Iterator[ToolCallArguments]:
        text: Text | None = self.gate.push(token)
        if text is not None:
            yield ToolCallArguments(index=self.index, fragment=text.text)


def _call_id(origin: str) -> str:
    return "call_" + hashlib.blake2b(origin.encode(), digest_size=12).hexdigest()
