"""JSON cut by a limit is judged only where it was JSON, and where the limit cut it."""

import pytest

from chatconform.findings.verdict import Verdict
from chatconform.suites.format import test_json
from chatconform.suites.format.scenarios import CUT
from chatconform.tests.support.exchanges import (
    completion,
    exchange,
    judged,
    play,
    refusal,
    request_body,
    verdict,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def written(text: str, finish_reason: str, tokens: int = CUT) -> Exchange:
    usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + tokens}
    return exchange(completion(text, finish_reason=finish_reason, usage=usage))


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (written('{"fruits": ["ap', "length"), PASS),
        (written("", "length"), PASS),
        (written("```json\n{", "length"), PASS),
        (written('{"fruits": ["ap', "stop"), FAIL),
        (written('{"fruits": []}', "stop"), FAIL),
        (written("", "stop"), FAIL),
        (written("{}", "stop", tokens=2), INCONCLUSIVE),
        (written("The river flows quietly to the sea.", "stop", tokens=20), INCONCLUSIVE),
        (written('{"fruits": ["apple", "pear", "plum"]}', "stop", tokens=16), INCONCLUSIVE),
        (written("The river flows", "stop"), INCONCLUSIVE),
        (exchange(completion('{"fruits": ["ap', finish_reason="stop", usage=None)), FAIL),
    ],
)
def test_cut_json_says_length(came: Exchange, expected: Verdict) -> None:
    """JSON that was cut and claims to be whole fails; prose, and what the limit did not cut, tell nothing."""
    assert verdict(test_json.test_cut_json_ends_with_length, play({"formatted": came})) is expected


def test_a_format_that_was_let_through_is_named() -> None:
    """The report tells which of the bad formats was not refused."""
    served = exchange(completion())
    string = exchange(completion(), sent=request_body(response_format="json"))
    steps = {"text": served, "unknown": refusal(400, "response_format is unknown"), "string": string}

    told = judged(test_json.test_text_format_is_accepted_and_unknown_ones_are_refused, play(steps))

    assert told.verdict is FAIL
    assert told.came == '200 for response_format "json"'
