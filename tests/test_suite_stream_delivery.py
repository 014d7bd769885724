"""How a stream is delivered: flowing, to its end, and with nothing lost."""

import zlib
from collections.abc import Sequence
from dataclasses import replace

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.stream import (
    test_delivery,
    test_text,
)
from chatconform.tests.support.exchanges import (
    Body,
    chunk,
    chunks,
    completion,
    exchange,
    play,
    request_body,
    sse,
    streamed,
    usage_chunk,
    verdict,
)
from chatconform.tests.support.streams import FAIL, INCONCLUSIVE, LONG_TEXT, PASS, ROLE
from chatconform.wire.exchange import Exchange, Failure, FailureKind
from chatconform.wire.stream import Arrival

lossless = test_text.test_a_stream_loses_nothing_of_the_text


flowing = test_delivery.test_output_arrives_while_it_is_generated


def paced(times: Sequence[float], *, elapsed: float, coding: str = "") -> Exchange:
    """A stream of which each chunk came at one of these times."""
    frames = [sse([each], done=False) for each in chunks(*["word "] * (len(times) - 2))]
    packer = zlib.compressobj(wbits=31)
    pieces = [
        packer.compress(frame) + packer.flush(zlib.Z_SYNC_FLUSH) if coding else frame for frame in frames
    ]
    pieces[-1] += packer.flush() if coding else b""
    came = exchange(b"".join(pieces), elapsed=elapsed)
    assert came.response is not None
    arrivals = tuple(Arrival(at=at, size=len(piece)) for at, piece in zip(times, pieces, strict=True))
    headers = (*came.response.headers, *((("Content-Encoding", coding),) if coding else ()))
    return replace(came, response=replace(came.response, arrivals=arrivals, headers=headers))


FLOWING = paced([0.2 + 0.1 * n for n in range(20)], elapsed=2.2)


HELD = paced([2.9 + 0.001 * n for n in range(20)], elapsed=3.0)


FAST = paced([0.001 * n for n in range(20)], elapsed=0.02)


QUICK = paced([0.5 + 0.001 * n for n in range(20)], elapsed=0.55)


AT_ONCE = paced([0.3] * 20, elapsed=0.3)


HELD_BY_GZIP = paced([2.9] * 20, elapsed=3.0, coding="gzip")


FLOWING_GZIP = paced([0.2 + 0.1 * n for n in range(20)], elapsed=2.2, coding="gzip")


LATE_BUT_FLOWING = paced([5.0 + 0.05 * n for n in range(20)], elapsed=6.0)


THINKING = {
    "prompt_tokens": 9,
    "completion_tokens": 300,
    "total_tokens": 309,
    "completion_tokens_details": {"reasoning_tokens": 280},
}


THOUGHTFUL = streamed([*chunks("Hello"), usage_chunk(usage=THINKING)])


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        ([FLOWING], PASS),
        ([FAST], PASS),
        ([LATE_BUT_FLOWING], PASS),
        ([FLOWING, HELD], PASS),
        ([FLOWING, FLOWING_GZIP], PASS),
        ([FLOWING, AT_ONCE, QUICK], PASS),
        # What stays open after its last text was not held.
        ([replace(AT_ONCE, elapsed=9.0)], INCONCLUSIVE),
        ([HELD], FAIL),
        ([HELD, AT_ONCE], FAIL),
        ([FLOWING, HELD_BY_GZIP], FAIL),
        # Silence may be thought.
        ([HELD, THOUGHTFUL], INCONCLUSIVE),
        ([FLOWING, THOUGHTFUL], PASS),
        ([AT_ONCE], INCONCLUSIVE),
        ([QUICK], INCONCLUSIVE),
        ([streamed()], INCONCLUSIVE),
    ],
)
def test_output_must_flow(came: list[Exchange], expected: Verdict) -> None:
    """Text that comes at once after a long silence fails, by each content coding; a fast answer does not."""
    assert verdict(flowing, *came) is expected


LEFT = replace(
    paced([0.1, 0.2, 0.3, 0.4, 0.5], elapsed=0.5),
    failure=Failure(kind=FailureKind.ABORTED, message="closed by us", at=0.5),
)


@pytest.mark.parametrize(
    ("idle", "left", "after", "expected"),
    [
        (0.2, LEFT, 0.3, PASS),
        (0.2, LEFT, 0.59, PASS),
        (0.01, LEFT, 0.25, PASS),
        # A busy target is late; one that goes on with the story is later.
        (0.2, LEFT, 0.7, INCONCLUSIVE),
        (0.2, LEFT, 11.0, FAIL),
        (0.2, LEFT, 29.0, FAIL),
        (9.0, LEFT, 20.0, INCONCLUSIVE),
        (0.2, replace(LEFT, failure=None), 0.3, INCONCLUSIVE),
        (0.2, exchange(completion()), 0.3, INCONCLUSIVE),
    ],
)
def test_a_stream_that_is_left_must_stop(
    idle: float, left: Exchange, after: float, expected: Verdict
) -> None:
    """A short request that waits for the story that nobody reads fails; a short story tells nothing."""
    steps = {"before": paced([idle] * 4, elapsed=idle), "after": paced([after] * 4, elapsed=after)}
    check = test_delivery.test_closing_the_connection_stops_generation

    assert verdict(check, play({**steps, "left": left})) is expected


GREEDY = request_body(temperature=0)


def greedy(*texts: str) -> Exchange:
    return streamed(
        chunks(*texts), sent={**GREEDY, "stream": True, "stream_options": {"include_usage": True}}
    )


@pytest.mark.parametrize(
    ("plain", "texts", "expected"),
    [
        ("The keeper lit the lamp.", ["The keeper", " lit the", " lamp."], PASS),
        ("The keeper lit the lamp.", [" The keeper", " lit the", " lamp.\n"], PASS),
        ("The keeper lit the lamp.", ["The keeper", "lit the", "lamp."], FAIL),
        ("The keeper\n\nlit the lamp.", ["The keeper\n", "lit the lamp."], FAIL),
        ("The keeper lit the lamp.", ["keeper lit", " the lamp."], FAIL),
        ("The keeper lit the lamp.", ["lamp."], INCONCLUSIVE),
        ("The keeper lit the lamp.", ["The keeper", " went home."], INCONCLUSIVE),
        ("The keeper lit the lamp.", [], INCONCLUSIVE),
    ],
)
def test_a_stream_must_lose_nothing(plain: str, texts: list[str], expected: Verdict) -> None:
    """White space and beginnings that only the stream lacks fail; other words, and other ends, do not."""
    twin = exchange(completion(plain), sent=GREEDY)
    came = greedy(*texts) if texts else streamed([chunk(ROLE, "stop")], sent={**GREEDY, "stream": True})

    assert verdict(lossless, twin, came) is expected
    assert verdict(lossless, came) is INCONCLUSIVE


WORDS = [f" {word}" for word in LONG_TEXT.split()]


COUNTED = {"prompt_tokens": 9, "completion_tokens": len(WORDS), "total_tokens": 9 + len(WORDS)}


FEWER = {**COUNTED, "completion_tokens": len(WORDS) - 1}


@pytest.mark.parametrize(
    ("words", "usage", "expected"),
    [
        (WORDS, COUNTED, PASS),
        ([*WORDS[:9], *WORDS[10:]], COUNTED, FAIL),
        (WORDS[:-1], COUNTED, FAIL),
        ([twice for word in WORDS for twice in (word, word)], COUNTED, FAIL),
        ([WORDS[1], WORDS[0], *WORDS[2:]], COUNTED, FAIL),
        # A limit may be counted otherwise, and cut a character.
        (WORDS[:-1], FEWER, INCONCLUSIVE),
        (WORDS[:-1], None, INCONCLUSIVE),
        ([*WORDS, "\ufffd"], COUNTED, INCONCLUSIVE),
        ([*WORDS[:-1], " lake"], COUNTED, INCONCLUSIVE),
    ],
)
def test_what_one_limit_cut_is_the_same(words: list[str], usage: Body | None, expected: Verdict) -> None:
    """Gaps, repetitions and another order fail where both answers were cut by the same limit."""
    told = [usage_chunk(usage=usage)] if usage else []
    streamed_form = {**GREEDY, "stream": True, "stream_options": {"include_usage": True}}
    twin = exchange(completion("".join(WORDS), finish_reason="length", usage=COUNTED), sent=GREEDY)
    came = streamed([*chunks(*words, finish_reason="length"), *told], sent=streamed_form)

    assert verdict(lossless, twin, came) is expected


def test_only_greedy_answers_are_compared() -> None:
    """At another temperature, and for several choices, the two forms may say what they like."""
    for asked in (request_body(), request_body(temperature=1), request_body(temperature=0, n=2)):
        twin = exchange(completion("The keeper lit the lamp."), sent=asked)
        came = streamed(chunks("The keeperlit thelamp."), sent={**asked, "stream": True})
        assert verdict(lossless, twin, came) is INCONCLUSIVE
