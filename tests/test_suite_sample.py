"""Each check of sampling parameters passes on the reference server, and turns red where one does nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.plays.path import STREAMED
from chatconform.plays.play import Play
from chatconform.reference_server.model import encode, token_id
from chatconform.suites.cont import test_parameters
from chatconform.suites.sample import test_bending, test_choices, test_drawing
from chatconform.suites.sample.bending import is_repetition, turns_back
from chatconform.tests.support.exchanges import (
    completion,
    exchange,
    judged,
    play,
    refusal,
    verdict,
)
from chatconform.tests.support.plays import (
    AnyCheck,
    Edit,
    Theatre,
    answered,
    at,
    changed,
    check_named,
    checks_of,
    refused,
)
from chatconform.tests.support.theatres import misunderstanding, served
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
UNSUPPORTED = Verdict.UNSUPPORTED
Check = Callable[..., object]

several = test_choices.test_n_choices_come_with_their_indices
diverse = test_drawing.test_a_high_temperature_diversifies
repeated = test_drawing.test_a_seed_repeats_itself
seeds = test_drawing.test_different_seeds_differ
independent = test_drawing.test_choices_are_drawn_independently
greedy = test_drawing.test_a_tiny_top_p_is_nearly_greedy
steady = test_drawing.test_temperature_zero_repeats_itself
penalised = test_bending.test_a_frequency_penalty_bends_the_text
forced = test_bending.test_a_bias_of_100_forces_its_token
banned = test_bending.test_a_banned_token_does_not_occur

ONE = completion()["choices"][0]
TOLD = "The sea was calm, and the sea was cold, and the keeper was old when the ship came"
BENT = "The sea was calm, and this sea felt cold while our keeper grew old"


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    ids = {token_id(token) for text in ("lighthouse", " lighthouse") for token in encode(text)}
    word = f"lighthouse={','.join(map(str, sorted(ids)))}"
    with served(declared={"known-token-ids": word}) as opened:
        yield opened


@pytest.mark.parametrize(("made", "path"), checks_of("sample"))
def test_the_reference_server_passes_every_check(theatre: Theatre, made: AnyCheck, path: str) -> None:
    """What the reference server answers passes, or this file proves nothing."""
    judgement = theatre.judge(made, path)

    assert judgement.verdict is PASS, judgement.reason


def said(*texts: str, **sent: object) -> Exchange:
    """A completion with a choice for each text."""
    told = [
        {**ONE, "index": n, "message": {**ONE["message"], "content": text}} for n, text in enumerate(texts)
    ]
    body = {"model": "m", "messages": [{"role": "user", "content": "Go on."}], **sent}
    return exchange(completion(choices=told), sent=body)


def hot(*texts: str, **sent: object) -> Exchange:
    return said(*texts, **{"temperature": 1.5, "n": 3, "seed": 7, **sent})


def words(**steps: Exchange) -> Play:
    return play({name.replace("_", "-"): came for name, came in steps.items()})


THREE = hot("crimson wine", "emerald moss", "sapphire sea")
ALIKE = hot("crimson wine", "crimson wine", "crimson wine")
ALONE = hot("crimson wine")


def choices(*indices: int) -> dict[str, object]:
    """A completion with choices of these indices."""
    return completion(choices=[{**ONE, "index": index} for index in indices])


@pytest.mark.parametrize(
    ("three", "two", "expected"),
    [
        ((0, 1, 2), (0, 1), PASS),
        # The index says which is which, not the place.
        ((0, 2, 1), (1, 0), PASS),
        ((0,), (0,), FAIL),
        ((0, 1), (0, 1), FAIL),
        ((0, 1, 2), (0, 1, 2), FAIL),
        ((0, 0, 1), (0, 1), FAIL),
    ],
)
def test_n_choices_are_counted_and_numbered(
    three: tuple[int, ...], two: tuple[int, ...], expected: Verdict
) -> None:
    """Fewer or more choices than asked for fail, and so does an index that comes twice."""
    asked = {"model": "m", "messages": [{"role": "user", "content": "Go on."}], "n": 2}
    narrow = play({"narrow": exchange(choices(*two), sent=asked)})
    came = play({"hot": exchange(choices(*three))}, control=narrow)

    assert verdict(several, came) is expected


def test_a_refusal_of_n_is_honest() -> None:
    """A server that refuses `n` by name is not blamed for it; one that refuses without a reason is."""
    for no, expected in ((refusal(400, "n must be 1", param="n"), UNSUPPORTED), (refusal(400, "No."), FAIL)):
        assert verdict(several, play({"hot": no}, control=play({"narrow": no}))) is expected


@pytest.mark.parametrize(
    ("check", "came", "expected"),
    [
        (diverse, words(hot=THREE, again=THREE), PASS),
        (
            diverse,
            words(hot=ALIKE, again=ALIKE, other=hot("crimson wine", "sapphire sea")),
            PASS,
        ),
        (diverse, words(hot=ALIKE, again=ALIKE, other=ALIKE), FAIL),
        (diverse, words(hot=ALONE, again=ALONE, other=hot("sapphire sea")), PASS),
        (diverse, words(hot=ALONE, again=ALONE, other=ALONE), FAIL),
        # With the same seed a second answer shows nothing, without one it does.
        (diverse, words(hot=ALONE, again=hot("sapphire sea")), INCONCLUSIVE),
        (diverse, words(hot=said("crimson wine"), again=said("sapphire sea")), PASS),
        (diverse, words(hot=said("crimson wine"), again=said("crimson wine")), FAIL),
        (diverse, words(hot=hot("", "", ""), again=THREE), INCONCLUSIVE),
        (diverse, words(hot=refusal(400, "temperature is fixed")), UNSUPPORTED),
        (repeated, words(hot=THREE, again=THREE), PASS),
        (repeated, words(hot=THREE, again=hot("crimson wine", "sapphire sea", "emerald moss")), FAIL),
        (repeated, words(hot=THREE, again=hot("crimson wine")), FAIL),
        (repeated, words(hot=ALIKE, again=ALIKE, other=ALIKE), INCONCLUSIVE),
        (independent, words(hot=THREE, again=THREE), PASS),
        (
            independent,
            words(hot=ALIKE, again=ALIKE, other=hot("sapphire sea")),
            FAIL,
        ),
        (independent, words(hot=ALIKE, again=ALIKE, other=ALIKE), INCONCLUSIVE),
        (independent, words(hot=ALONE, again=ALONE, other=hot("sapphire sea")), INCONCLUSIVE),
    ],
)
def test_what_is_drawn_is_compared(check: Check, came: Play, expected: Verdict) -> None:
    """Texts that ought to differ or to be alike are told from those that show nothing."""
    assert verdict(check, *[came] * 2) is expected


@pytest.mark.parametrize(
    ("came", "other", "expected"),
    [
        (words(hot=THREE), hot("charcoal ash", "ivory piano", "silver smoke", seed=8), PASS),
        (words(hot=THREE), THREE, FAIL),
        (words(hot=THREE, other=THREE), hot("charcoal ash"), FAIL),
        (words(hot=ALIKE), ALIKE, INCONCLUSIVE),
        (words(hot=THREE), refusal(400, "n must be 1", param="n"), INCONCLUSIVE),
    ],
)
def test_seeds_are_compared(came: Play, other: Exchange, expected: Verdict) -> None:
    """The other seed is that of the stream, unless it was sent on the same path."""
    control = play({"hot": other}, path=STREAMED)

    assert verdict(seeds, came.compared_with(control)) is expected


@pytest.mark.parametrize(
    ("narrow", "control", "expected"),
    [
        (words(narrow=said(TOLD, TOLD)), THREE, PASS),
        (words(narrow=said(TOLD, BENT)), THREE, FAIL),
        (words(narrow=said(TOLD), again=said(TOLD)), THREE, PASS),
        (words(narrow=said(TOLD), again=said(BENT)), THREE, FAIL),
        (words(narrow=said(TOLD)), THREE, INCONCLUSIVE),
        (words(narrow=said("", "")), THREE, INCONCLUSIVE),
        (words(narrow=said(TOLD, BENT)), ALIKE, INCONCLUSIVE),
        (words(narrow=refusal(400, "top_p is fixed", param="top_p")), THREE, UNSUPPORTED),
    ],
)
def test_a_tiny_top_p_makes_answers_alike(narrow: Play, control: Exchange, expected: Verdict) -> None:
    """Answers under a tiny top_p that differ fail, where others differ."""
    assert verdict(greedy, *[narrow.compared_with(words(hot=control))] * 2) is expected


@pytest.mark.parametrize(
    ("cold", "stopped", "expected"),
    [
        (TOLD, TOLD[:40], PASS),
        (TOLD[:40], TOLD, PASS),
        (TOLD, BENT, FAIL),
        (TOLD, TOLD[:5], INCONCLUSIVE),
        (TOLD, "", INCONCLUSIVE),
    ],
)
def test_two_cold_stories_begin_alike(cold: str, stopped: str, expected: Verdict) -> None:
    """A text that is not the beginning of the other one fails, if twice; one that is too short does not."""
    came = words(cold=said(cold), stopped=said(stopped))

    assert verdict(steady, *[came] * 2) is expected


@pytest.mark.parametrize(("other", "expected"), [("fp_1", FAIL), ("fp_2", INCONCLUSIVE), (None, FAIL)])
def test_another_configuration_owes_no_repetition(other: str | None, expected: Verdict) -> None:
    """Answers whose fingerprints differ prove nothing of seeds and of temperature 0."""
    first, again = hot("crimson wine", "emerald moss"), hot("sapphire sea", "charcoal ash")
    assert verdict(repeated, *[words(hot=marked(first, "fp_1"), again=marked(again, other))] * 2) is expected

    cold, stopped = said(TOLD), said(BENT)
    assert (
        verdict(steady, *[words(cold=marked(cold, "fp_1"), stopped=marked(stopped, other))] * 2) is expected
    )


def marked(came: Exchange, fingerprint: str | None) -> Exchange:
    return changed(lambda document: {**document, "system_fingerprint": fingerprint})(came)


def test_one_difference_at_temperature_zero_is_tolerated() -> None:
    """No document promises that temperature 0 is deterministic."""
    same, other = (words(cold=said(TOLD), stopped=said(text)) for text in (TOLD[:40], BENT))

    assert verdict(steady, other, same, same, same, same) is PASS
    assert verdict(steady, other, same, other) is FAIL


@pytest.mark.parametrize(
    ("control", "came", "expected"),
    [
        (said(TOLD, temperature=0), said(BENT, BENT), PASS),
        (said(TOLD, temperature=0), said(TOLD[:60], TOLD[:60]), FAIL),
        # Where top_p is ignored as well, the texts differ for another reason.
        (said(TOLD, temperature=0), said(BENT, TOLD), INCONCLUSIVE),
        (
            said("All words here are different from each other", temperature=0),
            said("All words here are", "All words here are"),
            INCONCLUSIVE,
        ),
        (said(TOLD), said(BENT, BENT), INCONCLUSIVE),
        (said(TOLD, temperature=0), said("", ""), INCONCLUSIVE),
        (said(TOLD, temperature=0), refusal(400, "frequency_penalty is unknown"), UNSUPPORTED),
    ],
)
def test_a_penalty_turns_the_text(control: Exchange, came: Exchange, expected: Verdict) -> None:
    """The beginning of the unbent text fails, where that repeats itself."""
    assert verdict(penalised, words(control=control, narrow=came)) is expected


@pytest.mark.parametrize(
    ("bent", "expected"),
    [
        ("The sea was calm, and the sea was calm, and the sea", True),
        # Away from a used word, be it to another used one.
        ("The sea was calm, and sea and sea and sea", False),
        # Away from a new word to another new one, as no penalty leads it; and too short to be told.
        ("The sea was grey, and the sea was grey, and the sea was", False),
        ("The sea was calm", False),
    ],
)
def test_a_penalty_turns_away_from_what_was_used(bent: str, *, expected: bool) -> None:
    """A text that leaves a new word for a used one, and repeats more, was drawn to what it had used."""
    assert turns_back(bent, "The sea was calm, and the keeper was old, and some ship came home") is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (said(" iq iq iq iq"), PASS),
        (said("��"), INCONCLUSIVE),
        (said("ababababa"), PASS),
        (said(TOLD[:20]), FAIL),
        (said("Quite another story"), INCONCLUSIVE),
        (said(""), INCONCLUSIVE),
        (refusal(400, "logit_bias is unknown"), UNSUPPORTED),
    ],
)
def test_a_forced_token_is_told_from_the_story(came: Exchange, expected: Verdict) -> None:
    """One piece over and over passes, the story fails, and anything else shows nothing."""
    assert verdict(forced, words(control=said(TOLD), forced=came)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("abcabcabca", True), ("aaa", True), ("abcabca", False), ("abab", False), ("", False)],
)
def test_a_repetition_is_a_piece_three_times(text: str, *, expected: bool) -> None:
    """Twice is no repetition, and the last piece may be cut."""
    assert is_repetition(text) is expected


@pytest.mark.parametrize(
    ("control", "came", "expected"),
    [("owl owl owl", "cat", PASS), ("owl owl owl", "owl", FAIL), ("cat", "cat", INCONCLUSIVE)],
)
def test_a_ban_is_judged_beside_the_word(control: str, came: str, expected: Verdict) -> None:
    """A banned word that comes fails, where it comes without the ban as well."""
    told = play({"control": said(control), "banned": said(came)}, word="owl")

    assert verdict(banned, told) is expected


@pytest.mark.parametrize("declared", ["", "owl", "owl=", "owl=7,x"])
def test_tokens_that_are_not_declared_in_their_form_are_not_banned(declared: str) -> None:
    """Without a word and its ids nothing is sent, and the rule is left open."""
    with served(declared={"known-token-ids": declared}) as theatre:
        judgement = theatre.judge(check_named("sample.a_banned_token_does_not_occur"), "plain")

    assert judgement.verdict is INCONCLUSIVE
    assert judgement.exchanges == ()


def test_a_server_that_ignores_biases_fails_for_the_word(theatre: Theatre) -> None:
    """The declared word comes in spite of its ban."""
    ids = ",".join(str(token_id(token)) for token in (b" owl", b"owl"))
    ignoring = misunderstanding(lambda body: {k: v for k, v in body.items() if k != "logit_bias"})
    with served(ignoring, declared={"known-token-ids": f"owl={ids}"}) as deaf:
        judgement = deaf.judge(check_named("sample.a_banned_token_does_not_occur"), "plain")

    assert judgement.verdict is FAIL


def without_usage(document: Any) -> None:
    del document["usage"]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (refused("presence_penalty is not supported", param="presence_penalty"), FAIL),
        (answered(500, {"error": {"message": "The server failed."}}), FAIL),
        (answered(503, {"error": {"message": "Busy."}}), Verdict.ERROR),
        (changed(without_usage), FAIL),
        (changed(lambda document: document["choices"][0].update(native_finish_reason="stop")), FAIL),
        (changed(lambda document: document["choices"][0]["message"].update(content="")), PASS),
        (changed(lambda document: document["choices"][0].update(logprobs=None)), PASS),
    ],
)
def test_defaults_change_no_shape(theatre: Theatre, edit: Edit, expected: Verdict) -> None:
    """A refusal of a default fails, and so does a member more or less; null and text are left alone."""
    made = check_named("sample.writing_the_defaults_out_changes_no_shape")

    assert theatre.judge(made, "plain", at("written-out")(edit)).verdict is expected


def test_the_report_counts_what_came() -> None:
    """One choice for three, and one text in several answers, are told in numbers."""
    came = judged(
        several, play({"hot": exchange(choices(0))}, control=play({"narrow": exchange(choices(0))}))
    )
    assert (came.expected, came.came) == (
        "3 choices with the indices [0, 1, 2], or a 400",
        "1 with the indices [0]",
    )

    came = judged(diverse, words(hot=ALIKE, again=ALIKE, other=ALIKE))
    assert {each.exchange for each in came.evidence} == {ALIKE.id}
    assert came.expected == "different texts in 6 answers at temperature 1.5"


def test_both_answers_are_shown_where_each_has_one_text() -> None:
    """Texts of two answers that are alike are pointed at in both."""
    other = hot("crimson wine")
    came = judged(diverse, words(hot=ALONE, other=other))

    assert [each.exchange for each in came.evidence] == [ALONE.id, other.id]


def told_in(tokens: list[str], *, likeliest: bool) -> Exchange:
    """A story in these tokens; each leads its alternatives, or the last one does not."""

    def entry(text: str, leader: str) -> dict[str, Any]:
        each = {"logprob": -0.5, "bytes": None}
        return {"token": text, **each, "top_logprobs": [{"token": leader, **each}]}

    leaders = tokens if likeliest else [*tokens[:-1], " elsewhere"]
    content = [entry(*pair) for pair in zip(tokens, leaders, strict=True)]
    logprobs = {"content": content, "refusal": None}
    return exchange(completion(choices=[{**completion("".join(tokens))["choices"][0], "logprobs": logprobs}]))


@pytest.mark.parametrize(
    ("words", "likeliest", "cold", "expected"),
    [
        (20, True, "Otherwise it was told, and with other words.", INCONCLUSIVE),
        (20, False, "Otherwise it was told, and with other words.", FAIL),
        # A few likely tokens in a row are chance.
        (8, True, "Otherwise it was told, and with other words.", FAIL),
        (20, True, " the sea" * 10, PASS),
        (20, False, " the sea" * 10, PASS),
    ],
)
def test_rounding_is_no_temperature(words: int, likeliest: bool, cold: str, expected: Verdict) -> None:
    """Two texts that differ at temperature 0 are no sign of chance where one is of the likeliest tokens."""
    told = told_in([" the", " sea"] * (words // 2), likeliest=likeliest)
    control = play({"cold": exchange(completion(cold)), "stopped": told})
    hot = exchange(completion(choices=[{**ONE, "message": {**ONE["message"], "content": "crimson wine"}}]))
    drawn = play({"hot": hot, "other": exchange(completion("sapphire sea"))}, control=control)

    assert verdict(test_parameters.test_temperature_holds_later_as_well, drawn) is expected
