"""Whatever is legal comes out the same, and nothing that a target can send breaks the oracle itself."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatconform.findings.reception import Outcome
from chatconform.oracles.openai_client import OpenAIClient
from chatconform.tests.support.chat import post, serving
from chatconform.tests.support.exchanges import chunk, exchange, request_body, sse, usage_chunk
from chatconform.tests.support.oracles import TRANSCRIPTS, in_pieces, official, taken, transcript
from chatconform.wire.exchange import Exchange

# The module's one client and one server are the same for every example.
shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@pytest.fixture(scope="module")
def client() -> Iterator[OpenAIClient]:
    with official() as opened:
        yield opened


@pytest.fixture(scope="module")
def server() -> Iterator[httpx2.Client]:
    with serving(failure_trigger="FAIL NOW") as opened:
        yield opened


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
FORM = {
    "type": "json_schema",
    "json_schema": {
        "name": "planet",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": False,
        },
    },
}
asked = st.fixed_dictionaries(
    {},
    optional={
        "n": st.integers(1, 3),
        "max_tokens": st.integers(1, 40),
        "stop": st.sampled_from([".", "e", "3"]),
        "logprobs": st.just(True),
        "seed": st.integers(0, 9),
        "tools": st.just([WEATHER]),
        "response_format": st.sampled_from([{"type": "json_object"}, FORM]),
        "stream_options": st.just({"include_usage": True}),
    },
)
prompts = st.sampled_from(
    [
        "Count from 1 to 12.",
        "Write a short poem about rain.",
        "What is the weather in Paris and in Oslo? Use the tool for each.",
        "Describe a planet as a JSON object with a name.",
        "Repeat this: 漢字 🦀 é",
        "FAIL NOW",
    ]
)


@shared
@given(
    prompt=prompts, members=asked, stream=st.booleans(), cuts=st.lists(st.integers(0, 1 << 16), max_size=40)
)
def test_any_answer_of_the_reference_model_comes_out_the_same(
    client: OpenAIClient,
    server: httpx2.Client,
    prompt: str,
    members: dict[str, Any],
    stream: bool,
    cuts: list[int],
) -> None:
    """Plain or streamed, in whichever pieces the network hands it over, answers and errors alike."""
    if not stream:
        members.pop("stream_options", None)
    if "response_format" in members:
        # A stop string may cut JSON to what none is, which `parse` then says.
        members.pop("stop", None)
    form = {"stream": True} if stream else {}
    response = post(server, prompt, **members, **form)
    came = exchange(
        response.content,
        status=response.status_code,
        media_type=response.headers["content-type"],
        sent=request_body(**members, **form),
    )

    found = taken(client, in_pieces(came, cuts))

    assert {door: each.outcome for door, each in found.items()} == dict.fromkeys(found, Outcome.SAME), found


def expect_unbroken(client: OpenAIClient, came: Exchange) -> None:
    """The oracle answers, and what it says of a crash is never empty."""
    for reception in taken(client, came).values():
        assert bool(reception.error) is (reception.outcome is Outcome.CRASH)
        assert len(reception.error) <= 300


@shared
@given(body=st.binary(max_size=300), stream=st.booleans(), status=st.sampled_from([200, 201, 404, 500]))
def test_any_bytes_are_taken(client: OpenAIClient, body: bytes, stream: bool, status: int) -> None:
    """No body raises out of the oracle."""
    for media_type in ("application/json", "text/event-stream", "text/html"):
        expect_unbroken(
            client, exchange(body, status=status, media_type=media_type, sent=request_body(stream=stream))
        )


MEMBERS = """
    choices delta message content role tool_calls index id function name arguments
    finish_reason usage prompt_tokens error object refusal custom function_call logprobs type input
""".split()  # noqa: SIM905 - a list of words reads better so
documents: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(MEMBERS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
choices = st.fixed_dictionaries(
    {},
    optional={
        "index": documents,
        "delta": documents,
        "message": documents,
        "finish_reason": documents,
        "logprobs": documents,
    },
)
bodies = st.fixed_dictionaries(
    {"object": st.just("chat.completion.chunk")},
    optional={"choices": st.lists(choices, max_size=2) | documents, "usage": documents, "error": documents},
)


@shared
@given(events=st.lists(bodies | documents, max_size=4))
def test_any_chunks_are_taken(client: OpenAIClient, events: list[Any]) -> None:
    """No JSON raises out of the oracle, whatever stands where in it."""
    expect_unbroken(
        client, exchange(sse([json.dumps(event) for event in events]), sent=request_body(stream=True))
    )


@shared
@given(body=bodies | documents)
def test_any_completion_is_taken(client: OpenAIClient, body: Any) -> None:
    """Nor in a plain answer."""
    expect_unbroken(
        client, exchange(json.dumps(body).encode(), media_type="application/json", sent=request_body())
    )


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 50_000,
        '{"choices":' * 900 + "1" + "}" * 900,
        "1" * 10_000,
        "\0" * 5000,
        '"\\ud800"',
    ],
)
def test_what_exhausts_a_parser_is_taken(client: OpenAIClient, text: str) -> None:
    """Nesting, numbers without end and NUL bytes are at most a crash of the client."""
    expect_unbroken(client, exchange(text.encode(), media_type="application/json", sent=request_body()))
    expect_unbroken(client, exchange(f"data: {text}\n\n".encode(), sent=request_body(stream=True)))


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_any_part_of_a_transcript_is_taken(client: OpenAIClient, name: str) -> None:
    """Cut anywhere, with bytes exchanged, and with a header that names a compression which it has not."""
    whole = transcript(name)
    assert whole.response is not None
    chance = random.Random(name)
    for _ in range(4):
        raw = bytearray(whole.response.raw)
        for _ in range(chance.randrange(4)):
            if raw:
                raw[chance.randrange(len(raw))] = chance.randrange(256)
        cut = bytes(raw[: chance.randrange(len(raw) + 1)])
        headers = (
            *whole.response.headers,
            *((("Content-Encoding", "gzip"),) if chance.randrange(4) == 0 else ()),
        )
        expect_unbroken(
            client, replace(whole, response=replace(whole.response, raw=cut, headers=headers, arrivals=()))
        )


def test_headers_of_any_kind_are_taken(client: OpenAIClient) -> None:
    """Also those that no client could have sent."""
    odd = (
        ("X-Odd", "caf\u00e9 \u6f22"),
        ("", "x"),
        ("X-\u6f22", ""),
        ("Content-Length", "7"),
        ("Retry-After", "-1"),
    )

    expect_unbroken(client, exchange(sse([chunk({"content": "x"}), usage_chunk()]), headers=odd))
