"""The completion object: what every plain answer has."""

from __future__ import annotations

from chatconform.contract import load_contract
from chatconform.suite import (
    Exchange,
    Observation,
    Play,
    at_json,
    check,
    expect,
    invariant,
    provoked,
)
from chatconform.suites.forms import completions, request_body
from chatconform.suites.req.scenarios import nulls
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.wire import as_list, body_of, choices_of, is_integer

# Clocks differ and zones are mistaken for each other, but no clock is a day off.
DAY = 24 * 60 * 60
ENOUGH_IDS = 10
OPTIONAL = ("service_tier", "system_fingerprint", "metadata", "moderation")
TIERS = "#/components/schemas/CreateChatCompletionRequest/properties/service_tier"


@invariant("CC-RESP-001", completions, provoked_by=greeting)
def test_a_completion_has_its_five_members(exchange: Exchange) -> None:
    """id, object 'chat.completion', created in Unix seconds of now, model and choices, each of its type."""
    body = body_of(exchange)
    created, ended = body.get("created"), exchange.started + exchange.elapsed

    expect(isinstance(body.get("id"), str), "a string id", came=body.get("id"), at=at_json(exchange, "/id"))
    expect(
        body.get("object") == "chat.completion",
        "object 'chat.completion'",
        came=body.get("object"),
        at=at_json(exchange, "/object"),
    )
    expect(
        is_integer(created) and abs(created - ended) < DAY,
        f"created as an integer in Unix seconds, about {ended:.0f}",
        came=created,
        at=at_json(exchange, "/created"),
    )
    model, choices = body.get("model"), body.get("choices")
    expect(isinstance(model, str), "a string model", came=model, at=at_json(exchange, "/model"))
    expect(isinstance(choices, list), "an array choices", came=choices, at=at_json(exchange, "/choices"))


@check("CC-RESP-002", nulls)
def test_no_two_completions_share_an_id(play: Play) -> None:
    """The ids of many completions are not empty, and each occurs once."""
    first: dict[str, Exchange] = {}
    for exchange in filter(completions, play.exchanges):
        name, at = body_of(exchange).get("id"), at_json(exchange, "/id")
        expect(isinstance(name, str) and name, "an id that is not empty", came=name, at=at)
        earlier = first.setdefault(str(name), exchange)
        expect(
            earlier is exchange,
            "an id that no other completion has",
            came=name,
            at=(at_json(earlier, "/id"), at),
        )
    provoked(len(first) >= ENOUGH_IDS, f"fewer than {ENOUGH_IDS} requests were answered")


@invariant("CC-RESP-003", completions, provoked_by=greeting)
def test_without_n_there_is_one_choice_with_index_0(exchange: Exchange) -> None:
    """With n left out there is exactly one choice, and its index is the integer 0."""
    provoked(request_body(exchange).get("n") is None, "the request asks for a number of choices")
    choices = body_of(exchange).get("choices")
    index = [part.value.get("index") for part in choices_of(exchange)]

    expect(len(as_list(choices)) == 1, "exactly one choice", came=choices, at=at_json(exchange, "/choices"))
    expect(
        all(is_integer(number) for number in index) and index == [0],
        "index 0",
        came=index,
        at=at_json(exchange, "/choices/0/index"),
    )


@invariant("CC-RESP-011", completions, provoked_by=greeting)
def test_optional_members_have_the_documented_type(exchange: Exchange) -> Observation | None:
    """service_tier, system_fingerprint, metadata and moderation have their type wherever they are present."""
    body = body_of(exchange)
    for name in OPTIONAL:
        schema = load_contract().validator(f"#/components/schemas/Completion/properties/{name}")
        expect(
            name not in body or schema.is_valid(body[name]),
            f"{name} of the documented type",
            came=body.get(name),
            at=at_json(exchange, f"/{name}"),
        )
    tier = body.get("service_tier")
    if tier is None:
        return None
    documented = load_contract().resolve(TIERS)["enum"]
    return Observation(topic="service-tier", camp="documented" if tier in documented else "own-word")


@invariant("CC-RESP-012", completions, provoked_by=greeting)
def test_a_completion_validates_against_the_contract(exchange: Exchange) -> None:
    """Every member that the contract describes has the described type, at every depth."""
    violations = load_contract().validator("Completion").violations(body_of(exchange))
    if violations:
        first = violations[0]
        expect(
            False,
            f"a completion that fits the contract at {first.param or 'its top'}",
            came="; ".join(f"{each.param}: {each.message}" for each in violations[:3]),
            at=at_json(exchange, first.pointer),
        )
