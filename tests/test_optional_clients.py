"""The clients beyond the default one, each where it is installed: `scripts/clients` has all of them."""

from collections.abc import Iterator

import pytest

from chatconform.errors import UsageError
from chatconform.findings.reception import Outcome
from chatconform.oracles import catalogue
from chatconform.oracles.booth import Booth
from chatconform.tests.support.exchanges import (
    Body,
    chunk,
    chunks,
    completion,
    error,
    exchange,
    request_body,
    usage_chunk,
    with_choice,
)
from chatconform.tests.support.exchanges import streamed as answered
from chatconform.tests.support.oracles import transcript
from chatconform.wire.exchange import Exchange

SAME, CRASH = Outcome.SAME, Outcome.CRASH
OPTIONAL = [name for name in catalogue.KINDS if name not in catalogue.DEFAULT]
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": '{"x": 1}'}}


CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}


@pytest.fixture(scope="module", params=OPTIONAL)
def booth(request: pytest.FixtureRequest) -> Iterator[Booth]:
    try:
        catalogue.check_installed(catalogue.KINDS[request.param])
    except UsageError as missing:
        pytest.skip(f"{missing} ({missing.hint})")
    with Booth(request.param) as opened:
        yield opened


def outcomes(booth: Booth, came: Exchange) -> set[Outcome]:
    return {reception.outcome for reception in booth.ask(came)}


def called() -> list[Body | str]:
    """A stream that calls a tool, whose arguments come in two pieces."""
    begun, *_, ended = chunks()
    fragment = {"index": 0, **CALL, "function": {"name": "add", "arguments": '{"x"'}}
    rest = {"index": 0, "function": {"arguments": ": 1}"}}
    return [
        begun,
        chunk({"tool_calls": [fragment]}),
        chunk({"tool_calls": [rest]}),
        {**ended, "choices": [{**ended["choices"][0], "finish_reason": "tool_calls"}]},
        usage_chunk(),
    ]


@pytest.mark.parametrize(
    "came",
    [
        exchange(completion("Hello!")),
        exchange(completion("Hel", finish_reason="length")),
        exchange(with_choice(message=CALLING, finish_reason="tool_calls"), sent=request_body(tools=[TOOL])),
        answered([*chunks("Hel", "lo!"), usage_chunk()]),
        answered([*chunks("Hel", finish_reason="length"), usage_chunk()]),
        answered(called(), sent=request_body(stream=True, tools=[TOOL])),
        transcript("good/comments-and-pings.sse"),
        transcript("good/unicode.sse"),
    ],
    ids=[
        "plain",
        "plain-length",
        "plain-call",
        "stream",
        "stream-length",
        "stream-call",
        "comments",
        "unicode",
    ],
)
def test_a_sound_answer_comes_out_the_same(booth: Booth, came: Exchange) -> None:
    """Text, calls, finish reason and usage, plain and streamed."""
    assert outcomes(booth, came) == {SAME}, booth.ask(came)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_status_is_reported(booth: Booth, status: int, stream: bool) -> None:
    """By an exception that names it."""
    came = exchange(error("No."), status=status, sent=request_body(stream=stream))

    assert outcomes(booth, came) == {SAME}, booth.ask(came)


def test_a_keep_alive_in_data_breaks_it(booth: Booth) -> None:
    """None of them reads on over data that is no JSON, and none hangs."""
    assert outcomes(booth, transcript("broken/ping-in-data.sse")) == {CRASH}


def test_it_goes_on_after_a_crash(booth: Booth) -> None:
    """One broken answer leaves nothing behind that the next could meet."""
    booth.ask(transcript("broken/null-chunk.sse"))

    assert outcomes(booth, answered([*chunks(), usage_chunk()])) == {SAME}
