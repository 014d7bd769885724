"""The reference server as an upstream: what it keeps, what it masks, and how it fails on demand."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from chatconform.contract import load_contract
from chatconform.errors import UsageError
from chatconform.reference_server import Settings, create_app, troubles
from chatconform.reference_server.scrubbing import scrubber
from chatconform.reference_server.settings import TRIGGERS
from chatconform.reference_server.threaded import ThreadedServer
from chatconform.running.features import UPSTREAM_TRIGGERS
from chatconform.tests.support.chat import Document, answer, post, serving
from chatconform.wire.received import RETRY_AFTER_SECONDS

OUTAGE, OVERLOAD, STALL, HICCUP = (
    UPSTREAM_TRIGGERS[word] for word in ("outage", "overload", "stall", "hiccup")
)
ALL = {TRIGGERS[word]: text for word, text in UPSTREAM_TRIGGERS.items()}


@pytest.fixture(params=[False, True], ids=["plain", "streamed"])
def stream(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def lines(record: Path) -> list[Document]:
    return [json.loads(line) for line in record.read_bytes().splitlines()]


# --- the record ---


def test_bodies_are_kept_as_they_came(tmp_path: Path, stream: bool) -> None:
    """The header names the models and the triggers; each request is a line with its body, and no key."""
    record = tmp_path / "upstream.jsonl"
    with serving(**ALL, record=record, keys=("sk-secret-key",)) as client:
        client.headers["authorization"] = "Bearer sk-secret-key"
        answer(client, "Say OK.", stream=stream, seed=7, temperature=0.25)
    header, *entries = lines(record)

    assert header["models"] == ["reference-1", "reference/slash-1"]
    assert header["features"] == dict(UPSTREAM_TRIGGERS)
    (entry,) = entries
    assert (entry["method"], entry["path"], entry["stream"]) == ("POST", "/v1/chat/completions", stream)
    assert entry["status"] is None
    assert entry["body"]["messages"] == [{"role": "user", "content": "Say OK."}]
    assert (entry["body"]["seed"], entry["body"]["temperature"]) == (7, 0.25)
    assert abs(entry["time"] - time.time()) < 60
    assert "sk-secret-key" not in record.read_text()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600


def test_refused_bodies_are_kept_with_their_status(tmp_path: Path) -> None:
    """A body that breaks the contract is kept with 400, one that is no JSON object without a body."""
    record = tmp_path / "upstream.jsonl"
    with serving(record=record) as client:
        client.post("/chat/completions", json={"model": "reference-1"})
        client.post("/chat/completions", content=b"[1", headers={"content-type": "application/json"})
        client.get("/models")
    _, *entries = lines(record)

    assert [(each["status"], each["body"]) for each in entries] == [
        (400, {"model": "reference-1"}),
        (400, None),
    ]


def test_a_record_is_begun_anew(tmp_path: Path) -> None:
    """A server that starts on its own file begins it anew."""
    record = tmp_path / "upstream.jsonl"
    for _ in range(2):
        with serving(record=record) as client:
            post(client, "Say OK.")

    assert len(lines(record)) == 2


@pytest.mark.parametrize("content", ["my notes\n", '{"format": "other"}\n'])
def test_a_foreign_file_is_left_alone(tmp_path: Path, content: str) -> None:
    """Nothing is written over a file that is no record of an upstream."""
    file = tmp_path / "notes.txt"
    file.write_text(content)
    with pytest.raises(UsageError, match="holds something else"):
        create_app(load_contract(), Settings(record=file))

    assert file.read_text() == content


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A folder that is not there is a mistake of the user's, told with what to do."""
    with pytest.raises(UsageError, match="cannot record to") as caught:
        create_app(load_contract(), Settings(record=tmp_path / "nowhere" / "upstream.jsonl"))

    assert caught.value.hint == "Choose another FILE."


# --- troubles ---


def test_outage_and_overload(stream: bool) -> None:
    """Before any event comes 503 without a wait, or 429 with one; other questions are served."""
    with serving(**ALL) as client:
        down, busy = (post(client, text, stream=stream) for text in (OUTAGE, OVERLOAD))
        answer(client, "Say OK.", stream=stream)

    assert (down.status_code, down.json()["error"]["type"]) == (503, "server_error")
    assert "retry-after" not in down.headers
    assert (busy.status_code, busy.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert busy.headers["retry-after"] == str(RETRY_AFTER_SECONDS)


def test_a_hiccup_is_over_when_a_conversation_comes_again(stream: bool) -> None:
    """The same conversation is served the second time, whatever its parameters; another one is not."""
    with serving(**ALL) as client:
        first = [post(client, HICCUP, stream=stream).status_code for _ in range(4)]
        other = [post(client, f"{HICCUP} Twice.", stream=stream, seed=n).status_code for n in range(2)]

    assert first == [503, 200, 503, 200]
    assert other == [503, 200]


def test_a_hiccup_is_forgotten_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation that nobody sent again is another client's when it comes much later."""
    with serving(**ALL) as client:
        first = post(client, HICCUP).status_code
        monkeypatch.setattr(troubles, "_AGAIN_SECONDS", 0.0)
        late = post(client, HICCUP).status_code

    assert (first, late) == (503, 503)


def test_a_stall_ends_with_a_cut(stream: bool) -> None:
    """After some bytes nothing comes for the set time, and then the connection breaks off."""
    with serving(**ALL, stall_seconds=0.6, ping_seconds=0.1) as client:
        received, last_byte, ended = _until_it_breaks(client, f"Say exactly: {STALL}", stream=stream)

    assert received
    assert b"[DONE]" not in received
    # Silent: not even a comment came meanwhile.
    assert last_byte < 0.5
    assert 0.6 <= ended < 3


def _until_it_breaks(client: httpx2.Client, text: str, *, stream: bool) -> tuple[bytes, float, float]:
    """What came before the connection broke off, and the seconds to its last byte and to its end."""
    received, last_byte, started = b"", 0.0, time.monotonic()
    body = {**_asking(text), "stream": stream}
    with client.stream("POST", "/chat/completions", json=body) as response:
        try:
            for piece in response.iter_raw():
                received, last_byte = received + piece, time.monotonic() - started
        except httpx2.RemoteProtocolError:
            return received, last_byte, time.monotonic() - started
    pytest.fail("the connection did not break off")


def test_a_client_that_leaves_a_stall_is_let_go() -> None:
    """A stalled connection ends with its client, and the server goes on."""
    with serving(**ALL, stall_seconds=30.0) as client:
        with client.stream("POST", "/chat/completions", json=_asking(STALL)) as response:
            next(response.iter_raw())
        started = time.monotonic()
        answer(client, "Say OK.")

    assert time.monotonic() - started < 5


def _asking(text: str) -> Document:
    return {"model": "reference-1", "stream": True, "messages": [{"role": "user", "content": text}]}


# --- scrubbing ---

PERSONAL = "Write to ana.b+c@mail.example.org or +1 202 555 0143, card 4242 4242 4242 4242."
MASKED = "Write to [email] or [phone], card [card]."


def scrubbed(messages: list[Document], *kinds: str) -> list[Document]:
    return scrubber(kinds or ("email", "phone", "card"))({"model": "m", "messages": messages})["messages"]


@pytest.mark.parametrize("role", ["system", "developer", "user", "assistant"])
def test_texts_of_every_role_are_masked(role: str) -> None:
    """Strings and text parts of every role are masked; other parts are left alone."""
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a@b.example.com"}}
    plain, parts = scrubbed(
        [
            {"role": role, "content": PERSONAL, "name": "ana"},
            {"role": role, "content": [{"type": "text", "text": PERSONAL}, image]},
        ]
    )

    assert plain == {"role": role, "content": MASKED, "name": "ana"}
    assert parts["content"] == [{"type": "text", "text": MASKED}, image]


def test_tool_rounds_are_masked_and_keep_their_form() -> None:
    """Results and the strings of arguments are masked; ids, names, keys and numbers are not."""
    arguments = {"to@keys.example.org": ["ana@example.org", 12025550143, {"note": PERSONAL}], "ok": True}
    call = {"id": "call@example.org", "type": "function", "function": {"name": "mail", "arguments": ""}}
    call["function"]["arguments"] = json.dumps(arguments)  # type: ignore[index]  # the fixture's own form
    calls, result = scrubbed(
        [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call@example.org", "content": PERSONAL},
        ]
    )

    (masked,) = calls["tool_calls"]
    assert (masked["id"], masked["function"]["name"], calls["content"]) == ("call@example.org", "mail", None)
    wanted: Any = {"to@keys.example.org": ["[email]", 12025550143, {"note": MASKED}], "ok": True}
    assert json.loads(masked["function"]["arguments"]) == wanted
    assert result == {"role": "tool", "tool_call_id": "call@example.org", "content": MASKED}


@pytest.mark.parametrize("arguments", ['{"city": "Oslo"}', "{'no': JSON", '{ "n" : 1.0 }'])
def test_arguments_without_personal_data_stay_byte_by_byte(arguments: str) -> None:
    """What has nothing to mask is not written anew, be it JSON or not."""
    function = {"name": "f", "arguments": arguments}
    (message,) = scrubbed([{"role": "assistant", "tool_calls": [{"id": "c", "function": function}]}])

    assert message["tool_calls"][0]["function"] == function


@pytest.mark.parametrize(
    "text",
    [
        "The meeting is on 2026-03-14 at 12:30, room 4.",
        "Order 1234 5678 9012 3456 costs +5 or 1.000.000.",
        "call_1234567890123456 and BDKR4WQZ",
        "x = a @ b",
    ],
)
def test_what_is_no_personal_data_stays(text: str) -> None:
    """Dates, order numbers, ids and sums are not taken for anything else."""
    assert scrubbed([{"role": "user", "content": text}])[0]["content"] == text


def test_only_the_named_kinds_are_masked() -> None:
    """Each kind is masked where it is named; one that is unknown is refused with those there are."""
    (message,) = scrubbed([{"role": "user", "content": PERSONAL}], "phone")
    with pytest.raises(UsageError) as caught:
        scrubber(("email", "address"))

    assert message["content"] == PERSONAL.replace("+1 202 555 0143", "[phone]")
    assert caught.value.hint == "Kinds: email, card, phone."


def test_the_record_has_what_the_model_gets(tmp_path: Path) -> None:
    """With scrubbing the record has no personal data: it shows what reached the model."""
    record = tmp_path / "upstream.jsonl"
    with serving(record=record, scrub=("email", "phone", "card")) as client:
        reply = answer(client, f"Repeat exactly: {PERSONAL}")

    assert lines(record)[1]["body"]["messages"][0]["content"] == f"Repeat exactly: {MASKED}"
    assert "ana.b" not in str(reply.messages)


# --- retries ---


def test_a_503_is_handled_again(tmp_path: Path, stream: bool) -> None:
    """With retries a hiccup is not seen by the client, and both requests are in the record."""
    record = tmp_path / "upstream.jsonl"
    with serving(**ALL, record=record, retries=1) as client:
        reply = answer(client, HICCUP, stream=stream, seed=5)
        down = post(client, OUTAGE, stream=stream)
    bodies = [each["body"] for each in lines(record)[1:]]

    assert reply.reasons == ["stop"]
    assert bodies[0] == bodies[1]
    assert bodies[0]["seed"] == 5
    assert (down.status_code, len(bodies)) == (503, 4)


def test_what_is_served_is_handled_once(tmp_path: Path) -> None:
    """Other answers pass as they are, a refusal and a cut connection too."""
    record = tmp_path / "upstream.jsonl"
    app = create_app(load_contract(), Settings(**ALL, record=record, retries=2, stall_seconds=0))  # type: ignore[arg-type]  # texts alone
    with ThreadedServer(app) as server, httpx2.Client(base_url=f"{server.site}/v1", timeout=20) as client:
        answer(client, "Say OK.", stream=True)
        assert post(client, OVERLOAD).status_code == 429
        with pytest.raises(httpx2.RemoteProtocolError):
            post(client, f"Say exactly: {STALL}", stream=True)

    assert len(lines(record)) == 4
