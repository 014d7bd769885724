"""What a target has and lacks, found out by a few small requests: enough to describe it, not to judge it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from chatconform.client.control import chat_request, own_headers
from chatconform.client.diagnosis import is_completion
from chatconform.client.dispatcher import Dispatcher
from chatconform.client.modellist import listed_models
from chatconform.client.probe import Outgoing, Probe
from chatconform.client.smoke import smoke
from chatconform.client.target import Target
from chatconform.errors import TargetError
from chatconform.findings.answer import read_answer
from chatconform.wire.exchange import BEFORE_THE_RUN, Exchange, Request, Response
from chatconform.wire.jsontext import Json

_TOKENS = 16
_ORIGIN = "https://app.example"
_WEATHER: Json = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
# A name that no server has by chance.
_NOBODY = "chatconform-no-such-model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A model that chats, the models there are, whether streams come, and features, each true or false.

    A feature that is not among them was neither seen nor seen to be missing.
    """

    model: str
    models: tuple[str, ...]
    streams: bool
    features: Mapping[str, bool]


async def explore(target: Target) -> Found:
    """Ask a target what it has.

    Raises:
        TargetError: It cannot be reached, or answers nothing that can be judged.
        UsageError: Its URL, key or model is wrong.
    """
    seen = await smoke(target)
    known = replace(target, model=seen.model, limit=seen.limit, steady=seen.steady)
    async with Probe(known) as probe:
        return await _Explorer(known, probe, seen.models).find_out()


class _Explorer:
    """Sends the requests, all at once as far as the target's limits allow."""

    def __init__(self, target: Target, probe: Probe, models: tuple[str, ...]) -> None:
        self._target = target
        self._models = models
        self._dispatcher = Dispatcher(probe, on_exchange=lambda _: None, examines=False, prefix="s")

    async def find_out(self) -> Found:
        stream, tools, logprobs, several, nobody, keyless, preflight, listing = await asyncio.gather(
            self._chat("stream", stream=True),
            self._chat("tools", tools=[_WEATHER], tool_choice="required"),
            self._chat("logprobs", logprobs=True),
            self._chat("several choices", n=2),
            self._chat("unknown model", model=_NOBODY),
            self._keyless(),
            self._preflight(),
            self._get("models", "/models"),
        )
        features = {
            "models-list": bool(listed_models(listing.response)),
            "tools": _is_offered(tools),
            "logprobs": _is_offered(logprobs),
            "several-choices": _is_offered(several),
            "model-routing": _is_refused(nobody) if is_completion(nobody) or _is_refused(nobody) else None,
            "auth": (_status(keyless) in (401, 403)) if self._target.key else None,
            "browser-access": _allows_pages(preflight.response) or None,
        }
        return Found(
            model=self._target.model,
            models=self._models,
            streams=_is_stream(stream),
            features={word: value for word, value in features.items() if value is not None},
        )

    async def _chat(self, step: str, **members: Json) -> Exchange:
        prompt = "What is the weather in Oslo?"
        body: dict[str, Json] = {
            "model": self._target.model,
            "messages": [{"role": "user", "content": prompt}],
            **({self._target.limit: _TOKENS} if self._target.limit else {}),
            **members,
        }
        return await self._send(step, chat_request(self._target, body))

    async def _keyless(self) -> Exchange:
        """A chat as of somebody without a key; without one of ours it would tell nothing."""
        body: dict[str, Json] = {
            "model": self._target.model,
            "messages": [{"role": "user", "content": "Say hello."}],
            **({self._target.limit: _TOKENS} if self._target.limit else {}),
        }
        return await self._send("no key", chat_request(replace(self._target, key=""), body))

    async def _preflight(self) -> Exchange:
        headers = (
            ("Origin", _ORIGIN),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type"),
        )
        url = self._target.endpoint("/chat/completions")
        return await self._send("preflight", Request(method="OPTIONS", url=url, headers=headers, body=b""))

    async def _get(self, step: str, path: str) -> Exchange:
        url = self._target.endpoint(path)
        return await self._send(
            step, Request(method="GET", url=url, headers=own_headers(self._target), body=b"")
        )

    async def _send(self, step: str, request: Request) -> Exchange:
        outgoing = Outgoing(request=request, max_bytes=4 << 20)
        return await self._dispatcher.exchange(outgoing, scenario=BEFORE_THE_RUN, path="plain", step=step)


def _status(exchange: Exchange) -> int:
    return exchange.response.status if exchange.response else 0


def _is_refused(exchange: Exchange) -> bool:
    """Whether the target says no for good: a limit of its rate or a failure says nothing."""
    return 400 <= _status(exchange) < 500 and _status(exchange) not in (401, 403, 408, 429)


def _is_offered(exchange: Exchange) -> bool | None:
    if _is_refused(exchange):
        return False
    return True if _status(exchange) == 200 else None


def _is_stream(exchange: Exchange) -> bool:
    if _status(exchange) != 200 or not exchange.is_stream:
        return False
    try:
        read_answer(exchange)
    except TargetError:
        return False
    return True


def _allows_pages(response: Response | None) -> bool:
    if response is None or not 200 <= response.status < 300:
        return False
    allowed = [value for name, value in response.headers if name.lower() == "access-control-allow-origin"]
    return bool(allowed) and allowed[0].strip() in ("*", _ORIGIN)
