"""From values to the JSON of a record's rows."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Any

import orjson

from chatconform.findings.reception import Reception, Standing
from chatconform.findings.verdict import Judgement
from chatconform.record.rows import Footer, Header, PlayRow, Policy, Row
from chatconform.wire.exchange import Exchange, Failure, Headers, Request, Response

# The shape of each is stated in reports/record.schema.json.
JsonObject = dict[str, Any]


def row_to_json(row: Row) -> JsonObject:  # noqa: PLR0911 - one a kind
    """The JSON object of any row."""
    match row:
        case Header():
            return header_to_json(row)
        case Exchange():
            return exchange_to_json(row)
        case PlayRow():
            return play_to_json(row)
        case Judgement():
            return judgement_to_json(row)
        case Reception():
            return reception_to_json(row)
        case Standing():
            return standing_to_json(row)
        case Footer():
            return footer_to_json(row)


def to_line(row: Row) -> bytes:
    """The line of a row, with its end."""
    return line_of(row_to_json(row))


def line_of(value: JsonObject) -> bytes:
    """The line of a JSON object, with its end."""
    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        return orjson.dumps(_speakable(value), option=orjson.OPT_APPEND_NEWLINE)


def header_to_json(header: Header) -> JsonObject:
    """A header as JSON."""
    target = header.target
    return {
        "kind": "header",
        "schema": header.schema,
        "tool": header.tool,
        "contract": {"version": header.contract_version, "digest": header.contract_digest},
        "ledger": {"digest": header.ledger_digest},
        "target": {
            "name": target.name,
            "url": target.url,
            "model": target.model,
            "declared": list(target.declared),
            "lacks": list(target.lacks),
            "concurrency": target.concurrency,
            "key_env": target.key_env,
            "timeout": target.timeout,
        },
        "profile": header.profile,
        "profile_version": header.profile_version,
        "policy": policy_to_json(header.policy),
        "shard": header.shard,
        "resumed": list(header.resumed),
        "requirements": list(header.requirements),
        "command": list(header.command),
        "seed": header.seed,
        "started": header.started,
        "python": header.python,
        "platform": header.platform,
    }


def policy_to_json(policy: Policy) -> JsonObject:
    """A policy as JSON."""
    return {
        "strict": policy.strict,
        "sampling": asdict(policy.sampling),
        "fuzzing": {
            "name": policy.fuzzing,
            "requests": policy.fuzz_requests,
            "seconds": policy.fuzz_seconds,
        },
    }


def exchange_to_json(exchange: Exchange) -> JsonObject:
    """An exchange as JSON."""
    return {
        "kind": "exchange",
        "id": exchange.id,
        "scenario": exchange.scenario,
        "path": exchange.path,
        "attempt": exchange.attempt,
        "step": exchange.step,
        "request": _request(exchange.request),
        "response": _response(exchange.response) if exchange.response else None,
        "failure": _failure(exchange.failure) if exchange.failure else None,
        "started": exchange.started,
        "elapsed": exchange.elapsed,
        "retry_of": exchange.retry_of,
        "reused": exchange.reused,
        "sent_again": exchange.sent_again,
        "illness": exchange.illness,
        **_where_set(undated=exchange.undated, unpooled=exchange.unpooled),
    }


def play_to_json(play: PlayRow) -> JsonObject:
    """A play as JSON."""
    return {
        "kind": "play",
        "scenario": play.scenario,
        "path": play.path,
        "attempt": play.attempt,
        "steps": [{"step": step, "exchange": exchange} for step, exchange in play.steps],
        "notes": dict(play.notes),
        "ended": play.ended,
        "error": play.error,
    }


def judgement_to_json(judgement: Judgement) -> JsonObject:
    """A judgement as JSON."""
    return {
        "kind": "judgement",
        "requirement": judgement.requirement,
        "check": judgement.check,
        "path": judgement.path,
        "verdict": judgement.verdict.value,
        "reason": judgement.reason,
        "expected": judgement.expected,
        "came": judgement.came,
        "evidence": [
            {"exchange": each.exchange, "where": each.where, "quoted": each.quoted}
            for each in judgement.evidence
        ],
        "observations": [{"topic": each.topic, "camp": each.camp} for each in judgement.observations],
        "attempts": [each.value for each in judgement.attempts],
        "exchanges": list(judgement.exchanges),
        "bug": judgement.bug,
    }


def reception_to_json(reception: Reception) -> JsonObject:
    """A reception as JSON."""
    return {
        "kind": "reception",
        "exchange": reception.exchange,
        "client": reception.client,
        "version": reception.version,
        "door": reception.door,
        "outcome": reception.outcome.value,
        "differences": [
            {"what": each.what, "outcome": each.outcome.value, "wire": each.wire, "client": each.client}
            for each in reception.differences
        ],
        "error": reception.error,
    }


def standing_to_json(standing: Standing) -> JsonObject:
    """How a client did, as JSON."""
    return {
        "kind": "standing",
        "client": standing.client,
        "version": standing.version,
        "doors": [
            {"door": each.door, "outcomes": {outcome.value: n for outcome, n in each.outcomes.items()}}
            for each in standing.doors
        ],
        "unheard": standing.unheard,
        "reason": standing.reason,
    }


def footer_to_json(footer: Footer) -> JsonObject:
    """A footer as JSON."""
    return {
        "kind": "footer",
        "finished": footer.finished,
        "wall": footer.wall,
        "requests": footer.requests,
        "tokens": {"prompt": footer.tokens.prompt, "completion": footer.tokens.completion},
        "verdicts": {verdict.value: count for verdict, count in footer.verdicts.items()},
        "complete": footer.complete,
        "reason": footer.reason,
    }


def _request(request: Request) -> JsonObject:
    return {
        "method": request.method,
        "url": request.url,
        "headers": _headers(request.headers),
        "body": _body(request.body),
        **_where_set(withheld=request.withheld, head_withheld=request.head_withheld),
    }


def _response(response: Response) -> JsonObject:
    return {
        "status": response.status,
        "reason": response.reason,
        "headers": _headers(response.headers),
        "body": _body(response.raw),
        "arrivals": [[arrival.at, arrival.size] for arrival in response.arrivals],
        "headers_at": response.headers_at,
        "complete": response.complete,
        **_where_set(
            decoded=response.decoded, withheld=response.withheld, head_withheld=response.head_withheld
        ),
    }


def _where_set(**members: str | bool) -> JsonObject:
    """What traffic of ours never has."""
    return {name: value for name, value in members.items() if value}


def _failure(failure: Failure) -> JsonObject:
    return {"kind": failure.kind.value, "message": failure.message, "at": failure.at}


def _headers(headers: Headers) -> list[list[str]]:
    return [[name, value] for name, value in headers]


def _body(body: bytes) -> JsonObject:
    """Text where it is UTF-8, so that people can read the record; anything else in base64."""
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def _speakable(value: Any) -> Any:
    """The value without lone surrogates, which a target can make us quote but no UTF-8 file can hold."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_speakable(key): _speakable(each) for key, each in value.items()}
        case list():
            return [_speakable(each) for each in value]
    return value
