"""`chatconform export`: HAR that other tools read, and a script that sends requests again."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chatconform.cli import main
from chatconform.record import RecordWriter
from chatconform.record.encode import to_line
from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.exchanges import KEY, completion, exchange, hung, streamed
from chatconform.tests.support.recording_rows import HEADER
from chatconform.wire.exchange import Exchange, Request
from chatconform.wire.redaction import Redactor

TEXT, NUMBER, COUNT = {"type": "string"}, {"type": "number"}, {"type": "integer", "minimum": -1}
PAIRS = {
    "type": "array",
    "items": {"type": "object", "required": ["name", "value"], "properties": {"name": TEXT, "value": TEXT}},
}
MESSAGE = {
    "httpVersion": TEXT,
    "cookies": {"type": "array"},
    "headers": PAIRS,
    "headersSize": COUNT,
    "bodySize": COUNT,
}
# The members that HAR 1.2 demands (softwareishard.com/blog/har-12-spec), with their types.
ENTRY: dict[str, Any] = {
    "startedDateTime": {"type": "string", "format": "date-time"},
    "time": {"type": "number", "minimum": 0},
    "request": {"method": TEXT, "url": TEXT, "queryString": PAIRS, **MESSAGE},
    "response": {
        "status": COUNT, "statusText": TEXT, "redirectURL": TEXT, **MESSAGE,
        "content": {"size": COUNT, "mimeType": TEXT},
    },
    "cache": {},
    "timings": {"send": NUMBER, "wait": NUMBER, "receive": NUMBER},
}  # fmt: skip


def schema(members: dict[str, Any]) -> dict[str, Any]:
    """Every member is required; those that are no schema by themselves hold further members."""
    inner = {name: each if "type" in each else schema(each) for name, each in members.items()}
    return {"type": "object", "required": list(inner), "properties": inner}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A record with a plain, a streamed, a binary and a failed exchange."""
    file = tmp_path / "run.jsonl"
    binary = exchange(b"\xff\x00", media_type="image/png", url="http://target/v1/models?a=b")
    with RecordWriter(file, HEADER, redactor=Redactor([KEY])) as writer:
        for number, each in enumerate([exchange(completion()), streamed(), binary, hung()], 1):
            writer.exchange(replace(each, id=f"x{number:04}"))
    return file


def ended(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["export", *map(str, arguments)])
    return int(exit_.value.code or 0)


def test_the_har_is_one(path: Path, tmp_path: Path) -> None:
    """It has every member of HAR 1.2, texts as text and other bytes in base64."""
    har = tmp_path / "out" / "run.har"

    assert ended(path, "--har", har) == 0

    log = json.loads(har.read_bytes())["log"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "chatconform")
    for entry in log["entries"]:
        jsonschema.Draft202012Validator(schema(ENTRY)).validate(entry)
    plain, stream, binary, failed = log["entries"]
    assert json.loads(plain["response"]["content"]["text"])["object"] == "chat.completion"
    assert stream["response"]["content"]["text"].startswith("data: ")
    assert binary["response"]["content"]["encoding"] == "base64"
    assert binary["request"]["queryString"] == [{"name": "a", "value": "b"}]
    assert failed["response"]["status"] == 0
    assert "timeout" in failed["response"]["_error"]
    assert KEY not in har.read_text()


def test_only_some_exchanges(path: Path, tmp_path: Path) -> None:
    """`--exchange` picks by id; an id that there is not is a mistake, and nothing is written."""
    har, script = tmp_path / "some.har", tmp_path / "none.sh"

    assert ended(path, "--har", har, "-x", "x0002") == 0
    assert ended(path, "--curl", script, "-x", "x0002", "-x", "x9999") == 2

    assert len(json.loads(har.read_bytes())["log"]["entries"]) == 1
    assert not script.exists()
    assert ended(path) == 2


def run(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script, *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_script_sends_a_request_again(server: EmbeddedServer, tmp_path: Path) -> None:
    """It lists what it has; a name sends that request, with the key of the environment."""
    body = json.dumps({"model": server.model, "messages": [{"role": "user", "content": "Say 'it''s'!"}]})
    came = exchange(completion())
    request = Request(
        method="POST",
        url=f"{server.url}/chat/completions",
        headers=(("Authorization", f"Bearer {KEY}"), ("Content-Type", "application/json")),
        body=body.encode(),
    )
    record, script = tmp_path / "run.jsonl", tmp_path / "again.sh"
    header = replace(HEADER, target=replace(HEADER.target, key_env="MY_KEY"))
    with RecordWriter(record, header, redactor=Redactor([KEY])) as writer:
        writer.exchange(replace(came, id="x0001", request=request))
        writer.exchange(replace(came, id="x0002", request=request))

    assert ended(record, "--curl", script) == 0

    assert run(script).stdout.split()[:1] == ["x0001"]
    assert "HTTP/1.1 200" in run(script, "x0001", MY_KEY=server.key).stdout
    assert "HTTP/1.1 401" in run(script, "x0001").stdout
    assert run(script, "all", MY_KEY=server.key).stdout.count("HTTP/1.1 200") == 2
    assert run(script, "x0003").returncode == 2
    assert KEY not in script.read_text()


HOSTILE = "x'; touch owned; '\n$(touch owned)`touch owned`"


def test_no_record_gets_a_command_into_the_script(tmp_path: Path) -> None:
    """Whatever a record of a stranger says, the script runs nothing of it."""

    def named(name: str) -> Exchange:
        return replace(exchange(completion()), id=name, scenario=HOSTILE, path=HOSTILE, step=HOSTILE)

    record, script = tmp_path / "run.jsonl", tmp_path / "again.sh"
    header = replace(HEADER, target=replace(HEADER.target, key_env=HOSTILE))
    rows = [header, named(HOSTILE), named("printf"), named("x0001")]
    record.write_bytes(b"".join(map(to_line, rows)))

    assert ended(record, "--curl", script) == 0
    listed = subprocess.run(["sh", script], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert [line.split()[0] for line in listed.stdout.splitlines()][1:] == ["x_printf", "x0001"]
    assert not (tmp_path / "owned").exists()
