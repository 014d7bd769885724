"""Each check of legal requests turns red on its defect, and lets honest refusals pass for what they are."""

from collections.abc import Callable
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.req import (
    test_conversations,
    test_media,
    test_nulls,
    test_parameters,
)
from chatconform.suites.req.parameters import LABELS
from chatconform.tests.support.exchanges import (
    chunks,
    completion,
    exchange,
    hung,
    judged,
    play,
    refusal,
    request_body,
    sse,
    streamed,
    verdict,
    with_choice,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR
UNSUPPORTED = Verdict.UNSUPPORTED
Check = Callable[..., object]

SERVED = exchange(completion())
UNSHAPED = exchange({"detail": "No."}, status=400)
NULLS = {
    "sampling": test_nulls.test_null_means_the_default,
    "limits": test_nulls.test_null_for_a_limit_is_no_limit,
    "stop": test_nulls.test_null_for_stop_is_no_stop_string,
    "n": test_nulls.test_null_for_n_is_one_choice,
    "logprobs": test_nulls.test_null_for_logprobs_is_none,
    "stream": test_nulls.test_null_for_stream_is_a_plain_answer,
    "labels": test_nulls.test_null_for_a_label_is_accepted,
    "manner": test_nulls.test_null_for_a_manner_is_accepted,
}
PARAMETERS = {
    "user": test_parameters.test_a_user_is_accepted,
    "metadata": test_parameters.test_metadata_are_accepted,
    "store": test_parameters.test_store_is_accepted,
    "service_tier": test_parameters.test_a_service_tier_is_accepted,
    "cache-and-safety": test_parameters.test_a_cache_key_is_accepted,
    "reasoning_effort": test_parameters.test_a_reasoning_effort_is_accepted,
    "verbosity": test_parameters.test_a_verbosity_is_accepted,
    "modalities": test_parameters.test_the_modality_of_text_is_accepted,
    "prediction": test_parameters.test_a_prediction_is_accepted,
    "message-member": test_parameters.test_an_unknown_member_of_a_message_is_accepted,
    "temperature=2": test_parameters.test_a_temperature_on_its_bound_is_legal,
    "top_p=1": test_parameters.test_a_top_p_on_its_bound_is_legal,
    "penalties": test_parameters.test_a_penalty_on_its_bound_is_legal,
    "seed": test_parameters.test_a_seed_of_64_bits_is_legal,
}
ODDITIES = {
    "developer": test_conversations.test_the_developer_role_is_accepted,
    "systems": test_conversations.test_several_system_messages_are_accepted,
    "named-system": test_conversations.test_a_name_on_a_system_message_is_accepted,
    "named-user": test_conversations.test_a_name_on_a_message_is_accepted,
    "parts": test_conversations.test_text_parts_are_accepted,
    "null-with-calls": test_conversations.test_content_may_be_null_beside_calls,
    "missing-with-calls": test_conversations.test_content_may_be_missing_beside_calls,
    "empty-assistant": test_conversations.test_an_empty_assistant_message_is_accepted,
    "empty-user": test_conversations.test_an_empty_user_message_is_accepted,
    "blank-user": test_conversations.test_a_blank_user_message_is_accepted,
    "users": test_conversations.test_the_order_of_roles_is_free,
    "middle-system": test_conversations.test_a_late_system_message_is_accepted,
    "last-assistant": test_conversations.test_a_last_assistant_message_is_accepted,
}
GROUPS = {"nulls": NULLS, "parameters": PARAMETERS, "oddities": ODDITIES}
LEGAL = [(group, name, check) for group, checks in GROUPS.items() for name, check in checks.items()]
ANSWERED = {"control": SERVED}


def alone(group: str, name: str) -> str:
    """The step of a part that was sent by itself."""
    return f"{group} ({name} alone)"


@pytest.mark.parametrize(
    ("group", "name", "check"), LEGAL, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_legal_part_is_judged_by_itself_where_it_was_sent_alone(
    group: str, name: str, check: Check
) -> None:
    """Answered together all pass; else each is judged alone, and a refusal without a reason fails."""
    together = {**ANSWERED, group: SERVED}
    apart = {**ANSWERED, group: refusal(400, "No.")}

    assert verdict(check, play(together)) is PASS
    assert verdict(check, play({**together, "control": refusal()})) is INCONCLUSIVE
    assert verdict(check, play({**apart, alone(group, name): SERVED})) is PASS
    assert verdict(check, play({**apart, alone(group, name): refusal(400, "No.")})) is FAIL
    assert verdict(check, play({**apart, alone(group, name): refusal(503)})) is ERROR


@pytest.mark.parametrize(
    ("group", "name", "message", "expected"),
    [
        ("nulls", "sampling", "temperature may not be null", FAIL),
        ("nulls", "stop", "stop may not be null", FAIL),
        ("nulls", "labels", "metadata may not be null", UNSUPPORTED),
        ("nulls", "manner", "Unknown parameter: verbosity", UNSUPPORTED),
        ("parameters", "metadata", "metadata is not supported", UNSUPPORTED),
        ("parameters", "reasoning_effort", "This model does no reasoning.", UNSUPPORTED),
        ("parameters", "message-member", "Unknown member x_note", UNSUPPORTED),
        ("parameters", "temperature=2", "temperature 2 is not supported", UNSUPPORTED),
        ("parameters", "seed", "Out of range.", FAIL),
        ("oddities", "developer", "Unknown role: developer", UNSUPPORTED),
        ("oddities", "named-system", "name is not supported", UNSUPPORTED),
        ("oddities", "users", "Conversation roles must alternate.", UNSUPPORTED),
        ("oddities", "parts", "content must be a string", UNSUPPORTED),
        ("oddities", "null-with-calls", "tools are not supported", UNSUPPORTED),
        ("oddities", "null-with-calls", "messages[1].content is required beside tool_calls", FAIL),
        ("oddities", "missing-with-calls", "content: field required", FAIL),
        ("oddities", "empty-assistant", "content is empty", FAIL),
        ("oddities", "empty-user", "text content must not be empty", UNSUPPORTED),
    ],
)
def test_a_refusal_by_name_is_honest_where_the_rule_allows_it(
    group: str, name: str, message: str, expected: Verdict
) -> None:
    """What a server need not know it may refuse by name; null and empty content it has to take."""
    steps = {**ANSWERED, group: refusal(), alone(group, name): refusal(400, message)}

    assert verdict(GROUPS[group][name], play(steps)) is expected


@pytest.mark.parametrize("name", list(ODDITIES))
def test_an_oddity_that_crashes_the_server_is_found(name: str) -> None:
    """A 5xx to a legal conversation fails, but only for the part that causes it."""
    steps = {**ANSWERED, "oddities": refusal(500), alone("oddities", name): refusal(500)}

    assert verdict(ODDITIES[name], play(steps)) is FAIL
    assert verdict(ODDITIES[name], play({**steps, alone("oddities", name): SERVED})) is PASS


def cut(tokens: int) -> Exchange:
    """An answer that a limit has cut after so many tokens."""
    usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + tokens}
    return exchange(completion(finish_reason="length", usage=usage))


TWO = [{**completion()["choices"][0], "index": index} for index in (0, 1)]
SCORED = {"content": [{"token": "H", "logprob": -1, "bytes": None, "top_logprobs": []}], "refusal": None}


@pytest.mark.parametrize(
    ("name", "came", "expected"),
    [
        ("limits", cut(16), FAIL),
        ("limits", cut(4096), PASS),
        ("n", exchange(completion(choices=TWO)), FAIL),
        ("logprobs", exchange(with_choice(logprobs=SCORED)), FAIL),
        ("logprobs", exchange(with_choice(logprobs={"content": None, "refusal": None})), PASS),
        ("stream", streamed(sent=request_body()), FAIL),
    ],
)
def test_a_null_that_means_something_is_found(name: str, came: Exchange, expected: Verdict) -> None:
    """null is as if nothing had been sent: no limit, one choice, no log probabilities, no stream."""
    assert verdict(NULLS[name], play({**ANSWERED, "nulls": came})) is expected


def test_a_server_that_calls_every_end_a_cut_is_not_blamed_for_nulls() -> None:
    """Where the greeting ends with `length` as well, it is not the null that cut it."""
    cut = exchange(completion(finish_reason="length"))

    assert verdict(NULLS["limits"], play({**ANSWERED, "control": cut, "nulls": cut})) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("repeated", "expected"),
    [(LABELS, PASS), (None, PASS), ({}, PASS), ({**LABELS, "label-1": "river"}, FAIL), ("labels", FAIL)],
)
def test_metadata_are_repeated_whole_or_not_at_all(repeated: object, expected: Verdict) -> None:
    """An answer that repeats metadata has them as they were sent."""
    came = exchange(completion(metadata=repeated))

    assert verdict(PARAMETERS["metadata"], play({**ANSWERED, "parameters": came})) is expected


optional = test_parameters.test_an_optional_parameter_breaks_nothing


@pytest.mark.parametrize(
    ("came", "expected"), [(refusal(500), FAIL), (refusal(400), PASS), (SERVED, PASS), (refusal(503), ERROR)]
)
def test_an_optional_parameter_may_be_refused_but_crash_nothing(came: Exchange, expected: Verdict) -> None:
    """One parameter that answers 5xx fails, and a refusal is recorded."""
    steps = {**ANSWERED, "parameters": refusal(), alone("parameters", "metadata"): came}
    judgement = judged(optional, play(steps))

    assert judgement.verdict is expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ({"system": SERVED}, PASS),
        ({"system": refusal(400)}, PASS),
        ({"system": refusal(500)}, FAIL),
        ({"system": UNSHAPED}, PASS),
        ({"system": hung()}, ERROR),
        ({"system": SERVED, "assistant": refusal(500)}, FAIL),
        ({"system": SERVED, "system-assistant-streamed": exchange(sse(chunks()))}, PASS),
        ({"system": SERVED, "control": refusal(400)}, INCONCLUSIVE),
    ],
)
def test_nobody_has_to_speak(steps: dict[str, Exchange], expected: Verdict) -> None:
    """A conversation without a user is answered or refused, and crashes nothing."""
    check = test_conversations.test_a_conversation_without_a_user_is_answered_or_refused

    assert verdict(check, play({**ANSWERED, **steps})) is expected


@pytest.mark.parametrize(
    ("came", "expected", "camps"),
    [(refusal(400), PASS, ["null-refused"]), (SERVED, PASS, ["null-accepted"]), (refusal(500), FAIL, [])],
)
def test_null_without_calls_is_a_camp(came: Exchange, expected: Verdict, camps: list[str]) -> None:
    """An assistant message of nothing may be refused, and must not crash the server."""
    judgement = judged(ODDITIES["empty-assistant"], play({**ANSWERED, "oddities": SERVED, "null": came}))

    assert judgement.verdict is expected
    assert [each.camp for each in judgement.observations] == camps


def counted(**prompts: int | Exchange) -> Any:
    """A play whose steps cost this many prompt tokens."""

    def answer(count: int | Exchange) -> Exchange:
        if isinstance(count, Exchange):
            return count
        usage = {"prompt_tokens": count, "completion_tokens": 3, "total_tokens": count + 3}
        return exchange(completion(usage=usage))

    return play({name.replace("_", "-"): answer(count) for name, count in prompts.items()})


image = test_media.test_an_image_is_used_or_refused
sound = test_media.test_a_sound_is_used_or_refused
labels = test_parameters.test_labels_cost_no_prompt_tokens


@pytest.mark.parametrize(
    ("check", "judged_play", "expected"),
    [
        (image, counted(text=12, longer=45, image=97), PASS),
        (image, counted(text=12, longer=45, image=12), FAIL),
        (image, counted(text=12, longer=12, image=12), INCONCLUSIVE),
        (image, counted(text=12, longer=45, image=refusal(400)), PASS),
        (image, counted(text=12, longer=45, image=UNSHAPED), PASS),
        (image, counted(text=12, longer=45, image=refusal(500)), FAIL),
        (image, counted(text=refusal(400), longer=45, image=refusal(400)), INCONCLUSIVE),
        (sound, counted(text=12, longer=45, sound=12), FAIL),
        (sound, counted(text=12, longer=45, sound=30), PASS),
        (labels, counted(control=12, longer=45, parameters=30), PASS),
        (labels, counted(control=12, longer=45, parameters=500), FAIL),
        (labels, counted(control=12, longer=12, parameters=12), INCONCLUSIVE),
        (labels, counted(control=12, longer=45, parameters=refusal()), INCONCLUSIVE),
    ],
)
def test_counts_tell_what_reached_the_model(check: Check, judged_play: Any, expected: Verdict) -> None:
    """Text that costs nothing did not arrive, and what costs much did, if the counts can be trusted."""
    assert verdict(check, judged_play) is expected
