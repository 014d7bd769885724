"""The deterministic model behind the reference server."""

from chatconform.reference_server.model.folding import Written, WrittenCall, folded
from chatconform.reference_server.model.generation import generate
from chatconform.reference_server.model.messages import Message, Role, ToolCall
from chatconform.reference_server.model.pieces import (
    Alternative,
    CallKind,
    Finish,
    FinishReason,
    Piece,
    Text,
    Token,
    ToolCallArguments,
    ToolCallStart,
)
from chatconform.reference_server.model.request import (
    MAX_OUTPUT_TOKENS,
    ChatRequest,
    Format,
    Tool,
    ToolChoice,
    ToolMode,
)
from chatconform.reference_server.model.tokens import encode, token_bytes, token_id
from chatconform.reference_server.model.usage import prompt_tokens

__all__ = [
    "MAX_OUTPUT_TOKENS",
    "Alternative",
    "CallKind",
    "ChatRequest",
    "Finish",
    "FinishReason",
    "Format",
    "Message",
    "Piece",
    "Role",
    "Text",
    "Token",
    "Tool",
    "ToolCall",
    "ToolCallArguments",
    "ToolCallStart",
    "ToolChoice",
    "ToolMode",
    "Written",
    "WrittenCall",
    "encode",
    "folded",
    "generate",
    "prompt_tokens",
    "token_bytes",
    "token_id",
]
