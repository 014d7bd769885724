"""The reference server as a process: embedded, from the command line, and under the official clients."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from chatconform.client.recording import recording_header
from chatconform.errors import HarnessError, UsageError
from chatconform.reference_server.options import rate_limit
from chatconform.reference_server.settings import TRIGGERS, RateLimit
from chatconform.running.embedded import EmbeddedServer

ROOT = Path(__file__).resolve().parents[1]
BODY = {"messages": [{"role": "user", "content": "Say hello."}]}


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer("--check-responses") as server:
        yield server


def _environment(server: EmbeddedServer) -> dict[str, str]:
    return {
        **os.environ,
        "OPENAI_BASE_URL": server.url,
        "OPENAI_API_KEY": server.key,
        "OPENAI_MODEL": server.model,
    }


def _run(
    command: list[str], environment: dict[str, str], folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


# --- embedded ---


def test_embedded_server(server: EmbeddedServer) -> None:
    """The embedded server is ready at once, and serves its key and its model."""
    response = httpx2.post(
        f"{server.url}/chat/completions",
        json={**BODY, "model": server.model},
        headers={"authorization": f"Bearer {server.key}"},
    )

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", server.url)
    assert response.status_code == 200
    assert httpx2.get(f"{server.url}/models").status_code == 401


def test_embedded_server_takes_options() -> None:
    """Options of the module's command line reach the embedded server, and it is gone afterwards."""
    with EmbeddedServer("--context-length=20", model="tiny") as server:
        body = {"model": "tiny", "messages": [{"role": "user", "content": "many words " * 20}]}
        headers = {"authorization": f"Bearer {server.key}"}
        response = httpx2.post(f"{server.url}/chat/completions", json=body, headers=headers)

    assert response.json()["error"]["code"] == "context_length_exceeded"
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{server.url}/models")


def test_embedded_server_that_cannot_start() -> None:
    """A server that does not start is a failure of ours, told at once."""
    with pytest.raises(HarnessError, match="did not start"), EmbeddedServer("--no-such-option"):
        pass


def test_embedded_server_ends_with_a_killed_parent() -> None:
    """When the parent is killed, the child ends by itself."""
    script = (
        "from chatconform.running.embedded import EmbeddedServer\n"
        "import time\n"
        "server = EmbeddedServer().__enter__()\n"
        "print(server.url, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert httpx2.get(f"{url}/models").status_code == 401
        parent.kill()

    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            httpx2.get(f"{url}/models")
        except httpx2.ConnectError:
            return
        time.sleep(0.05)
    pytest.fail("the child outlived its parent")


# --- the command line ---


def _serve(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "chatconform", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MY_KEY": "sk-my-0123456789abcdef", "COLUMNS": "80"},
    )


def _until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if text in line:
            return said
    pytest.fail(f"serve ended before it said {text!r}: {said}")


def _url(said: str) -> str:
    return str(re.findall(r"http://\S+/v1", said)[0])


def _end(process: subprocess.Popen[str]) -> tuple[str, str]:
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=10)


def test_serve_introduces_itself() -> None:
    """`serve` says where it is, shows snippets that work as they stand, and its key once, as an export."""
    process = _serve()
    said = _until(process, "Ctrl-C")
    keys = re.findall(r"sk-ref-\w+", said)
    curl = re.search(r"^curl .*\n.*$", said, re.MULTILINE)
    python = re.search(r"^import os\n(?:.+\n)+", said, re.MULTILINE)
    assert curl
    assert python
    environment = {**os.environ, "CHATCONFORM_KEY": keys[0]}
    by_curl = _run(["bash", "-c", f"{curl[0]} --silent"], environment) if shutil.which("curl") else None
    by_python = _run([sys.executable, "-c", python[0]], environment)
    rest, errors = _end(process)

    assert keys == keys[:1]
    assert f"export CHATCONFORM_KEY={keys[0]}" in said
    assert by_python.stdout.startswith("1, 2, 3")
    assert by_curl is None or json.loads(by_curl.stdout)["object"] == "chat.completion"
    assert re.search(r"200  POST /v1/chat/completions  \d", rest)
    assert (process.returncode, errors) == (0, "")


def test_serve_with_a_key_of_ones_own() -> None:
    """A key from the environment is used and never shown; a stranger's path cannot write to the terminal."""
    process = _serve("--key-env", "MY_KEY", "--model", "mine")
    said = _until(process, "Ctrl-C")
    url = _url(said)
    body = {**BODY, "model": "mine"}
    headers = {"authorization": "Bearer sk-my-0123456789abcdef"}
    response = httpx2.post(f"{url}/chat/completions", json=body, headers=headers)
    httpx2.get(f"{url}/%1b%5b31m")
    rest, _ = _end(process)

    assert response.status_code == 200
    assert "$MY_KEY" in said
    assert "0123456789abcdef" not in said + rest
    assert "\x1b" not in rest
    assert r"\x1b" in rest


def test_serve_without_keys() -> None:
    """`--no-auth` serves everybody, and the snippets need no variable."""
    process = _serve("--no-auth")
    said = _until(process, "Ctrl-C")
    status = httpx2.get(f"{_url(said)}/models").status_code
    _end(process)

    assert status == 200
    assert "CHATCONFORM_KEY" not in said


def test_serve_with_a_record(tmp_path: Path) -> None:
    """A server that records says how a gateway is judged by it, and has a text for every trouble."""
    record = tmp_path / "the upstream.jsonl"
    process = _serve("--no-auth", "--record", str(record), "--stall-trigger", "Be still.")
    said = _until(process, "Ctrl-C")
    url = _url(said)
    told = dict(re.findall(r"^  ([a-z-]+) +(\S.*)$", said, re.MULTILINE))
    texts = {word: text for word, text in told.items() if word in TRIGGERS}
    down = httpx2.post(f"{url}/chat/completions", json=_asking(texts["outage"]))
    _end(process)

    assert f"--upstream '{record}'" in said
    assert f"Let your gateway call {url}" in said
    assert texts["stall"] == "Be still."
    assert texts.keys() == TRIGGERS.keys()
    assert down.status_code == 503
    assert recording_header(record).features == texts


def _asking(text: str) -> dict[str, object]:
    return {"model": "reference-1", "messages": [{"role": "user", "content": text}]}


def test_serve_on_a_port_in_use(server: EmbeddedServer) -> None:
    """A port that is taken is one clear sentence and exit code 2."""
    port = server.url.split(":")[2].removesuffix("/v1")

    done = _run([sys.executable, "-m", "chatconform", "serve", "--port", port], dict(os.environ))

    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--rate-limit", "often"],
        ["--key-env", "NO_SUCH_VARIABLE_7"],
        ["--no-auth", "--key-env", "PATH"],
        ["--port", "99999"],
        ["--port", "0", "--scrub", "email,shoes"],
        ["--port", "0", "--record", "/nowhere/upstream.jsonl"],
        ["--port", "0", "--record", str(ROOT / "README.md")],
    ],
)
def test_serve_usage(options: list[str]) -> None:
    """Options that make no sense are told without a traceback, with exit code 2."""
    done = _run([sys.executable, "-m", "chatconform", "serve", *options], dict(os.environ))

    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("60/m", RateLimit(requests=60, seconds=60)),
        ("5/10s", RateLimit(requests=5, seconds=10)),
        ("100/1.5h", RateLimit(requests=100, seconds=5400)),
        ("3/s", RateLimit(requests=3, seconds=1)),
        ("3/2", RateLimit(requests=3, seconds=2)),
    ],
)
def test_rate_limit_option(text: str, limit: RateLimit) -> None:
    """A limit is a number of requests and a window."""
    assert rate_limit(text) == limit


@pytest.mark.parametrize("text", ["", "5", "0/s", "5/0s", "-1/s", "5/x", "5/s/s"])
def test_wrong_rate_limit_option(text: str) -> None:
    """Anything else is the user's mistake."""
    with pytest.raises(UsageError):
        rate_limit(text)


# --- the official clients ---


def test_openai_client(server: EmbeddedServer) -> None:
    """The official Python client completes, streams, calls a tool and gets JSON."""
    done = _run([sys.executable, "docs/examples/openai_client.py"], _environment(server))

    assert done.returncode == 0, done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [
        "chat",
        "stream",
        "tools",
        "json",
    ]


def test_ai_sdk(server: EmbeddedServer) -> None:
    """The AI SDK for JavaScript completes, streams, calls a tool and gets JSON."""
    folder = ROOT / "tests" / "ai_sdk"
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    if not (folder / "node_modules" / "ai").is_dir():
        pytest.skip("the packages are missing: run `npm install` in tests/ai_sdk")

    done = _run([node, "chat.mjs"], _environment(server), folder)

    assert done.returncode == 0, done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [
        "chat",
        "stream",
        "tools",
        "json",
    ]
