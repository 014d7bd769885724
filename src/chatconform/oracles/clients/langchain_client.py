"""LangChain's `ChatOpenAI`, asked by `invoke` and `stream`, sync and async."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import openai
from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI

from chatconform.oracles.asking import Asked
from chatconform.oracles.objects import text_of
from chatconform.oracles.openai_client import unanswered
from chatconform.oracles.reading import Call, Choice, Raised, Reading, Report, Tokens
from chatconform.oracles.replayed import NOWHERE, Door, Replayed, in_words

# Untyped on purpose: what is handed over is not validated.
Handed = Any


class LangChain(Replayed):
    """The model without retries; the chunks of a stream are added up, as its documentation shows."""

    name = "langchain"
    version = version("langchain-openai")
    # An AIMessage is what it is by its class.
    role_is_told = False

    def __init__(self) -> None:
        super().__init__()
        told: dict[str, Any] = {"base_url": NOWHERE, "api_key": "none", "model": "m", "max_retries": 0}
        self._model = ChatOpenAI(
            http_client=self.http, http_async_client=self.async_http, stream_usage=True, **told
        )

    def doors(self, asked: Asked) -> tuple[str, ...]:
        """The two that fit."""
        return ("stream", "astream") if asked.stream else ("invoke", "ainvoke")

    def ways(self) -> Mapping[str, Door]:
        """The doors by their names."""
        return {
            "invoke": lambda _: _reading(self._model.invoke("Hello.")),
            "ainvoke": self.waits_for(self._ainvoke),
            "stream": lambda _: _added(list(self._model.stream("Hello."))),
            "astream": self.waits_for(self._astream),
        }

    def raised(self, error: BaseException) -> Raised:
        """What an exception tells; the client's own are passed on."""
        if isinstance(error, openai.APIStatusError):
            return Raised(report=Report.STATUS, text=in_words(error), status=error.status_code)
        return Raised(report=unanswered(error), text=in_words(error))

    async def _ainvoke(self, _: Asked) -> Reading:
        return _reading(await self._model.ainvoke("Hello."))

    async def _astream(self, _: Asked) -> Reading:
        return _added([chunk async for chunk in self._model.astream("Hello.")])


def _added(chunks: list[Handed]) -> Reading:
    if not chunks:
        return Reading()
    message = chunks[0]
    for chunk in chunks[1:]:
        message += chunk
    return _reading(message)


def _reading(message: AIMessage) -> Reading:
    function = message.additional_kwargs.get("function_call")
    choice = Choice(
        text=_text(message.content),
        refusal=text_of(message.additional_kwargs.get("refusal")),
        calls=tuple(_call(call) for call in (*message.tool_calls, *message.invalid_tool_calls)),
        function=Call(name=text_of(function.get("name")), arguments=text_of(function.get("arguments")))
        if function
        else None,
        finish_reason=text_of(message.response_metadata.get("finish_reason")),
    )
    usage = message.usage_metadata
    return Reading(
        choices=(choice,),
        usage=Tokens(
            prompt=usage["input_tokens"], completion=usage["output_tokens"], total=usage["total_tokens"]
        )
        if usage
        else None,
    )


def _call(call: Handed) -> Call:
    said = call["args"]
    return Call(
        id=text_of(call["id"]),
        name=text_of(call["name"]),
        # Those that it could not parse are texts still.
        arguments=said if isinstance(said, str) else json.dumps(said),
    )


def _text(content: Handed) -> str:
    """The text of a message, which may be a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(part if isinstance(part, str) else text_of(part.get("text")) for part in content)
