"""Each check of keys turns red on its defect."""

from collections.abc import Callable

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.auth import test_keys
from chatconform.suites.auth.scenarios import MALFORMED
from chatconform.tests.support.exchanges import (
    KEY,
    completion,
    error,
    exchange,
    play,
    refusal,
    sse,
    streamed,
    verdict,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR
CANARY = "sk-canary-bcdfghkm2346789bcdfghkm2"
CHALLENGE = (("WWW-Authenticate", 'Bearer realm="api"'),)
DENIED = exchange(error("Unknown key (ends in km2).", code="invalid_api_key"), status=401, headers=CHALLENGE)
UNTOLD = refusal(401, "Unknown key (ends in km2).", code="invalid_api_key")
SERVED = exchange(completion())
CHECKS = [
    test_keys.test_a_request_without_a_key_answers_401,
    test_keys.test_a_wrong_key_answers_401,
    test_keys.test_a_malformed_header_answers_401,
    test_keys.test_the_scheme_is_matched_in_any_case,
    test_keys.test_the_key_is_checked_before_the_body,
    test_keys.test_401_says_how_to_authenticate,
]
without, wrong, malformed, scheme, first, told = CHECKS


def steps(**changed: Exchange) -> dict[str, Exchange]:
    denied = ("without-key", "wrong-key", "wrong-key-streamed", "wrong-key-bad-body", *MALFORMED)
    served = ("with-key", "scheme-bearer", "scheme-BEARER")
    named = {name.replace("_", "-"): came for name, came in changed.items()}
    return {**dict.fromkeys(denied, DENIED), **dict.fromkeys(served, SERVED), **named}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_guarded_server_passes(check: Callable[..., object]) -> None:
    """A server that refuses every bad key and takes the good one passes."""
    assert verdict(check, play(steps())) is PASS


@pytest.mark.parametrize("check", CHECKS[:5], ids=lambda check: check.__name__)
def test_a_server_that_refuses_everybody_proves_nothing(check: Callable[..., object]) -> None:
    """Where the good key is refused too, a 401 is no evidence."""
    assert verdict(check, play(steps(with_key=DENIED))) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (without, "without-key", SERVED, FAIL),
        (without, "without-key", refusal(403), FAIL),
        # What the body of an error must be is another rule's affair.
        (without, "without-key", refusal(401, type=None), PASS),
        (without, "without-key", exchange({"detail": "Not authenticated"}, status=401), PASS),
        (without, "without-key", refusal(503), ERROR),
        (wrong, "wrong-key", exchange(completion("Your key is wrong.")), FAIL),
        (wrong, "wrong-key", refusal(401, "No.", code=None, type="Unauthorized"), PASS),
        (wrong, "wrong-key", refusal(401, ""), PASS),
        (wrong, "wrong-key-streamed", streamed(), FAIL),
        (wrong, "wrong-key-streamed", refusal(400, "There are no streams."), PASS),
        (wrong, "wrong-key", refusal(500), FAIL),
        (malformed, "scheme-alone", refusal(500), FAIL),
        (malformed, "basic", SERVED, FAIL),
        (malformed, "no-scheme", refusal(403), PASS),
        (malformed, "empty-token", refusal(400), PASS),
        (scheme, "scheme-bearer", DENIED, FAIL),
        (scheme, "scheme-BEARER", DENIED, FAIL),
        (scheme, "wrong-key", SERVED, INCONCLUSIVE),
        (first, "wrong-key-bad-body", refusal(400, "messages is missing", param="messages"), FAIL),
        (first, "wrong-key-bad-body", refusal(401, "messages: Field required"), FAIL),
        (first, "wrong-key-bad-body", refusal(401, "No.", param="model"), FAIL),
        (first, "wrong-key-bad-body", refusal(401, "No.", param=["key"]), PASS),
        (first, "wrong-key-bad-body", exchange(sse([error()]), status=401), FAIL),
        (first, "wrong-key-bad-body", streamed([error()], done=False), FAIL),
        (told, "without-key", UNTOLD, FAIL),
        (told, "wrong-key", UNTOLD, FAIL),
        (told, "wrong-key", refusal(403), PASS),
    ],
)
def test_a_hole_is_found(check: Callable[..., object], step: str, came: Exchange, expected: Verdict) -> None:
    """One wrong answer gives its check the verdict that it deserves."""
    assert verdict(check, play({**steps(), step: came})) is expected


@pytest.mark.parametrize(
    ("bad_body", "expected"),
    [
        (refusal(400, "No connected db.", type="no_db_connection"), PASS),
        (refusal(400, "messages: Field required"), FAIL),
        (refusal(422, "No."), FAIL),
        (DENIED, FAIL),
    ],
)
def test_a_wrong_key_may_have_its_own_status_before_the_body(bad_body: Exchange, expected: Verdict) -> None:
    """Where every wrong key answers 400, a bad body changes nothing as long as nothing is said of it."""
    unknown = refusal(400, "No connected db.")
    judged = play(steps(wrong_key=unknown, wrong_key_bad_body=bad_body))

    assert verdict(first, judged) is expected
    assert verdict(wrong, judged) is FAIL


def test_the_order_of_key_and_body_needs_a_key_that_is_refused() -> None:
    """Where a wrong key is served, nothing shows what is looked at first."""
    assert verdict(first, play(steps(wrong_key=SERVED))) is INCONCLUSIVE


LISTED = exchange({"object": "list", "data": []})
OTHERWISE = refusal(400, "No connected db.")


@pytest.mark.parametrize(
    ("nobody", "stranger", "on_chat", "expected"),
    [
        (DENIED, DENIED, DENIED, PASS),
        (LISTED, LISTED, DENIED, PASS),
        (DENIED, OTHERWISE, OTHERWISE, PASS),
        (DENIED, OTHERWISE, DENIED, FAIL),
        (DENIED, LISTED, DENIED, FAIL),
        (DENIED, LISTED, SERVED, FAIL),
        (LISTED, DENIED, DENIED, FAIL),
        (refusal(500), refusal(500), refusal(500), FAIL),
    ],
)
def test_the_list_is_guarded_or_public(
    nobody: Exchange, stranger: Exchange, on_chat: Exchange, expected: Verdict
) -> None:
    """A list that refuses no key and takes a wrong one checks nothing; one guarded as chat is passes."""
    judged = play(
        {"with-key": LISTED, "without-key": nobody, "wrong-key": stranger},
        control=play(steps(wrong_key=on_chat)),
    )

    assert verdict(test_keys.test_the_model_list_asks_for_the_same_key, judged) is expected


def answered_to(key: str, came: object, **options: object) -> Exchange:
    return exchange(came, sent_headers=(("Authorization", f"Bearer {key}"),), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (answered_to(CANARY, error("Unknown key sk-can...km2"), status=401), PASS),
        (answered_to(CANARY, error(f"Unknown key {CANARY}"), status=401), FAIL),
        (answered_to(CANARY, sse([error(f"Unknown key {CANARY}")])), FAIL),
        (answered_to(CANARY, error(), status=401, headers=(("x-debug", f"Bearer {CANARY}"),)), FAIL),
        (answered_to(KEY, completion(f"Your key is {KEY}.")), FAIL),
        (answered_to("none", completion("I have none.")), INCONCLUSIVE),
        (exchange(completion(), sent_headers=()), INCONCLUSIVE),
        (answered_to("[redacted]", completion(), headers=(("set-cookie", "[redacted]"),)), PASS),
        (answered_to("[redacted]", error("Unknown key [redacted]"), status=401), FAIL),
    ],
)
def test_a_key_that_comes_back_is_found(came: Exchange, expected: Verdict) -> None:
    """The whole key in a body or header fails, also in a record; a masked form does not."""
    assert verdict(test_keys.test_no_response_has_the_key, came) is expected
