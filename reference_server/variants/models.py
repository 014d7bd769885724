"""Lists of models, names of models, and servers without a list."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Asked, Document
from chatconform.reference_server.settings import ModelCard, Settings
from chatconform.reference_server.variants.documents import document_in, is_model_list, json_in
from chatconform.reference_server.variants.variant import Variant
from chatconform.wire.exchange import Exchange

AREAS = ("MODELS", "RESP")


class DatedAlias(Variant):
    """The list and the answers have the dated id of a model, of which chat accepts the short name too."""

    ALIAS: ClassVar[str] = "reference-1"
    DATED: ClassVar[str] = "reference-1-2026-01-01"
    model: ClassVar[str] = ALIAS
    areas: ClassVar[tuple[str, ...]] = AREAS

    def settings(self, settings: Settings) -> Settings:
        return replace(settings, models=(ModelCard(id=self.DATED), *settings.models[1:]))

    def request(self, asked: Asked) -> Asked:
        if asked.body.get("model") != self.ALIAS:
            return asked
        return asked.with_body({**asked.body, "model": self.DATED})

    def shows(self, exchange: Exchange) -> bool:
        asked_for_alias = f'"model": "{self.ALIAS}"'.encode() in exchange.request.body
        return asked_for_alias and document_in(exchange).get("model") == self.DATED


class BareList(Variant):
    """The model list is a bare array, as Together sends it."""

    areas: ClassVar[tuple[str, ...]] = AREAS
    breaks: ClassVar[dict[str, str]] = {
        "CC-MODELS-001": "the one rule that is about it; the ids are as good as any, and the run goes on"
    }

    def plain(self, document: Document, asked: Asked) -> Document:
        return document["data"] if is_model_list(document) else document

    def shows(self, exchange: Exchange) -> bool:
        return isinstance(json_in(exchange), list)


class ForeignEntries(Variant):
    """Beside sound entries the model list has a name alone, null, and an entry without a date."""

    areas: ClassVar[tuple[str, ...]] = AREAS
    breaks: ClassVar[dict[str, str]] = {
        "CC-MODELS-002": "the one rule that is about it; the sound entries are as good as any"
    }

    def plain(self, document: Document, asked: Asked) -> Document:
        if is_model_list(document):
            document["data"] += [
                "a-name-alone",
                None,
                {"id": "undated-1", "object": "model", "owned_by": "us"},
            ]
        return document

    def shows(self, exchange: Exchange) -> bool:
        return "a-name-alone" in (document_in(exchange).get("data") or ())


class OthersFirst(Variant):
    """The first models of the list do not chat; of the second nothing in its name tells."""

    areas: ClassVar[tuple[str, ...]] = AREAS

    def settings(self, settings: Settings) -> Settings:
        others = (ModelCard(id="text-embedding-1", chat=False), ModelCard(id="aardvark-1", chat=False))
        return replace(settings, models=(*others, *settings.models))

    def shows(self, exchange: Exchange) -> bool:
        refused = exchange.response is not None and exchange.response.status == 404
        return refused and b'"model": "aardvark-1"' in exchange.request.body


class SlashInName(Variant):
    """The name of the only model has a slash."""

    areas: ClassVar[tuple[str, ...]] = AREAS

    def settings(self, settings: Settings) -> Settings:
        return replace(settings, models=(ModelCard(id="vendor/chat-1"),))

    def shows(self, exchange: Exchange) -> bool:
        return document_in(exchange).get("model") == "vendor/chat-1"


class NoList(Variant):
    """There is no list of models, and the target's profile says so."""

    model: ClassVar[str] = "reference-1"
    without: ClassVar[tuple[str, ...]] = ("models-list",)
    lacks: ClassVar[str] = "without a list nothing can be said about it"
    areas: ClassVar[tuple[str, ...]] = AREAS

    def request(self, asked: Asked) -> Asked:
        if "/models" in asked.path:
            raise Refusal(404, f"Unknown path: {asked.path[:200]}", code="unknown_url")
        return asked

    def shows(self, exchange: Exchange) -> bool:
        is_list = exchange.request.url.endswith("/models")
        return is_list and exchange.response is not None and exchange.response.status == 404


ALL: tuple[Variant, ...] = (
    DatedAlias(),
    BareList(),
    ForeignEntries(),
    OthersFirst(),
    SlashInName(),
    NoList(),
)
