"""The model list: its shape, its entries, and that their ids are good for something."""

from __future__ import annotations

from collections import Counter

from chatconform.suite import (
    NotJson,
    Observation,
    Play,
    at_body,
    at_header,
    at_status,
    check,
    expect,
    provoked,
)
from chatconform.suites.models.listing import entries_of, listed_models
from chatconform.suites.models.scenarios import listed
from chatconform.suites.wire import as_object, is_integer, measured

# A date in milliseconds has thirteen digits.
LATEST_SECONDS = 10**11


@check("CC-MODELS-001", listed)
def test_the_list_is_an_object_with_a_data_array(play: Play) -> None:
    """GET /models answers 200 with {object: 'list', data: [...]} as application/json."""
    response, exchange = measured(play, "list"), play["list"]

    expect(response.status == 200, "status 200", came=str(response.status), at=at_status(exchange))
    expect(
        response.media_type == "application/json",
        "media type application/json",
        came=response.media_type,
        at=at_header(exchange, "content-type"),
    )
    try:
        body = response.json
    except NotJson as error:
        body = str(error)
    told = as_object(body)
    expect(told.get("object") == "list", "an object with object 'list'", came=body, at=at_body(exchange))
    expect(isinstance(told.get("data"), list), "an array data", came=body, at=at_body(exchange))


@check("CC-MODELS-002", listed)
def test_every_entry_has_id_object_created_and_owned_by(play: Play) -> None:
    """Every entry has a string id, object 'model', created in whole Unix seconds and a string owned_by."""
    for entry in listed_models(play):
        value = as_object(entry.value)
        created = value.get("created")
        expect(isinstance(value.get("id"), str) and value["id"], "a string id", came=entry.value, at=entry.at)
        expect(value.get("object") == "model", "object 'model'", came=value.get("object"), at=entry.at)
        expect(
            is_integer(created) and 0 <= created < LATEST_SECONDS,
            "created in whole Unix seconds",
            came=created,
            at=entry.at,
        )
        expect(
            isinstance(value.get("owned_by"), str),
            "a string owned_by",
            came=value.get("owned_by"),
            at=entry.at,
        )


@check("CC-MODELS-003", listed)
def test_listed_ids_are_unique(play: Play) -> None:
    """No id is listed twice."""
    entries = [entry for entry in listed_models(play) if entry.id]
    provoked(entries, "no entry has an id")

    twice = [name for name, count in Counter(entry.id for entry in entries).items() if count > 1]
    at = tuple(entry.at for entry in entries if entry.id in twice[:1])
    expect(not twice, "every id once", came=twice, at=at)


@check("CC-MODELS-003", listed)
def test_the_model_is_listed_under_an_id_that_chat_accepts(play: Play) -> Observation:
    """The model under test is in the list, and chat accepts the id that stands there."""
    configured, ids = play.note("model"), [entry.id for entry in listed_models(play)]
    play.answer("chat")
    if configured in ids:
        return Observation(topic="configured-model-id", camp="listed")

    expect(
        "alias-of" in play.notes,
        f"{configured!r}, or the id of the model that it stands for, in the list",
        came=ids,
        at=at_body(play["list"]),
    )
    response, exchange = play.response("chat-as-listed"), play["chat-as-listed"]
    expect(
        not 400 <= response.status < 500 or response.status == 429,
        f"a chat with the listed id {play.note('alias-of')!r} to be accepted",
        came=f"{response.status}",
        at=at_status(exchange),
    )
    play.answer("chat-as-listed")
    return Observation(topic="configured-model-id", camp="alias")


@check("CC-MODELS-004", listed)
def test_created_does_not_move(play: Play) -> None:
    """A model has the same `created` in two listings a moment apart."""
    first = {entry.id: as_object(entry.value).get("created") for entry in listed_models(play)}
    again = [entry for entry in listed_models(play, "list-again") if entry.id in first]
    provoked(any(is_integer(first[entry.id]) for entry in again), "no entry has a date in both lists")

    for entry in again:
        created = as_object(entry.value).get("created")
        expect(created == first[entry.id], f"created {first[entry.id]} again", came=created, at=entry.at)


@check("CC-MODELS-005", listed)
def test_a_single_model_equals_its_entry(play: Play) -> None:
    """GET /models/{id} of a listed id answers 200 with the id, date and owner that are listed."""
    name = play.note("single")
    entry = next((as_object(each.value) for each in listed_models(play) if each.id == name), {})
    provoked(entry, f"the list has no object for {name!r}")
    response, exchange = measured(play, "single"), play["single"]

    expect(
        response.status == 200,
        f"status 200 for {name!r}, which is listed",
        came=str(response.status),
        at=at_status(exchange),
    )
    single = as_object(response.json)
    expect(single.get("object") == "model", "object 'model'", came=single, at=at_body(exchange))
    for key in ("id", *_steady_keys(play, name)):
        expect(
            single.get(key) == entry.get(key),
            f"{key} {entry.get(key)!r} as in the list",
            came=single.get(key),
            at=at_body(exchange),
        )


def _steady_keys(play: Play, name: str) -> tuple[str, ...]:
    """What can be compared: a date that moves from one listing to the next is a rule of its own."""
    dates = {
        as_object(each.value).get("created") if is_integer(as_object(each.value).get("created")) else None
        for step in ("list", "list-again")
        for each in entries_of(play[step])
        if each.id == name
    }
    return ("owned_by", "created") if len(dates) == 1 else ("owned_by",)
