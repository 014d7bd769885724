"""Each check of the model list turns red on its defect, and on nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.models import test_list, test_single
from chatconform.tests.support.exchanges import MODEL, completion, error, exchange, judged, play, verdict
from chatconform.wire.exchange import Exchange
from chatconform.wire.jsontext import Json

BASE = "http://target/v1/models"
PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def entry(name: str = MODEL, **members: Json) -> dict[str, Json]:
    return {"id": name, "object": "model", "created": 1_760_000_000, "owned_by": "us", **members}


def without(member: str) -> dict[str, Json]:
    return {name: value for name, value in entry().items() if name != member}


def listing(*entries: Json) -> dict[str, Json]:
    return {"object": "list", "data": list(entries or (entry(), entry("org/model-2")))}


def got(came: Json, *, status: int = 200, media_type: str = "") -> Exchange:
    return exchange(came, status=status, url=BASE, sent=b"", media_type=media_type)


def models(**changed: Exchange) -> dict[str, Exchange]:
    sound = {
        "list": got(listing()),
        "chat": exchange(completion()),
        "unknown": got(error("There is no model nope-1.", code="model_not_found"), status=404),
        "single": got(entry()),
        "slash_raw": got(entry("org/model-2")),
        "slash_encoded": got(entry("org/model-2")),
        "list_again": got(listing()),
    }
    return {name.replace("_", "-"): step for name, step in {**sound, **changed}.items()}


def judge(check: Callable[..., object], alias_of: str = "", /, **changed: Exchange) -> Verdict:
    steps, notes = models(**changed), {"alias-of": alias_of} if alias_of else {}
    told = {"model": MODEL, "single": MODEL, "with-slash": "org/model-2", "unknown": "1", **notes}
    return verdict(check, replace(play(steps), notes=told))


CHECKS = [
    test_list.test_the_list_is_an_object_with_a_data_array,
    test_list.test_every_entry_has_id_object_created_and_owned_by,
    test_list.test_listed_ids_are_unique,
    test_list.test_the_model_is_listed_under_an_id_that_chat_accepts,
    test_list.test_created_does_not_move,
    test_single.test_a_single_model_equals_its_entry,
    test_single.test_a_slash_in_an_id_works_raw_and_encoded,
    test_single.test_an_unknown_id_answers_404,
    test_list.test_created_is_in_whole_seconds,
    test_list.test_the_list_fits_the_contract,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_sound_list_passes(check: Callable[..., object]) -> None:
    """A list as the contract wants it passes every check."""
    assert judge(check) is PASS


@pytest.mark.parametrize("body", [[entry(), entry("org/model-2")], {"models": listing()["data"]}])
def test_a_bare_array_fails_its_own_rule_only(body: Json) -> None:
    """A list in another wrapper fails the rule of its shape, and every other rule is still judged."""
    verdicts = [judge(check, list=got(body), list_again=got(body)) for check in CHECKS]

    assert verdicts == [FAIL] + [PASS] * (len(CHECKS) - 1)


@pytest.mark.parametrize(
    ("check", "step", "came", "expected"),
    [
        (CHECKS[0], "list", got({"data": []}), FAIL),
        (CHECKS[0], "list", got(listing(), media_type="text/plain"), FAIL),
        (CHECKS[0], "list", got(error(), status=404), FAIL),
        (CHECKS[0], "list", got(error(), status=503), Verdict.ERROR),
        (CHECKS[0], "list", exchange(b"<html>", url=BASE, media_type="application/json"), FAIL),
        (CHECKS[1], "list", got(listing(without("created"))), FAIL),
        (CHECKS[1], "list", got(listing(without("owned_by"))), FAIL),
        (CHECKS[1], "list", got(listing(entry(created=True))), FAIL),
        (CHECKS[1], "list", got(listing(entry(created=1_760_000_000_000))), PASS),
        (CHECKS[8], "list", got(listing(entry(created=1_760_000_000_000))), FAIL),
        (CHECKS[8], "list", got(listing(entry(created=1_760_000_000.5))), FAIL),
        (CHECKS[8], "list", got(listing(without("created"))), INCONCLUSIVE),
        (CHECKS[9], "list", got(listing(entry(shutdown_date=7))), FAIL),
        (CHECKS[9], "list", got(listing(entry(shutdown_date=None))), PASS),
        (CHECKS[9], "list", got(listing(without("created"))), PASS),
        (CHECKS[1], "list", got(listing(entry(id=7))), FAIL),
        (CHECKS[1], "list", got(listing("model-1")), FAIL),
        (CHECKS[1], "list", got(listing(entry(permission=[], max_model_len=4096))), PASS),
        (CHECKS[1], "list", got({"object": "list", "data": []}), INCONCLUSIVE),
        (CHECKS[2], "list", got(listing(entry(), entry())), FAIL),
        (CHECKS[3], "list", got(listing(entry("other"))), FAIL),
        (CHECKS[4], "list_again", got(listing(entry(created=1_760_000_002))), FAIL),
        (CHECKS[5], "single", got(error(), status=404), FAIL),
        (CHECKS[5], "single", got(entry(owned_by="them")), FAIL),
        (CHECKS[5], "single", got(entry("else")), FAIL),
        (CHECKS[5], "single", got([entry()]), FAIL),
        (CHECKS[6], "slash_raw", got(error(), status=404), FAIL),
        (CHECKS[6], "slash_encoded", got(error(), status=404), FAIL),
        (CHECKS[7], "unknown", got(entry("nope-1")), FAIL),
        (CHECKS[7], "unknown", got({"detail": "Not Found"}, status=404), FAIL),
        (CHECKS[7], "unknown", got(error("Something is missing."), status=404), FAIL),
        (CHECKS[7], "single", got(error(), status=404), INCONCLUSIVE),
    ],
)
def test_a_defect_is_found(
    check: Callable[..., object], step: str, came: Exchange, expected: Verdict
) -> None:
    """One wrong exchange gives its check the verdict that it deserves."""
    assert judge(check, **{step: came}) is expected


def test_a_date_that_moves_is_not_held_against_the_single_model() -> None:
    """Where `created` is the clock's, the comparison with the list leaves it out."""
    moving = {"single": got(entry(created=2)), "list_again": got(listing(entry(created=3)))}

    assert judge(test_single.test_a_single_model_equals_its_entry, **moving) is PASS
    assert judge(test_list.test_created_does_not_move, **moving) is FAIL


@pytest.mark.parametrize(
    ("chat", "expected"), [(exchange(completion()), PASS), (exchange(error(), status=404), FAIL)]
)
def test_an_alias_passes_where_the_listed_id_works_too(chat: Exchange, expected: Verdict) -> None:
    """A configured alias is legal, as long as chat accepts the id that the list shows for it."""
    changed = {"list": got(listing(entry(f"models/{MODEL}"))), "chat_as_listed": chat}
    check = test_list.test_the_model_is_listed_under_an_id_that_chat_accepts

    assert judge(check, f"models/{MODEL}", **changed) is expected


@pytest.mark.parametrize(
    ("came", "expected"),
    [(got(entry("org/model-2")), PASS), (got(entry("org/model-2", owned_by="them")), FAIL)],
)
def test_a_model_with_a_slash_stands_for_any_single_model(came: Exchange, expected: Verdict) -> None:
    """Where a model with a slash was served, no other one is fetched, and it is held to the list."""
    steps = {step: each for step, each in models(slash_encoded=came).items() if step != "single"}
    told = {"model": MODEL, "with-slash": "org/model-2", "unknown": "1"}

    judged = verdict(test_single.test_a_single_model_equals_its_entry, replace(play(steps), notes=told))

    assert judged is expected


@pytest.mark.parametrize("check", [check for check in CHECKS if check is not CHECKS[0]])
def test_without_a_list_every_other_rule_says_so(check: Callable[..., object]) -> None:
    """A list that is answered 404 leaves what is said of its models open, for that reason."""
    steps = {"list": got(error(), status=404), "chat": exchange(completion())}
    judgement = judged(check, replace(play(steps), notes={"model": MODEL, "unknown": "1"}))

    assert judgement.verdict is INCONCLUSIVE
    assert "the model list is answered 404" in judgement.reason


@pytest.mark.parametrize(
    "check",
    [test_single.test_a_single_model_equals_its_entry, test_single.test_an_unknown_id_answers_404],
)
def test_a_list_without_ids_has_no_model_to_fetch(check: Callable[..., object]) -> None:
    """Where no listed model can be asked for, the reason is not a step of ours."""
    steps = {"list": got(listing(without("id"))), "unknown": got(error(), status=404)}
    judgement = judged(check, replace(play(steps), notes={"model": MODEL, "unknown": "1"}))

    assert judgement.verdict is INCONCLUSIVE
    assert "no listed model has an id" in judgement.reason
