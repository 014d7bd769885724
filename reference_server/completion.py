"""The plain form of an answer: all parts folded into one completion object."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from chatconform.reference_server.answer import COMPLETION, Answer
from chatconform.reference_server.logprobs import logprobs_document
from chatconform.reference_server.model import (
    CallKind,
    Finish,
    RefusalText,
    Text,
    Token,
    ToolCallArguments,
    ToolCallStart,
)
from chatconform.reference_server.parts import Part
from chatconform.reference_server.toolcalls import call_document
from chatconform.reference_server.usage import Usage

Document = dict[str, Any]


@dataclass(slots=True)
class _Call:
    start: ToolCallStart
    fragments: list[str] = field(default_factory=list)

    def document(self) -> Document:
        return call_document(self.start, "".join(self.fragments))


@dataclass(slots=True)
class _Draft:
    """One choice while its parts arrive."""

    texts: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    calls: dict[int, _Call] = field(default_factory=dict)
    finish: Finish | None = None

    def add(self, part: Part) -> None:
        match part.piece:
            case Text() as text:
                self.texts.append(text.text)
                self.tokens.extend(text.tokens)
            case RefusalText() as refusal:
                self.refusals.append(refusal.text)
                self.tokens.extend(refusal.tokens)
            case ToolCallStart() as start:
                self.calls[start.index] = _Call(start)
            case ToolCallArguments() as arguments:
                self.calls[arguments.index].fragments.append(arguments.fragment)
            case Finish() as finish:
                self.finish = finish

    def message(self) -> Document:
        # The contract: content is null where there is none, because the model called a tool or declined.
        content = "".join(self.texts) if self.texts or not (self.calls or self.refusals) else None
        refusal = "".join(self.refusals) or None
        message: Document = {"role": "assistant", "content": content, "refusal": refusal}
        calls = [call for _, call in sorted(self.calls.items())]
        if calls and calls[0].start.kind is CallKind.LEGACY:
            message["function_call"] = calls[0].document()
        elif calls:
            message["tool_calls"] = [call.document() for call in calls]
        return message


def completion(answer: Answer, parts: Iterable[Part]) -> Document:
    """Return the completion object that these parts, of all choices, amount to."""
    drafts: dict[int, _Draft] = {}
    for part in parts:
        drafts.setdefault(part.choice, _Draft()).add(part)
    total = sum(draft.finish.completion_tokens for draft in drafts.values() if draft.finish)
    document = answer.envelope(COMPLETION)
    document["choices"] = [_choice(index, draft, answer.logprobs) for index, draft in sorted(drafts.items())]
    document["usage"] = Usage(prompt=answer.prompt_tokens, completion=total).document()
    return document


def _choice(index: int, draft: _Draft, logprobs: bool) -> Document:
    told = logprobs and not draft.calls
    return {
        "index": index,
        "message": draft.message(),
        "logprobs": logprobs_document(draft.tokens, of_refusal=bool(draft.refusals)) if told else None,
        "finish_reason": draft.finish.reason if draft.finish else None,
    }
