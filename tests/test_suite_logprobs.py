"""Each check of log probabilities turns red on its defect, and lets legal oddities pass."""

from collections.abc import Callable
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.plays.path import STREAMED
from chatconform.suites.logprobs import test_tokens
from chatconform.tests.support.exchanges import (
    chunk,
    completion,
    exchange,
    play,
    refusal,
    request_body,
    streamed,
    verdict,
    with_choice,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
UNSUPPORTED = Verdict.UNSUPPORTED
Check = Callable[..., object]
ASKED = request_body(logprobs=True)
WORDS = ("Hello", " wide ", "漢")


def alternative(text: str, logprob: float) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def token(text: str, depth: int = 0, **members: Any) -> dict[str, Any]:
    """An entry whose own token leads its alternatives."""
    likely = [alternative(text if n == 0 else f"{text}{n}", -0.1 - n) for n in range(depth)]
    return {**alternative(text, -0.1), "top_logprobs": likely, **members}


def tokens(depth: int = 0, **members: Any) -> list[dict[str, Any]]:
    return [token(word, depth, **members) for word in WORDS]


def answer(content: Any) -> Exchange:
    message = {"role": "assistant", "content": "".join(WORDS), "refusal": None}
    return exchange(with_choice(message=message, logprobs={"content": content, "refusal": None}), sent=ASKED)


def steps(**changed: Exchange) -> Any:
    sound = {
        "top_0": answer(tokens(0)),
        "top_3": answer(tokens(3)),
        "top_20": answer(tokens(20)),
        "wide": answer(tokens(1)),
    }
    return play({name.replace("_", "-"): came for name, came in {**sound, **changed}.items()})


shape = test_tokens.test_tokens_come_with_their_probabilities
bound = test_tokens.test_top_logprobs_bounds_the_alternatives
text = test_tokens.test_the_bytes_of_the_tokens_are_the_text
leads = test_tokens.test_at_temperature_zero_the_chosen_token_leads
LEGACY = {"tokens": list(WORDS), "token_logprobs": [-0.1] * 3, "text_offset": [0, 5, 11]}
CODE_POINTS = [token(word, bytes=[ord(letter) for letter in word]) for word in WORDS]
TWO_WAYS = [alternative("x", -0.1), alternative("Hello", -0.1)]


@pytest.mark.parametrize("check", [shape, bound, text, leads], ids=lambda check: check.__name__)
def test_sound_tokens_pass(check: Check) -> None:
    """Entries as the contract wants them pass every check."""
    assert verdict(check, steps()) is PASS


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (shape, "top_3", exchange(with_choice(logprobs=LEGACY), sent=ASKED), FAIL),
        (shape, "top_3", exchange(completion(), sent=ASKED), FAIL),
        (shape, "top_3", answer(tokens(3, logprob=0.5)), FAIL),
        (shape, "top_3", answer(tokens(3, logprob=None)), FAIL),
        (shape, "top_3", answer(tokens(3, token=7)), FAIL),
        (shape, "top_3", answer(tokens(3, bytes=[300])), FAIL),
        (shape, "top_3", answer(tokens(3, bytes=None)), PASS),
        (shape, "top_3", answer(tokens(3, logprob=-9999.0)), PASS),
        (shape, "top_3", answer([{"token": "a", "logprob": -1}]), FAIL),
        (shape, "top_3", refusal(400, "logprobs is not supported"), UNSUPPORTED),
        (shape, "top_3", refusal(400, "No."), FAIL),
        (bound, "top_3", answer(tokens(4)), FAIL),
        (bound, "top_3", answer(tokens(2)), PASS),
        (bound, "top_3", answer(tokens(0)), FAIL),
        (bound, "top_0", answer(tokens(1)), FAIL),
        (bound, "top_3", answer(tokens(top_logprobs=[alternative("a", -2), alternative("b", -1)])), FAIL),
        (bound, "top_3", answer(tokens(top_logprobs=[{"token": "a", "logprob": -2}])), FAIL),
        (text, "wide", answer(CODE_POINTS), FAIL),
        (text, "wide", answer([token(word, bytes=None) for word in WORDS]), PASS),
        (text, "wide", answer([token("<s>"), *tokens(), token("<|im_end|>")]), PASS),
        (text, "wide", answer([*tokens(), *tokens()]), FAIL),
        (text, "top_0", answer(tokens()[:2]), FAIL),
        (text, "top_0", exchange(completion(), sent=ASKED), INCONCLUSIVE),
        (
            leads,
            "top_3",
            answer([*tokens(3)[1:], token("Hello", top_logprobs=tokens(3)[1]["top_logprobs"])]),
            FAIL,
        ),
        (leads, "top_3", answer(tokens(3, logprob=-0.4)), FAIL),
        (leads, "top_3", answer([token("Hello", top_logprobs=TWO_WAYS)]), PASS),
        (leads, "top_3", answer(tokens(0)), INCONCLUSIVE),
    ],
)
def test_a_defect_is_found(check: Check, step: str, came: Exchange, expected: Verdict) -> None:
    """One wrong entry gives its check the verdict that it deserves."""
    assert verdict(check, steps(**{step: came})) is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (exchange(completion()), PASS),
        (exchange(with_choice(logprobs={"content": []})), FAIL),
        (exchange(with_choice(logprobs={"content": tokens()}), sent=request_body(logprobs=False)), FAIL),
        (answer(tokens()), INCONCLUSIVE),
        (streamed(), PASS),
        (
            streamed([{**part, "choices": [{**part["choices"][0], "logprobs": {}}]} for part in [chunk()]]),
            FAIL,
        ),
    ],
)
def test_nothing_comes_unasked(came: Exchange, expected: Verdict) -> None:
    """An object where nobody asked fails, be it empty."""
    assert verdict(test_tokens.test_without_logprobs_the_choice_has_none, came) is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (refusal(400), PASS),
        (refusal(422), PASS),
        (exchange(completion()), PASS),
        (answer(tokens(2)), FAIL),
        (refusal(500), FAIL),
        (refusal(403), FAIL),
    ],
)
def test_a_depth_alone_returns_nothing(came: Exchange, expected: Verdict) -> None:
    """Refused or ignored, but never obeyed."""
    judged = play({"control": exchange(completion()), "omitted": came, "false": refusal(400)})

    assert verdict(test_tokens.test_top_logprobs_alone_returns_nothing, judged) is expected


def stream_of(reported: list[list[dict[str, Any]]]) -> Exchange:
    parts = [chunk({"role": "assistant", "content": ""})]
    for word, entries in zip(WORDS, reported, strict=True):
        part = chunk({"content": word})
        part["choices"][0]["logprobs"] = {"content": entries} if entries else None
        parts.append(part)
    return streamed([*parts, chunk({}, "stop")], sent=request_body(stream=True, logprobs=True))


each_chunk = test_tokens.test_each_chunk_has_the_probabilities_of_its_text
as_many = test_tokens.test_a_stream_reports_as_many_tokens_as_the_plain_answer
WHOLE = [[token(word)] for word in WORDS]


def test_streams_are_not_blamed_where_no_form_reports_tokens() -> None:
    """A server that has no log probabilities at all breaks one rule, not a second one about streams."""
    judged = play({"top-3": stream_of([[], [], []]), "plain": answer([])}, path=STREAMED)

    assert verdict(each_chunk, judged) is INCONCLUSIVE
    assert verdict(shape, judged) is FAIL


@pytest.mark.parametrize(
    ("check", "reported", "expected"),
    [
        (each_chunk, WHOLE, PASS),
        (each_chunk, [[], [], []], FAIL),
        (each_chunk, [WHOLE[0], [], WHOLE[2]], FAIL),
        (as_many, WHOLE, PASS),
        (as_many, [WHOLE[0], WHOLE[1], []], FAIL),
        (as_many, [WHOLE[0], WHOLE[0] * 2, WHOLE[1]], FAIL),
    ],
)
def test_streams_report_their_tokens(
    check: Check, reported: list[list[dict[str, Any]]], expected: Verdict
) -> None:
    """A chunk with text and without its tokens fails, and so do tokens too few or too many."""
    judged = play({"top-3": stream_of(reported), "plain": answer(tokens(3))}, path=STREAMED)

    assert verdict(check, judged) is expected
