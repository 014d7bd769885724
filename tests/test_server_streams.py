"""The reference server's answers: whole and streamed they tell the same story, in the contract's words."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from chatconform.contract import load_contract
from chatconform.reference_server import Pace, Settings, create_app
from chatconform.reference_server.access import Access
from chatconform.reference_server.model import ChatRequest, Piece, generate
from chatconform.reference_server.pipeline import Pipeline
from chatconform.reference_server.threaded import ThreadedServer
from chatconform.wire.sse import decode

Document = dict[str, Any]

COUNT = {"role": "user", "content": "Count from 1 to 12."}
BODY: Document = {"model": "reference-1", "messages": [COUNT], "seed": 1, "temperature": 0}
WEATHER: Document = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
ASKS = [{"role": "user", "content": "What is the weather in Paris, in Oslo and in Rome?"}]
TOOLS: Document = {"messages": ASKS, "tools": [WEATHER], "tool_choice": "required"}
CUSTOM: Document = {
    "messages": ASKS,
    "tools": [{"type": "custom", "custom": {"name": "search"}}],
    "tool_choice": "required",
}
LEGACY: Document = {
    "messages": ASKS,
    "functions": [WEATHER["function"]],
    "function_call": {"name": "get_weather"},
}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    settings = Settings(check_responses=True, filter_trigger="seven")
    with (
        ThreadedServer(create_app(load_contract(), settings)) as server,
        httpx2.Client(base_url=f"{server.site}/v1") as client,
    ):
        yield client


def _complete(client: httpx2.Client, change: Document) -> Document:
    response = client.post("/chat/completions", json={**BODY, **change})
    assert response.status_code == 200, response.text
    assert load_contract().validator("Completion").violations(response.json()) == ()
    return dict(response.json())


def _chunks(client: httpx2.Client, change: Document) -> list[Document]:
    """Stream, read the bytes to the letter, and return the chunks, each of which fits the contract."""
    response = client.post("/chat/completions", json={**BODY, "stream": True, **change})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    decoded = decode(response.content)
    assert decoded.ending.irregularities == ()
    assert {event.type for event in decoded.events} == {"message"}
    *events, last = decoded.events
    assert last.data == "[DONE]"
    assert response.content.endswith(b"data: [DONE]\n\n")
    chunks = [json.loads(event.data) for event in events]
    for chunk in chunks:
        assert load_contract().validator("Chunk").violations(chunk) == ()
    return chunks


def _added(chunks: list[Document], index: int) -> Document:
    """Fold the deltas of one choice as a strict client does: strings are appended, nothing is repaired."""
    content: str | None = None
    calls: dict[int, Document] = {}
    message: Document = {"role": None, "content": None, "refusal": None}
    logprobs: list[Document] = []
    finish = []
    for chunk in chunks:
        for choice in chunk["choices"]:
            if choice["index"] != index:
                continue
            assert not finish, "a delta after the finish reason"
            delta = choice["delta"]
            if "role" in delta:
                assert message["role"] is None
                message["role"] = delta["role"]
            if delta.get("content") is not None:
                content = (content or "") + delta["content"]
            for fragment in delta.get("tool_calls", ()):
                _merge(calls.setdefault(fragment["index"], {}), fragment)
            if "function_call" in delta:
                _merge(message.setdefault("function_call", {}), delta["function_call"])
            logprobs += (choice["logprobs"] or {}).get("content", ())
            if choice["finish_reason"] is not None:
                assert delta == {}
                finish.append(choice["finish_reason"])
    assert list(calls) == list(range(len(calls)))
    message["content"] = content
    if calls:
        message["tool_calls"] = list(calls.values())
    return {"message": message, "finish_reason": finish[0], "logprobs": logprobs}


def _merge(call: Document, fragment: Document) -> None:
    for key, value in fragment.items():
        if key == "index":
            continue
        if isinstance(value, dict):
            _merge(call.setdefault(key, {}), value)
        elif key in {"arguments", "input"}:
            call[key] = call.get(key, "") + value
        else:
            assert key not in call, f"{key} comes twice"
            call[key] = value


def _without_ids(message: Document) -> Document:
    calls = [{**call, "id": "*"} for call in message.get("tool_calls", ())]
    return {**message, "tool_calls": calls}


CASES: dict[str, Document] = {
    "text": {},
    "cut by the limit": {"max_completion_tokens": 4},
    "cut by a stop string": {"stop": ["5, 6"]},
    "filtered": {"messages": [{"role": "user", "content": "Join the letters: s-i-x s-e-v-e-n e-i-g-h-t"}]},
    "characters of many bytes": {"messages": [{"role": "user", "content": "Repeat exactly: 漢字 🦀🦀 é"}]},
    "three choices": {"n": 3},
    "log probabilities": {"logprobs": True, "top_logprobs": 2},
    "tool calls": TOOLS,
    "one tool call": {**TOOLS, "parallel_tool_calls": False},
    "tool calls, two choices": {**TOOLS, "n": 2},
    "a tool call cut by the limit": {**TOOLS, "max_completion_tokens": 3},
    "a custom tool": CUSTOM,
    "the older form": LEGACY,
    "JSON": {
        "messages": [{"role": "user", "content": "Name a planet as JSON."}],
        "response_format": {"type": "json_object"},
    },
}


@pytest.mark.parametrize("include_usage", [False, True], ids=["", "usage"])
@pytest.mark.parametrize("name", CASES)
def test_stream_and_completion_agree(client: httpx2.Client, name: str, include_usage: bool) -> None:
    """Folded, the chunks of a stream are the choices of the completion to the same request."""
    change = CASES[name]

    completion = _complete(client, change)
    chunks = _chunks(client, {**change, "stream_options": {"include_usage": include_usage}})

    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
    assert chunks[0]["choices"][0]["index"] == 0
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    for choice in completion["choices"]:
        added = _added(chunks, choice["index"])
        assert _without_ids(added["message"]) == _without_ids(choice["message"])
        assert added["finish_reason"] == choice["finish_reason"]
        assert added["logprobs"] == (choice["logprobs"] or {}).get("content", [])
    usages = [chunk["usage"] for chunk in chunks if "usage" in chunk]
    if include_usage:
        assert usages == [None] * (len(chunks) - 1) + [completion["usage"]]
        assert chunks[-1]["choices"] == []
    else:
        assert usages == []
        assert all(chunk["choices"] for chunk in chunks)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("text", "stop"),
        ("cut by the limit", "length"),
        ("cut by a stop string", "stop"),
        ("filtered", "content_filter"),
        ("tool calls", "tool_calls"),
        ("a tool call cut by the limit", "length"),
        ("a custom tool", "tool_calls"),
        ("the older form", "function_call"),
    ],
)
def test_finish_reasons(client: httpx2.Client, name: str, reason: str) -> None:
    """Each way to end has its own word."""
    assert _complete(client, CASES[name])["choices"][0]["finish_reason"] == reason


def test_completion_members(client: httpx2.Client) -> None:
    """A completion of text says what it has not, and leaves out what would be empty."""
    before = int(time.time())
    completion = _complete(client, {})

    choice = completion["choices"][0]
    assert completion["id"].startswith("chatcmpl-")
    assert before <= completion["created"] <= time.time()
    assert choice["logprobs"] is None
    assert choice["message"]["refusal"] is None
    assert choice["message"].keys() == {"role", "content", "refusal"}
    assert completion["usage"]["total_tokens"] == (
        completion["usage"]["prompt_tokens"] + completion["usage"]["completion_tokens"]
    )


def test_identity(client: httpx2.Client) -> None:
    """Completion ids and call ids never repeat; the fingerprint never changes."""
    completions = [_complete(client, TOOLS) for _ in range(5)]

    calls = [call["id"] for each in completions for call in each["choices"][0]["message"]["tool_calls"]]
    assert len({each["id"] for each in completions}) == 5
    assert len(set(calls)) == len(calls)
    assert len({each["system_fingerprint"] for each in completions}) == 1


def test_tool_calls_have_no_content(client: httpx2.Client) -> None:
    """A message of tool calls has null for content, in both forms."""
    assert _complete(client, TOOLS)["choices"][0]["message"]["content"] is None
    assert _chunks(client, TOOLS)[0]["choices"][0]["delta"]["content"] is None


def test_answers_can_be_sent_back(client: httpx2.Client) -> None:
    """A message of ours is accepted unchanged as history, with the results of its calls."""
    message = _complete(client, TOOLS)["choices"][0]["message"]
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": "The code is QX71."}
        for call in message["tool_calls"]
    ]

    second = _complete(client, {**TOOLS, "tool_choice": "auto", "messages": [*ASKS, message, *results]})
    third = _complete(
        client, {"messages": [*ASKS, message, *results, second["choices"][0]["message"], COUNT]}
    )

    assert "QX71" in second["choices"][0]["message"]["content"]
    assert third["choices"][0]["finish_reason"] == "stop"


def test_choices_are_interleaved(client: httpx2.Client) -> None:
    """Choices of one stream grow side by side."""
    order = [chunk["choices"][0]["index"] for chunk in _chunks(client, {"n": 2})]

    assert order[0] == 0
    assert order.index(1) < len(order) - 1 - order[::-1].index(0)


def test_the_body_decides_the_form(client: httpx2.Client) -> None:
    """What a client accepts does not change the form of the answer."""
    plain = client.post("/chat/completions", json=BODY, headers={"accept": "text/event-stream"})
    stream = client.post(
        "/chat/completions", json={**BODY, "stream": True}, headers={"accept": "application/json"}
    )

    assert plain.headers["content-type"] == "application/json"
    assert stream.headers["content-type"].startswith("text/event-stream")


def test_service_tier(client: httpx2.Client) -> None:
    """The tier is told to those who asked for one."""
    assert "service_tier" not in _complete(client, {})
    assert _complete(client, {"service_tier": "auto"})["service_tier"] == "default"
    assert {chunk["service_tier"] for chunk in _chunks(client, {"service_tier": "auto"})} == {"default"}


# --- time ---


def test_pace_and_keep_alive() -> None:
    """A slow model's chunks arrive one by one, and comments bridge the silence before the first."""
    settings = Settings(pace=Pace(first_token=0.35, token=0.05), ping_seconds=0.1)
    arrivals: list[tuple[float, bytes]] = []
    with ThreadedServer(create_app(load_contract(), settings)) as server:
        started = time.monotonic()
        body = {**BODY, "stream": True, "max_completion_tokens": 6}
        with httpx2.stream("POST", f"{server.site}/v1/chat/completions", json=body) as response:
            headers_after = time.monotonic() - started
            arrivals.extend((time.monotonic() - started, raw) for raw in response.iter_raw())
        plain_started = time.monotonic()
        httpx2.post(f"{server.site}/v1/chat/completions", json={**BODY, "max_completion_tokens": 6})
        plain_seconds = time.monotonic() - plain_started

    content = b"".join(raw for _, raw in arrivals)
    first_chunk = next(after for after, raw in arrivals if b"data:" in raw)
    assert headers_after < 0.3
    assert 3 <= content.partition(b"data:")[0].count(b": keep-alive\n\n") <= 4
    assert first_chunk >= 0.35
    assert arrivals[-1][0] - first_chunk >= 0.2
    assert len([raw for _, raw in arrivals if b"data:" in raw]) >= 6
    assert plain_seconds >= 0.6
    assert decode(content).events[-1].data == "[DONE]"


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
def test_a_client_that_leaves_ends_the_generation(stream: bool) -> None:
    """When the client closes the connection the model stops, whole or streamed."""
    written = 0
    accesses: list[Access] = []
    told = threading.Event()

    def counted(request: ChatRequest, **options: Any) -> Iterator[Piece]:
        nonlocal written
        for piece in generate(request, **options):
            written += 1
            yield piece

    def tell(access: Access) -> None:
        accesses.append(access)
        told.set()

    pipeline = replace(Pipeline(), generate=counted)
    app = create_app(load_contract(), Settings(pace=Pace(token=0.03)), pipeline=pipeline, access_log=tell)
    body = {**BODY, "stream": stream, "messages": [{"role": "user", "content": "Count from 1 to 300."}]}
    content = json.dumps(body).encode()
    with ThreadedServer(app) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            connection.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(content)
            )
            connection.sendall(content)
            time.sleep(0.2)
        assert told.wait(2)

    assert not accesses[0].complete
    assert 0 < written < 30


# --- failures ---


def _failing(after: int) -> Pipeline:
    def broken(request: ChatRequest, **options: Any) -> Iterator[Piece]:
        for number, piece in enumerate(generate(request, **options)):
            if number == after:
                raise RuntimeError("secret of /usr/lib/python3/model.py")
            yield piece

    return replace(Pipeline(), generate=broken)


def test_failure_of_a_plain_answer() -> None:
    """An unexpected failure is a 500 that tells the request's id and nothing else."""
    app = create_app(load_contract(), Settings(check_responses=True), pipeline=_failing(3))
    with ThreadedServer(app) as server:
        response = httpx2.post(f"{server.site}/v1/chat/completions", json=BODY)

    assert response.status_code == 500
    error = response.json()["error"]
    assert (error["type"], error["param"], error["code"]) == ("server_error", None, None)
    assert response.headers["x-request-id"] in error["message"]
    assert "secret" not in response.text
    assert response.headers["access-control-allow-origin"] == "*"


def test_failure_within_a_stream() -> None:
    """A failure after the first chunk is an event with the error; no finish reason, no terminator follow."""
    app = create_app(load_contract(), Settings(check_responses=True), pipeline=_failing(3))
    with ThreadedServer(app) as server:
        response = httpx2.post(f"{server.site}/v1/chat/completions", json={**BODY, "stream": True})

    decoded = decode(response.content)
    documents = [json.loads(event.data) for event in decoded.events]
    assert response.status_code == 200
    assert decoded.ending.irregularities == ()
    assert documents[-1]["error"]["type"] == "server_error"
    assert response.headers["x-request-id"] in documents[-1]["error"]["message"]
    assert [choice["finish_reason"] for document in documents[:-1] for choice in document["choices"]] == [
        None
    ] * 4
    assert "secret" not in response.text


def test_response_check() -> None:
    """A server that checks its responses does not send one that breaks the contract."""

    def nameless(*arguments: Any) -> Document:
        document = Pipeline().complete(*arguments)
        return {key: value for key, value in document.items() if key != "id"}

    pipeline = replace(Pipeline(), complete=nameless)
    statuses = []
    for check in (False, True):
        app = create_app(load_contract(), Settings(check_responses=check), pipeline=pipeline)
        with ThreadedServer(app) as server:
            statuses.append(httpx2.post(f"{server.site}/v1/chat/completions", json=BODY).status_code)

    assert statuses == [200, 500]
