"""Single models by id: slashes, and ids that do not exist."""

from __future__ import annotations

from chatconform.suite import Observation, Play, at_body, at_status, check, expect, provoked
from chatconform.suites.models.scenarios import listed
from chatconform.suites.wire import as_object, expect_error_object, measured


@check("CC-MODELS-006", listed)
def test_a_slash_in_an_id_works_raw_and_encoded(play: Play) -> None:
    """A listed id with a slash can be fetched with the slash raw and percent-encoded."""
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
    provoked(play.response("single").status == 200, "a listed model cannot be fetched either")
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
