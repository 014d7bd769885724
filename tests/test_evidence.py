"""Evidence quotes as much as a reader needs, in one line where the line says all."""

from chatconform.findings.evidence import ANSWER_LIMIT, at_body, at_json, at_request, at_status
from chatconform.tests.support.exchanges import (
    chunks,
    completion,
    exchange,
    refusal,
    request_body,
    sse,
    streamed,
)


def test_a_status_shows_the_beginning_of_an_answer() -> None:
    """A stream that ought to have been a refusal is quoted in one line, and no longer than is needed."""
    quoted = at_status(streamed(chunks(*["Hello"] * 50))).quoted

    assert quoted.startswith('200: data: {"id"')
    assert "\n" not in quoted
    assert len(quoted) < ANSWER_LIMIT + 30
    assert quoted.endswith("characters)")


def test_a_status_shows_the_whole_of_an_error() -> None:
    """Every word of a refusal may be the reason for which it counts or does not."""
    message = "The parameter is wrong because " + "it is " * 40 + "so."

    assert message in at_status(refusal(400, message)).quoted


def test_a_body_keeps_its_lines() -> None:
    """Where the framing is judged the lines are the evidence."""
    raw = sse(chunks())

    assert at_body(exchange(raw)).quoted.count("\n\n") == raw[:580].count(b"\n\n")


def test_a_missing_member_is_told_with_what_stands_there() -> None:
    """The nearest place above a missing member is quoted, so that its absence is seen."""
    found = at_json(exchange(completion(usage={"total_tokens": 3})), "/usage/prompt_tokens")

    assert found.quoted == "no 'prompt_tokens' in {\"total_tokens\": 3}"


def test_a_place_in_a_request_is_quoted_by_itself() -> None:
    """What a long request has at its end is not lost with it; without JSON the beginning is shown."""
    long = exchange(completion(), sent=request_body(padding="x" * 2000, max_tokens=8))

    assert at_request(long, "/max_tokens").quoted == "8"
    assert at_request(long, "/max_tokens").where == "request /max_tokens"
    assert at_request(exchange(completion(), sent=b"{cut"), "/max_tokens").quoted == "{cut"
