"""Each check of requests turns red on its defect, and lets honest refusals and legal policies pass."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.req import test_conversations, test_defects, test_legal
from chatconform.suites.req.defects import BOUNDS, DEFECTS, OUTSIDE, WRONG_TYPES, streamed_step
from chatconform.suites.req.scenarios import NULLABLE, OPTIONAL
from chatconform.tests.support.exchanges import (
    Body,
    chunk,
    chunks,
    completion,
    error,
    exchange,
    hung,
    judged,
    play,
    refusal,
    request_body,
    streamed,
    verdict,
)
from chatconform.wire.exchange import Exchange, FailureKind

PASS, FAIL, INCONCLUSIVE, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR
UNSUPPORTED = Verdict.UNSUPPORTED
Check = Callable[..., object]

SERVED = exchange(completion())
UNSHAPED = exchange({"detail": "No."}, status=400)
BAD = request_body(temperature="x")


def test_a_kept_connection_that_had_closed_is_nobodys_fault() -> None:
    """A bad request that met a closed connection is judged by what its second sending brought."""
    died = replace(hung(FailureKind.CLOSED, sent=BAD), reused=True)
    again = replace(exchange(error(), status=400, sent=BAD), retry_of=died.id)
    crashed = replace(hung(FailureKind.CLOSED, sent=BAD), retry_of=died.id)

    assert verdict(test_defects.test_a_bad_request_never_breaks_the_server, died, again) is PASS
    assert verdict(test_defects.test_a_bad_request_never_breaks_the_server, died, crashed) is FAIL


def test_a_bad_request_that_was_sent_again_is_judged_by_the_last_sending() -> None:
    """A rate limit that was waited out, or a target that was ill for a time, says nothing of the request."""
    limited = replace(exchange(error(), status=429, sent=BAD), sent_again=True)
    ill = replace(exchange(error(), status=500, sent=BAD), sent_again=True, illness="ill")
    again = exchange(error(), status=400, sent=BAD)
    crashed = exchange(error(), status=500, sent=BAD)

    assert verdict(test_defects.test_a_bad_request_never_breaks_the_server, limited, ill, again) is PASS
    assert verdict(test_defects.test_a_bad_request_never_breaks_the_server, limited, crashed) is FAIL


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (exchange(error(), status=400, sent=BAD), PASS),
        (exchange(completion(), sent=BAD), PASS),
        (streamed([error("No.")], done=False, sent=BAD), PASS),
        (exchange(error(), status=500, sent=BAD), FAIL),
        (exchange(error(), status=503, sent=b""), FAIL),
        (exchange(error(), status=302, sent=BAD), PASS),
        (streamed([error("No.", type="server_error")], done=False, sent=BAD), FAIL),
        (hung(FailureKind.TIMEOUT, sent=BAD), FAIL),
        (hung(FailureKind.CLOSED, sent=BAD), FAIL),
        (hung(FailureKind.CONNECT, sent=BAD), INCONCLUSIVE),
        (exchange(error(), status=429, sent=BAD), ERROR),
        (refusal(500), INCONCLUSIVE),
    ],
)
def test_a_bad_request_must_not_break_the_server(came: Exchange, expected: Verdict) -> None:
    """A 5xx, a hang, a hang-up and a server error in a stream fail; a good request is not meant."""
    assert verdict(test_defects.test_a_bad_request_never_breaks_the_server, came) is expected


def refused() -> dict[str, Exchange]:
    """A good request that was answered, and every bad one refused by name in both forms."""
    steps = {"control": SERVED}
    for defect in (*DEFECTS, *WRONG_TYPES, *OUTSIDE):
        for step in (defect.name, streamed_step(defect.name)):
            steps[step] = refusal(400, f"{defect.param} is wrong.", param=defect.param)
    return {**steps, **dict.fromkeys(("cut", "cut-streamed", "empty", "array"), refusal())}


not_json = test_defects.test_a_body_that_is_not_json_answers_400
no_messages = test_defects.test_missing_messages_are_refused_by_name
no_model = test_defects.test_a_missing_model_is_refused_by_name
empty = test_defects.test_empty_messages_are_refused
role = test_defects.test_an_invented_role_is_refused
types = test_defects.test_a_wrong_type_is_refused_by_name
ranges = test_defects.test_a_number_outside_its_range_is_refused
part = test_defects.test_a_foreign_part_is_refused
word = test_defects.test_a_word_for_a_number_is_refused_by_name
NEGATIVES = [not_json, no_messages, no_model, empty, role, types, word, ranges, part]


@pytest.mark.parametrize("check", NEGATIVES, ids=lambda check: check.__name__)
def test_refusals_pass_only_beside_a_control(check: Check) -> None:
    """Every bad request refused passes, unless the good one was refused as well."""
    assert verdict(check, play(refused())) is PASS
    assert verdict(check, play({**refused(), "control": refusal()})) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (not_json, "cut", refusal(500), FAIL),
        (not_json, "cut-streamed", refusal(404), FAIL),
        (not_json, "empty", SERVED, FAIL),
        (not_json, "array", UNSHAPED, FAIL),
        (not_json, "array", refusal(422), PASS),
        (no_messages, "no-messages", refusal(404, "No such model.", param="model"), FAIL),
        (no_messages, "no-messages", refusal(400, "A member is missing."), FAIL),
        (no_messages, "no-messages-streamed", streamed(), FAIL),
        (no_messages, "no-messages", refusal(422, "Field required: messages"), PASS),
        (no_model, "no-model", SERVED, FAIL),
        (no_model, "no-model", refusal(400, "Something is missing."), FAIL),
        (no_model, "no-model-streamed", refusal(500), FAIL),
        (empty, "empty-messages", refusal(500), FAIL),
        (empty, "empty-messages", SERVED, FAIL),
        (empty, "empty-messages-streamed", streamed(), FAIL),
        (role, "invented-role", SERVED, FAIL),
        (role, "invented-role-streamed", streamed(), FAIL),
        (types, "n=1.5", SERVED, FAIL),
        (word, "temperature=x", SERVED, FAIL),
        (word, "temperature=x-streamed", streamed(), FAIL),
        (word, "temperature=x", refusal(400, "Wrong."), FAIL),
        (word, "temperature=x", refusal(422, "temperature: not a number"), PASS),
        (types, "stop=5", SERVED, FAIL),
        (types, "stop=5", refusal(400, "Wrong."), FAIL),
        (types, "temperature=0.5", SERVED, PASS),
        (types, "top_logprobs=3", refusal(400, "logprobs is not supported"), PASS),
        (ranges, "temperature=2.1", SERVED, FAIL),
        (ranges, "top_p=1.1", refusal(500), FAIL),
        (ranges, "n=0", UNSHAPED, FAIL),
        (ranges, "n=129", refusal(503), ERROR),
        (part, "foreign-part", SERVED, FAIL),
    ],
)
def test_a_missing_refusal_is_found(check: Check, step: str, came: Exchange, expected: Verdict) -> None:
    """What is answered, crashes, or is refused for another reason fails."""
    assert verdict(check, play({**refused(), step: came})) is expected


def test_every_missing_refusal_is_told() -> None:
    """A report of numbers out of range names each that was let through."""
    told = judged(ranges, play({**refused(), "temperature=2.1": SERVED, "n=129": SERVED}))

    assert told.came == "200 to temperature: 2.1, 200 to n: 129"
    assert len(told.evidence) == 2


def test_a_server_of_one_model_needs_no_name() -> None:
    """A missing model may mean the loaded one, if it does in both forms."""
    steps = {**refused(), "no-model": SERVED, "no-model-streamed": streamed()}

    judgement = judged(no_model, play(steps))

    assert judgement.verdict is PASS
    assert [each.camp for each in judgement.observations] == ["loaded-model-default"]


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        (completion(model=""), chunks(), FAIL),
        (completion(model=None), chunks(), FAIL),
        (completion(), chunks(model=None), FAIL),
        (completion(), chunks(), PASS),
        # A first chunk of a filter's annotations has no name yet.
        (completion(), [chunk(model=""), *chunks()], PASS),
    ],
)
def test_a_server_of_one_model_names_it(plain: Body, stream: list[Body], expected: Verdict) -> None:
    """An answer to a request without a model says which one served it, if not in every chunk."""
    steps = {**refused(), "no-model": exchange(plain), "no-model-streamed": streamed(stream)}

    assert verdict(no_model, play(steps)) is expected


def test_a_report_tells_both_forms_that_took_a_bad_request() -> None:
    """What was answered plain and streamed is told at once."""
    steps = {**refused(), "empty-messages": SERVED, "empty-messages-streamed": streamed()}
    judgement = judged(empty, play(steps))

    assert judgement.expected == "status 400 or 422 to empty-messages, plain and streamed"
    assert judgement.came == "200 plain and 200 streamed"


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        (SERVED, streamed(), PASS),
        (refusal(400, "Unknown.", code="unknown_parameter"), refusal(400), PASS),
        (refusal(400, "Unknown: x_unknown_abc."), refusal(400), PASS),
        (refusal(400, "No."), refusal(400), FAIL),
        (SERVED, refusal(400), FAIL),
        (refusal(500), refusal(500), FAIL),
        (refusal(404), refusal(404), FAIL),
    ],
)
def test_an_unknown_parameter_wants_one_policy(plain: Exchange, stream: Exchange, expected: Verdict) -> None:
    """Refused by name or ignored, in both forms alike."""
    steps = {"control": SERVED, "plain": plain, "streamed": stream}

    assert (
        verdict(test_defects.test_an_unknown_parameter_meets_one_policy, play(steps, parameter="ABC"))
        is expected
    )


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (SERVED, PASS),
        (refusal(400, param="stream_options"), PASS),
        (streamed(sent=request_body()), FAIL),
        (exchange(b"data: {}\n\n", media_type="application/json"), FAIL),
        (refusal(500), FAIL),
        (refusal(404), FAIL),
    ],
)
def test_stream_options_alone_must_not_stream(came: Exchange, expected: Verdict) -> None:
    """Ignored or refused, never a stream."""
    steps = {"control": SERVED, "alone": came}

    assert verdict(test_defects.test_stream_options_alone_start_no_stream, play(steps)) is expected


nulls = test_legal.test_null_means_the_default
bounds = test_legal.test_the_bounds_themselves_are_legal
optional = test_legal.test_an_optional_parameter_breaks_nothing
nobody = test_legal.test_a_conversation_without_a_user_is_answered_or_refused
developer = test_conversations.test_the_developer_role_is_accepted
named = test_conversations.test_a_name_on_a_message_is_accepted
order = test_conversations.test_the_order_of_roles_is_free
parts = test_conversations.test_text_parts_are_accepted
beside_calls = test_conversations.test_content_may_be_null_beside_calls
silent = test_conversations.test_an_empty_assistant_message_is_accepted
LEGAL = (
    *("control", *NULLABLE, *OPTIONAL, *(bound.name for bound in BOUNDS)),
    *("system", "assistant", "system-assistant", "developer", "named-user", "named-system", "user-user"),
    *("system-system-user", "user-system-user", "user-assistant", "strings", "one-part", "two-parts"),
    *("null-with-calls", "missing-with-calls", "empty", "null"),
)


@pytest.mark.parametrize(
    "check",
    [nulls, bounds, optional, nobody, developer, named, order, parts, beside_calls, silent],
    ids=lambda check: check.__name__,
)
def test_what_is_legal_and_answered_passes(check: Check) -> None:
    """A server that answers every legal request passes."""
    assert verdict(check, play(dict.fromkeys(LEGAL, SERVED))) is PASS


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (nulls, "temperature", refusal(400, param="temperature"), FAIL),
        (nulls, "metadata", refusal(500), FAIL),
        (nulls, "control", refusal(400), INCONCLUSIVE),
        (bounds, "temperature=0", refusal(400, "No."), FAIL),
        (bounds, "temperature=2", refusal(400, "temperature 2 is not supported"), PASS),
        (bounds, "top_p=1", refusal(500), FAIL),
        (optional, "metadata", refusal(500), FAIL),
        (optional, "verbosity", refusal(400), PASS),
        (nobody, "system", refusal(400), PASS),
        (nobody, "system", refusal(500), FAIL),
        (nobody, "assistant", UNSHAPED, FAIL),
        (nobody, "assistant", hung(), ERROR),
        (developer, "developer", refusal(500), FAIL),
        (developer, "developer", refusal(400, "No."), FAIL),
        (developer, "developer", refusal(400, "Unknown role: developer"), UNSUPPORTED),
        (developer, "control", refusal(400), INCONCLUSIVE),
        (named, "named-user", refusal(500), FAIL),
        (named, "named-system", refusal(400, param="messages[0].name"), UNSUPPORTED),
        (order, "user-user", refusal(500), FAIL),
        (order, "user-user", refusal(400, "Conversation roles must alternate."), UNSUPPORTED),
        (order, "user-assistant", refusal(400, "No."), FAIL),
        (parts, "one-part", refusal(500), FAIL),
        (parts, "two-parts", refusal(400, "content must be a string"), UNSUPPORTED),
        (beside_calls, "null-with-calls", refusal(400, param="messages[1].content"), FAIL),
        (beside_calls, "missing-with-calls", refusal(500), FAIL),
        (beside_calls, "null-with-calls", refusal(400, "tools are not supported"), UNSUPPORTED),
        (silent, "empty", refusal(400), FAIL),
        (silent, "null", refusal(400), PASS),
        (silent, "null", refusal(500), FAIL),
    ],
)
def test_a_refused_legal_request_is_found(check: Check, step: str, came: Exchange, expected: Verdict) -> None:
    """What the contract allows is answered, or refused for what it asks."""
    assert verdict(check, play({**dict.fromkeys(LEGAL, SERVED), step: came})) is expected


def counted(**prompts: int | Exchange) -> Any:
    """A play whose steps cost this many prompt tokens."""

    def answer(count: int | Exchange) -> Exchange:
        if isinstance(count, Exchange):
            return count
        usage = {"prompt_tokens": count, "completion_tokens": 3, "total_tokens": count + 3}
        return exchange(completion(usage=usage))

    return play({name.replace("_", "-"): answer(count) for name, count in prompts.items()})


same_parts = test_conversations.test_text_parts_mean_the_same_as_the_string
system = test_conversations.test_system_text_reaches_the_model
of_developer = test_conversations.test_developer_text_reaches_the_model
image = test_conversations.test_an_image_is_used_or_refused
sound = test_conversations.test_a_sound_is_used_or_refused


@pytest.mark.parametrize(
    ("check", "judged_play", "expected"),
    [
        (same_parts, counted(strings=60, longer=85, one_part=60, two_parts=66), PASS),
        (same_parts, counted(strings=60, longer=85, one_part=24, two_parts=24), FAIL),
        (same_parts, counted(strings=60, longer=85, one_part=60, two_parts=40), FAIL),
        (same_parts, counted(strings=60, longer=60, one_part=24, two_parts=24), INCONCLUSIVE),
        (system, counted(alone=12, longer=210, system=213, developer=12), PASS),
        (system, counted(alone=12, longer=210, system=12, developer=213), FAIL),
        (system, counted(alone=12, longer=12, system=12, developer=12), INCONCLUSIVE),
        (of_developer, counted(alone=12, longer=210, system=213, developer=12), FAIL),
        (of_developer, counted(alone=12, longer=210, developer=213), PASS),
        (of_developer, counted(alone=12, longer=210, developer=refusal(400, "role developer")), UNSUPPORTED),
        (image, counted(text=12, longer=40, image=97), PASS),
        (image, counted(text=12, longer=40, image=12), FAIL),
        (image, counted(text=12, longer=12, image=12), INCONCLUSIVE),
        (image, counted(text=12, longer=40, image=refusal(400)), PASS),
        (image, counted(text=12, longer=40, image=UNSHAPED), FAIL),
        (image, counted(text=12, longer=40, image=refusal(500)), FAIL),
        (image, counted(text=refusal(400), longer=40, image=refusal(400)), INCONCLUSIVE),
        (sound, counted(text=12, longer=40, sound=12), FAIL),
    ],
)
def test_counts_tell_what_reached_the_model(check: Check, judged_play: Any, expected: Verdict) -> None:
    """Text that costs nothing did not arrive, provided that the counts can be trusted."""
    assert verdict(check, judged_play) is expected
