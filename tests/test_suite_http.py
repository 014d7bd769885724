"""Each check of HTTP turns red on its defect."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.http import test_addresses, test_forms
from chatconform.tests.support.exchanges import (
    chunks,
    completion,
    error,
    exchange,
    play,
    refusal,
    request_body,
    sse,
    streamed,
    verdict,
)
from chatconform.wire.exchange import Exchange

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


SERVED = exchange(completion())
UNASKED = streamed(sent=request_body())


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (test_forms.test_without_a_request_for_a_stream_none_comes, "omitted", UNASKED, FAIL),
        (test_forms.test_without_a_request_for_a_stream_none_comes, "false", UNASKED, FAIL),
        (test_forms.test_without_a_request_for_a_stream_none_comes, "null", UNASKED, FAIL),
        (test_forms.test_without_a_request_for_a_stream_none_comes, "null", refusal(), PASS),
        (test_forms.test_without_a_request_for_a_stream_none_comes, "omitted", exchange(chunks()[0]), FAIL),
        (test_forms.test_without_a_request_for_a_stream_none_comes, "omitted", refusal(503), ERROR),
        (test_forms.test_the_accept_header_does_not_pick_the_form, "accept-stream", UNASKED, FAIL),
        (test_forms.test_the_accept_header_does_not_pick_the_form, "accept-json", SERVED, FAIL),
        (test_forms.test_the_accept_header_does_not_pick_the_form, "accept-json", refusal(406), FAIL),
        (test_forms.test_a_charset_is_accepted, "with-charset", refusal(415), FAIL),
        (test_forms.test_a_charset_is_accepted, "json", refusal(415), INCONCLUSIVE),
        (test_forms.test_other_media_types_crash_nothing, "text", refusal(415), PASS),
        (test_forms.test_other_media_types_crash_nothing, "none", refusal(500), FAIL),
        (test_forms.test_raw_and_escaped_text_are_accepted, "escaped", refusal(400), FAIL),
        (test_forms.test_raw_and_escaped_text_are_accepted, "raw", plain(b'{"a": "\xe9"}'), FAIL),
    ],
)
def test_a_wrong_form_is_found(
    check: Callable[..., object], step: str, came: Exchange, expected: Verdict
) -> None:
    """One wrong answer gives its check the verdict that it deserves, and none passes."""
    answers = dict.fromkeys(
        (
            "omitted",
            "false",
            "null",
            "accept-stream",
            "json",
            "with-charset",
            "text",
            "none",
            "raw",
            "escaped",
        ),
        SERVED,
    )
    sound = {**answers, "accept-json": streamed()}

    assert verdict(check, play(sound)) is PASS
    assert verdict(check, play({**sound, step: came})) is expected


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
        for step, count in (("raw", raw), ("escaped", escaped), ("longer", longer))
    }

    assert verdict(test_forms.test_raw_and_escaped_text_mean_the_same, play(steps)) is expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([exchange(completion()), refusal()], PASS),
        ([exchange(completion(), headers=(("x-request-id", "req-0"),)), refusal()], FAIL),
        ([exchange(completion(), headers=(("x-request-id", ""),)), refusal()], FAIL),
        ([exchange(error(), status=400, headers=(("x-request-id", ""),))], FAIL),
        ([], INCONCLUSIVE),
    ],
)
def test_a_request_id_is_unique(others: list[Exchange], expected: Verdict) -> None:
    """A missing header and one that comes twice fail."""
    first = exchange(completion(), headers=(("x-request-id", "req-0"),))
    steps = {f"step-{number}": came for number, came in enumerate([first, *others])}

    assert verdict(test_forms.test_every_response_has_its_own_request_id, play(steps)) is expected


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
        (test_addresses.test_a_wrong_method_answers_4xx, "delete-chat", refusal(405), FAIL),
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
