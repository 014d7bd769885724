"""Lints a large synthetic HAR in a child process, and reports what that took: memory, and bytes a second.

    uv run python bench/lint_memory.py [MEGABYTES] [--kind mixed|streams]

`mixed` is the traffic of a page: nine tenths of its bytes are pictures, the rest completions and streams.
`streams` is nothing but streams, which are judged by some hundred rules each.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_URL = "https://api.example.com/v1/chat/completions"
_BOUND = 300
_PICTURE = base64.b64encode(os.urandom(600_000)).decode()
_CREATED = 1_790_000_000


def main() -> None:
    """Write the HAR, lint it, report."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("megabytes", type=int, nargs="?", default=1000)
    options.add_argument("--kind", choices=["mixed", "streams"], default="mixed")
    chosen = options.parse_args()
    with TemporaryDirectory(prefix="chatconform-") as folder:
        file = Path(folder) / "traffic.har"
        entries = _write(file, chosen.megabytes * 1_000_000, chosen.kind)
        size = file.stat().st_size / 1e6
        print(f"{chosen.kind}: {size:.0f} MB, {entries} entries", flush=True)
        begin = time.perf_counter()
        linted = subprocess.run(
            [sys.executable, "-m", "chatconform", "lint", str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print("\n".join(linted.stdout.splitlines()[-3:]), linted.stderr)
    print(f"exit code {linted.returncode}, {seconds:.0f} s, {size / seconds:.1f} MB/s, {peak:.0f} MB at most")
    sys.exit(0 if linted.returncode == 0 and peak < _BOUND else 1)


def _write(file: Path, size: int, kind: str) -> int:
    count = 0
    with file.open("w", encoding="utf-8") as opened:
        opened.write('{"log": {"version": "1.2", "creator": {"name": "bench", "version": "1"}, "entries": [')
        for entry in _entries(kind):
            opened.write(("," if count else "") + "\n" + json.dumps(entry))
            count += 1
            if opened.tell() >= size:
                break
        opened.write("\n]}}\n")
    return count


def _entries(kind: str) -> Iterator[dict[str, Any]]:
    number = 0
    while True:
        number += 1
        if kind == "mixed":
            yield _entry(f"https://www.example.com/{number}.png", "GET", None, "image/png", _PICTURE, number)
            yield _entry(
                _URL, "POST", _asked(stream=False), "application/json", _completion(number), 2 * number
            )
        for n in range(3):
            name = 10 * number + n
            yield _entry(_URL, "POST", _asked(stream=True), "text/event-stream", _stream(name), name)


def _entry(url: str, method: str, asked: str | None, kind: str, text: str, number: int) -> dict[str, Any]:
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_CREATED + number % 80_000))
    headers = {
        "content-type": kind,
        "date": "Mon, 21 Sep 2026 14:13:20 GMT",
        "x-request-id": f"r{kind}{number}",
    }
    return {
        "startedDateTime": moment,
        "time": 500,
        "request": {
            "method": method,
            "url": url,
            "headers": [{"name": "authorization", "value": "Bearer sk-a-key-of-the-bench"}],
            **({"postData": {"mimeType": "application/json", "text": asked}} if asked else {}),
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
            "content": {"text": text, **({"encoding": "base64"} if kind == "image/png" else {})},
        },
    }


def _asked(*, stream: bool) -> str:
    messages = [{"role": "user", "content": "Tell me a story of two hundred words about a lighthouse."}]
    return json.dumps({"model": "model-1", "messages": messages, "stream": stream})


def _completion(number: int) -> str:
    message = {"role": "assistant", "content": "Once upon a time. " * 100, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 20, "completion_tokens": 400, "total_tokens": 420}
    return json.dumps({**_head(number, "chat.completion"), "choices": [choice], "usage": usage})


def _stream(number: int) -> str:
    head = _head(number, "chat.completion.chunk")
    deltas = [{"role": "assistant", "content": ""}, *({"content": f"word{n} "} for n in range(200)), {}]
    last = len(deltas) - 1
    choices = (
        {"index": 0, "delta": delta, "logprobs": None, "finish_reason": "stop" if n == last else None}
        for n, delta in enumerate(deltas)
    )
    events = [json.dumps({**head, "choices": [choice]}) for choice in choices]
    return "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"])


def _head(number: int, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{kind}-{number}", "object": kind, "created": _CREATED, "model": "model-1"}


if __name__ == "__main__":
    main()
