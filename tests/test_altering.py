"""The seams of the server: each changes one thing, where it was asked for, and leaves the rest alone."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from chatconform.contract import load_contract
from chatconform.reference_server import Settings, create_app
from chatconform.reference_server.altering import Altering
from chatconform.reference_server.faults.alterations import making
from chatconform.reference_server.faults.alterations.paths import PATHS, is_streamed
from chatconform.reference_server.interruption import ConnectionCut
from chatconform.reference_server.model import Finish, Piece, Text
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import Alteration, Asked, Bytes, Chunks, Response, Texts
from chatconform.reference_server.threaded import ThreadedServer
from chatconform.tests.support.chat import post
from chatconform.wire.sse import decode

COUNT = "Count from 1 to 5."
KEY = "sk-altered-0123456789"


@contextmanager
def altered(*alterations: Alteration, **settings: Any) -> Iterator[httpx2.Client]:
    """A server with these alterations on every request, and a client of it."""
    app = Altering(create_app(load_contract(), Settings(**settings)), lambda _: alterations)
    with ThreadedServer(app) as server, httpx2.Client(base_url=f"{server.site}/v1", timeout=10) as client:
        yield client


def events_of(response: httpx2.Response) -> list[str]:
    return [event.data for event in decode(response.content).events]


def chunks_of(response: httpx2.Response) -> list[Any]:
    return [json.loads(data) for data in events_of(response) if data != "[DONE]"]


def test_without_alterations_the_bytes_are_those_of_the_server() -> None:
    """A server that alters nothing is the server: status, headers and every byte of a stream."""
    with altered(ping_seconds=0) as client:
        response = post(client, COUNT, stream=True)

    assert response.content.startswith(b": keep-alive\n\ndata: {")
    assert response.content.endswith(b"data: [DONE]\n\n")


def test_a_stream_that_is_looked_into_keeps_its_keep_alive_and_its_end() -> None:
    """A changed chunk changes nothing else of the framing."""
    with altered(making.chunk(making.setting(model="other")), ping_seconds=0) as client:
        response = post(client, COUNT, stream=True)

    assert response.content.startswith(b": keep-alive\n\ndata: {")
    assert {chunk["model"] for chunk in chunks_of(response)} == {"other"}
    assert events_of(response)[-1] == "[DONE]"


def test_another_body_comes_in() -> None:
    """What is changed before the gates meets them as if it had been sent."""
    with altered(making.request_body(making.setting(temperature="hot"))) as client:
        response = post(client, COUNT)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "temperature"


def test_the_model_is_given_another_body() -> None:
    """What is changed behind the gates is not validated again."""
    with altered(making.model_body(making.dropping("max_tokens"))) as client:
        response = post(client, COUNT, max_tokens=1)

    assert response.json()["choices"][0]["finish_reason"] == "stop"


def test_a_request_is_refused_in_the_place_of_the_server() -> None:
    """A refusal at the first seam has the server's form: an error object and a request id of its own."""
    with altered(making.refusal(lambda _: Refusal(418, "No tea.", code="teapot"))) as client:
        first, second = post(client, COUNT), post(client, COUNT)

    assert (first.status_code, first.json()["error"]["code"]) == (418, "teapot")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def test_a_crash_answers_500() -> None:
    """An exception that nobody expected is told in the words of a framework."""
    with altered(making.crash(is_streamed)) as client:
        assert post(client, COUNT, stream=True).status_code == 500
        assert post(client, COUNT).status_code == 200


def test_a_key_is_not_looked_at() -> None:
    """Trust lets everybody in, and only where it applies."""
    with altered(making.trust(is_streamed), keys=(KEY,)) as client:
        assert post(client, COUNT, stream=True).status_code == 200
        assert post(client, COUNT).status_code == 401


def test_the_model_writes_something_else() -> None:
    """Pieces are changed for each choice, in plain answers and in streams."""

    def shouting(pieces: Iterator[Piece], _: object) -> Iterator[Piece]:
        for piece in pieces:
            yield replace(piece, text=piece.text.replace("1", "ONE")) if isinstance(piece, Text) else piece

    with altered(making.pieces(shouting)) as client:
        assert "ONE" in post(client, COUNT).json()["choices"][0]["message"]["content"]
        assert "ONE" in post(client, COUNT, stream=True).text


def test_status_headers_and_document_are_changed_each_on_its_own() -> None:
    """A 400 may become a 200 that still carries its error, with another media type."""
    accepted = making.head(lambda _, headers, document: (200 if "error" in document else 400, headers))
    with altered(accepted, making.header("content-type", "text/plain")) as client:
        response = post(client, COUNT, temperature=9)

    assert (response.status_code, response.headers["content-type"]) == (200, "text/plain")
    assert response.json()["error"]["param"] == "temperature"


def test_errors_and_completions_are_told_apart() -> None:
    """A change of completions leaves errors alone, and the reverse."""
    changes = (making.completion(making.setting(id="same")), making.error(making.dropping("param")))
    with altered(*changes) as client:
        assert post(client, COUNT).json()["id"] == "same"
        assert post(client, COUNT, temperature=9).json()["error"].keys() == {"message", "type", "code"}


def test_every_choice_and_message_is_reached_in_both_forms() -> None:
    """One edit of messages reads deltas as well."""
    edit = making.each_message(making.setting(refusal=False))
    with altered(making.completion(edit), making.chunk(edit)) as client:
        plain = post(client, COUNT, n=2).json()
        streamed = chunks_of(post(client, COUNT, n=2, stream=True))

    assert [choice["message"]["refusal"] for choice in plain["choices"]] == [False, False]
    assert all(choice["delta"]["refusal"] is False for chunk in streamed for choice in chunk["choices"])


def test_the_sequence_of_chunks_is_changed() -> None:
    """Chunks may be left out, and the terminator still comes."""

    async def first_only(chunks: Chunks) -> Chunks:
        async for chunk in chunks:
            if not chunk["choices"] or chunk["choices"][0]["delta"].get("role"):
                yield chunk

    with altered(making.stream(first_only)) as client:
        events = events_of(post(client, COUNT, stream=True))

    assert len(events) == 2
    assert events[-1] == "[DONE]"


def test_the_terminator_is_one_of_the_events() -> None:
    """It can be doubled, and each line of an event can be changed."""

    async def doubled(texts: Texts) -> Texts:
        async for text in texts:
            yield text
            if text == "[DONE]":
                yield text

    named = making.lines(lambda lines: ("event: chunk", *lines))
    with altered(making.events(doubled), named) as client:
        response = post(client, COUNT, stream=True)

    assert events_of(response)[-2:] == ["[DONE]", "[DONE]"]
    assert response.text.count("event: chunk\ndata: ") == len(events_of(response))


def test_the_text_of_a_plain_answer_is_changed() -> None:
    """Whatever stands behind the JSON arrives, and its length is counted."""
    with altered(making.text(lambda text: text + "data: [DONE]")) as client:
        response = post(client, COUNT)

    assert response.text.endswith("}data: [DONE]")
    assert int(response.headers["content-length"]) == len(response.content)


def test_a_plain_answer_may_become_a_stream() -> None:
    """The whole response is a value, whose form can be changed."""

    async def one(document: Any) -> Chunks:
        yield document

    def streamed(response: Response, _: Asked) -> Response:
        headers = (("content-type", "text/event-stream"),)
        return Response(status=200, headers=headers, chunks=one(response.document))

    with altered(making.reply(streamed)) as client:
        response = post(client, COUNT, temperature=9)

    assert response.status_code == 200
    assert chunks_of(response)[0]["error"]["param"] == "temperature"


def test_a_connection_breaks_off_where_its_bytes_do() -> None:
    """A cut in the packets is one on the wire."""

    async def cut(packets: Bytes) -> Bytes:
        async for packet in packets:
            yield packet
            raise ConnectionCut

    with altered(making.packets(cut, is_streamed)) as client, pytest.raises(httpx2.RemoteProtocolError):
        post(client, COUNT, stream=True)


def test_a_response_that_the_server_breaks_off_stays_broken() -> None:
    """Half a document is nothing to change: it is passed on, and the connection ends."""
    edit = making.completion(making.setting(id="same"))
    with (
        altered(edit, truncation_trigger="hang up") as client,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        post(client, "Count from 1 to 5 and hang up.")


def test_what_the_server_breaks_off_may_become_whole() -> None:
    """What had come of it is there to be made an answer of, and its length is right."""

    def finished(response: Response) -> Response:
        return replace(response, document={"came": len(response.content)})

    with altered(making.broken_off(finished), truncation_trigger="Cut.") as client:
        whole, cut = post(client, COUNT), post(client, "Cut.")

    assert whole.json()["choices"]
    assert cut.status_code == 200
    assert cut.json()["came"] > 0


def test_a_gateway_hands_another_body_on_where_that_is_recorded(tmp_path: Path) -> None:
    """A server that records nothing stands for no gateway, and takes what it is sent."""
    limited = making.forwarded(making.setting(max_tokens=1), lambda asked: "stream" not in asked.body)
    told = []
    for record in (None, tmp_path / "upstream.jsonl"):
        with altered(limited, record=record) as client:
            told.append([post(client, COUNT).text, post(client, COUNT, stream=False).text])

    reasons = [["length" in text for text in answers] for answers in told]
    assert reasons == [[False, False], [True, False]]


def test_time_passes_before_a_request_is_looked_at() -> None:
    """A wait is as long as it says."""
    with altered(making.waiting(0.3, is_streamed)) as client:
        began = time.perf_counter()
        post(client, COUNT, stream=True)
        assert time.perf_counter() - began >= 0.3


@pytest.mark.parametrize(
    ("path", "messages", "stream"),
    [
        ("plain", [{"role": "user"}], False),
        ("streamed", [{"role": "user"}], True),
        ("after-tool-result", [{"role": "user"}, {"role": "assistant"}, {"role": "tool"}], True),
        ("later-turn", [{"role": "user"}, {"role": "assistant"}, {"role": "user"}], False),
    ],
)
def test_each_request_is_on_exactly_one_path(path: str, messages: list[Any], stream: bool) -> None:
    """The conditions on paths exclude each other."""
    body = {"messages": messages, "stream": stream}
    asked = Asked(method="POST", path="/v1/chat/completions", body=body)

    assert [name for name, when in PATHS.items() if when(asked)] == [path]


@pytest.mark.parametrize("messages", [None, "hi", [1, None], [{}]])
def test_broken_conversations_are_on_some_path_or_none(messages: Any) -> None:
    """Whatever a client sends, a condition answers."""
    asked = Asked(method="POST", path="/v1/chat/completions", body={"messages": messages})

    assert sum(when(asked) for when in PATHS.values()) <= 1


def test_edits_do_not_touch_what_they_were_given() -> None:
    """A change works on a copy: the next request starts from what the server really said."""
    body = {"a": [1]}
    alteration = making.model_body(lambda given: given["a"].append(2))

    changed = alteration.body(body, Asked(method="POST", path="/"))

    assert (body, changed) == ({"a": [1]}, {"a": [1, 2]})


def test_finishes_are_pieces() -> None:
    """A change of the model's reasons reaches the answer."""

    def silent(pieces: Iterator[Piece], _: object) -> Iterator[Piece]:
        return (piece for piece in pieces if isinstance(piece, Finish))

    with altered(making.pieces(silent)) as client:
        assert post(client, COUNT).json()["choices"][0]["message"]["content"] == ""
