"""From the JSON of a record's rows back to values.

The functions here take rows that follow reports/record.schema.json; `row_from_json` sees to that.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from functools import cache
from types import MappingProxyType
from typing import Any

import jsonschema_rs
import orjson

from chatconform.findings.reception import Difference, DoorCount, Outcome, Reception, Standing
from chatconform.findings.verdict import Evidence, Judgement, Observation, Verdict
from chatconform.judging.sampling import Sampling
from chatconform.record.encode import JsonObject
from chatconform.record.rows import SCHEMA_VERSION, Footer, Header, PlayRow, Policy, Row, TargetInfo, Tokens
from chatconform.resources import text
from chatconform.wire.exchange import Exchange, Failure, FailureKind, Headers, Request, Response
from chatconform.wire.stream import Arrival


class BadRow(ValueError):
    """A line is not a row of a run record; says why."""


def row_from_line(line: bytes) -> Row:
    """The row of a line; raises `BadRow` where it is none."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadRow(f"not JSON: {error}") from None
    return row_from_json(value)


def row_from_json(value: object) -> Row:
    """The row that a JSON value stands for; raises `BadRow` where it is none."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str) or kind not in _DECODERS:
        raise BadRow(f"not a row of a run record: its kind is none of {', '.join(_DECODERS)}")
    if kind == "header" and value.get("schema") != SCHEMA_VERSION:
        raise BadRow(f"written in version {value.get('schema')!r} of the record, this is {SCHEMA_VERSION!r}")
    for error in _validator(kind).iter_errors(value):
        at = "/".join(map(str, error.instance_path))
        raise BadRow(f"no row of kind {kind}: {error.message[:300]} (at /{at})")
    try:
        return _DECODERS[kind](value)
    except (binascii.Error, KeyError) as error:
        raise BadRow(f"no row of kind {kind}: {error}") from None


@cache
def _validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    # The rows of the schema lie under $defs, by kind: naming one gives a better message than oneOf.
    schema = orjson.loads(text("reports/record.schema.json"))
    return jsonschema_rs.Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{kind}"})


def header_from_json(value: JsonObject) -> Header:
    """A header from its JSON."""
    target = value["target"]
    return Header(
        schema=value["schema"],
        tool=value["tool"],
        contract_version=value["contract"]["version"],
        contract_digest=value["contract"]["digest"],
        ledger_digest=value["ledger"]["digest"],
        target=TargetInfo(
            url=target["url"],
            model=target["model"],
            declared=tuple(target["declared"]),
            lacks=tuple(target.get("lacks", ())),
            concurrency=target["concurrency"],
            key_env=target["key_env"],
            timeout=float(target["timeout"]),
            name=target.get("name", ""),
        ),
        profile=value["profile"],
        profile_version=value.get("profile_version", ""),
        policy=policy_from_json(value["policy"]) if "policy" in value else Policy(),
        shard=value.get("shard", ""),
        resumed=tuple(value.get("resumed", ())),
        requirements=tuple(value["requirements"]),
        command=tuple(value["command"]),
        seed=value["seed"],
        started=value["started"],
        python=value["python"],
        platform=value["platform"],
    )


def policy_from_json(value: JsonObject) -> Policy:
    """A policy from its JSON."""
    fuzzing = value["fuzzing"]
    return Policy(
        strict=value["strict"],
        sampling=Sampling(**value["sampling"]),
        fuzzing=fuzzing["name"],
        fuzz_requests=fuzzing["requests"],
        fuzz_seconds=float(fuzzing["seconds"]),
    )


def exchange_from_json(value: JsonObject) -> Exchange:
    """An exchange from its JSON."""
    response, failure = value["response"], value["failure"]
    return Exchange(
        id=value["id"],
        scenario=value["scenario"],
        path=value["path"],
        attempt=value["attempt"],
        step=value["step"],
        request=_request(value["request"]),
        response=None if response is None else _response(response),
        failure=None if failure is None else _failure(failure),
        started=float(value["started"]),
        elapsed=float(value["elapsed"]),
        retry_of=value["retry_of"],
        reused=value["reused"],
        # Records of before had neither.
        sent_again=value.get("sent_again", False),
        illness=value.get("illness", ""),
        undated=value.get("undated", ""),
        unpooled=value.get("unpooled", ""),
    )


def play_from_json(value: JsonObject) -> PlayRow:
    """A play from its JSON."""
    return PlayRow(
        scenario=value["scenario"],
        path=value["path"],
        attempt=value["attempt"],
        steps=tuple((each["step"], each["exchange"]) for each in value["steps"]),
        notes=MappingProxyType(value["notes"]),
        ended=value["ended"],
        error=value["error"],
    )


def judgement_from_json(value: JsonObject) -> Judgement:
    """A judgement from its JSON."""
    return Judgement(
        requirement=value["requirement"],
        check=value["check"],
        path=value["path"],
        verdict=Verdict(value["verdict"]),
        reason=value["reason"],
        expected=value["expected"],
        came=value["came"],
        evidence=tuple(Evidence(**each) for each in value["evidence"]),
        observations=tuple(Observation(**each) for each in value["observations"]),
        attempts=tuple(map(Verdict, value["attempts"])),
        exchanges=tuple(value["exchanges"]),
        bug=value["bug"],
    )


def reception_from_json(value: JsonObject) -> Reception:
    """A reception from its JSON."""
    return Reception(
        exchange=value["exchange"],
        client=value["client"],
        version=value["version"],
        door=value["door"],
        outcome=Outcome(value["outcome"]),
        differences=tuple(
            Difference(**{**each, "outcome": Outcome(each["outcome"])}) for each in value["differences"]
        ),
        error=value["error"],
    )


def standing_from_json(value: JsonObject) -> Standing:
    """How a client did, from its JSON."""
    return Standing(
        client=value["client"],
        version=value["version"],
        doors=tuple(
            DoorCount(
                door=each["door"],
                outcomes=MappingProxyType({Outcome(word): n for word, n in each["outcomes"].items()}),
            )
            for each in value["doors"]
        ),
        unheard=value["unheard"],
        reason=value["reason"],
    )


def footer_from_json(value: JsonObject) -> Footer:
    """A footer from its JSON."""
    return Footer(
        finished=value["finished"],
        wall=float(value["wall"]),
        requests=value["requests"],
        tokens=Tokens(prompt=value["tokens"]["prompt"], completion=value["tokens"]["completion"]),
        verdicts=MappingProxyType({Verdict(word): count for word, count in value["verdicts"].items()}),
        complete=value["complete"],
        reason=value["reason"],
    )


def _request(value: JsonObject) -> Request:
    return Request(
        method=value["method"],
        url=value["url"],
        headers=_headers(value["headers"]),
        body=_body(value["body"]),
        withheld=value.get("withheld", ""),
        head_withheld=value.get("head_withheld", ""),
    )


def _response(value: JsonObject) -> Response:
    return Response(
        status=value["status"],
        reason=value["reason"],
        headers=_headers(value["headers"]),
        raw=_body(value["body"]),
        arrivals=tuple(Arrival(at=float(at), size=size) for at, size in value["arrivals"]),
        headers_at=float(value["headers_at"]),
        complete=value["complete"],
        decoded=value.get("decoded", False),
        withheld=value.get("withheld", ""),
        head_withheld=value.get("head_withheld", ""),
    )


def _failure(value: JsonObject) -> Failure:
    return Failure(kind=FailureKind(value["kind"]), message=value["message"], at=float(value["at"]))


def _headers(value: list[list[str]]) -> Headers:
    return tuple((name, content) for name, content in value)


def _body(value: dict[str, Any]) -> bytes:
    if "text" in value:
        return str(value["text"]).encode("utf-8")
    return base64.b64decode(value["base64"], validate=True)


_DECODERS: dict[str, Callable[[JsonObject], Row]] = {
    "header": header_from_json,
    "exchange": exchange_from_json,
    "play": play_from_json,
    "judgement": judgement_from_json,
    "reception": reception_from_json,
    "standing": standing_from_json,
    "footer": footer_from_json,
}
