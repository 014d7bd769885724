"""Reading HARs: what they tell, what they leave out, and what no HAR should hold."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatconform.errors import Unrecorded
from chatconform.tests.support.exchanges import completion, error, exchange, hung, streamed
from chatconform.tests.test_record_rows import exchanges
from chatconform.traffic.entry_writing import entry_of_exchange
from chatconform.traffic.har import read_har
from chatconform.traffic.har_writing import write_har
from chatconform.traffic.met import Beside, Described, Heard, Met, Unjudged
from chatconform.traffic.own import OWN
from chatconform.wire.exchange import Exchange, FailureKind, Response

FILE = Path("traffic.har")
Entry = dict[str, Any]


def read(document: object) -> list[Met]:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return [met for met in read_har(FILE, io.BytesIO(raw)) if not isinstance(met, Described)]


def har(*entries: object, version: object = "1.2", **members: object) -> dict[str, Any]:
    return {"log": {"version": version, "creator": {}, **members, "entries": list(entries)}}


def entry(came: Exchange | None = None) -> Entry:
    """An entry as somebody else writes it."""
    written = entry_of_exchange(came or exchange(completion()))
    del written[OWN]
    return written


def only(document: object) -> Exchange:
    (met,) = read(document)
    assert isinstance(met, Heard), met
    return met.exchange


def changed(change: Callable[[Entry], object], came: Exchange | None = None) -> Exchange:
    """What is read of an entry that was changed."""
    made = entry(came)
    change(made)
    return only(har(made))


def response_of(came: Exchange) -> Response:
    assert came.response is not None
    return came.response


# --- what goes through a HAR ---


@given(st.lists(exchanges, max_size=3, unique_by=lambda each: each.id))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_our_own_har_loses_nothing(given: list[Exchange]) -> None:
    """Whatever an exchange holds, it is the same after it was written as HAR and read."""
    file = io.BytesIO()
    write_har(given, file)

    found = [met for met in read(file.getvalue()) if not isinstance(met, Beside)]

    assert [met.exchange for met in found if isinstance(met, Heard)] == [
        each for each in given if each.scenario != "smoke"
    ]


@given(st.sampled_from(["plain", "streamed", "error"]), st.text(max_size=20), st.integers(0, 10**6))
def test_a_har_of_others_keeps_what_it_can(kind: str, text: str, milliseconds: int) -> None:
    """Method, URL, headers, bodies, status and time come back without the member that is ours."""
    encodable = text.encode("utf-8", "replace").decode()
    came = {
        "plain": lambda: exchange(completion(encodable)),
        "streamed": streamed,
        "error": lambda: exchange(error(encodable), status=400),
    }[kind]()
    came = replace(came, elapsed=milliseconds / 1000)

    found = only(har(entry(came)))

    assert (found.request, found.started) == (came.request, came.started)
    assert found.elapsed == pytest.approx(came.elapsed)
    told = replace(response_of(came), arrivals=(), headers_at=0.0, decoded=True)
    assert response_of(found) == told


def test_what_a_har_does_not_tell_is_not_made_up() -> None:
    """Arrivals and connections are unknown; who asks for them is told so."""
    found = only(har(entry(streamed())))

    with pytest.raises(Unrecorded):
        _ = response_of(found).stream.events[0].at
    with pytest.raises(Unrecorded):
        _ = found.is_reuse
    assert response_of(found).stream.events[0].chunk


def test_a_body_in_base64_is_read() -> None:
    """`encoding: base64` is undone, for bytes that are no text as well."""

    def encode(made: Entry) -> None:
        made["response"]["content"] |= {"text": "/w==", "encoding": "base64"}

    assert response_of(changed(encode)).raw == b"\xff"


def test_a_decoded_body_is_not_decoded_again() -> None:
    """A HAR holds bodies without their content coding, while its headers still name it."""

    def code(made: Entry) -> None:
        made["response"]["headers"].append({"name": "Content-Encoding", "value": "br"})

    found = response_of(changed(code))

    assert found.json
    assert found.header("content-encoding") == "br"


def test_headers_of_http_2_are_read() -> None:
    """Pseudo-headers are no headers, and values that came several times stand by themselves again."""

    def add(made: Entry) -> None:
        made["request"]["headers"].append({"name": ":authority", "value": "target"})
        made["response"]["headers"].append({"name": "vary", "value": "a\nb"})

    found = changed(add)

    assert all(not name.startswith(":") for name, _ in found.request.fields)
    assert response_of(found).header_values("Vary") == ("a", "b")


# --- bodies that are missing ---


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.pop("text"),
        lambda content: content.update(text=None),
        lambda content: content.update(text="!", encoding="base64"),
        lambda content: content.update(encoding="rot13"),
        lambda content: content.update(text="\ud800"),
        lambda content: content.update(text="", size=500),
        lambda content: content.update(text="{", size=500),
        lambda content: content.update(text="", size=0),
    ],
    ids=["no-text", "null", "no-base64", "unknown-encoding", "surrogate", "emptied", "cut", "no-size"],
)
def test_a_body_that_was_not_kept_is_no_empty_one(change: Callable[[Entry], object]) -> None:
    """A response whose body is missing has a head that can be judged, and no body that could be."""
    found = response_of(changed(lambda made: change(made["response"]["content"])))

    assert found.status == 200
    assert found.header("content-type") == "application/json"
    assert found.has_body
    for name in ("body", "text", "json", "stream"):
        with pytest.raises(Unrecorded):
            getattr(found, name)


def test_a_response_without_a_body_is_an_empty_one() -> None:
    """Where nothing came, nothing is missing."""

    def empty(made: Entry) -> None:
        made["response"] |= {"content": {"size": 0, "mimeType": ""}, "bodySize": 0}

    found = response_of(changed(empty))

    assert (found.body, found.has_body) == (b"", False)


@pytest.mark.parametrize("data", [None, {"mimeType": "x", "params": []}, {"mimeType": "x"}])
def test_a_request_whose_body_was_not_kept_is_no_empty_one(data: object) -> None:
    """Without `postData.text` nobody knows what was asked."""
    found = changed(lambda made: made["request"].update(postData=data))

    with pytest.raises(Unrecorded):
        _ = found.request.content
    assert found.request.fields


@pytest.mark.parametrize("change", [{"startedDateTime": "then"}, {"time": None}, {"time": 10**400}])
def test_a_time_that_cannot_be_read_is_unknown(change: Entry) -> None:
    """An exchange at no known time is judged by what does not ask for it."""
    found = changed(lambda made: made.update(change))

    with pytest.raises(Unrecorded):
        _ = found.ended


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("net::ERR_CONNECTION_REFUSED", FailureKind.CONNECT),
        ("net::ERR_CERT_DATE_INVALID", FailureKind.TLS),
        ("net::ERR_EMPTY_RESPONSE", FailureKind.CLOSED),
        ("net::ERR_INVALID_HTTP_RESPONSE", FailureKind.PROTOCOL),
        ("net::ERR_ABORTED", FailureKind.ABORTED),
        ("", FailureKind.ABORTED),
    ],
)
def test_a_status_of_0_is_a_failure(told: str, kind: FailureKind) -> None:
    """What ended an exchange counts as ours unless the recorder blames the server."""
    found = changed(lambda made: made["response"].update(_error=told), hung())

    assert found.response is None
    assert found.failure is not None
    assert found.failure.kind is kind


def test_a_response_that_broke_off_is_not_whole() -> None:
    """What had come is kept, with the failure; rules about answers leave it alone."""
    found = changed(lambda made: made["response"].update(_error="net::ERR_INCOMPLETE_CHUNKED_ENCODING"))

    assert not response_of(found).complete
    assert found.failure is not None
    assert found.failure.kind is FailureKind.CLOSED


# --- what is beside the API, and what is no HAR ---


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made["request"].update(url="http://target/logo.png"),
        lambda made: made.update(_fromCache="disk"),
        lambda made: made.update(_webSocketMessages=[]),
    ],
    ids=["picture", "cache", "web-socket"],
)
def test_other_entries_are_beside(change: Callable[[Entry], object]) -> None:
    """Pictures, answers out of a cache and web sockets are no exchanges with the API."""
    made = entry()
    change(made)

    assert [type(met) for met in read(har(made, entry()))] == [Beside, Heard]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"{}", "without an object `log`"),
        (b'{"log": []}', "without an object `log`"),
        (b'{"log": {"version": "1.2"}}', "no array `entries`"),
        (b'{"log": {"version": "1.2", "entries": {}}}', "no array `entries`"),
        (har(entry(), version="2.0"), "version '2.0'"),
        (har(entry(), version=1.2), "something that is no text"),
        (b'{"log" "x"}', "was expected"),
        (b'{"log": {"version": "1.2", "entries": [{} {}]}}', "was expected"),
    ],
)
def test_what_is_no_har_says_so(document: object, reason: str) -> None:
    """Another document, and another version, are named with the file."""
    last = read(document)[-1]

    assert isinstance(last, Unjudged)
    assert last.is_end
    assert reason in last.reason
    assert last.where.file == FILE


@pytest.mark.parametrize("version", ["", "1.1", "1.2"])
def test_known_versions_are_read(version: str) -> None:
    """1.1, 1.2 and, as the specification has it, an empty version."""
    assert only(har(entry(), version=version)).response


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"5", "no object"),
        (b'{"request": {"url": 5}}', "request.url is no text"),
        (b'{"request": {"url": "http://t/v1/models"}}', "request.method is no text"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
        (b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}", "recursion"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'{"a": tru}', "not JSON"),
    ],
    ids=["number", "url", "method", "nan", "giant", "deep", "latin-1", "word"],
)
def test_a_bad_entry_is_named_and_the_next_one_read(bad: bytes, reason: str) -> None:
    """What is wrong with one entry keeps none of the others from being judged."""
    good = json.dumps(entry()).encode()
    document = b'{"log": {"version": "1.2", "entries": [' + b",".join([good, bad, good]) + b"]}}"

    first, second, third = read(document)

    assert isinstance(first, Heard)
    assert isinstance(third, Heard)
    assert isinstance(second, Unjudged)
    assert reason in second.reason
    assert "entry 2" in second.where.position


def test_a_member_that_occurs_twice_is_named() -> None:
    """Of two members of one name nobody knows which was meant."""
    raw = json.dumps(har(entry())).replace('"status": 200', '"status": 500, "status": 200')

    (met,) = read(raw.encode())

    assert isinstance(met, Unjudged)
    assert "'status' occurs twice" in met.reason


def test_what_came_before_a_cut_is_read() -> None:
    """A HAR that ends in the middle of an entry gives the entries before, and the byte where it ends."""
    raw = json.dumps(har(entry(), entry())).encode()[:-50]

    first, second = read(raw)

    assert isinstance(first, Heard)
    assert isinstance(second, Unjudged)
    assert second.is_end
    assert f"byte {len(raw)}" in second.where.position


def test_an_entry_that_is_too_large_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and the next one is read."""
    monkeypatch.setattr("chatconform.traffic.har.PIECE_LIMIT", 5000)
    large = entry(exchange(completion("x" * 6000)))

    first, second = read(har(large, entry()))

    assert isinstance(first, Unjudged)
    assert "larger than" in first.reason
    assert isinstance(second, Heard)


# --- hostile HARs ---

MALICE = [
    *(
        None,
        True,
        -1,
        0,
        1e308,
        10**30,
        "",
        "x",
        "\ud800",
        "\u0000",
        [],
        {},
        [[]],
        {"": None},
        [None],
        "é" * 300,
    ),
    {"name": 5, "value": []},
]


def _places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += _places(inner, (*path, key))
    return found


def _with(value: Any, path: tuple[Any, ...], put: object) -> Any:
    if not path:
        return put
    made = copy.copy(value)
    made[path[0]] = _with(value[path[0]], path[1:], put)
    return made


@given(st.data())
@settings(max_examples=300)
def test_no_change_of_a_har_breaks_its_reader(data: st.DataObject) -> None:
    """Whatever stands in a place, ours or others': everything is heard, beside, or named."""
    document: Any = har(entry_of_exchange(streamed()), entry(), entry(hung()))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(_places(document)))
        document = _with(document, path, data.draw(st.sampled_from(MALICE)))

    for met in read(document):
        assert isinstance(met, Heard | Beside | Unjudged)
        if isinstance(met, Unjudged):
            assert met.reason


@given(st.data())
@settings(max_examples=200)
def test_no_bytes_break_its_reader(data: st.DataObject) -> None:
    """The same for bytes that are lost, doubled or changed."""
    raw = json.dumps(har(entry(), entry(streamed()))).encode()
    at = data.draw(st.integers(0, len(raw)))
    end = min(len(raw), at + data.draw(st.integers(0, 30)))
    raw = raw[:at] + data.draw(st.binary(max_size=10)) + raw[end:]

    assert all(isinstance(met, Heard | Beside | Unjudged) for met in read(raw))
