"""LiteLLM, asked by `completion` and `acompletion`, and by its builder of whole answers from chunks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import openai

from chatconform.oracles.asking import Asked
from chatconform.oracles.assembly import Assembly
from chatconform.oracles.objects import add_chunk, of_completion
from chatconform.oracles.openai_client import unanswered
from chatconform.oracles.reading import Raised, Reading, Report
from chatconform.oracles.replayed import NOWHERE, Door, Replayed, in_words

# Without it the import asks the network for a list of prices.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
from litellm.exceptions import MidStreamFallbackError

_MESSAGES = [{"role": "user", "content": "Hello."}]


class LiteLLM(Replayed):
    """The library as a client of its `openai` provider, without retries."""

    name = "litellm"
    version = version("litellm")
    usage_is_guessed = True

    def __init__(self) -> None:
        super().__init__()
        litellm.telemetry = False
        litellm.suppress_debug_info = True
        told: dict[str, Any] = {"base_url": NOWHERE, "api_key": "none", "max_retries": 0}
        self._sync = openai.OpenAI(http_client=self.http, **told)
        self._async = openai.AsyncOpenAI(http_client=self.async_http, **told)

    def doors(self, asked: Asked) -> tuple[str, ...]:
        """Both functions, and the builder where a stream was asked for."""
        return "completion", "acompletion", *(("stream_chunk_builder",) if asked.stream else ())

    def ways(self) -> Mapping[str, Door]:
        """The doors by their names."""
        return {
            "completion": self._completion,
            "acompletion": self.waits_for(self._acompletion),
            "stream_chunk_builder": self._built,
        }

    def raised(self, error: BaseException) -> Raised:
        """What an exception tells; all of them stem from those of `openai`."""
        if isinstance(error, MidStreamFallbackError) and error.original_exception is not None:
            # It wraps what happened within a stream, for whoever falls back on another model.
            error = error.original_exception
        if isinstance(error, openai.APIStatusError):
            return Raised(report=Report.STATUS, text=in_words(error), status=error.status_code)
        # A connection error is documented as what everything becomes that has no class of its own.
        report = Report.ERROR if isinstance(error, openai.APIConnectionError) else unanswered(error)
        return Raised(report=report, text=in_words(error))

    def _completion(self, asked: Asked) -> Reading:
        came = litellm.completion(client=self._sync, **_told(asked))
        if not asked.stream:
            return of_completion(came)
        assembly = Assembly()
        for chunk in came:
            add_chunk(chunk, assembly)
        return assembly.reading()

    async def _acompletion(self, asked: Asked) -> Reading:
        came = await litellm.acompletion(client=self._async, **_told(asked))
        if not asked.stream:
            return of_completion(came)
        assembly = Assembly()
        async for chunk in came:
            add_chunk(chunk, assembly)
        return assembly.reading()

    def _built(self, asked: Asked) -> Reading:
        chunks = list(litellm.completion(client=self._sync, **_told(asked)))
        return of_completion(litellm.stream_chunk_builder(chunks, messages=_MESSAGES))


def _told(asked: Asked) -> dict[str, Any]:
    told: dict[str, Any] = {"model": "openai/m", "messages": _MESSAGES, "max_retries": 0, "num_retries": 0}
    told |= {"api_base": NOWHERE, "api_key": "none"}
    if asked.stream:
        # It keeps usage to itself unless it is asked.
        told |= {"stream": True, "stream_options": {"include_usage": True}}
    return told
