"""Servers at another address, behind a gateway with wishes of its own, and without keys."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Asked, Document, Head
from chatconform.reference_server.settings import Settings, UnknownParameters
from chatconform.reference_server.variants.documents import error_in
from chatconform.reference_server.variants.variant import Variant
from chatconform.wire.exchange import Exchange

AREAS = ("AUTH", "HTTP", "MODELS", "RESP", "CC-ERR-006")


class NoKeys(Variant):
    """Nobody needs a key."""

    keyed: ClassVar[bool] = False
    lacks: ClassVar[str] = "without keys nothing can be said about them"
    areas: ClassVar[tuple[str, ...]] = AREAS
    silences: ClassVar[dict[str, str]] = {
        "CC-ERR-006": "a wrong key is served, so that nothing shows with which status it would be refused"
    }

    def settings(self, settings: Settings) -> Settings:
        return replace(settings, keys=())

    def shows(self, exchange: Exchange) -> bool:
        served = exchange.response is not None and exchange.response.status == 200
        return served and not any(name.lower() == "authorization" for name, _ in exchange.request.headers)


class BehindGateway(Variant):
    """The API is at /api/v1, and a gateway refuses every request that does not name its tenant."""

    base_path: ClassVar[str] = "/api/v1"
    areas: ClassVar[tuple[str, ...]] = AREAS
    headers: ClassVar[Head] = (("X-Tenant", "a"),)

    def request(self, asked: Asked) -> Asked:
        # A browser's preflight request cannot bear headers of one's own.
        if asked.headers.get("x-tenant") != "a" and asked.method != "OPTIONS":
            raise Refusal(403, "Name your tenant in the header X-Tenant.", code="no_tenant")
        return asked

    def shows(self, exchange: Exchange) -> bool:
        return "/api/v1/chat" in exchange.request.url and ("X-Tenant", "a") in exchange.request.headers


class Lenient(Variant):
    """Parameters that the API does not know are ignored, and no header tells of rate limits."""

    silences: ClassVar[dict[str, str]] = dict.fromkeys(
        ("CC-RATE-004", "CC-RATE-005", "CC-RATE-006"), "no response has a header about rate limits"
    )
    areas: ClassVar[tuple[str, ...]] = ("RATE", "HTTP", "RESP")

    def settings(self, settings: Settings) -> Settings:
        return replace(settings, unknown_parameters=UnknownParameters.IGNORE, rate_limit=None)

    def head(self, status: int, headers: Head, asked: Asked, document: Document) -> tuple[int, Head]:
        return status, (*headers, ("x-lenient", "1"))

    def shows(self, exchange: Exchange) -> bool:
        response = exchange.response
        if response is None or error_in(exchange):
            return False
        limit = response.header("x-ratelimit-limit-requests")
        return response.header("x-lenient") == "1" and limit is None


ALL: tuple[Variant, ...] = (NoKeys(), BehindGateway(), Lenient())
