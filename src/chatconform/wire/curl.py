"""A recorded request as a curl command that an engineer can paste into a shell.

The command is for a POSIX shell. Where a key stood stands the name of an environment variable, so that the
command can be shown to anybody.
"""

from __future__ import annotations

import base64
import shlex
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from chatconform.errors import TargetError
from chatconform.wire.exchange import Headers, Request
from chatconform.wire.jsontext import parse
from chatconform.wire.redaction import REPLACEMENT, Redactor
from chatconform.wire.url import without_userinfo

# What curl would do on its own to a URL with these characters, and the option that forbids it.
_GLOBS = frozenset("[]{}")
_DOTS = ("/./", "/../")

# The tool's own name is no part of a request that an engineer wants to see again.
_OURS = "chatconform/"

# RFC 9110 8.6: a request whose method anticipates content says "Content-Length: 0" where it has none.
_WITHOUT_CONTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

# Linux takes no argument longer than 128 KiB (MAX_ARG_STRLEN); the shell's own printf has no such limit.
_ARGUMENT_LIMIT = 100_000

# From this size on curl would ask "Expect: 100-continue" first, which the recorded request did not.
_EXPECT_FROM = 1 << 20

_Quote = Callable[[str], str]


def curl_command(request: Request, key_env: str, *, key: str = "", ours: bool = False) -> str:
    """The command that sends the request again, with `$key_env` where the key was.

    A request from a run record holds no key any more; of one that comes from elsewhere, give the `key`, which
    is then taken out wherever it stands. Headers that carry credentials never show theirs, unless the request
    is `ours`: a key in it that is not the target's was made up, and is shown.
    """
    redactor = Redactor([key])
    quote = _quoting(key_env)
    headers = (redactor.own_headers if ours else redactor.headers)(request.headers)
    body = redactor.data(request.body)
    source, data = _body(body, quote) if _has_data(request) else ("", [])
    options = [
        " ".join(("curl -sSi", *_flags(request, body))),
        *_method(redactor.text(request.method), data, quote),
        *(f"-H {quote(header)}" for header in _headers(request, headers)),
        *data,
        quote(redactor.text(without_userinfo(request.url))),
    ]
    return source + " \\\n  ".join(options)


def _flags(request: Request, body: bytes) -> Iterator[str]:
    if _is_stream(body):
        yield "--no-buffer"
    if urlsplit(request.url).scheme == "https":
        yield "--http1.1"  # over TLS curl would offer HTTP/2
    if _GLOBS & set(request.url):
        yield "--globoff"
    if any(dots in request.url for dots in _DOTS) or request.url.endswith(("/.", "/..")):
        yield "--path-as-is"


def _method(method: str, data: list[str], quote: _Quote) -> list[str]:
    """The option for the method, unless it is the one that curl uses by itself."""
    if method == "HEAD":
        return ["--head"]
    return [] if method == ("POST" if data else "GET") else [f"-X {quote(method)}"]


def _quoting(key_env: str) -> _Quote:
    """Quotes for a POSIX shell: double around the variable that holds the key, single around all else."""

    def quote(text: str) -> str:
        parts = [part and shlex.quote(part) for part in text.split(REPLACEMENT)]
        return f'"${key_env}"'.join(parts) or "''"

    return quote


def _headers(request: Request, headers: Headers) -> Iterator[str]:
    names = {name.lower() for name, _ in headers}
    for name, value in headers:
        if not _is_written_by_curl(name, value, request.url):
            # For curl a colon without a value means: do not send this header.
            yield f"{name}: {value}" if value else f"{name};"
    unasked = {"Accept", "User-Agent"} | ({"Content-Type"} if _has_data(request) else set())
    yield from (f"{name}:" for name in sorted(unasked) if name.lower() not in names)
    if len(request.body) >= _EXPECT_FROM:
        yield "Expect:"


def _is_written_by_curl(name: str, value: str, url: str) -> bool:
    if name.lower() == "host":
        return value == urlsplit(url).netloc.rpartition("@")[2]
    if name.lower() == "user-agent":
        return value.startswith(_OURS)
    return name.lower() == "content-length" or (name.lower() == "accept" and value == "*/*")


def _has_data(request: Request) -> bool:
    return bool(request.body) or request.method not in _WITHOUT_CONTENT


def _body(body: bytes, quote: _Quote) -> tuple[str, list[str]]:
    """What stands before the command, and the options that name the body."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # no argument can hold a NUL
        encoded = base64.b64encode(body).decode("ascii")
        return f"printf '%s' {quote(encoded)} | base64 -d | ", ["--data-binary @-"]
    if len(body) > _ARGUMENT_LIMIT:
        return f"printf '%s' {quote(text)} | ", ["--data-binary @-"]
    return "", [f"--data-raw {quote(text)}"]


def _is_stream(body: bytes) -> bool:
    try:
        value = parse(body)
    except TargetError:
        return False
    return isinstance(value, dict) and value.get("stream") is True
