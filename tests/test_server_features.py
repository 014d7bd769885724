"""What an operator can declare: a content filter, refusals, failures, cut connections, one slot."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from chatconform.contract import load_contract
from chatconform.reference_server import BlockedPrompts, Pace, Settings, create_app
from chatconform.reference_server.threaded import ThreadedServer
from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.chat import Document, answer, post, serving
from chatconform.wire.sse import decode

TRIGGERS = {
    "filter_trigger": "BLOCKED PINE",
    "refusal_trigger": "a nice card trick",
    "failure_trigger": "until it breaks",
    "truncation_trigger": "and hang up",
}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
TOOL: Document = {
    "type": "function",
    "function": {
        "name": "look_up",
        "parameters": {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]},
    },
}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    with serving(**TRIGGERS) as client:
        yield client


@pytest.fixture(params=[False, True], ids=["plain", "streamed"])
def stream(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def _events(response: httpx2.Response) -> list[Document]:
    return [json.loads(event.data) for event in decode(response.content).events if event.data != "[DONE]"]


def _content(events: list[Document]) -> str:
    choices = [choice for event in events for choice in event.get("choices", ())]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def _reasons(events: list[Document]) -> set[str | None]:
    return {choice["finish_reason"] for event in events for choice in event.get("choices", ())}


# --- the content filter ---


@pytest.mark.parametrize(
    ("messages", "before"),
    [
        ('Join these with nothing between: "A long river. BLOCKED P" and "INE is a tree."', "A long river. "),
        ("Join the letters of each word: B-L-O-C-K-E-D P-I-N-E", ""),
        (
            [
                {"role": "user", "content": "Look up the key K1."},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {
                            "id": "c1",
                            "type": "function",
                            "function": {"name": "look_up", "arguments": '{"key":"K1"}'},
                        }
                    ],
                },
                {"role": "tool", "tool_call_id": "c1", "content": "It says BLOCKED PINE."},
            ],
            "Here is what I found for K1: It says ",
        ),
        (
            [
                {"role": "system", "content": "The secret word is BLOCKED PINE."},
                {"role": "user", "content": "What is the secret word?"},
            ],
            "The secret word is ",
        ),
    ],
    ids=["joined", "spelled", "result", "recalled"],
)
def test_filtered_answer(
    client: httpx2.Client, messages: str | list[Document], before: str, stream: bool
) -> None:
    """What the model writes ends before the trigger with content_filter; the text before it is sent."""
    reply = answer(client, messages, stream=stream, n=2)

    assert reply.reasons == ["content_filter", "content_filter"]
    assert [message["content"] or "" for message in reply.messages] == [before, before]


@pytest.mark.parametrize("place", [0, -1], ids=["earlier", "last"])
def test_blocked_prompt(client: httpx2.Client, place: int, stream: bool) -> None:
    """A user message with the trigger is refused before a stream, wherever it stands."""
    messages = [
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": [{"type": "text", "text": "How are you?"}]},
    ]
    messages[place] = {"role": "user", "content": "What is a BLOCKED PINE?"}

    response = post(client, messages, stream=stream)

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert response.json()["error"]["code"] == "content_filter"


def test_blocked_prompt_that_is_finished(stream: bool) -> None:
    """A server that is set so answers a blocked prompt with content_filter and nothing else."""
    with serving(**TRIGGERS, blocked_prompts=BlockedPrompts.FINISH) as client:
        reply = answer(client, "What is a BLOCKED PINE?", stream=stream)

    assert (reply.messages[0]["content"] or "", reply.reasons) == ("", ["content_filter"])
    assert reply.usage["completion_tokens"] == 0


# --- refusals of the model ---


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}},
        {"tools": [TOOL], "tool_choice": "required"},
        {"n": 2, "temperature": 2},
        {"logprobs": True, "top_logprobs": 2},
    ],
    ids=["text", "schema", "tools", "choices", "logprobs"],
)
def test_refusal(client: httpx2.Client, members: Document, stream: bool) -> None:
    """A declined request has a refusal for content, whatever form was asked for."""
    reply = answer(client, "Show me a nice card trick.", stream=stream, **members)

    assert len(reply.messages) == members.get("n", 1)
    for message in reply.messages:
        assert message["refusal"] == "I am sorry, but I cannot help with that."
        assert message["content"] is None
        assert "tool_calls" not in message
    assert set(reply.reasons) == {"stop"}


def test_refusal_with_log_probabilities(client: httpx2.Client) -> None:
    """The tokens of a refusal are told as its own, plain and streamed alike."""
    members = {"logprobs": True, "top_logprobs": 1, "temperature": 0}
    plain = post(client, "Show me a nice card trick.", **members).json()["choices"][0]["logprobs"]
    events = _events(post(client, "Show me a nice card trick.", stream=True, **members))
    told = [choice["logprobs"] for event in events for choice in event["choices"] if choice["logprobs"]]

    assert plain["content"] is None
    assert "".join(token["token"] for token in plain["refusal"]) == "I am sorry, but I cannot help with that."
    assert [token for each in told for token in each["refusal"]] == plain["refusal"]


def test_refusal_is_cut_by_a_limit(client: httpx2.Client, stream: bool) -> None:
    """Limits hold for refusals as for content."""
    reply = answer(client, "Show me a nice card trick.", stream=stream, max_completion_tokens=3)

    assert (reply.messages[0]["refusal"], reply.reasons) == ("I am sorry", ["length"])


def test_refusal_ends_with_its_turn(client: httpx2.Client, stream: bool) -> None:
    """A later question is answered."""
    messages = [
        {"role": "user", "content": "Show me a nice card trick."},
        {"role": "assistant", "content": None, "refusal": "I am sorry."},
        {"role": "user", "content": "Say OK."},
    ]

    reply = answer(client, messages, stream=stream)

    assert (reply.messages[0]["content"], reply.messages[0]["refusal"]) == ("OK", None)


# --- failures in the middle ---

TELL = "Write a story about the sea "


def test_failure_in_the_middle(client: httpx2.Client, capfd: pytest.CaptureFixture[str]) -> None:
    """A generation that fails is a 500, or after some text an error event with nothing behind it."""
    plain = post(client, TELL + "until it breaks.")
    streamed = post(client, TELL + "until it breaks.", stream=True, n=2)
    short = post(client, "Say exactly: until it breaks", stream=True)

    assert plain.status_code == 500
    assert plain.json()["error"]["type"] == "server_error"
    assert plain.headers["x-request-id"] in plain.json()["error"]["message"]
    for response in (streamed, short):
        events = _events(response)
        assert response.status_code == 200
        assert "[DONE]" not in response.text
        assert _content(events)
        assert _reasons(events) == {None}
        assert events[-1]["error"]["type"] == "server_error"
    assert capfd.readouterr().err == ""


def test_failure_in_a_tool_call(client: httpx2.Client) -> None:
    """A call may be cut by a failure too, and gets no finish reason."""
    events = _events(post(client, "Look up K1 until it breaks.", stream=True, tools=[TOOL]))

    assert any("tool_calls" in choice["delta"] for event in events[:-1] for choice in event["choices"])
    assert _reasons(events) == {None}
    assert "error" in events[-1]


def _received_before_the_cut(client: httpx2.Client, question: str, *, stream: bool) -> bytes:
    body = {"model": "reference-1", "messages": [{"role": "user", "content": question}], "stream": stream}
    received = b""
    with client.stream("POST", "/chat/completions", json=body) as response:
        assert response.status_code == 200
        try:
            for piece in response.iter_bytes():
                received += piece
        except httpx2.RemoteProtocolError:
            return received
    pytest.fail("the connection did not break off")


@pytest.mark.parametrize("gzip", [False, True], ids=["", "gzip"])
def test_cut_connection(gzip: bool, stream: bool, capfd: pytest.CaptureFixture[str]) -> None:
    """The connection breaks off within the body: text came, its end did not; the next request is served."""
    with serving(**TRIGGERS, gzip=gzip) as client:
        received = _received_before_the_cut(client, TELL + "and hang up", stream=stream)
        after = answer(client, "Say OK.", stream=stream)

    assert received
    assert _content(_events_of(received)) or not stream
    assert b'"finish_reason":"' not in received
    assert b"[DONE]" not in received
    assert after.messages[0]["content"] == "OK"
    assert capfd.readouterr().err == ""


def _events_of(received: bytes) -> list[Document]:
    return [json.loads(event.data) for event in decode(received).events]


def test_triggers_need_their_text(client: httpx2.Client, stream: bool) -> None:
    """Requests without a trigger are served as usual."""
    assert answer(client, "Say OK.", stream=stream).reasons == ["stop"]


# --- one slot ---


def _connect(port: int, question: str, *, stream: bool) -> socket.socket:
    body = {"model": "reference-1", "messages": [{"role": "user", "content": question}], "stream": stream}
    content = json.dumps(body).encode()
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    connection.sendall(
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(content)
    )
    connection.sendall(content)
    return connection


@pytest.fixture
def slow() -> Iterator[ThreadedServer]:
    settings = Settings(single_slot=True, pace=Pace(token=0.05))
    with ThreadedServer(create_app(load_contract(), settings)) as server:
        yield server


def _seconds_for_ok(server: ThreadedServer, **members: Any) -> float:
    started = time.monotonic()
    with httpx2.Client(base_url=f"{server.site}/v1", timeout=20) as client:
        assert answer(client, "Say OK.", **members).messages[0]["content"] == "OK"
    return time.monotonic() - started


def test_one_generation_at_a_time(slow: ThreadedServer, stream: bool) -> None:
    """A second request waits for the first to end, and both are answered in full."""
    seconds: list[float] = []
    with _connect(slow.port, "Count from 1 to 10.", stream=stream) as first:
        time.sleep(0.1)
        waiting = threading.Thread(target=lambda: seconds.append(_seconds_for_ok(slow)))
        waiting.start()
        received = first.recv(65536)
        waiting.join(10)
        assert received.startswith(b"HTTP/1.1 200")

    # The count has 19 tokens.
    assert seconds[0] > 0.6


@pytest.mark.parametrize("waits", [False, True], ids=["running", "waiting"])
def test_a_client_that_leaves_frees_the_slot(slow: ThreadedServer, waits: bool, stream: bool) -> None:
    """Whoever closes the connection gives way, whether its generation goes on or still waits."""
    with _connect(slow.port, "Count from 1 to 900.", stream=True) as first:
        first.recv(100)
        if waits:
            with _connect(slow.port, "Count from 1 to 900.", stream=stream):
                time.sleep(0.1)
    time.sleep(0.05)

    # The counts have 1799 tokens.
    assert _seconds_for_ok(slow) < 10


def test_a_failure_frees_the_slot() -> None:
    """A generation that fails or is cut holds nobody up."""
    with serving(**TRIGGERS, single_slot=True, ping_seconds=1) as client:
        for end in ("until it breaks", "and hang up"):
            for stream in (True, False):
                with pytest.raises((AssertionError, httpx2.RemoteProtocolError)):
                    answer(client, TELL + end, stream=stream)
        assert answer(client, "Say OK.").messages[0]["content"] == "OK"


# --- the command line ---


def test_options() -> None:
    """Each feature can be asked for on the module's command line."""
    options = [
        "--body-limit=5000",
        "--filter-trigger=BLOCKED PINE",
        "--blocked-prompts=finish",
        "--refusal-trigger=a nice card trick",
        "--failure-trigger=until it breaks",
        "--truncation-trigger=and hang up",
        "--single-slot",
    ]
    with EmbeddedServer(*options) as server:
        headers = {"authorization": f"Bearer {server.key}"}
        with httpx2.Client(base_url=server.url, headers=headers, timeout=20) as client:
            assert post(client, "x" * 6000).status_code == 413
            assert answer(client, "A BLOCKED PINE?").reasons == ["content_filter"]
            assert answer(client, "Do a nice card trick.").messages[0]["refusal"]
            assert post(client, "Go on until it breaks.").status_code == 500
            with pytest.raises(httpx2.RemoteProtocolError):
                post(client, "Say hello and hang up")
