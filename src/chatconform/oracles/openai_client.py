"""The official `openai` client, sync and async, asked by `create`, by the stream helper, and by `parse`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pydantic

from chatconform.oracles.asking import Asked
from chatconform.oracles.assembly import Assembly
from chatconform.oracles.objects import add_chunk, of_completion
from chatconform.oracles.reading import Made, Raised, Reading, Report
from chatconform.oracles.replay import Replay
from chatconform.wire.exchange import Response

_NOWHERE = "http://127.0.0.1:9/v1"
_MESSAGE = [{"role": "user", "content": "Hello."}]
_CLASSES: dict[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
}


class Structured(pydantic.RootModel[dict[str, Any]]):
    """Stands for the type that an application would parse the text into."""


class OpenAIClient:
    """Shares one transport, one sync and one async client, and one event loop among all replays."""

    name = "openai"
    version = openai.__version__
    role_is_told = True

    def __init__(self) -> None:
        self._replay = Replay()
        self._loop = asyncio.new_event_loop()
        sync = httpx2.Client(transport=self._replay, trust_env=False)
        asynchronous = httpx2.AsyncClient(transport=self._replay, trust_env=False)
        told = {"base_url": _NOWHERE, "api_key": "none", "max_retries": 0}
        self._sync = openai.OpenAI(http_client=sync, **told).chat.completions  # type: ignore[arg-type]  # a mixed dict
        self._async = openai.AsyncOpenAI(http_client=asynchronous, **told).chat.completions  # type: ignore[arg-type]  # same
        self._doors: dict[str, Callable[[Asked], Reading]] = {
            "create": self._create,
            "create (async)": lambda asked: self._awaited(self._create_async(asked)),
            "stream": self._stream,
            "stream (async)": lambda asked: self._awaited(self._stream_async(asked)),
            "parse": self._parse,
            "parse (async)": lambda asked: self._awaited(self._parse_async(asked)),
        }

    def doors(self, asked: Asked) -> tuple[str, ...]:
        """`create` for all, and the helper that fits."""
        helper = "stream" if asked.stream else "parse"
        return "create", "create (async)", helper, f"{helper} (async)"

    def made(self, door: str, asked: Asked, response: Response) -> Made:
        """What the client hands over, or what it raises."""
        self._replay.response = response
        try:
            return self._doors[door](asked)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a client raises is what is to be found out
            return raised(error)

    def close(self) -> None:
        """End the event loop; there is no connection."""
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _awaited(self, reading: Any) -> Reading:
        made: Reading = self._loop.run_until_complete(reading)
        return made

    def _create(self, asked: Asked) -> Reading:
        if not asked.stream:
            return of_completion(self._sync.create(**_told()))
        assembly = Assembly()
        for chunk in self._sync.create(stream=True, **_told()):
            add_chunk(chunk, assembly)
        return assembly.reading()

    async def _create_async(self, asked: Asked) -> Reading:
        if not asked.stream:
            return of_completion(await self._async.create(**_told()))
        assembly = Assembly()
        async for chunk in await self._async.create(stream=True, **_told()):
            add_chunk(chunk, assembly)
        return assembly.reading()

    def _stream(self, asked: Asked) -> Reading:
        with self._sync.stream(**_told(asked)) as stream:
            return of_completion(stream.get_final_completion())

    async def _stream_async(self, asked: Asked) -> Reading:
        async with self._async.stream(**_told(asked)) as stream:
            return of_completion(await stream.get_final_completion())

    def _parse(self, asked: Asked) -> Reading:
        return of_completion(self._sync.parse(**_told(asked)))

    async def _parse_async(self, asked: Asked) -> Reading:
        return of_completion(await self._async.parse(**_told(asked)))


def _told(asked: Asked | None = None) -> dict[str, Any]:
    """The arguments of a call; those for a helper say what it shall parse."""
    told: dict[str, Any] = {"model": "m", "messages": _MESSAGE}
    if asked is not None and asked.strict_tools:
        told["tools"] = list(asked.strict_tools)
    if asked is not None and asked.structured:
        told["response_format"] = Structured
    return told


def raised(error: BaseException) -> Raised:
    """What an exception of the client tells an application."""
    text = f"{type(error).__name__}: {error}"[:300].rstrip(": ")
    match error:
        case openai.APIStatusError():
            # Of another class it would pass by the application's handler.
            report = Report.STATUS if isinstance(error, _class_of(error.status_code)) else Report.OTHER
            return Raised(report=report, text=text, status=error.status_code)
        case openai.APIConnectionError():
            report = Report.BREAK
        case openai.APIError() if not isinstance(error, openai.APIResponseValidationError):
            report = Report.ERROR
        case openai.LengthFinishReasonError():
            report = Report.LENGTH
        case openai.ContentFilterFinishReasonError():
            report = Report.FILTER
        case _:
            report = Report.OTHER
    return Raised(report=report, text=text)


def _class_of(status: int) -> type[openai.APIStatusError]:
    """The class by which the documentation tells an application to catch this status."""
    return _CLASSES.get(status, openai.InternalServerError if status >= 500 else openai.APIStatusError)
