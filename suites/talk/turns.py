"""A conversation as it was held, read from its exchanges alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatconform.suite import Answer, Evidence, Exchange, Json, read_answer
from chatconform.suites.forms import request_body
from chatconform.suites.pairs import FORM, if_readable
from chatconform.suites.wire import as_list, as_object


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A request of a conversation and what came of it.

    `asks` is the request without its form, as text, and `choice` its `tool_choice`. `repeats` is the turn
    whose question was asked again, in the same form or in the other one; nothing where it was new.
    """

    number: int
    exchange: Exchange
    messages: tuple[dict[str, Json], ...]
    choice: Json
    streamed: bool
    asks: str
    answer: Answer | None
    repeats: Turn | None

    @property
    def wants_calls(self) -> bool:
        """Whether a tool has to be called."""
        return self.choice != "none"

    @property
    def names_a_tool(self) -> bool:
        """Whether the tool that has to be called is named."""
        return isinstance(self.choice, dict)

    @property
    def is_result(self) -> bool:
        """Whether the results of calls were handed back."""
        return bool(self.messages) and self.messages[-1].get("role") == "tool"

    @property
    def offered(self) -> frozenset[str]:
        """The names of the tools that may be called."""
        tools = as_list(request_body(self.exchange).get("tools"))
        names = (as_object(as_object(each).get("function")).get("name") for each in tools)
        return frozenset(name for name in names if isinstance(name, str))

    @property
    def prompt_tokens(self) -> int | None:
        """What the target counted of the request; nothing where it did not say."""
        return self.answer.usage.prompt_tokens if self.answer and self.answer.usage else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The turns of a conversation, in order.

    `code` belongs to it, and `others` to other conversations with the same target. `is_counted` tells that
    the target was seen to count prompt tokens honestly.
    """

    turns: tuple[Turn, ...]
    codes: tuple[str, ...]
    is_counted: bool

    @property
    def history(self) -> tuple[Turn, ...]:
        """The turns that belong to one history: of a question that was asked again, the first."""
        return tuple(turn for turn in self.turns if turn.repeats is None)

    @property
    def others(self) -> tuple[str, ...]:
        """The codes that nothing in this conversation told."""
        told = " ".join(turn.asks for turn in self.turns)
        return tuple(code for code in self.codes if code not in told)


def talk_of(exchanges: Iterable[Exchange], *, codes: Sequence[str], is_counted: bool) -> Talk:
    """Read a conversation; what met an ill target is no turn of it."""
    turns: list[Turn] = []
    for exchange in exchanges:
        if not exchange.illness:
            turns.append(turn_of(exchange, turns))
    return Talk(turns=tuple(turns), codes=tuple(codes), is_counted=is_counted)


def turn_of(exchange: Exchange, before: Sequence[Turn]) -> Turn:
    """Read a turn that follows others."""
    body = request_body(exchange)
    asks = json.dumps({name: body[name] for name in body if name not in FORM}, sort_keys=True)
    return Turn(
        number=len(before) + 1,
        exchange=exchange,
        messages=tuple(as_object(message) for message in as_list(body.get("messages"))),
        choice=body.get("tool_choice"),
        streamed=body.get("stream") is True,
        asks=asks,
        answer=if_readable(read_answer, exchange) if _is_answered(exchange) else None,
        repeats=next((turn for turn in before if turn.asks == asks), None),
    )


def _is_answered(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status == 200


def text_of(message: dict[str, Json]) -> str:
    """The text of a message, its parts joined."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    texts = (as_object(part).get("text") for part in as_list(content))
    return "".join(text for text in texts if isinstance(text, str))


def transcript(talk: Talk) -> str:
    """The conversation in a line for each turn: what was sent in which form, and what came."""
    return "\n".join(f"{turn.number}. {_asked(turn)} -> {_came(turn)}" for turn in talk.turns)


def at_transcript(talk: Talk) -> Evidence:
    """The whole conversation, at its last turn."""
    last = talk.turns[-1].exchange
    return Evidence(exchange=last.id, where="the conversation", quoted=f"\n{transcript(talk)}")


def _asked(turn: Turn) -> str:
    form = "streamed" if turn.streamed else "plain"
    if turn.repeats is not None:
        same = turn.repeats.streamed == turn.streamed
        return f"{form}: turn {turn.repeats.number} once more{'' if same else ', in the other form'}"
    told = _results(turn) if turn.is_result else _said(turn)
    return f"{form}: {told}, tool_choice {_choice(turn.choice)}"


def _choice(choice: Json) -> str:
    function = as_object(as_object(choice).get("function"))
    return str(function.get("name") or choice)


def _said(turn: Turn) -> str:
    role = next((str(each.get("role")) for each in turn.messages[:1] if each.get("role") != "user"), "")
    message = turn.messages[-1] if turn.messages else {}
    parts = as_list(message.get("content"))
    form = f" in {len(parts)} part{'s' * (len(parts) > 1)}" if parts else ""
    after = f" after a {role} message" if role and len(turn.messages) == 2 else ""
    return f"user{form}{after} {json.dumps(text_of(message), ensure_ascii=False)}"


def _results(turn: Turn) -> str:
    results = [each for each in turn.messages if each.get("role") == "tool"]
    calls = [as_list(each.get("tool_calls")) for each in turn.messages if each.get("tool_calls")]
    asked = [as_object(call).get("id") for call in (calls[-1] if calls else [])]
    given = [each.get("tool_call_id") for each in results[-len(asked) :]] if asked else []
    order = ", out of order" if given != asked else ""
    parts = ", in parts" if results and isinstance(results[-1].get("content"), list) else ""
    return f"{len(asked)} result{'s' * (len(asked) != 1)}{order}{parts}"


def _came(turn: Turn) -> str:
    response = turn.exchange.response
    if response is None:
        return "no response"
    if turn.answer is None:
        return f"status {response.status}" if response.status != 200 else "an answer that cannot be read"
    counted = "" if turn.prompt_tokens is None else f", {turn.prompt_tokens} prompt tokens"
    return f"{structure(turn.answer)}{counted}"


def structure(answer: Answer) -> str:
    """What kind of answer it is, with the names of the called tools, and how it ends."""
    names = sorted({call.name for call in answer.tool_calls})
    kind = f"calls of {', '.join(names)}" if names or answer.tool_calls else "a text"
    return f"{kind} that ends with {answer.finish_reason}"
