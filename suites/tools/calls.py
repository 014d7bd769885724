"""Tool calls exactly as they stand on the wire, which an assembled answer no longer shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatconform.suite import Evidence, Exchange, Json
from chatconform.suites.tools.places import Object, places
from chatconform.suites.wire import as_list, as_object, is_integer

CALL = "/function_call"


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
        for place in places(exchange)
        for number, entry in enumerate(as_list(place.message.get("tool_calls")))
    )


def legacy_fragments(exchange: Exchange) -> tuple[Fragment, ...]:
    """Every deprecated `function_call` of an answer that is not null: whole, or in the pieces of a stream."""
    return tuple(
        Fragment(choice=place.choice, entry={"function": place.message["function_call"]}, at=place.at(CALL))
        for place in places(exchange)
        if place.message.get("function_call") is not None
    )


def legacy_names(exchange: Exchange) -> tuple[tuple[str, Evidence], ...]:
    """The names in the deprecated `function_call` of an answer."""
    found = ((fragment.function.get("name"), fragment.at) for fragment in legacy_fragments(exchange))
    return tuple((name, at) for name, at in found if isinstance(name, str) and name)


def endings(exchange: Exchange) -> dict[int, Ending]:
    """The last finish reason of each choice that is not null."""
    found = ((place, place.fields.get("finish_reason")) for place in places(exchange))
    return {
        place.choice: Ending(reason=reason, at=place.at_choice("/finish_reason"))
        for place, reason in found
        if reason is not None
    }


def _texts(values: Iterator[Json]) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str) and value)
