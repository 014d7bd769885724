"""Tool calls exactly as they stand on the wire, which an assembled answer no longer shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatconform.suite import Evidence, Exchange, Json, NotJson, at_event, at_json, parse
from chatconform.suites.forms import completions, streams
from chatconform.suites.wire import as_list, as_object, is_integer

Object = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """An entry of `tool_calls`: a whole call in a completion, one piece of a call in a stream's delta."""

    choice: int
    entry: Json
    at: Evidence

    @property
    def fields(self) -> Object:
        """The entry as an object; empty where it is none."""
        return as_object(self.entry)

    @property
    def index(self) -> int | None:
        """The index, where it is an integer."""
        index = self.fields.get("index")
        return index if is_integer(index) else None

    @property
    def function(self) -> Object:
        """What stands under `function`, or under `custom` for a call of a custom tool."""
        return as_object(self.fields.get("function")) or as_object(self.fields.get("custom"))

    @property
    def is_custom(self) -> bool:
        """Whether it is a call of a custom tool, whose input is free text."""
        return self.fields.get("type") == "custom" or "custom" in self.fields

    @property
    def text(self) -> str:
        """Its piece of the arguments."""
        text = self.function.get("input" if self.is_custom else "arguments")
        return text if isinstance(text, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WireCall:
    """A call with all its fragments: those of one index in a stream, exactly one in a completion."""

    choice: int
    index: int | None
    fragments: tuple[Fragment, ...]

    @property
    def at(self) -> Evidence:
        """Where it begins."""
        return self.fragments[0].at

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id that is not empty, in order."""
        return _texts(fragment.fields.get("id") for fragment in self.fragments)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that is not empty, in order."""
        return _texts(fragment.function.get("name") for fragment in self.fragments)

    @property
    def is_custom(self) -> bool:
        """Whether it is a call of a custom tool."""
        return any(fragment.is_custom for fragment in self.fragments)

    @property
    def arguments(self) -> str:
        """The pieces of its arguments, end to end."""
        return "".join(fragment.text for fragment in self.fragments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The finish reason of a choice, as it came."""

    reason: Json
    at: Evidence


def requested(exchange: Exchange) -> Object:
    """The body of the request; empty where it is no JSON object."""
    try:
        return as_object(parse(exchange.request.body))
    except NotJson:
        return {}


def defined_names(exchange: Exchange) -> set[str]:
    """The names of the tools and of the deprecated functions that the request defines."""
    body = requested(exchange)
    tools = [as_object(tool) for tool in as_list(body.get("tools"))]
    described = [as_object(tool.get("function")) or as_object(tool.get("custom")) for tool in tools]
    described += [as_object(function) for function in as_list(body.get("functions"))]
    return {str(each["name"]) for each in described if isinstance(each.get("name"), str)}


def defines_custom_tools(exchange: Exchange) -> bool:
    """Whether the request defines a tool whose calls have free text instead of arguments."""
    return any(as_object(tool).get("type") == "custom" for tool in as_list(requested(exchange).get("tools")))


def wire_calls(exchange: Exchange) -> tuple[WireCall, ...]:
    """Every call of an answer, over all its choices."""
    grouped: dict[tuple[int, int | None], list[Fragment]] = {}
    for fragment in wire_fragments(exchange):
        if not exchange.is_stream:
            grouped[fragment.choice, len(grouped)] = [fragment]
        else:
            grouped.setdefault((fragment.choice, fragment.index), []).append(fragment)
    return tuple(
        WireCall(choice=choice, index=index, fragments=tuple(found))
        for (choice, index), found in grouped.items()
    )


def wire_fragments(exchange: Exchange) -> tuple[Fragment, ...]:
    """Every entry of `tool_calls` in an answer, in order."""
    return tuple(
        Fragment(choice=place.choice, entry=entry, at=place.at(f"/tool_calls/{number}"))
        for place in _places(exchange)
        for number, entry in enumerate(as_list(place.message.get("tool_calls")))
    )


def legacy_names(exchange: Exchange) -> tuple[tuple[str, Evidence], ...]:
    """The names in the deprecated `function_call` of an answer."""
    found = ((as_object(p.message.get("function_call")).get("name"), p) for p in _places(exchange))
    return tuple((name, p.at("/function_call")) for name, p in found if isinstance(name, str) and name)


def endings(exchange: Exchange) -> dict[int, Ending]:
    """The last finish reason of each choice that is not null."""
    found = ((place, place.fields.get("finish_reason")) for place in _places(exchange))
    return {
        place.choice: Ending(reason=reason, at=place.at_choice("/finish_reason"))
        for place, reason in found
        if reason is not None
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A choice of a completion or of a chunk; `event` is the chunk's place in its stream."""

    exchange: Exchange
    event: int | None
    position: int
    fields: Object

    @property
    def choice(self) -> int:
        index = self.fields.get("index")
        return index if is_integer(index) else self.position

    @property
    def message(self) -> Object:
        return as_object(self.fields.get(self._member))

    @property
    def _member(self) -> str:
        return "message" if self.event is None else "delta"

    def at(self, pointer: str) -> Evidence:
        return self.at_choice(f"/{self._member}{pointer}")

    def at_choice(self, pointer: str) -> Evidence:
        whole = f"/choices/{self.position}{pointer}"
        if self.event is None:
            return at_json(self.exchange, whole)
        return at_event(self.exchange, self.event, whole)


def _places(exchange: Exchange) -> Iterator[_Place]:
    if exchange.response is None:
        return
    bodies: list[tuple[int | None, Json]] = [(None, None)]
    if streams(exchange):
        bodies = [(event.index, event.chunk) for event in exchange.response.stream.chunks]
    elif completions(exchange):
        bodies = [(None, exchange.response.json)]
    for event, body in bodies:
        for position, choice in enumerate(as_list(as_object(body).get("choices"))):
            yield _Place(exchange=exchange, event=event, position=position, fields=as_object(choice))


def _texts(values: Iterator[Json]) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str) and value)
