"""The member that our own HARs have beside those of the specification, so that reading them loses nothing.

It holds the row of a run record, less what the rest of the entry tells as well.
"""

from __future__ import annotations

from typing import Any

import orjson

from chatconform.errors import UnreadableTraffic
from chatconform.record.decode import BadRow, row_from_line
from chatconform.record.encode import JsonObject, exchange_to_json
from chatconform.wire.exchange import Exchange, Request, Response
from chatconform.wire.jsontext import Json

OWN = "_chatconform"
_MESSAGES = ("request", "response")


class BadMember(UnreadableTraffic):
    """The member is not what we write."""


def own_member(exchange: Exchange, request: Request, response: Response | None) -> JsonObject:
    """What has to be written of an exchange whose messages can be read from the entry like this."""
    exact, told = exchange_to_json(exchange), _stand_in(request, response)
    for name in _MESSAGES:
        exact[name] = _difference(exact[name], told[name])
    return {name: value for name, value in exact.items() if name != "kind"}


def exchange_of_own(member: Json, request: Request, response: Response | None) -> Exchange:
    """The exchange that was written; raises `BadMember`."""
    if not isinstance(member, dict):
        raise BadMember(f"{OWN} is no object")
    row: dict[str, Any] = {**_stand_in(request, response), **member}
    for name in _MESSAGES:
        row[name] = _sum(_stand_in(request, response)[name], member.get(name))
    try:
        # By way of a line: a HAR of strangers can hold what no line can, such as half of a surrogate pair.
        exchange = row_from_line(orjson.dumps({**row, "kind": "exchange"}))
    except (BadRow, orjson.JSONEncodeError) as error:
        raise BadMember(f"{OWN}: {error}") from None
    assert isinstance(exchange, Exchange)
    return exchange


def _difference(exact: JsonObject | None, told: JsonObject | None) -> JsonObject | None:
    if exact is None or told is None:
        return exact
    # A flag that is set only in what is told is one that reading would add.
    absent = {
        name: "" if isinstance(value, str) else False for name, value in told.items() if name not in exact
    }
    return absent | {name: value for name, value in exact.items() if told.get(name) != value}


def _sum(told: Any, difference: Any) -> Any:
    if isinstance(told, dict) and isinstance(difference, dict):
        return {**told, **difference}
    return difference


def _stand_in(request: Request, response: Response | None) -> JsonObject:
    return exchange_to_json(
        Exchange(
            id="",
            scenario="",
            path="",
            attempt=1,
            step="",
            request=request,
            response=response,
            failure=None,
            started=0.0,
            elapsed=0.0,
        )
    )
