"""Reading a model list in whatever shape it came, so that a wrong shape fails its own rule and no other."""

from __future__ import annotations

from dataclasses import dataclass

from chatconform.suite import (
    Evidence,
    Exchange,
    Json,
    NotJson,
    Play,
    at_body,
    at_json,
    at_status,
    provoked,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One listed model: its id (empty where it has none), what stands there, and where."""

    id: str
    value: Json
    at: Evidence


def entries_of(exchange: Exchange) -> tuple[Entry, ...]:
    """The entries of `{data: [...]}`, of `{models: [...]}` or of a bare array; none of anything else."""
    try:
        body = exchange.response.json if exchange.response and exchange.response.status == 200 else None
    except NotJson:
        return ()
    if isinstance(body, list):
        return _entries(exchange, "", body)
    for key in ("data", "models"):
        found = body.get(key) if isinstance(body, dict) else None
        if isinstance(found, list):
            return _entries(exchange, f"/{key}", found)
    return ()


def listed_models(play: Play, step: str = "list") -> tuple[Entry, ...]:
    """The entries of a step's list; leaves the check inconclusive where there are none."""
    status = play.response(step).status
    provoked(status == 200, f"the model list is answered {status}", at=at_status(play[step]))
    entries = entries_of(play[step])
    provoked(entries, "the model list has no models", at=at_body(play[step]))
    return entries


def _entries(exchange: Exchange, base: str, items: list[Json]) -> tuple[Entry, ...]:
    return tuple(
        Entry(id=_id(item), value=item, at=at_json(exchange, f"{base}/{position}"))
        for position, item in enumerate(items)
    )


def _id(item: Json) -> str:
    found = item.get("id", item.get("name")) if isinstance(item, dict) else item
    return found if isinstance(found, str) else ""
