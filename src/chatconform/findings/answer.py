"""What a target answered, read alike from a completion and from a stream of chunks.

A check of a rule that holds in both forms reads an `Answer` and never asks which it was. The shape of the
two forms is judged elsewhere, on the raw JSON; here a shape that cannot be read raises `Unreadable`, which
leaves the rule unmeasured instead of blaming it for another rule's defect.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chatconform.findings.evidence import at_body, at_event, at_json
from chatconform.findings.finding import NotProvoked
from chatconform.findings.verdict import Evidence
from chatconform.wire.encoding import UndecodableBody
from chatconform.wire.exchange import Exchange
from chatconform.wire.jsontext import Json, NotJson


class Unreadable(NotProvoked):
    """An answer whose shape is broken, so that nothing else about it can be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool call, assembled by its index where it was streamed; `at` is where it began."""

    index: int
    id: str
    type: str
    name: str
    arguments: str
    at: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The tokens that the target says it used."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    at: Evidence

    @property
    def generated_tokens(self) -> int:
        """All tokens that were generated: hidden reasoning may be counted in the total alone."""
        return max(self.completion_tokens, self.total_tokens - self.prompt_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice with the places where its parts stand."""

    index: int
    text: str
    reasoning: str
    refusal: str
    tool_calls: tuple[ToolCall, ...]
    finish_reason: str | None
    at_text: Evidence
    at_finish: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All choices of a response, its usage, and the model that it names."""

    exchange: Exchange
    choices: tuple[Choice, ...]
    usage: Usage | None
    id: str
    model: str

    @property
    def first(self) -> Choice:
        """The choice with the lowest index."""
        return self.choices[0]

    @property
    def text(self) -> str:
        """The text of the first choice."""
        return self.first.text

    @property
    def finish_reason(self) -> str | None:
        """The finish reason of the first choice."""
        return self.first.finish_reason

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tool calls of the first choice."""
        return self.first.tool_calls


# An event and a pointer into it: what stands there is quoted once a choice is whole, not for each delta.
_Place = tuple[int, str]


@dataclass(slots=True)
class _Growing:
    """A choice while its chunks come in."""

    at_text: _Place
    at_finish: _Place
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    calls: dict[int, dict[str, str]] = field(default_factory=dict)
    calls_at: dict[int, _Place] = field(default_factory=dict)
    finish_reason: str | None = None


def read_answer(exchange: Exchange) -> Answer:
    """The answer in a 200 response; raises `Unreadable` where its shape is broken."""
    if exchange.response is None:
        raise Unreadable("there is no response")
    return _from_stream(exchange) if exchange.is_stream else _from_completion(exchange)


def _from_completion(exchange: Exchange) -> Answer:
    assert exchange.response is not None
    try:
        body = exchange.response.json
    except NotJson as error:
        raise Unreadable(f"the completion cannot be read: {error}", evidence=(at_body(exchange),)) from None
    except UndecodableBody as error:
        raise Unreadable(f"the completion cannot be read: {error}") from None
    if not isinstance(body, dict) or not isinstance(body.get("choices"), list) or not body["choices"]:
        raise Unreadable("the completion has no choices", evidence=(at_body(exchange),))
    choices = [_choice(exchange, position, item) for position, item in enumerate(_list(body["choices"]))]
    return _answer(exchange, body, choices, _usage(body.get("usage"), at_json(exchange, "/usage")))


def _choice(exchange: Exchange, position: int, item: Json) -> Choice:
    base = f"/choices/{position}"
    message = item.get("message") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(message, dict):
        raise Unreadable("a choice has no message", evidence=(at_json(exchange, base),))
    return Choice(
        index=_int(item.get("index"), position),
        text=_text(message.get("content")),
        reasoning=_text(message.get("reasoning_content")) or _text(message.get("reasoning")),
        refusal=_text(message.get("refusal")),
        tool_calls=tuple(
            _tool_call(n, call, at_json(exchange, f"{base}/message/tool_calls/{n}"))
            for n, call in enumerate(_list(message.get("tool_calls")))
        ),
        finish_reason=_text(item.get("finish_reason")) or None,
        at_text=at_json(exchange, f"{base}/message/content"),
        at_finish=at_json(exchange, f"{base}/finish_reason"),
    )


def _tool_call(index: int, call: Json, at: Evidence) -> ToolCall:
    if not isinstance(call, dict):
        raise Unreadable("a tool call is not an object", evidence=(at,))
    function = _object(call.get("function")) or _object(call.get("custom"))
    arguments = function.get("arguments", function.get("input"))
    return ToolCall(
        index=index,
        id=_text(call.get("id")),
        type=_text(call.get("type")),
        name=_text(function.get("name")),
        arguments=_text(arguments),
        at=at,
    )


def _from_stream(exchange: Exchange) -> Answer:
    assert exchange.response is not None
    growing: dict[int, _Growing] = {}
    usage: Usage | None = None
    head: dict[str, Json] = {}
    for event in exchange.response.stream.chunks:
        chunk = event.chunk or {}
        if chunk.get("error"):
            raise Unreadable("the stream carries an error", evidence=(at_event(exchange, event.index),))
        head = head or chunk
        if chunk.get("usage"):
            usage = _usage(chunk["usage"], at_event(exchange, event.index, "/usage")) or usage
        for position, item in enumerate(_list(chunk.get("choices"))):
            _grow(exchange, event.index, f"/choices/{position}", _object(item), growing)
    if not growing:
        raise Unreadable("the stream has no choices", evidence=(at_body(exchange),))
    return _answer(exchange, head, [_grown(exchange, n, growing[n]) for n in sorted(growing)], usage)


def _grow(
    exchange: Exchange, event: int, base: str, item: dict[str, Json], into: dict[int, _Growing]
) -> None:
    here = (event, base)
    choice = into.setdefault(_int(item.get("index"), 0), _Growing(at_text=here, at_finish=here))
    delta = _object(item.get("delta"))
    if _text(delta.get("content")):
        choice.text.append(_text(delta.get("content")))
        choice.at_text = (event, f"{base}/delta/content")
    choice.reasoning.append(_text(delta.get("reasoning_content")) or _text(delta.get("reasoning")))
    choice.refusal.append(_text(delta.get("refusal")))
    for position, call in enumerate(_list(delta.get("tool_calls"))):
        _grow_call(exchange, choice, _object(call), (event, f"{base}/delta/tool_calls/{position}"))
    if item.get("finish_reason"):
        choice.finish_reason = _text(item.get("finish_reason"))
        choice.at_finish = (event, f"{base}/finish_reason")


def _grow_call(exchange: Exchange, choice: _Growing, call: dict[str, Json], at: _Place) -> None:
    index = call.get("index")
    if not isinstance(index, int):
        raise Unreadable("a streamed tool call has no index", evidence=(at_event(exchange, *at),))
    parts = choice.calls.setdefault(index, {"id": "", "type": "", "name": "", "arguments": ""})
    choice.calls_at.setdefault(index, at)
    function = _object(call.get("function")) or _object(call.get("custom"))
    parts["id"] = parts["id"] or _text(call.get("id"))
    parts["type"] = parts["type"] or _text(call.get("type"))
    parts["name"] = parts["name"] or _text(function.get("name"))
    parts["arguments"] += _text(function.get("arguments", function.get("input")))


def _grown(exchange: Exchange, index: int, choice: _Growing) -> Choice:
    return Choice(
        index=index,
        text="".join(choice.text),
        reasoning="".join(choice.reasoning),
        refusal="".join(choice.refusal),
        tool_calls=tuple(
            ToolCall(index=n, at=at_event(exchange, *choice.calls_at[n]), **choice.calls[n])
            for n in sorted(choice.calls)
        ),
        finish_reason=choice.finish_reason,
        at_text=at_event(exchange, *choice.at_text),
        at_finish=at_event(exchange, *choice.at_finish),
    )


def _answer(exchange: Exchange, head: dict[str, Json], choices: list[Choice], usage: Usage | None) -> Answer:
    return Answer(
        exchange=exchange,
        choices=tuple(sorted(choices, key=lambda choice: choice.index)),
        usage=usage,
        id=_text(head.get("id")),
        model=_text(head.get("model")),
    )


def _usage(value: Json, at: Evidence) -> Usage | None:
    counts = _object(value)
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    numbers = [counts.get(name) for name in names]
    if not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers):
        return None
    return Usage(at=at, **{name: _int(number, 0) for name, number in zip(names, numbers, strict=True)})


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _int(value: Json, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
