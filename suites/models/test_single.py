"""Single models by id: as they are listed, with slashes, and ids that do not exist."""

from __future__ import annotations

from chatconform.suite import Observation, Play, at_body, at_status, check, expect, provoked
from chatconform.suites.models.listing import entries_of, listed_models
from chatconform.suites.models.scenarios import listed
from chatconform.suites.wire import as_object, expect_error_object, is_integer, measured


@check("CC-MODELS-005", listed)
def test_a_single_model_equals_its_entry(play: Play) -> None:
    """GET /models/{id} of a listed id answers 200 with the id, date and owner that are listed."""
    entries = listed_models(play)
    step, note = ("single", "single") if play.has("single") else ("slash-encoded", "with-slash")
    provoked(play.has(step), "no listed model has an id")
    name = play.note(note)
    entry = next((as_object(each.value) for each in entries if each.id == name), {})
    provoked(entry, f"the list has no object for {name!r}")
    response, exchange = measured(play, step), play[step]

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


@check("CC-MODELS-006", listed)
def test_a_slash_in_an_id_works_raw_and_encoded(play: Play) -> None:
    """A listed id with a slash can be fetched with the slash raw and percent-encoded."""
    listed_models(play)
    provoked("with-slash" in play.notes, "no listed id has a slash")
    name = play.note("with-slash")

    for step in ("slash-raw", "slash-encoded"):
        response, exchange = measured(play, step), play[step]
        expect(response.status == 200, "status 200", came=str(response.status), at=at_status(exchange))
        came = as_object(response.json).get("id")
        expect(came == name, f"id {name!r}", came=came, at=at_body(exchange))


@check("CC-MODELS-007", listed)
def test_an_unknown_id_answers_404(play: Play) -> Observation:
    """GET /models/{id} of an unknown id answers 404 with an error object about the model."""
    # A route that does not exist answers 404 for any id, which proves nothing.
    listed_models(play)
    known = "single" if play.has("single") else "slash-encoded"
    provoked(play.has(known), "no listed model has an id, beside which a 404 would tell something")
    provoked(play.response(known).status == 200, "a listed model cannot be fetched either")
    response, exchange, code = measured(play, "unknown"), play["unknown"], play.note("unknown")

    expect(response.status == 404, "status 404", came=str(response.status), at=at_status(exchange))
    error = expect_error_object(exchange)
    message = str(error.get("message"))
    expect(
        code in message or "model" in message.lower(),
        "a message that names the model",
        came=message,
        at=at_body(exchange),
    )
    told = error.get("code")
    return Observation(topic="unknown-model-code", camp=told if isinstance(told, str) else "none")
