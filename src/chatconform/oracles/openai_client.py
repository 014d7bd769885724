"""The official `openai` client, sync and async, asked by `create`, by the stream helper, and by `parse`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import openai
import pydantic

from chatconform.oracles.asking import Asked
from chatconform.oracles.assembly import Assembly
from chatconform.oracles.objects import add_chunk, of_completion
from chatconform.oracles.reading import Raised, Reading, Report
from chatconform.oracles.replayed import NOWHERE, Door, Replayed, in_words

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


class OpenAIClient(Replayed):
    """The client as its documentation says to use it, without retries."""

    name = "openai"
    version = openai.__version__

    def __init__(self) -> None:
        super().__init__()
        told: dict[str, Any] = {"base_url": NOWHERE, "api_key": "none", "max_retries": 0}
        self._sync = openai.OpenAI(http_client=self.http, **told).chat.completions
        self._async = openai.AsyncOpenAI(http_client=self.async_http, **told).chat.completions

    def doors(self, asked: Asked) -> tuple[str, ...]:
        """`create` for all, and the helper that fits."""
        helper = "stream" if asked.stream else "parse"
        return "create", "create (async)", helper, f"{helper} (async)"

    def ways(self) -> Mapping[str, Door]:
        """The doors by their names."""
        return {
            "create": self._create,
            "create (async)": self.waits_for(self._create_async),
            "stream": self._stream,
            "stream (async)": self.waits_for(self._stream_async),
            "parse": self._parse,
            "parse (async)": self.waits_for(self._parse_async),
        }

    def raised(self, error: BaseException) -> Raised:
        """What an exception tells, by the class that the documentation says to catch."""
        match error:
            case openai.APIStatusError():
                # Of another class it would pass by the application's handler.
                report = Report.STATUS if isinstance(error, _class_of(error.status_code)) else Report.OTHER
                return Raised(report=report, text=in_words(error), status=error.status_code)
            case openai.LengthFinishReasonError():
                report = Report.LENGTH
            case openai.ContentFilterFinishReasonError():
                report = Report.FILTER
            case _:
                report = unanswered(error)
        return Raised(report=report, text=in_words(error))

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


def unanswered(error: BaseException) -> Report:
    """What an exception of the client tells that no status caused."""
    if isinstance(error, openai.APIConnectionError):
        return Report.BREAK
    if isinstance(error, openai.APIError) and not isinstance(error, openai.APIResponseValidationError):
        return Report.ERROR
    return Report.OTHER


def _told(asked: Asked | None = None) -> dict[str, Any]:
    """The arguments of a call; those for a helper say what it shall parse."""
    told: dict[str, Any] = {"model": "m", "messages": _MESSAGE}
    if asked is not None and asked.strict_tools:
        told["tools"] = list(asked.strict_tools)
    if asked is not None and asked.structured:
        told["response_format"] = Structured
    return told


def _class_of(status: int) -> type[openai.APIStatusError]:
    """The class by which the documentation tells an application to catch this status."""
    return _CLASSES.get(status, openai.InternalServerError if status >= 500 else openai.APIStatusError)
