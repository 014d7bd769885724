"""Optional parameters, and numbers on the bounds of their ranges: taken, or refused for what they are."""

from __future__ import annotations

from chatconform.suite import Answer, Observation, Play, at_json, at_status, check, expect, provoked
from chatconform.suites.req.parameters import (
    BOUNDS,
    LABEL_WORDS,
    LABELS,
    OPTIONAL,
    OTHER_BOUNDS,
    parameters,
)
from chatconform.suites.req.refusing import accepted_control
from chatconform.suites.usage.counting import prompt_tokens, trust_counts, usage_of
from chatconform.suites.wire import body_of, measured

ALL = {**OPTIONAL, **BOUNDS, **OTHER_BOUNDS}
# Of fifteen labels of thirty words each; a word is a token or more.
LEAKED_TOKENS = 15 * len(LABEL_WORDS.split()) // 2


@check("CC-REQ-014", parameters)
def test_an_optional_parameter_breaks_nothing(play: Play) -> Observation:
    """An optional parameter that a server does not know is ignored, or refused with a 4xx, never a 5xx."""
    accepted_control(play)
    refused = []
    for name in OPTIONAL:
        step = play.part("parameters", name)
        status = measured(play, step).status
        answered = status == 200 or 400 <= status < 500
        expect(answered, f"200 or a 4xx for {name}", came=str(status), at=at_status(play[step]))
        refused += [name] if status != 200 else []
    return Observation(topic="refused-parameters", camp="+".join(refused).replace("_", "-") or "none")


@check("CC-REQ-040", parameters, feature=OPTIONAL["user"].words)
def test_a_user_is_accepted(play: Play) -> None:
    """`user` is accepted, also where it is long."""
    _answer(play, "user")


@check("CC-REQ-041", parameters, feature=OPTIONAL["metadata"].words)
def test_metadata_are_accepted(play: Play) -> None:
    """Sixteen pairs of metadata are accepted, and repeated whole if the answer repeats them."""
    exchange = _answer(play, "metadata").exchange
    repeated = body_of(exchange).get("metadata")
    kept = not repeated or repeated == LABELS
    expect(kept, "the metadata as they were sent, or none", came=repeated, at=at_json(exchange, "/metadata"))


@check("CC-REQ-050", parameters)
def test_labels_cost_no_prompt_tokens(play: Play) -> None:
    """Long metadata do not raise the prompt's token count: they are no part of the prompt."""
    trust_counts(play, short="control", long="longer", words=len(LABEL_WORDS.split()))
    step = play.part("parameters", "metadata")
    provoked(measured(play, step).status == 200, "metadata are refused", at=at_status(play[step]))
    grown = prompt_tokens(play, step) - prompt_tokens(play, "control")
    expect(
        grown < LEAKED_TOKENS,
        f"fewer than {LEAKED_TOKENS} prompt_tokens more than without metadata",
        came=grown,
        at=usage_of(play, step).at,
    )


@check("CC-REQ-042", parameters, feature=OPTIONAL["store"].words)
def test_store_is_accepted(play: Play) -> None:
    """`store: false` is accepted."""
    _answer(play, "store")


@check("CC-REQ-043", parameters, feature=OPTIONAL["service_tier"].words)
def test_a_service_tier_is_accepted(play: Play) -> None:
    """`service_tier: auto` is accepted."""
    _answer(play, "service_tier")


@check("CC-REQ-044", parameters, feature=OPTIONAL["cache-and-safety"].words)
def test_a_cache_key_is_accepted(play: Play) -> None:
    """`prompt_cache_key` and `safety_identifier` are accepted."""
    _answer(play, "cache-and-safety")


@check("CC-REQ-045", parameters, feature=OPTIONAL["reasoning_effort"].words)
def test_a_reasoning_effort_is_accepted(play: Play) -> None:
    """`reasoning_effort: low` is accepted."""
    _answer(play, "reasoning_effort")


@check("CC-REQ-046", parameters, feature=OPTIONAL["verbosity"].words)
def test_a_verbosity_is_accepted(play: Play) -> None:
    """`verbosity: low` is accepted."""
    _answer(play, "verbosity")


@check("CC-REQ-047", parameters, feature=OPTIONAL["modalities"].words)
def test_the_modality_of_text_is_accepted(play: Play) -> None:
    """`modalities: ["text"]`, which is the default, is accepted."""
    _answer(play, "modalities")


@check("CC-REQ-048", parameters, feature=OPTIONAL["prediction"].words)
def test_a_prediction_is_accepted(play: Play) -> None:
    """A `prediction` of the answer's text is accepted."""
    _answer(play, "prediction")


@check("CC-REQ-049", parameters, feature=OPTIONAL["message-member"].words)
def test_an_unknown_member_of_a_message_is_accepted(play: Play) -> None:
    """A member that no message has is ignored, or refused by name."""
    _answer(play, "message-member")


@check("CC-REQ-051", parameters, feature=BOUNDS["temperature=2"].words)
def test_a_temperature_on_its_bound_is_legal(play: Play) -> None:
    """A temperature of exactly 2 (and of 0) is accepted."""
    _answers(play, "temperature=2", "temperature=0")


@check("CC-REQ-052", parameters, feature=BOUNDS["top_p=1"].words)
def test_a_top_p_on_its_bound_is_legal(play: Play) -> None:
    """A top_p of exactly 1 (and of 0) is accepted."""
    _answers(play, "top_p=1", "top_p=0")


@check("CC-REQ-053", parameters, feature=BOUNDS["penalties"].words)
def test_a_penalty_on_its_bound_is_legal(play: Play) -> None:
    """Penalties of exactly -2 and 2 are accepted."""
    _answers(play, "penalties", "penalties-turned")


@check("CC-REQ-054", parameters, feature=BOUNDS["seed"].words)
def test_a_seed_of_64_bits_is_legal(play: Play) -> None:
    """The greatest seed that 64 bits hold (and the least) is accepted."""
    _answers(play, "seed", "seed-below")


def _answers(play: Play, usual: str, other: str) -> None:
    _answer(play, usual)
    step = play.part("parameters", other)
    if step != "parameters":
        play.answer(step)


def _answer(play: Play, name: str) -> Answer:
    """The answer to a part; a refusal that names it is honest, any other one is a failure."""
    accepted_control(play)
    return play.answer(play.part("parameters", name))
