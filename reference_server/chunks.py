"""The streamed form of an answer: each part mapped to the chunk that announces it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from chatconform.reference_server.answer import CHUNK, Answer
from chatconform.reference_server.logprobs import logprobs_document
from chatconform.reference_server.model import (
    CallKind,
    Finish,
    RefusalText,
    Text,
    ToolCallArguments,
    ToolCallStart,
)
from chatconform.reference_server.parts import Part
from chatconform.reference_server.toolcalls import fragment_delta, start_delta
from chatconform.reference_server.usage import Usage

Document = dict[str, Any]


def chunks(answer: Answer, parts: AsyncIterator[Part]) -> AsyncIterator[Document]:
    """Yield the chunks of an answer, in order."""
    return _Writer(answer).write(parts)


@dataclass(slots=True)
class _Writer:
    answer: Answer
    _kinds: dict[tuple[int, int], CallKind] = field(default_factory=dict)
    _begun: set[int] = field(default_factory=set)
    _completion_tokens: int = 0

    async def write(self, parts: AsyncIterator[Part]) -> AsyncIterator[Document]:
        """Yield one chunk for each part, the opening chunk of each choice before its first."""
        async for part in parts:
            if part.choice not in self._begun:
                self._begun.add(part.choice)
                yield self._opening(part)
            chunk = self._chunk(part)
            if chunk is not None:
                yield chunk
        if self.answer.include_usage:
            yield self._usage_chunk()

    def _opening(self, part: Part) -> Document:
        # As in the plain form, an answer that starts with a tool call or declines has no content.
        content = None if isinstance(part.piece, ToolCallStart | RefusalText) else ""
        return self._document(part.choice, {"role": "assistant", "content": content, "refusal": None})

    def _chunk(self, part: Part) -> Document | None:
        match part.piece:
            case Text() as text:
                return self._text(part.choice, text, member="content")
            case RefusalText() as text:
                return self._text(part.choice, text, member="refusal")
            case ToolCallStart() as start:
                self._kinds[part.choice, start.index] = start.kind
                return self._document(part.choice, start_delta(start))
            case ToolCallArguments() as arguments:
                kind = self._kinds[part.choice, arguments.index]
                return self._document(part.choice, fragment_delta(kind, arguments))
            case Finish() as finish:
                self._completion_tokens += finish.completion_tokens
                return self._document(part.choice, {}, finish_reason=finish.reason)

    def _text(self, choice: int, text: Text | RefusalText, *, member: str) -> Document | None:
        # A token may complete no character yet: then there is something to say only about the token.
        if not text.text and not (self.answer.logprobs and text.tokens):
            return None
        logprobs = None
        if self.answer.logprobs:
            logprobs = logprobs_document(text.tokens, of_refusal=member == "refusal")
        return self._document(choice, {member: text.text}, logprobs=logprobs)

    def _document(
        self,
        choice: int,
        delta: Document,
        *,
        logprobs: Document | None = None,
        finish_reason: str | None = None,
    ) -> Document:
        document = self.answer.envelope(CHUNK)
        document["choices"] = [
            {"index": choice, "delta": delta, "logprobs": logprobs, "finish_reason": finish_reason}
        ]
        if self.answer.include_usage:
            document["usage"] = None
        return document

    def _usage_chunk(self) -> Document:
        usage = Usage(prompt=self.answer.prompt_tokens, completion=self._completion_tokens)
        return {**self.answer.envelope(CHUNK), "choices": [], "usage": usage.document()}
