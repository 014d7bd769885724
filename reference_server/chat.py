"""The behaviour of `createChatCompletion`: from an accepted body to the answer, whole or streamed."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from chatconform._version import __version__
from chatconform.reference_server.answer import Answer, new_id, now
from chatconform.reference_server.connection import Connection
from chatconform.reference_server.events import kept_alive
from chatconform.reference_server.interruption import interrupted
from chatconform.reference_server.model import ChatRequest, Piece, Triggers, prompt_tokens
from chatconform.reference_server.parts import Part, interleave, paced
from chatconform.reference_server.pipeline import Pipeline
from chatconform.reference_server.refusal import Refusal, internal_error, invalid
from chatconform.reference_server.reply import STREAM_HEADERS, Reply, json_reply
from chatconform.reference_server.seams import Alterations
from chatconform.reference_server.settings import BlockedPrompts, Settings
from chatconform.reference_server.slot import Slot
from chatconform.reference_server.troubles import Troubles, has_trigger

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """Answers chat requests that have passed the contract's schema and rules."""

    settings: Settings
    pipeline: Pipeline
    fingerprint: str
    troubles: Troubles
    slot: Slot = field(default_factory=Slot)

    async def answer(
        self, body: Body, connection: Connection, *, request_id: str, alterations: Alterations = ()
    ) -> Reply:
        """Return the completion, or the stream of its chunks.

        Raises:
            Refusal: The model is unknown, the prompt too long or blocked; whatever form was asked for.
        """
        self._require_chat_model(body["model"])
        request = self.pipeline.understand(body)
        self._require_harmless(request)
        self.troubles.require_none(request, body)
        answer = self._begin(body, request)
        failure = internal_error(request_id)
        cut = self.troubles.cut(request)
        fails = has_trigger(request, self.settings.failure_trigger)
        error = failure if fails else cut if body.get("stream") else None
        parts = self._parts(request, connection, error, alterations)
        if body.get("stream"):
            return self._stream(answer, parts, failure)
        document = self.pipeline.complete(answer, [part async for part in parts])
        return replace(json_reply(document), cut=cut)

    def _require_chat_model(self, name: str) -> None:
        card = self.settings.model(name)
        if card is None:
            raise unknown_model(name)
        if not card.chat:
            raise Refusal(
                404, f"The model {name!r} is not a chat model.", param="model", code="model_not_found"
            )

    def _require_harmless(self, request: ChatRequest) -> None:
        trigger = self.settings.filter_trigger
        refuses = self.settings.blocked_prompts is BlockedPrompts.REFUSE
        if trigger and refuses and request.prompt_has(trigger):
            raise invalid("The content filter blocked the prompt.", param="messages", code="content_filter")

    def _begin(self, body: Body, request: ChatRequest) -> Answer:
        count = prompt_tokens(request)
        if count > self.settings.context_length:
            raise invalid(
                f"This model's maximum context length is {self.settings.context_length} tokens, but the "
                f"messages have {count}. Shorten them.",
                param="messages",
                code="context_length_exceeded",
            )
        options = body.get("stream_options") or {}
        return Answer(
            id=new_id(),
            created=now(),
            model=request.model,
            fingerprint=self.fingerprint,
            service_tier="default" if body.get("service_tier") else None,
            prompt_tokens=count,
            logprobs=request.logprobs,
            include_usage=options.get("include_usage") is True,
        )

    def _parts(
        self,
        request: ChatRequest,
        connection: Connection,
        error: Exception | None,
        alterations: Alterations,
    ) -> AsyncIterator[Part]:
        choices = self._choices(request)
        for each in alterations:
            choices = [each.pieces(pieces, request) for pieces in choices]
        if error is not None:
            choices = [interrupted(pieces, error) for pieces in choices]
        parts = paced(interleave(choices), self.settings.pace, connection.pause, choices=request.n)
        return self.slot.hold(parts, connection) if self.settings.single_slot else parts

    def _choices(self, request: ChatRequest) -> list[Iterator[Piece]]:
        entropy = secrets.randbits(64)
        triggers = Triggers(filter=self.settings.filter_trigger, refuse=self.settings.refusal_trigger)
        return [
            self.pipeline.generate(request, choice=index, entropy=entropy, triggers=triggers)
            for index in range(request.n)
        ]

    def _stream(self, answer: Answer, parts: AsyncIterator[Part], failure: Refusal) -> Reply:
        chunks = self.pipeline.chunk(answer, parts)
        frames = self.pipeline.encode(self.pipeline.frame(chunks, failure))
        if self.settings.ping_seconds is not None:
            frames = kept_alive(frames, self.settings.ping_seconds)
        return Reply(status=200, headers=STREAM_HEADERS, body=frames)


def unknown_model(name: str) -> Refusal:
    """Return the refusal of a model that is not served."""
    shown = name if len(name) <= 100 else f"{name[:100]}..."
    return Refusal(404, f"The model {shown!r} does not exist.", param="model", code="model_not_found")


def fingerprint(settings: Settings) -> str:
    """Return a name for what answers: the code's version and the settings that shape answers."""
    shaping = (__version__, settings.context_length, settings.filter_trigger, settings.refusal_trigger)
    return "fp_" + blake2b(repr(shaping).encode(), digest_size=5).hexdigest()
