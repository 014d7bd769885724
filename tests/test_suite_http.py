"""Each check of HTTP turns red on its defect."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.http import test_addresses, test_bodies, test_forms, test_headers
from chatconform.tests.support.exchanges import (
    chunks,
    completion,
    error,
    exchange,
    hung,
    play,
    refusal,
    request_body,
    sse,
    streamed,
    verdict,
)
from chatconform.wire.exchange import Exchange, FailureKind

PASS, FAIL, INCONCLUSIVE, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR
GLUED = b'{"object": "chat.completion", "choices": []}\ndata: [DONE]\n\n'


def plain(body: bytes, media_type: str = "application/json") -> Exchange:
    return exchange(body, sent=request_body(), media_type=media_type)


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (exchange(completion()), PASS),
        (exchange(completion(), media_type="application/json; charset=utf-8"), PASS),
        (plain(b'\n\n{"choices": []}\n'), PASS),
        (plain(GLUED), FAIL),
        (plain(GLUED, "text/event-stream"), FAIL),
        (plain(b'{"choices": []}', "text/plain"), FAIL),
        (plain(b"[]"), FAIL),
        (plain(b'{"a": NaN}'), FAIL),
        (plain(b'{"a": "\xff"}'), FAIL),
        (streamed(), INCONCLUSIVE),
        (refusal(), INCONCLUSIVE),
        (streamed(sent=request_body(stream_options={"include_usage": True})), INCONCLUSIVE),
    ],
)
def test_a_completion_is_plain_json(came: Exchange, expected: Verdict) -> None:
    """Anything beside one JSON object under the right type fails, white space does not."""
    assert verdict(test_forms.test_a_completion_is_one_json_object, came) is expected


def test_an_accept_header_is_no_plain_request() -> None:
    """A stream that an Accept header called for is left to the rule about that header."""
    came = exchange(sse(chunks()), sent=request_body(), sent_headers=(("Accept", "text/event-stream"),))

    assert verdict(test_forms.test_a_completion_is_one_json_object, came) is INCONCLUSIVE


ALONE = ("charset-alone", "headers-alone")
SERVED = exchange(completion())
UNASKED = streamed(sent=request_body())


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (test_forms.test_the_accept_header_does_not_pick_the_form, "accept-stream", UNASKED, FAIL),
        (test_forms.test_the_accept_header_does_not_pick_the_form, "accept-json", SERVED, FAIL),
        (test_forms.test_the_accept_header_does_not_pick_the_form, "accept-json", refusal(406), FAIL),
        (test_bodies.test_a_charset_is_accepted, "charset-alone", refusal(415), FAIL),
        (test_bodies.test_a_charset_is_accepted, "headers-alone", refusal(400), PASS),
        (test_bodies.test_extra_headers_are_ignored, "headers-alone", refusal(400), FAIL),
        (test_bodies.test_extra_headers_are_ignored, "charset-alone", refusal(415), PASS),
        (test_bodies.test_extra_headers_are_ignored, "json", refusal(400), INCONCLUSIVE),
        (test_bodies.test_a_charset_is_accepted, "json", refusal(415), INCONCLUSIVE),
        (test_bodies.test_other_media_types_crash_nothing, "text", refusal(415), PASS),
        (test_bodies.test_other_media_types_crash_nothing, "none", refusal(500), FAIL),
        (test_bodies.test_raw_and_escaped_text_are_accepted, "escaped", refusal(400), FAIL),
        (test_bodies.test_raw_and_escaped_text_are_accepted, "raw", plain(b'{"a": "\xe9"}'), FAIL),
    ],
)
def test_a_wrong_form_is_found(
    check: Callable[..., object], step: str, came: Exchange, expected: Verdict
) -> None:
    """One wrong answer gives its check the verdict that it deserves, and none passes."""
    answers = dict.fromkeys(
        (
            "omitted",
            "accept-stream",
            "json",
            "extra",
            "text",
            "none",
            "raw",
            "escaped",
        ),
        SERVED,
    )
    sound = {**answers, "accept-json": streamed()}

    assert verdict(check, play(sound)) is PASS
    broken = {**sound, step: came}
    if step in ALONE:
        # What was refused together was sent by itself.
        broken = {**dict.fromkeys(ALONE, SERVED), **broken, "extra": refusal(400)}
    assert verdict(check, play(broken)) is expected


@pytest.mark.parametrize(
    ("sent", "came", "expected"),
    [
        ({}, SERVED, PASS),
        ({}, UNASKED, FAIL),
        ({"stream": False}, UNASKED, FAIL),
        ({"stream": None}, UNASKED, FAIL),
        ({"stream": None}, refusal(), INCONCLUSIVE),
        ({}, exchange(chunks()[0]), FAIL),
        ({}, refusal(503), INCONCLUSIVE),
        ({"stream": True}, streamed(), INCONCLUSIVE),
    ],
)
def test_a_stream_that_nobody_asked_for_is_found(
    sent: dict[str, object], came: Exchange, expected: Verdict
) -> None:
    """Without stream: true a stream or a chunk fails, whatever word stands for no stream."""
    body = json.dumps(request_body(**sent)).encode()
    judged = replace(came, request=replace(came.request, body=body))

    assert verdict(test_forms.test_without_a_request_for_a_stream_none_comes, judged) is expected


@pytest.mark.parametrize(
    ("raw", "escaped", "longer", "expected"),
    [(20, 20, 60, PASS), (20, 26, 60, FAIL), (20, 20, 20, INCONCLUSIVE)],
)
def test_escapes_mean_the_same(raw: int, escaped: int, longer: int, expected: Verdict) -> None:
    """Escaped text that costs another prompt was read as other text, where counts can be trusted."""
    steps = {
        step: exchange(
            completion(usage={"prompt_tokens": count, "completion_tokens": 1, "total_tokens": count + 1})
        )
        for step, count in (("raw", raw), ("escaped", escaped), ("short", 20), ("longer", longer))
    }

    assert verdict(test_bodies.test_raw_and_escaped_text_mean_the_same, play(steps)) is expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([exchange(completion()), refusal()], PASS),
        ([exchange(completion(), headers=(("x-request-id", "req-0"),)), refusal()], FAIL),
        ([exchange(completion(), headers=(("x-request-id", ""),)), refusal()], FAIL),
        ([exchange(error(), status=400, headers=(("x-request-id", ""),))], FAIL),
        ([refusal()], INCONCLUSIVE),
    ],
)
def test_a_request_id_is_unique(others: list[Exchange], expected: Verdict) -> None:
    """A missing header and one that comes twice fail."""
    first = exchange(completion(), headers=(("x-request-id", "req-0"),))

    assert verdict(test_headers.test_every_response_has_its_own_request_id, first, *others) is expected


WRONG_METHOD = exchange(error(), status=405, headers=(("Allow", "POST"),))
NOWHERE = refusal(404)
PAGE = b"<!doctype html>"


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (test_addresses.test_a_wrong_method_answers_4xx, "get-chat", refusal(500), FAIL),
        (test_addresses.test_a_wrong_method_answers_4xx, "get-chat", exchange(completion()), FAIL),
        (
            test_addresses.test_a_wrong_method_answers_4xx,
            "get-chat",
            exchange({"object": "list", "data": []}),
            PASS,
        ),
        (
            test_addresses.test_a_wrong_method_answers_4xx,
            "get-chat",
            exchange(PAGE, media_type="text/html"),
            FAIL,
        ),
        (test_addresses.test_a_wrong_method_answers_4xx, "delete-chat", refusal(405), PASS),
        (test_addresses.test_405_names_the_allowed_methods, "delete-chat", refusal(405), FAIL),
        (test_addresses.test_405_names_the_allowed_methods, "get-chat", refusal(405), FAIL),
        (test_addresses.test_405_names_the_allowed_methods, "get-chat", refusal(404), PASS),
        (test_addresses.test_a_wrong_method_answers_4xx, "delete-chat", refusal(404), PASS),
        (test_addresses.test_a_wrong_method_answers_4xx, "post-models", exchange({}), FAIL),
        (
            test_addresses.test_an_unknown_path_answers_404,
            "nowhere",
            exchange(PAGE, media_type="text/html"),
            FAIL,
        ),
        (test_addresses.test_an_unknown_path_answers_404, "misspelt", exchange(completion()), FAIL),
        (
            test_addresses.test_an_unknown_path_answers_404,
            "nowhere",
            exchange(b"", status=404, media_type="text/plain"),
            FAIL,
        ),
        (
            test_addresses.test_an_unknown_path_answers_404,
            "nowhere",
            exchange({"detail": "Not Found"}, status=404),
            FAIL,
        ),
        (test_addresses.test_an_unknown_path_answers_404, "control", refusal(404), INCONCLUSIVE),
    ],
)
def test_a_wrong_address_is_found(
    check: Callable[..., object], step: str, came: Exchange, expected: Verdict
) -> None:
    """Pages, crashes and missing headers fail; stored completions are a camp."""
    sound = {
        "control": SERVED,
        **dict.fromkeys(("get-chat", "delete-chat", "post-models"), WRONG_METHOD),
        **dict.fromkeys(("misspelt", "nowhere"), NOWHERE),
    }

    assert verdict(check, play(sound)) is PASS
    assert verdict(check, play({**sound, step: replace(came)})) is expected


LARGE = refusal(413, "The body is too large.")


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (LARGE, PASS),
        (refusal(400), PASS),
        (SERVED, FAIL),
        (refusal(500), FAIL),
        # What the body of an error must be is another rule's affair.
        (exchange(PAGE, status=413, media_type="text/html"), PASS),
        (hung(), FAIL),
        (hung(FailureKind.CLOSED), ERROR),
    ],
)
def test_a_body_that_is_too_large_is_told_so(came: Exchange, expected: Verdict) -> None:
    """413 with an error object passes, 400 is a camp; a page, an answer or a failure breaks the rule."""
    steps = {"control": SERVED, "too-large": came}

    assert verdict(test_bodies.test_a_body_over_the_limit_answers_413, play(steps)) is expected


def dated(value: str) -> Exchange:
    return exchange(completion(), headers=(("date", value),))


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (dated("Thu, 26 Nov 2026 03:37:43 GMT"), PASS),
        (dated(""), FAIL),
        (dated("yesterday"), FAIL),
        (dated("Thursday, 26-Nov-26 03:37:43 GMT"), PASS),
        (dated("Thu Nov 26 03:37:43 2026"), PASS),
        (dated("Thu, 26 Nov 2026 04:37:43 +0100"), FAIL),
        (dated("Thu, 99 Nov 2026 04:37:43 GMT"), FAIL),
        (refusal(404), FAIL),
        (refusal(503), INCONCLUSIVE),
    ],
)
def test_a_response_without_a_date_is_found(came: Exchange, expected: Verdict) -> None:
    """A missing date and one that nobody can read fail, on successes and refusals alike."""
    assert verdict(test_headers.test_every_response_is_dated, came) is expected


def typed(*values: str) -> Exchange:
    came = exchange(completion())
    assert came.response is not None
    headers = tuple(("Content-Type", value) for value in values)
    return replace(came, response=replace(came.response, headers=headers))


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (typed("application/json"), PASS),
        (typed("text/html; charset=UTF-8"), PASS),
        (typed(), FAIL),
        (typed("application/json", "text/plain"), FAIL),
        (typed("application/json; charset=iso-8859-1"), FAIL),
    ],
)
def test_a_body_without_a_type_is_found(came: Exchange, expected: Verdict) -> None:
    """A body without a type, with two, or with another charset than UTF-8 fails."""
    assert verdict(test_headers.test_every_body_has_a_type, came) is expected


def in_turn(
    count: int, *, reused: bool, closing: bool = False, after: float = 0, apart: float = 1
) -> list[Exchange]:
    """Requests one after the other, begun so many seconds apart."""
    headers = (("connection", "close"),) if closing else ()
    answers = [exchange(completion(), headers=headers) for _ in range(count)]
    return [
        replace(each, started=each.started + after + apart * number, reused=reused and number > 0)
        for number, each in enumerate(answers)
    ]


def beside_streams(count: int) -> list[Exchange]:
    """Plain answers and streams in turn, of which the latter alone leave their connections."""
    pairs = [(replace(exchange(completion()), reused=number > 0), streamed()) for number in range(count)]
    each_in_turn = [came for pair in pairs for came in pair]
    return [replace(each, started=each.started + 0.6 * number) for number, each in enumerate(each_in_turn)]


@pytest.mark.parametrize(
    ("exchanges", "expected"),
    [
        (in_turn(8, reused=True), PASS),
        (in_turn(8, reused=False), FAIL),
        (in_turn(8, reused=False, closing=True), INCONCLUSIVE),
        (in_turn(2, reused=False), INCONCLUSIVE),
        # A connection that was idle for long may have been closed for that.
        (in_turn(8, reused=False, apart=6), INCONCLUSIVE),
        # What goes over the connections of streams says nothing of plain answers.
        (beside_streams(8), FAIL),
        ([*beside_streams(4), *in_turn(12, reused=True, after=100)], PASS),
    ],
)
def test_a_server_that_hangs_up_without_a_word_is_found(exchanges: list[Exchange], expected: Verdict) -> None:
    """New connections throughout fail, unless each answer announced the end of its own."""
    assert verdict(test_headers.test_a_connection_is_reusable_after_a_plain_answer, *exchanges) is expected
