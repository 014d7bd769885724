"""Pydantic AI's `OpenAIChatModel`, asked by its direct requests, plain and streamed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version

import openai
from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.exceptions import ContentFilterError, ModelAPIError, ModelConnectionError, ModelHTTPError
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from chatconform.oracles.asking import Asked
from chatconform.oracles.objects import text_of
from chatconform.oracles.reading import Call, Choice, Raised, Reading, Report, Tokens
from chatconform.oracles.replayed import NOWHERE, Door, Replayed, in_words

# Its own words for finish reasons, where it does not keep the wire's.
_FINISHED = {"tool_call": "tool_calls"}


class PydanticAI(Replayed):
    """The model on top of the official client, without retries."""

    name = "pydantic-ai"
    version = version("pydantic-ai-slim")
    # A ModelResponse is what it is by its class.
    role_is_told = False

    def __init__(self) -> None:
        super().__init__()
        client = openai.AsyncOpenAI(
            base_url=NOWHERE, api_key="none", max_retries=0, http_client=self.async_http
        )
        self._model = OpenAIChatModel("m", provider=OpenAIProvider(openai_client=client))
        self._messages = [ModelRequest.user_text_prompt("Hello.")]

    def doors(self, asked: Asked) -> tuple[str, ...]:
        """The one that fits."""
        return ("model_request_stream",) if asked.stream else ("model_request",)

    def ways(self) -> Mapping[str, Door]:
        """The doors by their names."""
        return {
            "model_request": self.waits_for(self._request),
            "model_request_stream": self.waits_for(self._stream),
        }

    def raised(self, error: BaseException) -> Raised:
        """What an exception tells, by the class that the documentation says to catch."""
        status = 0
        match error:
            case ModelHTTPError() if not getattr(error, "in_stream", False):
                report, status = Report.STATUS, error.status_code
            case ModelConnectionError():
                report = Report.BREAK
            case ModelAPIError():
                report = Report.ERROR
            case ContentFilterError():
                report = Report.FILTER
            case _:
                report = Report.OTHER
        return Raised(report=report, text=in_words(error), status=status)

    async def _request(self, _: Asked) -> Reading:
        return _reading(await model_request(self._model, self._messages))

    async def _stream(self, _: Asked) -> Reading:
        async with model_request_stream(self._model, self._messages) as stream:
            async for _event in stream:
                pass
            return _reading(stream.get())


def _reading(response: ModelResponse) -> Reading:
    told = response.provider_details or {}
    finished = response.finish_reason or ""
    choice = Choice(
        text="".join(part.content for part in response.parts if isinstance(part, TextPart)),
        refusal=text_of(told.get("refusal")),
        calls=tuple(_call(part) for part in response.parts if isinstance(part, ToolCallPart)),
        finish_reason=text_of(told.get("finish_reason")) or _FINISHED.get(finished, finished),
    )
    usage = response.usage
    # It has no way to say that nothing was said.
    counted = bool(usage.input_tokens or usage.output_tokens)
    return Reading(
        choices=(choice,),
        usage=Tokens(prompt=usage.input_tokens, completion=usage.output_tokens, total=usage.total_tokens)
        if counted
        else None,
    )


def _call(part: ToolCallPart) -> Call:
    said = part.args or ""
    return Call(
        id=part.tool_call_id,
        name=part.tool_name,
        arguments=said if isinstance(said, str) else json.dumps(said),
    )
