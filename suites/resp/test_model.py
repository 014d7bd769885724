"""The model that an answer names."""

from __future__ import annotations

from chatconform.suite import (
    Evidence,
    Exchange,
    Observation,
    at_body,
    at_event,
    at_json,
    expect,
    provoked,
    survey,
)
from chatconform.suites.forms import answers, model_lists, request_body
from chatconform.suites.models.listing import entries_of
from chatconform.suites.pairs import if_readable
from chatconform.suites.resp.scenarios import greeting, named_models
from chatconform.suites.wire import body_of, chunks_of


def answers_and_lists(exchange: Exchange) -> bool:
    """Every completion, every stream and every model list."""
    return answers(exchange) or model_lists(exchange)


@survey("CC-RESP-008", answers_and_lists, provoked_by=(greeting, named_models))
def test_the_answer_names_the_model_that_served_it(exchanges: tuple[Exchange, ...]) -> Observation:
    """`model` is the requested id, begins with it (or with its last part), or is one of the listed ids."""
    listed = {entry.id for exchange in filter(model_lists, exchanges) for entry in entries_of(exchange)}
    camps: dict[str, Evidence] = {}
    for exchange in filter(answers, exchanges):
        asked, found = request_body(exchange).get("model"), if_readable(_told, exchange)
        if not isinstance(asked, str) or found is None:
            continue
        told, at = found
        camp = _camp(asked, told, listed)
        expect(camp, f"{asked!r}, a snapshot of it, or a listed id", came=told or "nothing", at=at)
        camps.setdefault(camp, at)
    provoked(camps, "no answer names a model")
    provoked("unknown" not in camps, "another model is named, and no list was seen", at=camps.get("unknown"))
    return Observation(topic="answered-model", camp="+".join(sorted(camps)))


def _camp(asked: str, told: str, listed: set[str]) -> str:
    """How the model that is told belongs to the one that was asked for; empty where it does not."""
    if told == asked:
        return "echo"
    if told.startswith(tuple(name for name in (asked, asked.rpartition("/")[2]) if name)):
        return "snapshot"
    if told in listed:
        return "served-name"
    return "unknown" if told and not listed else ""


def _told(exchange: Exchange) -> tuple[str, Evidence] | None:
    """The model that is named, and where; nothing where it is no string, which is the rule of the shape."""
    if exchange.is_stream:
        first = next(iter(chunks_of(exchange)), None)
        told = (first.chunk or {}).get("model") if first else None
        at = at_event(exchange, first.index, "/model") if first else at_body(exchange)
    else:
        told, at = body_of(exchange).get("model"), at_json(exchange, "/model")
    return (told, at) if isinstance(told, str) else None
