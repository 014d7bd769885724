"""The messages of a request as typed values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chatconform.reference_server.model.pieces import CallKind


class Role(StrEnum):
    """Who wrote a message."""

    DEVELOPER = "developer"
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call in the history; `id` is empty for the deprecated `function_call`."""

    id: str
    kind: CallKind
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message; `text` is what the model reads, `raw` the parts end to end, which is what is counted."""

    role: Role
    text: str = ""
    raw: str = ""
    media: int = 0
    name: str | None = None
    calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None

    @property
    def is_result(self) -> bool:
        """Tell whether this is what a tool returned."""
        return self.role in {Role.TOOL, Role.FUNCTION}

    @property
    def is_instruction(self) -> bool:
        """Tell whether this is a system or developer message."""
        return self.role in {Role.SYSTEM, Role.DEVELOPER}


def message(body: Mapping[str, Any]) -> Message:
    """Read one message of a valid request body."""
    texts, media = _content(body.get("content"))
    if body.get("refusal"):
        texts = [*texts, str(body["refusal"])]
    return Message(
        role=Role(body["role"]),
        text=_joined(texts),
        raw="".join(texts),
        media=media,
        name=body.get("name"),
        calls=_calls(body),
        tool_call_id=body.get("tool_call_id"),
    )


def _content(content: str | Sequence[Mapping[str, Any]] | None) -> tuple[list[str], int]:
    if content is None:
        return [], 0
    if isinstance(content, str):
        return [content], 0
    texts = [part.get("text") or part.get("refusal") or "" for part in content]
    media = sum(part.get("type") not in {"text", "refusal"} for part in content)
    return [text for text in texts if text], media


def _joined(texts: Sequence[str]) -> str:
    """Join parts: a part that begins a new sentence after a finished one gets its own line."""
    joined = ""
    for text in texts:
        apart = joined[-1:] in tuple(".!?:") and bool(joined) and not text[:1].isspace()
        joined += ("\n" if apart else "") + text
    return joined


def _calls(body: Mapping[str, Any]) -> tuple[ToolCall, ...]:
    calls = [_call(call) for call in body.get("tool_calls") or ()]
    legacy = body.get("function_call")
    if legacy:
        arguments = legacy.get("arguments") or ""
        calls.append(
            ToolCall(id="", kind=CallKind.LEGACY, name=legacy.get("name") or "", arguments=arguments)
        )
    return tuple(calls)


def _call(call: Mapping[str, Any]) -> ToolCall:
    if call.get("type") == CallKind.CUSTOM:
        custom = call["custom"]
        return ToolCall(id=call["id"], kind=CallKind.CUSTOM, name=custom["name"], arguments=custom["input"])
    function = call["function"]
    return ToolCall(
        id=call["id"], kind=CallKind.FUNCTION, name=function["name"], arguments=function["arguments"]
    )
