"""The curl command sends the recorded request again, and never shows the key."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chatconform.tests.support.wire import Received, Wire, WireServer
from chatconform.wire.curl import curl_command
from chatconform.wire.exchange import Headers, Request

KEY = "sk-0123456789abcdef"
NAME = "CHATCONFORM_TEST_KEY"

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def request(
    url: str = "http://127.0.0.1:8000/v1", *, method: str = "POST", headers: Headers = (), body: bytes = b""
) -> Request:
    return Request(method=method, url=url, headers=headers, body=body)


def sent_by_curl(home: Path, path: str, method: str, headers: Headers, body: bytes) -> Received:
    """What a real curl in a real shell sends for a request."""

    async def handler(_: Received, wire: Wire) -> None:
        await wire.answer(200, b"")

    with WireServer(handler) as server:
        command = curl_command(
            request(server.url + path, method=method, headers=headers, body=body), NAME, key=KEY
        )
        assert KEY not in command
        script = home / "command.sh"
        script.write_text(command, encoding="utf-8", newline="")
        done = subprocess.run(
            ["sh", script],
            env={"PATH": os.environ["PATH"], "HOME": str(home), NAME: KEY, "NO_PROXY": "*"},
            capture_output=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert b"200 Reason" in done.stdout
    (received,) = server.received
    return received


def comparable(headers: Headers) -> list[tuple[str, str]]:
    written_by_curl = {"host", "content-length"}
    return sorted((name.lower(), value) for name, value in headers if name.lower() not in written_by_curl)


token_letters = "abcXYZ019!#$%&'*+.^_`|~-"
header_names = st.text(token_letters, min_size=1, max_size=12).map(lambda name: f"X-{name}")
# HTTP allows no control characters in a value, and takes white space off its ends.
header_values = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]) | st.sampled_from("'\"$`\\;@ "),
    max_size=20,
).map(str.strip)
shell_texts = st.text(st.sampled_from("'\"$`\\!@\n\r\t (){}[]*?#~;&|<>%éx\u2028")).map(str.encode)


@needs_curl
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["POST", "PUT", "DELETE", "GET", "PATCH"]),
    st.lists(st.tuples(header_names, header_values), max_size=4, unique_by=lambda pair: pair[0].lower()),
    st.one_of(shell_texts, st.binary(max_size=60)),
)
@example("POST", [("X-Empty", "")], b"")
@example("POST", [("X-At", "@/etc/passwd")], b"@/etc/passwd")
@example("POST", [], b"line\r\nline\n")
@example("POST", [], b"nul\0byte")
@example("POST", [], b"\xff\xfe'")
@example("POST", [("Content-Type", "application/json"), ("Accept", "text/event-stream")], b'{"a":"it\'s"}')
def test_real_curl_sends_the_same(
    tmp_path: Path, method: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    """Method, target, headers and body reach a server as they were recorded, whatever is in them."""
    received = sent_by_curl(tmp_path, "/v1/chat/completions?a=[1]&b={2}", method, tuple(headers), body)

    assert (received.method, received.path) == (method, "/v1/chat/completions?a=[1]&b={2}")
    assert received.body == body
    assert comparable(received.headers) == comparable(tuple(headers))


@needs_curl
def test_large_bodies_pass_the_shell(tmp_path: Path) -> None:
    """A body over what one argument can hold comes through, without an Expect that was not there."""
    body = b"it's " * 300_000

    received = sent_by_curl(tmp_path, "/", "POST", (), body)

    assert received.body == body
    assert received.header("Expect") is None


@needs_curl
@pytest.mark.parametrize("length", ["0", None])
def test_empty_post_says_its_length(tmp_path: Path, length: str | None) -> None:
    """RFC 9110 8.6: a POST without content says "Content-Length: 0"."""
    headers = (("Content-Length", length),) if length else ()

    received = sent_by_curl(tmp_path, "/", "POST", headers, b"")

    assert received.header("Content-Length") == "0"


@needs_curl
def test_head_does_not_wait_for_a_body(tmp_path: Path) -> None:
    """HEAD is asked for in the way in which curl does not wait for content."""
    assert sent_by_curl(tmp_path, "/", "HEAD", (), b"").method == "HEAD"


@needs_curl
@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Authorization", f"Bearer {KEY}"),
        ("authorization", f"bearer {KEY}"),
        ("X-API-Key", KEY),
        ("api-key", KEY),
    ],
)
def test_key_comes_from_the_environment(tmp_path: Path, header: str, value: str) -> None:
    """The target receives the key, which the command does not hold."""
    received = sent_by_curl(tmp_path, f"/?q={KEY}", "POST", ((header, value),), f'{{"k": "{KEY}"}}'.encode())

    assert received.header(header) == value
    assert received.body == f'{{"k": "{KEY}"}}'.encode()
    assert received.path == f"/?q={KEY}"


def test_redacted_request_names_the_variable() -> None:
    """A request from a run record gets its key back from the environment."""
    command = curl_command(request(headers=(("Authorization", "Bearer [redacted]"),)), "MY_KEY")

    assert "-H 'Authorization: Bearer '\"$MY_KEY\"" in command


def test_credentials_never_show_even_if_nobody_names_the_key() -> None:
    """Headers that carry credentials lose theirs, whether the key is known or not."""
    headers = (("Authorization", f"Bearer {KEY}"), ("Cookie", KEY), ("X-Api-Key", KEY))

    command = curl_command(request(f"http://user:{KEY}@h/v1", headers=headers), "MY_KEY")

    assert KEY not in command
    assert "user" not in command


@given(st.binary(max_size=20), st.text(max_size=10), st.sampled_from(["text", "json", "base64"]))
def test_key_is_never_in_the_command(before: bytes, after: str, form: str) -> None:
    """Wherever a known key stands in a body, and in whatever form, it is taken out."""
    import base64
    import json

    forms = {
        "text": KEY.encode(),
        "json": json.dumps({"k": f"{KEY}\n"}).encode(),
        "base64": base64.b64encode(b"ab" + KEY.encode()),
    }
    command = curl_command(
        request(body=before + forms[form] + after.encode("utf-8", "replace")), NAME, key=KEY
    )

    assert KEY not in command
    assert base64.b64encode(b"ab" + KEY.encode()).decode()[4:-4] not in command
    encoded = command.partition("printf '%s' ")[2].partition(" |")[0].strip("'")
    assert KEY.encode() not in base64.b64decode(encoded)


@pytest.mark.parametrize(
    ("body", "expected"), [(b'{"stream": true}', True), (b'{"stream": false}', False), (b"{", False)]
)
def test_streams_are_not_buffered(body: bytes, expected: bool) -> None:
    """Whoever watches a stream wants to see each event as it comes."""
    assert ("--no-buffer" in curl_command(request(body=body), NAME)) is expected


def test_a_key_that_we_made_up_is_shown() -> None:
    """Of a request of ours only the target's key is taken out: a wrong key is what shows the defect again."""
    wrong = curl_command(request(headers=(("Authorization", "Bearer sk-wrong"),)), NAME, ours=True)
    right = curl_command(request(headers=(("Authorization", "Bearer [redacted]"),)), NAME, ours=True)

    assert "Bearer sk-wrong" in wrong
    assert f"${NAME}" in right
