"""The model list: its shape, its entries, and that their ids are good for something."""

from __future__ import annotations

from collections import Counter

from chatconform.contract import load_contract
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
from chatconform.suites.logprobs.tokens import is_number
from chatconform.suites.models.listing import listed_models
from chatconform.suites.models.scenarios import listed
from chatconform.suites.wire import as_object, is_integer, measured

# A date in milliseconds has thirteen digits.
LATEST_SECONDS = 10**11
REQUIRED = ("id", "object", "created", "owned_by")


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
    """Every entry has a string id, object 'model', a number created and a string owned_by."""
    for entry in listed_models(play):
        value = as_object(entry.value)
        expect(isinstance(value.get("id"), str) and value["id"], "a string id", came=entry.value, at=entry.at)
        expect(value.get("object") == "model", "object 'model'", came=value.get("object"), at=entry.at)
        created, owner = value.get("created"), value.get("owned_by")
        expect(is_number(created), "a number created", came=created, at=entry.at)
        expect(isinstance(owner, str), "a string owned_by", came=owner, at=entry.at)


@check("CC-MODELS-008", listed)
def test_created_is_in_whole_seconds(play: Play) -> None:
    """`created` of every entry is a whole number of Unix seconds, not of milliseconds."""
    dated = [entry for entry in listed_models(play) if is_number(as_object(entry.value).get("created"))]
    provoked(dated, "no entry has a date")
    for entry in dated:
        created = as_object(entry.value).get("created")
        whole = is_integer(created) and 0 <= created < LATEST_SECONDS
        expect(whole, "created in whole Unix seconds", came=created, at=entry.at)


@check("CC-MODELS-009", listed)
def test_the_list_fits_the_contract(play: Play) -> None:
    """Every member that the contract describes has the described type wherever the list has it."""
    entries = [entry for entry in listed_models(play) if isinstance(entry.value, dict)]
    provoked(entries, "no entry is an object")
    schema = load_contract().validator("Model")
    for entry in entries:
        # What is missing, and the four members that each have to be there, are rules of their own.
        wrong = [each for each in schema.violations(entry.value) if each.param and each.param not in REQUIRED]
        told = "; ".join(f"{each.param}: {each.message}" for each in wrong[:3])
        expect(not wrong, "an entry that fits the contract", came=told, at=entry.at)


@check("CC-MODELS-003", listed)
def test_listed_ids_are_unique(play: Play) -> None:
    """No id is listed twice."""
    entries = [entry for entry in listed_models(play) if entry.id]
    provoked(entries, "no entry has an id")

    twice = [name for name, count in Counter(entry.id for entry in entries).items() if count > 1]
    at = tuple(entry.at for entry in entries if entry.id in twice[:1])
    expect(not twice, "every id once", came=twice, at=at)


@check("CC-MODELS-010", listed)
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
    # A refusal of what is listed is a failure.
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
