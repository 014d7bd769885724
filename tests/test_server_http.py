"""The reference server keeps the rules of HTTP: keys, methods, media types, sizes, limits and browsers."""

import gzip
import json
import re
import socket
import statistics
import time
import zlib
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from chatconform.contract import load_contract
from chatconform.reference_server import Pace, RateLimit, Settings, create_app
from chatconform.reference_server.threaded import ThreadedServer

KEY = "sk-test-0123456789abcdef"
BODY: dict[str, Any] = {"model": "reference-1", "messages": [{"role": "user", "content": "Say hello."}]}
AUTHORISED = {"authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedServer]:
    settings = Settings(keys=(KEY, "sk-another"), check_responses=True, body_limit=20_000)
    with ThreadedServer(create_app(load_contract(), settings)) as server:
        yield server


@pytest.fixture
def client(server: ThreadedServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"{server.site}/v1", headers=AUTHORISED) as client:
        yield client


def _exchange(server: ThreadedServer, request: bytes, *, until: bytes | None = None) -> bytes:
    """Send bytes and return what comes until the server closes, or until it has sent some bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(request)
        received = b""
        while until is None or until not in received:
            chunk = connection.recv(65536)
            if not chunk:
                break
            received += chunk
    return received


def _error(response: httpx2.Response) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert load_contract().validator("ErrorResponse").violations(response.json()) == ()
    assert error.keys() == {"message", "type", "param", "code"}
    return dict(error)


# --- keys ---


@pytest.mark.parametrize("path", ["/chat/completions", "/models", "/models/reference-1"])
@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic abc",
        "Bearer",
        KEY,
        "Bearer sk-wrong-0123456789abcdef",
        "Bearer é",
        f"{KEY} Bearer",
    ],
)
def test_refused_key(server: ThreadedServer, path: str, header: str | None) -> None:
    """Without a known bearer key every operation answers 401 with a challenge, and repeats no key."""
    method = "POST" if path.startswith("/chat") else "GET"
    headers = {} if header is None else {"authorization": header.encode()}

    response = httpx2.request(method, f"{server.site}/v1{path}", headers=headers)

    assert response.status_code == 401
    assert _error(response)["code"] == "invalid_api_key"
    assert response.headers["www-authenticate"].startswith("Bearer ")
    secret = (header or "").removeprefix("Bearer ")
    assert len(secret) < 16 or secret not in response.text + str(response.headers)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
@pytest.mark.parametrize("key", [KEY, "sk-another"])
def test_accepted_key(server: ThreadedServer, scheme: str, key: str) -> None:
    """Each key is accepted, and the scheme's case does not matter."""
    response = httpx2.get(f"{server.site}/v1/models", headers={"authorization": f"{scheme} {key}"})

    assert response.status_code == 200


def test_key_before_body(server: ThreadedServer) -> None:
    """A wrong key with a wrong body is a 401 that says nothing about the body, before the body has come."""
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n"
        b"authorization: Bearer no\r\n\r\n"
    )

    received = _exchange(server, head, until=b'"code":"invalid_api_key"}}')

    assert received.startswith(b"HTTP/1.1 401 ")
    assert b"messages" not in received


# --- paths and methods ---


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/chat/completionz"),
        ("GET", "/v1/nope"),
        ("GET", "/v1"),
        ("GET", "/nope"),
        ("DELETE", "/v2/models"),
        ("GET", "/v1/models/"),
        ("OPTIONS", "/v1/nope"),
    ],
)
def test_unknown_path(server: ThreadedServer, method: str, path: str) -> None:
    """An unknown path is a 404 with the error object."""
    response = httpx2.request(method, server.site + path)

    assert response.status_code == 404
    assert _error(response)["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/chat/completions", "POST, OPTIONS"),
        ("HEAD", "/chat/completions", "POST, OPTIONS"),
        ("DELETE", "/chat/completions", "POST, OPTIONS"),
        ("POST", "/models", "GET, HEAD, OPTIONS"),
        ("PATCH", "/models/reference-1", "GET, HEAD, OPTIONS"),
        ("TRACE", "/models", "GET, HEAD, OPTIONS"),
    ],
)
def test_wrong_method(client: httpx2.Client, method: str, path: str, allowed: str) -> None:
    """A known path with another method is a 405 that names the methods."""
    response = client.request(method, path)

    assert response.status_code == 405
    assert response.headers["allow"] == allowed
    if method != "HEAD":
        assert _error(response)["code"] == "method_not_allowed"


def test_head_and_options(client: httpx2.Client) -> None:
    """HEAD answers as GET does without a body; OPTIONS names the methods and needs no key."""
    head, get = client.head("/models"), client.get("/models")
    options = httpx2.options(str(client.base_url).rstrip("/") + "/models")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert "content-length" not in options.headers


# --- models ---


def test_models(client: httpx2.Client) -> None:
    """The list and each single model agree, ids with a slash included, and stay the same."""
    first, second = client.get("/models").json(), client.get("/models").json()

    assert first == second
    assert [card["id"] for card in first["data"]] == [
        "reference-1",
        "reference/slash-1",
        "reference-embedding-1",
    ]
    for card in first["data"]:
        assert client.get(f"/models/{card['id']}").json() == card
        assert client.get(f"/models/{card['id'].replace('/', '%2F')}").json() == card


@pytest.mark.parametrize("model", ["nope", "reference", "reference/slash-1/x", "%2F", "%FF", "a%00b"])
def test_no_such_model(client: httpx2.Client, model: str) -> None:
    """A model that is not listed is a 404."""
    response = client.get(f"/models/{model}")

    assert response.status_code == 404
    assert _error(response)["code"] == "model_not_found"


# --- bodies ---


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ('Application/JSON;charset="UTF-8"', 200),
        (None, 200),
        ("text/plain", 415),
        ("application/json; charset=latin-1", 415),
        ("application/x-www-form-urlencoded", 415),
        ("nonsense", 415),
    ],
)
def test_media_type(client: httpx2.Client, media_type: str | None, status: int) -> None:
    """JSON in UTF-8 is taken, also where it is not named; other media types are a 415."""
    headers = {} if media_type is None else {"content-type": media_type}

    response = client.post("/chat/completions", content=json.dumps(BODY).encode(), headers=headers)

    assert response.status_code == status
    if status == 415:
        assert _error(response)["code"] == "unsupported_media_type"


def test_compressed_body(client: httpx2.Client) -> None:
    """A body with a content coding is a 415, not an attempt to read it."""
    headers = {"content-type": "application/json", "content-encoding": "gzip"}

    response = client.post("/chat/completions", content=gzip.compress(b"{}"), headers=headers)

    assert response.status_code == 415


def test_too_large_by_declaration(server: ThreadedServer) -> None:
    """A body that declares to be too large is refused before any of it has come."""
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 20001\r\nexpect: 100-continue\r\n"
        f"authorization: Bearer {KEY}\r\ncontent-type: application/json\r\n\r\n"
    )

    received = _exchange(server, head.encode(), until=b'"}}')

    assert received.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in received


def test_too_large_in_chunks(server: ThreadedServer) -> None:
    """An upload in chunks is refused when it passes the limit, although it never ends, and then cut."""
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n"
        f"authorization: Bearer {KEY}\r\ncontent-type: application/json\r\n\r\n"
    )
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"

    received = _exchange(server, head.encode() + chunk * 6)

    assert received.startswith(b"HTTP/1.1 413 ")
    assert json.loads(received.partition(b"\r\n\r\n")[2])["error"]["code"] == "request_too_large"


def test_large_upload_gets_its_answer(client: httpx2.Client) -> None:
    """A client that sends far more than allowed still learns why it was refused."""
    response = client.post(
        "/chat/completions", content=b" " * 5_000_000, headers={"content-type": "application/json"}
    )

    assert response.status_code == 413
    assert _error(response)["type"] == "invalid_request_error"


def test_non_ascii_round_trip(client: httpx2.Client) -> None:
    """Text beyond ASCII arrives the same raw and escaped, and leaves as UTF-8."""
    body = {**BODY, "messages": [{"role": "user", "content": "Repeat exactly: é 漢 🦀"}], "temperature": 0}
    raw, escaped = json.dumps(body, ensure_ascii=False).encode(), json.dumps(body).encode()

    answers = [
        client.post("/chat/completions", content=content, headers={"content-type": "application/json"})
        for content in (raw, escaped)
    ]

    assert [answer.json()["usage"] for answer in answers] == [answers[0].json()["usage"]] * 2
    assert all("é 漢 🦀" in answer.content.decode("utf-8", "strict") for answer in answers)


# --- identity, failures, connection ---


def test_request_ids(client: httpx2.Client) -> None:
    """Every response, of whatever status, has a request id that no other has."""
    answers = [
        client.post("/chat/completions", json=BODY),
        client.post("/chat/completions", json={**BODY, "stream": True}),
        client.post("/chat/completions", json={}),
        client.get("/nope"),
        client.get("/models", headers={"authorization": "x"}),
        client.get(f"{str(client.base_url).removesuffix('/v1/')}/docs"),
    ]

    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == len(ids)


def test_connection_is_reused_after_errors_and_streams(server: ThreadedServer) -> None:
    """One connection serves refusals with unread bodies, streams and plain answers in turn."""
    body = json.dumps({**BODY, "stream": True}).encode()

    def request(key: str, last: bool) -> bytes:
        close = "connection: close\r\n" if last else ""
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n{close}"
        return head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body

    received = _exchange(server, request("no", False) + request(KEY, False) + request(KEY, True))

    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"401", b"200", b"200"]
    assert received.count(b"data: [DONE]\n\n") == 2


def test_nothing_waits_for_an_acknowledgement(client: httpx2.Client) -> None:
    """Small writes leave at once: with Nagle's algorithm each answer would take 40 ms and more."""
    seconds = []
    for _ in range(15):
        started = time.perf_counter()
        client.get("/models")
        seconds.append(time.perf_counter() - started)

    assert statistics.median(seconds) < 0.03


# --- limits ---


def test_rate_limit() -> None:
    """Over the limit comes 429 with a delay, after which requests are served again; headers always agree."""
    settings = Settings(
        keys=(KEY, "sk-another"), rate_limit=RateLimit(requests=2, seconds=1.0), check_responses=True
    )
    with (
        ThreadedServer(create_app(load_contract(), settings)) as server,
        httpx2.Client(base_url=f"{server.site}/v1", headers=AUTHORISED) as client,
    ):
        answers = [
            client.post("/chat/completions", json={**BODY, "stream": stream})
            for stream in (True, False, True)
        ]
        other = client.post("/chat/completions", json=BODY, headers={"authorization": "Bearer sk-another"})
        models = client.get("/models")
        refused = answers[2]
        time.sleep(int(refused.headers["retry-after"]))
        again = client.post("/chat/completions", json=BODY)

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert _error(refused)["code"] == "rate_limit_exceeded"
    assert int(refused.headers["retry-after"]) == 1
    assert [answer.headers["x-ratelimit-remaining-requests"] for answer in answers] == ["1", "0", "0"]
    assert {answer.headers["x-ratelimit-limit-requests"] for answer in answers} == {"2"}
    pattern = re.compile(r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$")
    assert all(pattern.match(answer.headers["x-ratelimit-reset-requests"]) for answer in answers)
    assert (other.status_code, models.status_code, again.status_code) == (200, 200, 200)


# --- browsers ---


def test_preflight(server: ThreadedServer) -> None:
    """A preflight needs no key and is granted every header it names, known or not."""
    wanted = "authorization,content-type,x-stainless-os,x-stainless-future-7"
    headers = {
        "origin": "https://app.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": wanted,
    }

    response = httpx2.options(f"{server.site}/v1/chat/completions", headers=headers)

    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "*"
    assert "POST" in response.headers["access-control-allow-methods"].split(", ")
    assert response.headers["access-control-allow-headers"] == wanted


def test_browsers_may_read_every_response(client: httpx2.Client) -> None:
    """Successes, streams and errors all allow the origin and expose what clients need."""
    origin = {"origin": "https://app.example"}
    answers = [
        client.post("/chat/completions", json=BODY, headers=origin),
        client.post("/chat/completions", json={**BODY, "stream": True}, headers=origin),
        client.post("/chat/completions", json={}, headers=origin),
        client.get("/models", headers={**origin, "authorization": "x"}),
        client.get("/nope", headers=origin),
        client.put("/models", headers=origin),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 400, 401, 404, 405]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"x-request-id", "retry-after", "x-ratelimit-remaining-requests"} <= set(exposed)


def test_no_cors() -> None:
    """A server without CORS says nothing to browsers."""
    with ThreadedServer(create_app(load_contract(), Settings(cors=False))) as server:
        headers = {"origin": "https://app.example", "access-control-request-method": "POST"}
        preflight = httpx2.options(f"{server.site}/v1/chat/completions", headers=headers)
        models = httpx2.get(f"{server.site}/v1/models", headers=headers)

    assert not [
        name for answer in (preflight, models) for name in answer.headers if name.startswith("access-control")
    ]


# --- compression ---


def test_no_compression_by_default(client: httpx2.Client) -> None:
    """Without the setting nothing is compressed, whatever the client takes."""
    response = client.post("/chat/completions", json=BODY, headers={"accept-encoding": "gzip"})

    assert "content-encoding" not in response.headers


def test_gzip_flushes_each_event() -> None:
    """A compressed stream can be read event by event, long before it ends."""
    settings = Settings(gzip=True, pace=Pace(token=0.05), check_responses=True)
    body = {**BODY, "messages": [{"role": "user", "content": "Count from 1 to 8."}], "stream": True}
    times = []
    with ThreadedServer(create_app(load_contract(), settings)) as server:
        unpacker = zlib.decompressobj(wbits=31)
        text = b""
        headers = {"accept-encoding": "gzip"}
        with httpx2.stream(
            "POST", f"{server.site}/v1/chat/completions", json=body, headers=headers
        ) as response:
            for raw in response.iter_raw():
                text += unpacker.decompress(raw)
                times.append((time.monotonic(), text.count(b"\n\n")))
        plain = httpx2.post(f"{server.site}/v1/chat/completions", json=BODY, headers=headers)
        refused = httpx2.get(f"{server.site}/v1/models", headers={"accept-encoding": "gzip;q=0, br"})

    assert response.headers["content-encoding"] == plain.headers["content-encoding"] == "gzip"
    assert plain.json()["object"] == "chat.completion"
    assert "content-encoding" not in refused.headers
    assert unpacker.eof
    assert text.endswith(b"data: [DONE]\n\n")
    assert len({events for _, events in times}) > 5
    assert times[-1][0] - times[0][0] > 0.2
