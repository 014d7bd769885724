"""How prompt tokens are counted: everything the model reads, each exactly once.

Three tokens for the frame of each message and for the beginning of the answer; the content, the name, and the
name and arguments of each call; each tool definition and that of the response format as compact JSON;
85 tokens for each image, audio or file part. Parts of text count as the one string that they form.
"""

import json
from typing import Any

from chatconform.reference_server.model.messages import Message
from chatconform.reference_server.model.request import ChatRequest
from chatconform.reference_server.model.tokens import count

_FRAME = 3
_MEDIA = 85


def prompt_tokens(request: ChatRequest) -> int:
    """Count the tokens of a request's prompt; `n` does not multiply them."""
    total = _FRAME + sum(_message_tokens(message) for message in request.messages)
    total += sum(_json_tokens(tool.definition) for tool in request.tools)
    if request.definition is not None:
        total += _json_tokens(request.definition)
    return total


def _message_tokens(message: Message) -> int:
    total = _FRAME + count(message.raw) + _MEDIA * message.media
    if message.name:
        total += 1 + count(message.name)
    return total + sum(1 + count(call.name) + count(call.arguments) for call in message.calls)


def _json_tokens(value: Any) -> int:
    return count(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
