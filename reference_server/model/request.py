"""A chat request as the model sees it: typed, defaults filled in, null meaning default."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from chatconform.reference_server.model.messages import Message, Role, message
from chatconform.reference_server.model.pieces import CallKind
from chatconform.reference_server.model.sampling import Sampling
from chatconform.reference_server.model.token_ids import token_bytes

MAX_OUTPUT_TOKENS = 16384
"""What the model writes at most where the request sets no limit."""
_LONGEST_ID = 16

JsonSchema = Mapping[str, Any] | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool the request offers; `parameters` is None where the definition has none."""

    kind: CallKind
    name: str
    description: str
    parameters: JsonSchema | None
    definition: Mapping[str, Any]


class ToolMode(StrEnum):
    """Whether the model may, must or must not call tools."""

    NONE = "none"
    AUTO = "auto"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolChoice:
    """The tool choice; `names` are the permitted tools (None: all), `named` tells a choice of one tool."""

    mode: ToolMode
    names: frozenset[str] | None = None
    named: bool = False


class Format(StrEnum):
    """The response format's type."""

    TEXT = "text"
    JSON_OBJECT = "json_object"
    JSON_SCHEMA = "json_schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """Everything in a request body that shapes the generation.

    `limit` is the stricter of `max_completion_tokens` and `max_tokens`. `top_logprobs` of `sampling` is 0
    unless `logprobs` is true. `schema` is set for Format.JSON_SCHEMA (None there: any object), and
    `definition` is what it stands in, with the name and the description.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    choice: ToolChoice
    parallel: bool
    format: Format
    schema: JsonSchema | None
    definition: Mapping[str, Any] | None
    stops: tuple[str, ...]
    limit: int
    sampling: Sampling
    logprobs: bool
    n: int

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """Read a request body that has passed the validation of the contract."""
        tools = _tools(body)
        form, definition = _response_format(body.get("response_format"))
        limits = [body.get("max_completion_tokens"), body.get("max_tokens"), MAX_OUTPUT_TOKENS]
        return cls(
            model=body["model"],
            messages=tuple(message(each) for each in body["messages"]),
            tools=tools,
            choice=_tool_choice(body, has_tools=bool(tools)),
            parallel=body.get("parallel_tool_calls") is not False,
            format=form,
            schema=definition.get("schema") if definition else None,
            definition=definition,
            stops=_stops(body.get("stop")),
            limit=min(int(limit) for limit in limits if limit is not None),
            sampling=_sampling(body),
            logprobs=body.get("logprobs") is True,
            n=int(body.get("n") or 1),
        )

    @property
    def permitted(self) -> tuple[Tool, ...]:
        """The tools that the choice lets the model call."""
        if self.choice.mode is ToolMode.NONE:
            return ()
        names = self.choice.names
        return self.tools if names is None else tuple(tool for tool in self.tools if tool.name in names)

    def prompt_has(self, text: str) -> bool:
        """Tell whether a user message holds a text."""
        return any(text in each.raw or text in each.text for each in self._asked)

    def asks_with(self, text: str) -> bool:
        """Tell whether the last user message holds a text."""
        return any(text in each.raw or text in each.text for each in self._asked[-1:])

    @property
    def _asked(self) -> tuple[Message, ...]:
        return tuple(each for each in self.messages if each.role is Role.USER)


def _tools(body: Mapping[str, Any]) -> tuple[Tool, ...]:
    tools = [_tool(tool) for tool in body.get("tools") or ()]
    return (*tools, *(_described(CallKind.LEGACY, each) for each in body.get("functions") or ()))


def _tool(tool: Mapping[str, Any]) -> Tool:
    if tool.get("type") == CallKind.CUSTOM:
        return _described(CallKind.CUSTOM, tool["custom"])
    return _described(CallKind.FUNCTION, tool["function"])


def _described(kind: CallKind, definition: Mapping[str, Any]) -> Tool:
    return Tool(
        kind=kind,
        name=definition["name"],
        description=definition.get("description") or "",
        parameters=definition.get("parameters") if kind is not CallKind.CUSTOM else None,
        definition=definition,
    )


def _tool_choice(body: Mapping[str, Any], *, has_tools: bool) -> ToolChoice:
    choice = body.get("tool_choice")
    if choice is None:
        choice = body.get("function_call")
    if choice is None or not has_tools:
        return ToolChoice(mode=ToolMode.AUTO if has_tools else ToolMode.NONE)
    if isinstance(choice, str):
        return ToolChoice(mode=ToolMode(choice))
    if choice.get("type") == "allowed_tools":
        allowed = choice["allowed_tools"]
        names = frozenset(_chosen_name(tool) for tool in allowed["tools"])
        return ToolChoice(mode=ToolMode(allowed["mode"]), names=names)
    return ToolChoice(mode=ToolMode.REQUIRED, names=frozenset({_chosen_name(choice)}), named=True)


def _chosen_name(choice: Mapping[str, Any]) -> str:
    inner = choice.get("function") or choice.get("custom") or choice
    return str(inner.get("name", ""))


def _response_format(form: Mapping[str, Any] | None) -> tuple[Format, Mapping[str, Any] | None]:
    if form is None:
        return Format.TEXT, None
    kind = Format(form["type"])
    return kind, form.get("json_schema") if kind is Format.JSON_SCHEMA else None


def _stops(stop: str | list[str] | None) -> tuple[str, ...]:
    if stop is None:
        return ()
    stops = (stop,) if isinstance(stop, str) else tuple(stop)
    return tuple(each for each in stops if each)


def _number(value: float | None, default: float) -> float:
    return default if value is None else float(value)


def _sampling(body: Mapping[str, Any]) -> Sampling:
    seed = body.get("seed")
    return Sampling(
        temperature=_number(body.get("temperature"), 1.0),
        top_p=_number(body.get("top_p"), 1.0),
        seed=None if seed is None else int(seed),
        frequency_penalty=_number(body.get("frequency_penalty"), 0.0),
        presence_penalty=_number(body.get("presence_penalty"), 0.0),
        bias=_bias(body.get("logit_bias") or {}),
        top_logprobs=int(body.get("top_logprobs") or 0) if body.get("logprobs") else 0,
    )


def _bias(biases: Mapping[str, float]) -> dict[bytes, float]:
    """Read biases by token id; what is no id of a token has nothing to act on."""
    named = [
        (token_bytes(int(key)), float(bias))
        for key, bias in biases.items()
        if key.isascii() and key.isdigit() and len(key) <= _LONGEST_ID
    ]
    return {data: bias for data, bias in named if data}
