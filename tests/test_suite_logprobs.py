"""Each check of log probabilities turns red on its defect, and lets legal oddities pass."""

from collections.abc import Callable
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.plays.path import STREAMED
from chatconform.suites.logprobs import test_alternatives, test_tokens
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
from chatconform.tests.support.plays import AnyCheck, Theatre, checks_of
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
UNSUPPORTED = Verdict.UNSUPPORTED
Check = Callable[..., object]
ASKED = request_body(logprobs=True)
WORDS = ("Hello", " wide ", "漢")


@pytest.mark.parametrize(("made", "path"), checks_of("logprobs"))
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    judgement = theatre.judge(made, path)

    assert judgement.verdict is PASS, judgement.reason


def alternative(text: str, logprob: float) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def token(text: str, depth: int = 0, **members: Any) -> dict[str, Any]:
    """An entry whose own token leads its alternatives."""
    likely = [alternative(text if n == 0 else f"{text}{n}", -0.1 - n) for n in range(depth)]
    return {**alternative(text, -0.1), "top_logprobs": likely, **members}


def tokens(depth: int = 0, **members: Any) -> list[dict[str, Any]]:
    return [token(word, depth, **members) for word in WORDS]


def answer(content: Any, text: str = "".join(WORDS), **sent: object) -> Exchange:
    message = {"role": "assistant", "content": text, "refusal": None}
    told = with_choice(message=message, logprobs={"content": content, "refusal": None})
    return exchange(told, sent={**ASKED, **sent})


def steps(**changed: Exchange) -> Any:
    sound = {
        "cold": answer(tokens(2)),
        "stopped": answer(tokens(2)),
        "top_0": answer(tokens(0)),
        "wide": answer(tokens(20)),
    }
    return play({name.replace("_", "-"): came for name, came in {**sound, **changed}.items()})


shape = test_tokens.test_tokens_come_with_their_probabilities
bound = test_alternatives.test_top_logprobs_bounds_the_alternatives
text = test_tokens.test_the_bytes_of_the_tokens_are_the_text
deep = test_alternatives.test_twenty_alternatives_are_bounded_as_well
leads = test_alternatives.test_at_temperature_zero_the_chosen_token_leads
LEGACY = {"tokens": list(WORDS), "token_logprobs": [-0.1] * 3, "text_offset": [0, 5, 11]}
CODE_POINTS = [token(word, bytes=[ord(letter) for letter in word]) for word in WORDS]
TWO_WAYS = [alternative("x", -0.1), alternative("Hello", -0.1)]


@pytest.mark.parametrize("check", [shape, bound, deep, text, leads], ids=lambda check: check.__name__)
def test_sound_tokens_pass(check: Check) -> None:
    """Entries as the contract wants them pass every check."""
    assert verdict(check, steps()) is PASS


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (shape, "stopped", exchange(with_choice(logprobs=LEGACY), sent=ASKED), FAIL),
        (shape, "stopped", exchange(completion(), sent=ASKED), FAIL),
        (shape, "stopped", answer(tokens(2, logprob=0.5)), FAIL),
        (shape, "stopped", answer(tokens(2, logprob=None)), FAIL),
        (shape, "stopped", answer(tokens(2, token=7)), FAIL),
        (shape, "stopped", answer(tokens(2, bytes=[300])), FAIL),
        (shape, "stopped", answer(tokens(2, bytes="Hello")), FAIL),
        (shape, "stopped", answer(tokens(2, bytes=None)), PASS),
        (shape, "stopped", answer(tokens(2, logprob=-9999.0)), PASS),
        (shape, "stopped", answer([{"token": "a", "logprob": -1}]), FAIL),
        (shape, "stopped", refusal(400, "logprobs is not supported"), UNSUPPORTED),
        (shape, "stopped", refusal(400, "No."), FAIL),
        (bound, "stopped", answer(tokens(6)), FAIL),
        (bound, "stopped", answer(tokens(1)), PASS),
        (bound, "stopped", answer(tokens(0)), FAIL),
        (bound, "stopped", answer(tokens(top_logprobs=[alternative("a", -2), alternative("b", -1)])), FAIL),
        (bound, "stopped", answer(tokens(top_logprobs=[{"token": "a", "logprob": -2}])), FAIL),
        (deep, "wide", answer(tokens(21)), FAIL),
        (deep, "top_0", answer(tokens(1)), FAIL),
        (text, "wide", answer(CODE_POINTS), FAIL),
        (text, "wide", answer([token(word, bytes=None) for word in WORDS]), PASS),
        (text, "wide", answer([token("<s>"), *tokens(), token("<|im_end|>")]), PASS),
        (text, "wide", answer([*tokens(), *tokens()]), FAIL),
        (text, "wide", answer(tokens()[:2]), FAIL),
        (text, "wide", exchange(completion(), sent=ASKED), INCONCLUSIVE),
        # The tokens of a stop string may be reported, though its text is cut off.
        (text, "wide", answer(tokens(), "Hello wide", stop=["漢"]), PASS),
        (text, "wide", answer(tokens(), "Hello wide", stop=["字"]), FAIL),
        (
            leads,
            "stopped",
            answer([*tokens(3)[1:], token("Hello", top_logprobs=tokens(3)[1]["top_logprobs"])]),
            FAIL,
        ),
        (leads, "stopped", answer(tokens(2, logprob=-0.4)), FAIL),
        (leads, "stopped", answer([token("Hello", top_logprobs=TWO_WAYS)]), PASS),
        (leads, "stopped", answer(tokens(0)), INCONCLUSIVE),
        # For the sake of a stop string a text is held back, joined to the next one, or cut.
        (leads, "stopped", answer([{**token("Hello", 2), "token": "He"}], stop=["llo"]), PASS),
        (leads, "stopped", answer([{**token("Hello", 2), "token": ""}], stop=["llo"]), PASS),
        (leads, "stopped", answer([{**token("lo", 2), "token": "Hello"}], stop=["x"]), PASS),
        (leads, "stopped", answer([{**token("Hello", 2), "token": "He"}]), FAIL),
        (leads, "stopped", answer([{**token("Hello", 2), "token": "wide"}], stop=["x"]), FAIL),
        (leads, "stopped", answer([{**token("Hello", 2), "logprob": -2, "token": ""}], stop=["x"]), FAIL),
        # What is not drawn at temperature 0 need not be the likeliest.
        (leads, "stopped", answer(tokens(2, logprob=-0.4), "Goodbye wide"), INCONCLUSIVE),
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


def stream_of(reported: list[list[dict[str, Any]]], told: tuple[str, ...] = WORDS) -> Exchange:
    parts = [chunk({"role": "assistant", "content": ""})]
    for word, entries in zip(told, reported, strict=True):
        part = chunk({"content": word})
        part["choices"][0]["logprobs"] = {"content": entries} if entries else None
        parts.append(part)
    return streamed([*parts, chunk({}, "stop")], sent=request_body(stream=True, logprobs=True))


each_chunk = test_tokens.test_each_chunk_has_the_probabilities_of_its_text
as_many = test_tokens.test_a_stream_reports_as_many_tokens_as_the_plain_answer
WHOLE = [[token(word)] for word in WORDS]


def test_streams_are_not_blamed_where_no_form_reports_tokens() -> None:
    """A server that has no log probabilities at all breaks one rule, not a second one about streams."""
    judged = play({"stopped": stream_of([[], [], []])}, path=STREAMED)

    assert verdict(each_chunk, judged) is INCONCLUSIVE
    assert verdict(shape, judged) is FAIL


@pytest.mark.parametrize(
    ("check", "reported", "expected"),
    [
        (each_chunk, WHOLE, PASS),
        (each_chunk, [[], [], []], INCONCLUSIVE),
        (each_chunk, [WHOLE[0], [], WHOLE[2]], FAIL),
        (as_many, WHOLE, PASS),
        (as_many, [WHOLE[0], WHOLE[1], []], FAIL),
        (as_many, [WHOLE[0] * 2, WHOLE[1], WHOLE[2]], FAIL),
        (as_many, [[], [], []], INCONCLUSIVE),
    ],
)
def test_streams_report_their_tokens(
    check: Check, reported: list[list[dict[str, Any]]], expected: Verdict
) -> None:
    """A chunk with text and without its tokens fails, and so do tokens too few or too many."""
    plain = play({"wide": answer(tokens(20))})
    came = stream_of(reported)
    judged = play({"stopped": came, "wide": came}, path=STREAMED, control=plain)

    assert verdict(check, judged) is expected


def test_a_stream_that_ended_earlier_is_compared_as_far_as_it_goes() -> None:
    """Of the plain answer only the tokens count that make the text of the stream."""
    plain = play({"wide": answer(tokens(20))})
    for reported, expected in ((WHOLE[:2], PASS), ([WHOLE[0] * 2, WHOLE[1]], FAIL)):
        came = stream_of(reported, WORDS[:2])

        assert verdict(as_many, play({"wide": came}, path=STREAMED, control=plain)) is expected


sums = test_alternatives.test_the_probabilities_add_up_to_no_more_than_one
once = test_alternatives.test_no_alternative_is_listed_twice
SURE = [alternative("a", -0.105), alternative("b", -2.31)]
DECADIC = [alternative("a", -0.046), alternative("b", -1.0)]
PARTS = [{**alternative("\ufffd", -1), "bytes": [0xE6]}, {**alternative("\ufffd", -2), "bytes": [0xE7]}]


@pytest.mark.parametrize(
    ("check", "top", "expected"),
    [
        (sums, SURE, PASS),
        (sums, DECADIC, FAIL),
        (sums, [alternative("a", 0.9), alternative("b", 0.1)], FAIL),
        (sums, [alternative("a", -0.1), alternative("b", -9999.0)], PASS),
        (sums, [], INCONCLUSIVE),
        (once, SURE, PASS),
        (once, [*SURE, SURE[0]], FAIL),
        # Parts of characters look alike as text; their bytes tell them apart.
        (once, PARTS, PASS),
        (once, [PARTS[0], PARTS[0]], FAIL),
        (once, [], INCONCLUSIVE),
    ],
)
def test_alternatives_are_probabilities_of_different_tokens(
    check: Check, top: list[dict[str, Any]], expected: Verdict
) -> None:
    """Logarithms to another base, probabilities and repetitions fail, in any answer of a run."""
    assert verdict(check, answer([token("a", top_logprobs=top)])) is expected
