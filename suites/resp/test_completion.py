"""The completion object: what every plain answer has."""

from __future__ import annotations

from chatconform.contract import load_contract
from chatconform.suite import (
    Exchange,
    Observation,
    at_body,
    at_event,
    at_json,
    expect,
    invariant,
    provoked,
    repeated_keys,
    survey,
)
from chatconform.suites.forms import answers, completions, request_body
from chatconform.suites.pairs import if_readable
from chatconform.suites.resp.contract import COMPLETION, without_own_rule
from chatconform.suites.resp.scenarios import greeting, limited_greeting
from chatconform.suites.wire import as_list, body_of, choices_of, chunks_of, is_integer, response_of

# Clocks differ and zones are mistaken for each other, but no clock is a day off.
DAY = 24 * 60 * 60
# Fewer ids than these say nothing of whether each is used once.
ENOUGH_IDS = 3
OPTIONAL = ("service_tier", "system_fingerprint", "metadata", "moderation")
TIERS = "#/components/schemas/CreateChatCompletionRequest/properties/service_tier"


@invariant("CC-RESP-001", completions, provoked_by=greeting)
def test_a_completion_has_its_five_members(exchange: Exchange) -> None:
    """id, object 'chat.completion', created, model and choices are there, each of its type."""
    body = body_of(exchange)
    created, model, choices = body.get("created"), body.get("model"), body.get("choices")

    expect(isinstance(body.get("id"), str), "a string id", came=body.get("id"), at=at_json(exchange, "/id"))
    expect(
        body.get("object") == "chat.completion",
        "object 'chat.completion'",
        came=body.get("object"),
        at=at_json(exchange, "/object"),
    )
    expect(is_integer(created), "an integer created", came=created, at=at_json(exchange, "/created"))
    expect(isinstance(model, str), "a string model", came=model, at=at_json(exchange, "/model"))
    expect(isinstance(choices, list), "an array choices", came=choices, at=at_json(exchange, "/choices"))


@invariant("CC-RESP-014", completions, provoked_by=greeting)
def test_a_completion_is_dated_now(exchange: Exchange) -> None:
    """`created` is the time of the answer in Unix seconds, within a day."""
    created, ended = body_of(exchange).get("created"), exchange.ended
    provoked(is_integer(created), "created is no integer")
    expect(
        is_integer(created) and abs(created - ended) < DAY,
        f"created in Unix seconds, about {ended:.0f}",
        came=created,
        at=at_json(exchange, "/created"),
    )


@survey("CC-RESP-002", answers, provoked_by=(greeting, limited_greeting))
def test_no_two_answers_share_an_id(exchanges: tuple[Exchange, ...]) -> None:
    """Each id belongs to one completion or one stream of the run."""
    first: dict[str, Exchange] = {}
    for exchange in exchanges:
        name = next((name for name in if_readable(_ids, exchange) or () if name), "")
        earlier = first.setdefault(name, exchange) if name else exchange
        expect(
            earlier is exchange,
            "an id that no other answer has",
            came=name,
            at=(at_body(earlier), at_body(exchange)),
        )
    provoked(len(first) >= ENOUGH_IDS, f"fewer than {ENOUGH_IDS} answers have an id")


@invariant("CC-RESP-015", answers, provoked_by=greeting)
def test_no_id_is_empty(exchange: Exchange) -> None:
    """The id of a completion and of every chunk has at least one character."""
    names = _ids(exchange)
    provoked(names, "the answer has no string id")
    at = at_event(exchange, chunks_of(exchange)[0].index, "/id") if exchange.is_stream else None
    expect(all(names), "an id that is not empty", came="an empty one", at=at or at_json(exchange, "/id"))


def _ids(exchange: Exchange) -> list[str]:
    if exchange.is_stream:
        found = [(event.chunk or {}).get("id") for event in chunks_of(exchange)]
    else:
        found = [body_of(exchange).get("id")]
    return [name for name in found if isinstance(name, str)]


@invariant("CC-RESP-003", completions, provoked_by=greeting)
def test_without_n_there_is_one_choice_with_index_0(exchange: Exchange) -> None:
    """With n left out there is exactly one choice, and its index is the integer 0."""
    provoked(request_body(exchange).get("n") is None, "the request asks for a number of choices")
    choices = body_of(exchange).get("choices")
    index = [part.value.get("index") for part in choices_of(exchange)]

    expect(len(as_list(choices)) == 1, "exactly one choice", came=choices, at=at_json(exchange, "/choices"))
    expect(
        all(is_integer(number) and number == 0 for number in index),
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
    """Every member that the contract describes, and no other rule, has the described type at any depth."""
    found = load_contract().validator("Completion").violations(body_of(exchange))
    violations = without_own_rule(found, COMPLETION)
    if violations:
        first = violations[0]
        expect(
            False,
            f"a completion that fits the contract at {first.param or 'its top'}",
            came="; ".join(f"{each.param}: {each.message}" for each in violations[:3]),
            at=at_json(exchange, first.pointer),
        )


@invariant("CC-RESP-019", completions, provoked_by=greeting)
def test_no_object_of_a_completion_repeats_a_name(exchange: Exchange) -> None:
    """No object of a completion has two members of one name."""
    twice = repeated_keys(response_of(exchange).text)
    expect(not twice, "each name once in an object", came=f"{twice[:1]} twice", at=at_body(exchange))
