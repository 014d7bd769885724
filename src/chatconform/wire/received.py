"""What a recording upstream keeps of the requests that it receives: lines of JSON, as values.

The first line is a header, each other one a request. No headers of requests are kept, and so no key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from chatconform.wire.jsontext import Json, NotJson, parse

FORMAT = "chatconform-upstream"
VERSION = 1
# What an overloaded upstream asks its client to wait: odd enough to be known again behind a gateway.
RETRY_AFTER_SECONDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingHeader:
    """Whose requests are kept: the models that are served, and what brings which trouble about.

    `features` are words of the ledger's needs with the texts that bring them about; `started` is a moment in
    ISO 8601 (UTC).
    """

    models: tuple[str, ...]
    features: Mapping[str, str]
    started: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as the upstream received it.

    `time` is Unix time; `status` is that of a refusal, or nothing where the body was accepted; `body` is null
    where it was no JSON object.
    """

    time: float
    id: str
    method: str
    path: str
    stream: bool
    status: int | None
    body: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The requests that bear a code (the first of them), and how many requests there were in all."""

    received: tuple[Received, ...]
    calls: int


def header_line(header: RecordingHeader) -> bytes:
    """The header as it is written."""
    return _line({"format": FORMAT, "version": VERSION, **asdict(header)})


def received_line(received: Received) -> bytes:
    """A request as it is written."""
    return _line(asdict(received))


def found_text(found: Found) -> str:
    """What was found, as JSON text to be noted."""
    return json.dumps(asdict(found), ensure_ascii=False)


def read_header(line: bytes) -> RecordingHeader | None:
    """The header that a line is; nothing where it is none, or of another version."""
    told = _object(line)
    if told.get("format") != FORMAT or told.get("version") != VERSION:
        return None
    models, features, started = told.get("models"), told.get("features"), told.get("started")
    if not (isinstance(models, list) and isinstance(features, dict) and isinstance(started, str)):
        return None
    return RecordingHeader(
        models=tuple(map(str, models)),
        features={word: text for word, text in features.items() if isinstance(text, str)},
        started=started,
    )


def read_received(line: bytes) -> Received | None:
    """The request that a line is; nothing where it is none, or was not written to its end."""
    return _received(_object(line))


def read_found(text: str) -> Found:
    """What was found, from its JSON text."""
    told = _object(text)
    calls, listed = told.get("calls"), told.get("received")
    received = (
        [_received(each) for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    )
    return Found(
        received=tuple(each for each in received if each is not None),
        calls=calls if isinstance(calls, int) else 0,
    )


def _received(told: dict[str, Json]) -> Received | None:
    time, status, stream = told.get("time"), told.get("status"), told.get("stream")
    texts = [told.get(name) for name in ("id", "method", "path")]
    if not isinstance(time, int | float) or not isinstance(stream, bool) or "body" not in told:
        return None
    if not all(isinstance(text, str) for text in texts) or not (status is None or isinstance(status, int)):
        return None
    name, method, path = map(str, texts)
    return Received(
        time=time, id=name, method=method, path=path, stream=stream, status=status, body=told["body"]
    )


def _line(told: Json) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _object(line: str | bytes) -> dict[str, Json]:
    try:
        value = parse(line)
    except NotJson:
        return {}
    return value if isinstance(value, dict) else {}
