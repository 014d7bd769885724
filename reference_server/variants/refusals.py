"""Errors as other vendors word them, with the statuses that they choose."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from chatconform.reference_server.seams import Asked, Document, Head
from chatconform.reference_server.variants.documents import error_in, error_of
from chatconform.reference_server.variants.variant import Variant
from chatconform.wire.exchange import Exchange

AREAS = ("ERR", "AUTH", "MODELS", "CHOICE")


class _Wording(Variant):
    areas: ClassVar[tuple[str, ...]] = AREAS

    def plain(self, document: Document, asked: Asked) -> Document:
        error = error_of(document)
        return {**document, "error": self.worded(error)} if error else document

    @abstractmethod
    def worded(self, error: dict[str, Any]) -> dict[str, Any]:
        """The error object in this server's words."""


class OwnCodes(_Wording):
    """Codes are integers, the type of an error is a word of its own, parameters are named by their path."""

    areas: ClassVar[tuple[str, ...]] = (*AREAS, "CONTRACT")
    breaks: ClassVar[dict[str, str]] = {"CC-CONTRACT-006": "the contract has codes that are words"}

    def worded(self, error: dict[str, Any]) -> dict[str, Any]:
        param = f"$.{error['param']}" if error.get("param") else None
        return {**error, "type": "BadRequestError", "param": param, "code": 40001}

    def shows(self, exchange: Exchange) -> bool:
        return error_in(exchange).get("code") == 40001


class FewWords(_Wording):
    """An error has no code, and no parameter where none is to blame."""

    def worded(self, error: dict[str, Any]) -> dict[str, Any]:
        kept = {"message", "type"} if error.get("param") is None else {"message", "type", "param"}
        return {name: value for name, value in error.items() if name in kept}

    def shows(self, exchange: Exchange) -> bool:
        return bool(error_in(exchange)) and "code" not in error_in(exchange)


class OtherStatuses(Variant):
    """A bad body answers 422, a blocked prompt or an unknown model 403, a wrong media type 400."""

    areas: ClassVar[tuple[str, ...]] = ("HTTP", "STOP", "LIMIT", "FORMAT", *AREAS)
    silences: ClassVar[dict[str, str]] = {
        "CC-HTTP-012": "no wrong method is answered 405, which would need Allow"
    }
    EVERYWHERE: ClassVar[dict[int, int]] = {400: 422, 405: 404, 415: 400}

    def head(self, status: int, headers: Head, asked: Asked, document: Document) -> tuple[int, Head]:
        blocked = isinstance(document, dict) and error_of(document).get("code") == "content_filter"
        if (status == 404 and asked.is_chat) or blocked:
            return 403, headers
        return self.EVERYWHERE.get(status, status), headers

    def shows(self, exchange: Exchange) -> bool:
        return exchange.response is not None and exchange.response.status == 422


ALL: tuple[Variant, ...] = (OwnCodes(), FewWords(), OtherStatuses())
