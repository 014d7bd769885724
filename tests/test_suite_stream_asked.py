"""What streams are asked for, and what is refused before one begins."""

from dataclasses import replace

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.stream import (
    test_chunks,
    test_framing,
    test_refusal,
    test_text,
)
from chatconform.tests.support.exchanges import (
    Body,
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
from chatconform.tests.support.streams import (
    ERROR,
    FAIL,
    INCONCLUSIVE,
    PASS,
    ends,
    keep_alive,
    one_finish,
    one_object,
    raw,
    terminated,
    unsplit,
)
from chatconform.wire.exchange import Exchange, Failure, FailureKind

before = test_refusal.test_a_refusal_comes_before_the_stream


def test_a_body_that_never_ends_is_found() -> None:
    """A stream that stays open after [DONE] until our time-out fails, one that we left ourselves does not."""
    whole = streamed()
    assert whole.response is not None
    cut = replace(whole, response=replace(whole.response, complete=False), elapsed=60.0)
    timeout = Failure(kind=FailureKind.TIMEOUT, message="the time is over", at=60.0)

    assert verdict(ends, replace(cut, failure=timeout)) is FAIL
    assert verdict(ends, replace(cut, failure=replace(timeout, kind=FailureKind.ABORTED))) is INCONCLUSIVE


def test_a_stream_that_failed_is_left_to_its_own_rules() -> None:
    """An error event excuses the missing terminator and finish reason."""
    failed = streamed([chunks()[0], error("The model stopped.")], done=False)

    assert [verdict(each, failed) for each in (terminated, one_finish)] == [INCONCLUSIVE] * 2
    assert verdict(one_object, failed) is PASS


def test_a_stream_without_silence_tells_nothing_of_keep_alives() -> None:
    """Without a comment there was no keep-alive to judge; with one it passes."""
    assert verdict(keep_alive, streamed()) is INCONCLUSIVE
    assert verdict(keep_alive, raw(": keep-alive\n\n" + sse(chunks()).decode())) is PASS


def test_replacement_characters_may_be_quoted() -> None:
    """A U+FFFD that the user sent is ordinary text."""
    sent = request_body(stream=True, user="\ufffd")

    assert verdict(unsplit, streamed(chunks("It is \ufffd."), sent=sent)) is PASS


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1 ", "2 ", "3 ", "4"], PASS),
        (["1 2 3 4 5 ", "6 7 8 9 10 ", "11 12 13 14 15"], PASS),
        (["1 2 3 4 5 6", "1 2 3 4 5 6 7 8", "1 2 3 4 5 6 7 8 9 10"], FAIL),
        (["1 2 3 4 5 6 7", " 8 9", "1 2 3 4 5 6 7 8 9 10"], FAIL),
        (["1 2 3"], INCONCLUSIVE),
    ],
)
def test_deltas_must_be_increments(texts: list[str], expected: Verdict) -> None:
    """Text that is sent again, from its beginning or from the last delta's, is no increment."""
    judged = play({"unpadded": streamed(chunks(*texts))})

    assert verdict(test_text.test_deltas_are_increments, judged) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("漢字 🦀", PASS), ("漢\ufffd", FAIL), ("I cannot do that.", INCONCLUSIVE)]
)
def test_wide_characters_must_come_through(text: str, expected: Verdict) -> None:
    """Replacement characters fail, an answer of pure ASCII tells nothing."""
    assert (
        verdict(test_text.test_wide_characters_come_through, play({"unpadded": streamed(chunks(text))}))
        is expected
    )


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (streamed(), PASS),
        (streamed([{**part, "obfuscation": "x"} for part in chunks()]), FAIL),
        (exchange(completion(), sent=request_body(stream=True)), INCONCLUSIVE),
        (refusal(400, "Unknown parameter.", param="stream_options.include_obfuscation"), Verdict.UNSUPPORTED),
    ],
)
def test_padding_can_be_declined(came: Exchange, expected: Verdict) -> None:
    """Padding that was declined fails; a refusal that names the option is honest."""
    assert verdict(test_chunks.test_obfuscation_can_be_switched_off, play({"unpadded": came})) is expected


def test_a_refused_option_hides_no_other_rule() -> None:
    """Where include_obfuscation is refused, wide characters are judged in the stream without it."""
    steps = {"unpadded": refusal(400, "Unknown parameter.", param="stream_options.include_obfuscation")}
    judged = play({**steps, "padded": streamed(chunks("漢字", " 🦀", " é"))})

    assert verdict(test_chunks.test_obfuscation_can_be_switched_off, judged) is Verdict.UNSUPPORTED
    assert verdict(test_text.test_wide_characters_come_through, judged) is PASS
    assert verdict(test_text.test_deltas_are_increments, judged) is PASS


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (streamed(), PASS),
        # That it is no stream is for the rule about all streams to say.
        (exchange(completion(), sent=request_body(stream=True)), PASS),
        (refusal(400, "stream is not supported"), Verdict.UNSUPPORTED),
        (refusal(400, "No."), FAIL),
        (refusal(503), ERROR),
    ],
)
def test_a_stream_must_come(came: Exchange, expected: Verdict) -> None:
    """A refusal fails, an honest one is unsupported."""
    assert verdict(test_framing.test_a_request_for_a_stream_is_answered, play({"answer": came})) is expected


@pytest.mark.parametrize(("status", "expected"), [(200, PASS), (400, PASS), (500, FAIL), (503, ERROR)])
def test_the_next_request_must_be_answered(status: int, expected: Verdict) -> None:
    """A server that fails after a stream fails."""
    steps = {"unpadded": streamed(), "next": exchange(completion(), status=status)}

    assert verdict(test_framing.test_a_request_after_a_stream_is_answered, play(steps)) is expected


BAD = request_body(messages=[])


UNKNOWN_MODEL = request_body(model="nobody")


LATE = sse([error("No.")], done=False)


def of_stream(came: object, body: Body, *, status: int = 200, media_type: str = "") -> Exchange:
    return exchange(came, status=status, media_type=media_type, sent={**body, "stream": True})


@pytest.mark.parametrize(
    ("plain", "stream", "expected"),
    [
        (None, of_stream(error(), BAD, status=400), PASS),
        (None, of_stream(LATE, BAD), FAIL),
        (None, of_stream(sse(chunks()), BAD), INCONCLUSIVE),
        (None, of_stream(error(), BAD, status=500), INCONCLUSIVE),
        (None, of_stream(LATE, UNKNOWN_MODEL), INCONCLUSIVE),
        (400, of_stream(error(), BAD, status=400), PASS),
        (400, of_stream(error(), BAD, status=422), PASS),
        (400, of_stream(sse(chunks()), BAD), FAIL),
        (400, of_stream(error(), BAD, status=500), FAIL),
        (400, of_stream(error(), BAD, status=429), INCONCLUSIVE),
        (400, of_stream(sse([error()]), BAD, status=400), FAIL),
        (200, of_stream(sse(chunks()), BAD), INCONCLUSIVE),
        (404, of_stream(LATE, UNKNOWN_MODEL), FAIL),
        (404, of_stream(error(), UNKNOWN_MODEL, status=404), PASS),
        (429, of_stream(LATE, UNKNOWN_MODEL), INCONCLUSIVE),
    ],
)
def test_a_refusal_must_come_before_the_stream(
    plain: int | None, stream: Exchange, expected: Verdict
) -> None:
    """What is refused plain, or by its first event, is refused with a 4xx on a stream too."""
    sent = UNKNOWN_MODEL if plain in {404, 429} else BAD
    twin = [] if plain is None else [exchange(error(), status=plain, sent=sent)]

    assert verdict(before, streamed(), *twin, stream) is expected
    assert verdict(before, *twin, stream) is INCONCLUSIVE  # without a good stream nothing is told


def test_what_is_refused_for_its_form_is_no_control() -> None:
    """A plain request that was refused for `stream` or `stream_options` itself says nothing of the stream."""
    options = {"stream_options": {"include_usage": True}}
    wrong = exchange(error(), status=400, sent=request_body(stream_options=options["stream_options"]))
    worse = exchange(error(), status=400, sent={**request_body(), "stream": "true"})
    good = streamed(sent=request_body(stream=True, **options))

    assert verdict(before, good, wrong, worse) is INCONCLUSIVE


@pytest.mark.parametrize("value", [0, None])
def test_what_is_not_false_is_no_control(value: object) -> None:
    """0 equals false in Python, not in JSON, and null has a rule of its own: their refusal is no control."""
    refused = exchange(error(), status=400, sent={**request_body(), "stream": value})

    assert verdict(before, streamed(), streamed(sent=request_body(stream=True)), refused) is INCONCLUSIVE


def test_another_key_is_no_control() -> None:
    """A request that was refused for its key does not condemn the stream of one that was accepted."""
    stranger = exchange(error(), status=401, sent_headers=(("Authorization", "Bearer wrong"),))

    assert verdict(before, streamed(), stranger) is INCONCLUSIVE
