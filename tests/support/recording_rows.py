"""What tests of recording rows have in common."""

import json
from pathlib import Path

import jsonschema
from hypothesis import strategies as st

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.record import (
    Header,
    RecordWriter,
    TargetInfo,
)
from chatconform.resources import text
from chatconform.wire.exchange import Exchange, Failure, FailureKind, Headers, Request, Response
from chatconform.wire.redaction import Redactor
from chatconform.wire.stream import Arrival

SCHEMA = json.loads(text("reports/record.schema.json"))


VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


HEADER = Header(
    tool="0.1.0",
    contract_version="1.0.0",
    contract_digest="0" * 64,
    ledger_digest="f" * 64,
    target=TargetInfo(
        url="http://h/v1", model="m", declared=("auth",), concurrency=8, timeout=60.0, key_env="KEY"
    ),
    profile="standard",
    requirements=("CC-STOP-001",),
    command=("chatconform", "run"),
    seed="seed",
    started="2026-11-22T20:00:00.000Z",
    python="3.11.7",
    platform="Linux",
)


def request(body: bytes = b"{}", headers: Headers = ()) -> Request:
    return Request(method="POST", url="http://h/v1/chat/completions", headers=headers, body=body)


def response(
    raw: bytes, *, media: str = "application/json", sizes: tuple[int, ...] | None = None
) -> Response:
    cuts = (len(raw),) if sizes is None else sizes
    return Response(
        status=200,
        reason="OK",
        headers=(("Content-Type", media),),
        raw=raw,
        arrivals=tuple(Arrival(at=0.1 * n, size=size) for n, size in enumerate(cuts)),
        headers_at=0.05,
    )


def exchange(name: str = "x0001", *, sent: Request | None = None, came: Response | None = None) -> Exchange:
    return Exchange(
        id=name,
        scenario="stop.letters",
        path="plain",
        attempt=1,
        step="control",
        request=sent or request(),
        response=came,
        failure=None if came else Failure(kind=FailureKind.TIMEOUT, message="late", at=1.0),
        started=1_795_000_000.5,
        elapsed=1.5,
    )


def judgement(requirement: str, verdict: Verdict) -> Judgement:
    return Judgement(requirement=requirement, check="c", path="plain", verdict=verdict)


def writer(path: Path, secrets: tuple[str, ...] = ()) -> RecordWriter:
    return RecordWriter(path, HEADER, redactor=Redactor(secrets))


# A record is UTF-8: it holds any text but lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


headers = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
