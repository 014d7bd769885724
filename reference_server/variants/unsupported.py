"""Servers that lack a feature and say so: a clean refusal that names it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from chatconform.contract import load_contract
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Asked
from chatconform.reference_server.variants.documents import error_in
from chatconform.reference_server.variants.framing import STREAMS
from chatconform.reference_server.variants.variant import Variant
from chatconform.wire.exchange import Exchange

LIMITS = ("LIMIT", "STOP")


class _Lacking(Variant):
    lacks: ClassVar[str] = "what is refused by name is unsupported, and what builds on it cannot be judged"
    CODE: ClassVar[str] = "unsupported_parameter"

    def request(self, asked: Asked) -> Asked:
        name = self.foreign(asked.body) if asked.is_chat else ""
        if name:
            raise Refusal(400, f"{name!r} is not supported with this model.", param=name, code=self.CODE)
        return asked

    @abstractmethod
    def foreign(self, body: Mapping[str, Any]) -> str:
        """The first parameter that this server has not; none where it has them all."""

    def shows(self, exchange: Exchange) -> bool:
        return error_in(exchange).get("code") == self.CODE


class FewParameters(_Lacking):
    """Log probabilities, biases and several choices are refused, as Groq documents."""

    areas: ClassVar[tuple[str, ...]] = ("SAMPLE", "LOGPROBS", "USAGE")

    def foreign(self, body: Mapping[str, Any]) -> str:
        refused = [name for name in ("logprobs", "top_logprobs", "logit_bias") if body.get(name)]
        return (refused or ["n" if body.get("n") not in (None, 1) else ""])[0]


class FewestParameters(_Lacking):
    """Whatever is not needed for a plain or streamed chat is refused by name, unless it says the default."""

    areas: ClassVar[tuple[str, ...]] = ("SAMPLE", "FORMAT", "LIMIT", *STREAMS)

    KNOWN: ClassVar[frozenset[str]] = frozenset({"model", "messages", "stream", "max_tokens", "temperature"})

    def __init__(self) -> None:
        known = load_contract().resolve("#/components/schemas/CreateChatCompletionRequest")["properties"]
        self._defaults = {name: schema.get("default") for name, schema in known.items()}
        self._defaults["response_format"] = {"type": "text"}

    def foreign(self, body: Mapping[str, Any]) -> str:
        told = [name for name, value in body.items() if value not in (None, self._defaults.get(name))]
        return next((name for name in told if name not in self.KNOWN), "")


class OneLimit(_Lacking):
    """`max_completion_tokens` is the only limit, as with OpenAI's reasoning models."""

    areas: ClassVar[tuple[str, ...]] = LIMITS

    def foreign(self, body: Mapping[str, Any]) -> str:
        return "max_tokens" if body.get("max_tokens") is not None else ""


class OldLimit(_Lacking):
    """`max_tokens` is the only limit, as with servers that are older than the other."""

    areas: ClassVar[tuple[str, ...]] = LIMITS

    def foreign(self, body: Mapping[str, Any]) -> str:
        return "max_completion_tokens" if body.get("max_completion_tokens") is not None else ""


class OneTemperature(_Lacking):
    """No temperature but 1 is taken, as with OpenAI's reasoning models."""

    areas: ClassVar[tuple[str, ...]] = ("SAMPLE", "LIMIT", "STOP", "CC-CONT-007", "CC-CONT-018")

    def foreign(self, body: Mapping[str, Any]) -> str:
        return "temperature" if body.get("temperature") not in (None, 1) else ""


class NoTools(_Lacking):
    """There are no tools, and the target's profile says so."""

    without: ClassVar[tuple[str, ...]] = ("tools",)
    areas: ClassVar[tuple[str, ...]] = ("TOOLS", "STOP")

    def foreign(self, body: Mapping[str, Any]) -> str:
        return next((name for name in ("tools", "tool_choice", "functions") if body.get(name)), "")


ALL: tuple[Variant, ...] = (
    FewParameters(),
    FewestParameters(),
    OneLimit(),
    OldLimit(),
    OneTemperature(),
    NoTools(),
)
