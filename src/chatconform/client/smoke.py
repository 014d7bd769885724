"""The first calls of a run: is anybody there, do we speak the same language, and which model do we ask?

A run against a wrong URL, key or model would end in hundreds of equal failures. Two small calls find that
out before, and what they raise is one sentence with the remedy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from chatconform.client.control import chat_request, own_headers
from chatconform.client.diagnosis import Diagnosis, is_completion, is_html
from chatconform.client.dispatcher import Dispatcher
from chatconform.client.memory import Memory
from chatconform.client.modellist import likely_to_chat, listed_models
from chatconform.client.pacing import Pacing
from chatconform.client.probe import Outgoing, Probe
from chatconform.client.target import Target
from chatconform.errors import ChatconformError, TargetError, UsageError
from chatconform.findings.answer import read_answer
from chatconform.wire.exchange import BEFORE_THE_RUN, Exchange, FailureKind, Request
from chatconform.wire.jsontext import Json

_CANDIDATES = 3
# Long enough for a limit to cut it, so that the answer tells whether the limit was honoured.
_PROMPT = "Count from 1 to 40 in digits, separated by spaces."
_TOKENS = 16
# The two names of the limit, the documented one first.
_LIMITS = ("max_completion_tokens", "max_tokens")
# What a target gets that showed no sign of honouring either: every server knows it, and most that ignore it
# ignore it silently.
_USUAL_LIMIT = "max_tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoke:
    """What the first calls found out: a model that chats, all listed models, and what was exchanged.

    `limit` is the parameter by which completions can be bounded, empty where the target refuses both.
    `steady` says that temperature 0 is taken, which some models refuse.
    """

    model: str
    limit: str
    steady: bool
    models: tuple[str, ...]
    declared: Mapping[str, str]
    exchanges: tuple[Exchange, ...]


async def smoke(target: Target, *, memory: Memory | None = None) -> Smoke:
    """Find out whether the target can be judged, and with which model.

    What `memory` knows the answer of is not sent.

    Raises:
        Unreachable: There is no connection, or no answer in time.
        TlsFailure: There is a connection, but no trust.
        NotMeasured: There are answers, but no completion (also 429 and 5xx).
        UsageError: The URL, the key or the model is wrong, or a model has to be given.
    """
    async with Probe(target) as probe:
        return await _Caller(target, probe, memory).find_out()


class _Caller:
    """Makes the calls, one after the other."""

    def __init__(self, target: Target, probe: Probe, memory: Memory | None) -> None:
        self._target = target
        self._exchanges: list[Exchange] = []
        self._steady = True
        # The user waits for this: one polite repetition is enough.
        pacing = Pacing(concurrency=1, per_minute=target.per_minute, retries=1, longest_wait=20.0)
        self._dispatcher = Dispatcher(
            probe,
            on_exchange=self._exchanges.append,
            pacing=pacing,
            examines=False,
            prefix="s",
            memory=memory,
        )

    async def find_out(self) -> Smoke:
        listing = await self._get_models(self._target)
        known = Diagnosis(
            target=self._target, model=self._target.model, models=listed_models(listing.response)
        )
        if listing.failure is not None and listing.failure.kind in (FailureKind.CONNECT, FailureKind.TLS):
            raise known.error(listing)
        candidates = (self._target.model,) if self._target.model else likely_to_chat(known.models)
        if not candidates:
            raise await self._without_model(known, listing)
        troubles: list[ChatconformError] = []
        for model in candidates[:_CANDIDATES]:
            asked = replace(known, model=model)
            chat, limit = await self._chat(model)
            if is_completion(chat):
                await self._check_others(known)
                return self._found(model, limit, known.models)
            troubles.append(await self._trouble(asked, chat))
            if not _is_another_worth_it(asked, chat):
                break
        if len(troubles) > 1 and all(isinstance(trouble, UsageError) for trouble in troubles):
            raise _no_model_chats(candidates, known.models, troubles)
        raise troubles[0]

    async def _check_others(self, known: Diagnosis) -> None:
        """The models of other roles have to chat as well."""
        for model in dict.fromkeys(self._target.models.values()):
            chat, _ = await self._chat(model)
            if not is_completion(chat):
                raise await self._trouble(replace(known, model=model), chat)

    async def _chat(self, model: str) -> tuple[Exchange, str]:
        """A small chat, and the parameter that bounds it."""
        answered: Exchange | None = None
        for limit in _LIMITS:
            chat = await self._steady_chat(model, limit)
            if is_completion(chat):
                if _is_cut(chat):
                    return chat, limit
                answered = chat
            elif not self._is_about_the_limit(chat, model):
                return chat, ""
        if answered is not None:
            return answered, _USUAL_LIMIT
        # Some refuse to stop a model that thinks so early: ask without a limit.
        return await self._post_chat(self._target, model, "chat without limit"), ""

    async def _steady_chat(self, model: str, limit: str) -> Exchange:
        """A small chat at temperature 0; where that is refused by name, from then on without."""
        asked = Diagnosis(target=self._target, model=model)
        bound = {limit: _TOKENS}
        if self._steady:
            steady = {**bound, "temperature": 0}
            chat = await self._post_chat(self._target, model, f"chat with {limit}", **steady)
            if not asked.is_about("temperature", chat.response):
                return chat
            self._steady = False
        return await self._post_chat(self._target, model, f"chat with {limit}, without temperature", **bound)

    def _is_about_the_limit(self, chat: Exchange, model: str) -> bool:
        status = chat.response.status if chat.response else 0
        diagnosis = Diagnosis(target=self._target, model=model)
        return status in (400, 422) and not diagnosis.is_about_model(chat.response)

    async def _trouble(self, known: Diagnosis, exchange: Exchange) -> ChatconformError:
        error = known.error(exchange)
        if known.is_wrong_path(exchange.response) and await self._is_api_below_v1(known.model):
            return _forgotten_v1(self._target)
        return error

    async def _without_model(self, known: Diagnosis, listing: Exchange) -> ChatconformError:
        status = listing.response.status if listing.response else 0
        if known.is_wrong_path(listing.response) and await self._is_api_below_v1(known.model):
            return _forgotten_v1(self._target)
        page = listing.response is not None and is_html(listing.response)
        if page or listing.failure is not None or 300 <= status < 400 or status in (401, 403):
            return known.error(listing)
        answer = f"answered {status}" if status != 200 else "lists none"
        return UsageError(
            f"no model was given, and {listing.request.url} {answer}",
            hint="Give the model to ask for with --model.",
        )

    async def _is_api_below_v1(self, model: str) -> bool:
        """Whether the API answers where /v1 is appended to the base URL."""
        if urlsplit(self._target.url).path.rstrip("/").endswith("/v1"):
            return False
        below = replace(self._target, url=self._target.below("/v1"))
        asked = Diagnosis(target=below, model=model or "any")
        if asked.is_api(await self._get_models(below, "models below /v1")):
            return True
        return asked.is_api(await self._post_chat(below, asked.model, "chat below /v1"))

    async def _get_models(self, target: Target, step: str = "models") -> Exchange:
        return await self._send(
            step, Request(method="GET", url=target.endpoint("/models"), headers=own_headers(target), body=b"")
        )

    async def _post_chat(self, target: Target, model: str, step: str, **limits: int) -> Exchange:
        body: dict[str, Json] = {"model": model, "messages": [{"role": "user", "content": _PROMPT}]}
        body |= limits
        return await self._send(step, chat_request(target, body))

    async def _send(self, step: str, request: Request) -> Exchange:
        outgoing = Outgoing(request=request, max_bytes=4 << 20)
        return await self._dispatcher.exchange(outgoing, scenario=BEFORE_THE_RUN, path="plain", step=step)

    def _found(self, model: str, limit: str, models: tuple[str, ...]) -> Smoke:
        return Smoke(
            model=model,
            limit=limit,
            steady=self._steady,
            models=models,
            declared=self._target.declared,
            exchanges=tuple(self._exchanges),
        )


def _is_cut(chat: Exchange) -> bool:
    """Whether the answer shows that the limit was honoured."""
    try:
        answer = read_answer(chat)
    except TargetError:
        return False
    counted = answer.usage is not None and 0 < answer.usage.completion_tokens <= _TOKENS
    return answer.finish_reason == "length" or counted


def _is_another_worth_it(known: Diagnosis, chat: Exchange) -> bool:
    """Whether another model may do better: not where nobody is there, or nobody lets us in."""
    status = chat.response.status if chat.response else 0
    if status in (0, 401, 429) or 300 <= status < 400:
        return False
    return not known.is_wrong_path(chat.response)


def _no_model_chats(
    candidates: tuple[str, ...], models: tuple[str, ...], troubles: list[ChatconformError]
) -> UsageError:
    tried = ", ".join(candidates[: len(troubles)])
    others = [model for model in models if model not in candidates[: len(troubles)]]
    offered = f", such as {', '.join(others[:10])}" if others else ""
    return UsageError(
        f"none of the models {tried} answered a small chat; the first: {troubles[0]}",
        hint=f"Give a model that chats with --model{offered}.",
    )


def _forgotten_v1(target: Target) -> UsageError:
    suggested = target.below("/v1")
    return UsageError(
        f"{target.url} is not the API's base URL, but {suggested} answers: did you forget /v1?",
        hint=f"Use {suggested}",
    )
