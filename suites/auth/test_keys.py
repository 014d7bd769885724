"""Who has no key is told so, before anything else, and is told no key."""

from __future__ import annotations

from chatconform.suite import (
    Evidence,
    Exchange,
    Observation,
    Play,
    at_body,
    at_header,
    at_status,
    check,
    expect,
    invariant,
    provoked,
)
from chatconform.suites.auth.scenarios import MALFORMED, SCHEMES, keys, list_keys
from chatconform.suites.forms import answered, request_header
from chatconform.suites.resp.scenarios import greeting
from chatconform.suites.wire import error_in, measured, response_of
from chatconform.wire.redaction import REPLACEMENT

# Servers that enforce no key are called with words such as "none", which occur in any text.
SHORTEST_SECRET = 12
# These are blanked in records whatever they hold.
BLANKED = frozenset({"set-cookie", "authorization", "x-api-key", "api-key", "cookie"})
ACCEPTED = {401: "unauthorized-401", 403: "forbidden-403", 400: "bad-request-400"}


def accepted_with_key(play: Play) -> None:
    """Leave the check inconclusive unless the same request was served with the key."""
    status = play.response("with-key").status
    provoked(status == 200, "the request is not served with the key either", at=at_status(play["with-key"]))


@check("CC-AUTH-001", keys)
def test_a_request_without_a_key_answers_401(play: Play) -> None:
    """A request without an Authorization header answers 401."""
    accepted_with_key(play)
    response, exchange = measured(play, "without-key"), play["without-key"]
    expect(response.status == 401, "status 401", came=str(response.status), at=at_status(exchange))


@check("CC-AUTH-002", keys)
def test_a_wrong_key_answers_401(play: Play) -> Observation:
    """A wrong key answers 401, to a plain request and to one for a stream."""
    accepted_with_key(play)
    response, exchange = measured(play, "wrong-key"), play["wrong-key"]
    expect(response.status == 401, "status 401", came=str(response.status), at=at_status(exchange))
    # Who has no streams may say so first; whoever is served one needs no key.
    response, exchange = measured(play, "wrong-key-streamed"), play["wrong-key-streamed"]
    expect(
        response.status != 200, "status 401 to a stream", came=str(response.status), at=at_status(exchange)
    )
    code = error_in(play["wrong-key"]).get("code")
    return Observation(
        topic="wrong-key-code", camp="invalid-api-key" if code == "invalid_api_key" else "own-vocabulary"
    )


@check("CC-AUTH-003", keys)
def test_a_malformed_header_answers_401(play: Play) -> Observation:
    """An Authorization header that cannot hold a bearer token answers 401 (or 403 or 400)."""
    accepted_with_key(play)
    camps = set()
    for step in filter(play.has, MALFORMED):
        response, exchange = measured(play, step), play[step]
        expect(
            response.status in ACCEPTED,
            "status 401, or 403 or 400",
            came=f"{response.status} for Authorization: {MALFORMED[step]!r}",
            at=at_status(exchange),
        )
        camps.add(ACCEPTED[response.status])
    return Observation(topic="malformed-authorization", camp="+".join(sorted(camps)))


@check("CC-AUTH-004", keys)
def test_the_scheme_is_matched_in_any_case(play: Play) -> None:
    """`bearer` and `BEARER` with the key are served like `Bearer`."""
    accepted_with_key(play)
    enforced = measured(play, "wrong-key").status != 200
    provoked(enforced, "a wrong key is served as well", at=at_status(play["wrong-key"]))
    for scheme in SCHEMES:
        step = f"scheme-{scheme}"
        if scheme != SCHEMES[0] and not play.has(step):
            continue
        response = measured(play, step)
        expect(
            response.status == 200,
            f"status 200 with the scheme spelled {scheme!r}, as with 'Bearer'",
            came=str(response.status),
            at=at_status(play[step]),
        )


@check("CC-AUTH-005", keys)
def test_the_key_is_checked_before_the_body(play: Play) -> None:
    """A wrong key is refused alike, as plain JSON, with a bad body and `stream: true`, by no member of it."""
    accepted_with_key(play)
    # That the refusal is a 401 at all is a rule of its own.
    usual, at_usual = measured(play, "wrong-key").status, at_status(play["wrong-key"])
    provoked(400 <= usual < 500, "a wrong key is not refused with a good body either", at=at_usual)
    response, exchange = measured(play, "wrong-key-bad-body"), play["wrong-key-bad-body"]
    expect(
        response.status == usual,
        f"status {usual} to a wrong key without messages and with stream: true, as with a good body",
        came=str(response.status),
        at=(at_status(exchange), at_usual),
    )
    expect(
        response.media_type == "application/json",
        "media type application/json",
        came=response.media_type,
        at=at_header(exchange, "content-type"),
    )
    error = error_in(exchange)
    told = f"{error.get('message')} {error.get('param') or ''}"
    about_body = "messages" in told or error.get("param") in ("model", "stream")
    expect(not about_body, "no word about the body", came=told, at=at_body(exchange))


@check("CC-AUTH-006", list_keys, control=keys)
def test_the_model_list_asks_for_the_same_key(play: Play) -> Observation:
    """GET /models refuses a missing and a wrong key as chat does, or neither (a public list)."""
    accepted_with_key(play)
    without, wrong = _statuses(play)
    on_chat = _statuses(play.comparison)
    # Chat may refuse with another 4xx than 401: that is a rule of its own, and no difference.
    alike = (without, wrong) == on_chat and all(400 <= status < 500 for status in on_chat)
    expect(
        alike or (without, wrong) in {(401, 401), (200, 200)},
        "a refusal of both as by chat, or 200 for both",
        came=f"{without} without a key and {wrong} with a wrong one (chat: {on_chat[0]} and {on_chat[1]})",
        at=(at_status(play["wrong-key"]), at_status(play["without-key"])),
    )
    return Observation(
        topic="model-list-access", camp="public-list" if wrong == 200 else "authenticated-list"
    )


def _statuses(play: Play) -> tuple[int, int]:
    return measured(play, "without-key").status, measured(play, "wrong-key").status


@check("CC-AUTH-008", keys)
def test_401_says_how_to_authenticate(play: Play) -> None:
    """An answer of 401 has a header WWW-Authenticate with a scheme."""
    # RFC 9110 15.5.2: "The server generating a 401 response MUST send a WWW-Authenticate header field".
    refused = [step for step in ("without-key", "wrong-key") if measured(play, step).status == 401]
    provoked(refused, "no request was answered 401", at=at_status(play["without-key"]))
    for step in refused:
        value, at = play.response(step).header("www-authenticate"), at_header(play[step], "www-authenticate")
        expect(value and value.strip(), "a header WWW-Authenticate", came=value or "none", at=at)


@invariant("CC-AUTH-007", answered, provoked_by=(greeting, keys))
def test_no_response_has_the_key(exchange: Exchange) -> None:
    """The key that was sent appears in no header and in no byte of the response's body."""
    key = request_header(exchange, "authorization").rpartition(" ")[2]
    provoked(len(key) >= SHORTEST_SECRET or key == REPLACEMENT, "the key is too short to be found for sure")
    for place, text in _told(exchange, key == REPLACEMENT):
        expect(key not in text, "no trace of the key", came="the whole key", at=place)


def _told(exchange: Exchange, is_record: bool) -> list[tuple[Evidence, str]]:
    headers = [
        (at_header(exchange, name), value)
        for name, value in response_of(exchange).fields
        if not (is_record and name.lower() in BLANKED)
    ]
    return [*headers, (at_body(exchange), response_of(exchange).text)]
