"""Alterations made of functions: each overrides one seam, and may be restricted to some requests.

What a function returns replaces what it was given; where it returns nothing, it has changed it in place.
"""

from __future__ import annotations

import copy
from asyncio import sleep
from collections.abc import Callable, Iterator
from typing import Any

from chatconform.reference_server.model import ChatRequest, Piece
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.seams import (
    Alteration,
    Asked,
    Body,
    Bytes,
    Chunks,
    Document,
    Head,
    Response,
    Texts,
)

When = Callable[[Asked], bool]
Edit = Callable[[Any], Any]


def always(asked: Asked) -> bool:  # noqa: ARG001 - a condition that is none
    """Every request."""
    return True


def chats(asked: Asked) -> bool:
    """Requests for a completion."""
    return asked.is_chat


class _Made(Alteration):
    def __init__(self, when: When) -> None:
        self._when = when

    def applies(self, asked: Asked) -> bool:
        return self._when(asked)


def request(change: Callable[[Asked], Asked], when: When = always) -> Alteration:
    """Another request comes in; the change may raise a `Refusal`."""

    class Made(_Made):
        def request(self, asked: Asked) -> Asked:
            return change(asked)

    return Made(when)


def request_body(change: Edit, when: When = chats) -> Alteration:
    """Another JSON body comes in, before anything has looked at it; one that is no object is left alone."""
    return request(lambda asked: asked.with_body(edited(asked.body, change)) if asked.body else asked, when)


def refusal(make: Callable[[Asked], Refusal | None], when: When = chats) -> Alteration:
    """Requests are refused before anything has looked at them; nothing refuses none."""

    def refuse(asked: Asked) -> Asked:
        refused = make(asked)
        if refused is not None:
            raise refused
        return asked

    return request(refuse, when)


def crash(when: When) -> Alteration:
    """These requests answer 500, as an unexpected exception does."""
    return refusal(lambda _: Refusal(500, "Internal Server Error", kind="server_error"), when)


def trust(when: When = always) -> Alteration:
    """The key is not looked at."""

    class Made(_Made):
        def trusts(self, asked: Asked) -> bool:
            return True

    return Made(when)


def model_body(change: Edit, when: When = chats) -> Alteration:
    """The model is given another body than the one that was accepted."""

    class Made(_Made):
        def body(self, body: Body, asked: Asked) -> Body:
            changed: Body = edited(body, change)
            return changed

    return Made(when)


def forwarded(change: Edit, when: When = chats) -> Alteration:
    """A gateway hands another body on than it accepted; the condition is asked at each attempt.

    It acts where that is recorded: elsewhere the server is no gateway.
    """

    class Made(Alteration):
        def body(self, body: Body, asked: Asked) -> Body:
            changed: Body = edited(body, change) if asked.is_forwarded and when(asked) else body
            return changed

    return Made()


def scrubbed(change: Callable[[Body, Body], Body], when: When = chats) -> Alteration:
    """Scrubbing leaves something else; the change is given its result, and the body as it was accepted."""

    class Made(_Made):
        def scrubbed(self, scrubbed: Body, body: Body) -> Body:
            return change(scrubbed, body)

    return Made(when)


def broken_off(change: Callable[[Response], Response], when: When = chats) -> Alteration:
    """A plain answer that breaks off becomes a whole one; its content is what had come of it."""

    class Made(_Made):
        def broken_off(self, response: Response, asked: Asked) -> Response | None:
            return change(response)

    return Made(when)


def pieces(
    change: Callable[[Iterator[Piece], ChatRequest], Iterator[Piece]], when: When = chats
) -> Alteration:
    """The model writes something else; called once for each choice."""

    class Made(_Made):
        def pieces(self, pieces: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:
            return change(pieces, request)

    return Made(when)


def reply(change: Callable[[Response, Asked], Response], when: When = always) -> Alteration:
    """The whole response is another one."""

    class Made(_Made):
        def reply(self, response: Response, asked: Asked) -> Response:
            return change(response, asked)

    return Made(when)


def head(change: Callable[[int, Head, Document], tuple[int, Head]], when: When = always) -> Alteration:
    """Status and headers are others; header names are in lower case, the document is nothing for a stream."""

    class Made(_Made):
        def head(self, status: int, headers: Head, asked: Asked, document: Document) -> tuple[int, Head]:
            return change(status, headers, document)

    return Made(when)


def header(name: str, value: str | None, when: When = always) -> Alteration:
    """A header has another value, or is not sent at all."""

    def change(status: int, headers: Head, _: Document) -> tuple[int, Head]:
        kept = tuple(pair for pair in headers if pair[0] != name)
        return status, kept if value is None else (*kept, (name, value))

    return head(change, when)


def document(change: Edit, when: When = always) -> Alteration:
    """The JSON of every response that is no stream is another one, whatever it is."""

    class Made(_Made):
        def plain(self, document: Document, asked: Asked) -> Document:
            return edited(document, change)

    return Made(when)


def completion(change: Edit, when: When = chats) -> Alteration:
    """Completions are others; errors are left alone."""
    return document(lambda found: edited(found, change) if is_completion(found) else found, when)


def error(change: Edit, when: When = always) -> Alteration:
    """The error objects of refusals are others: the change is given what stands under `error`."""

    def edit(found: Any) -> Any:
        if not (isinstance(found, dict) and isinstance(found.get("error"), dict)):
            return found
        return {**found, "error": edited(found["error"], change)}

    return document(edit, when)


def stream(change: Callable[[Chunks], Chunks], when: When = chats) -> Alteration:
    """The sequence of chunks is another one; a failure's error is the last chunk."""

    class Made(_Made):
        def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
            return change(chunks)

    return Made(when)


def chunk(change: Edit, when: When = chats) -> Alteration:
    """Each chunk is another one; an error in a stream is left alone."""

    async def edit(chunks: Chunks) -> Chunks:
        async for each in chunks:
            yield each if "error" in each else edited(each, change)

    return stream(edit, when)


def events(change: Callable[[Texts], Texts], when: When = chats) -> Alteration:
    """The data of a stream's events is another one; `[DONE]` is the last where the stream did not fail."""

    class Made(_Made):
        def events(self, texts: Texts, asked: Asked) -> Texts:
            return change(texts)

    return Made(when)


def text(change: Callable[[str], str], when: When = always) -> Alteration:
    """The JSON text of plain answers is another one."""

    class Made(_Made):
        def written(self, text: str) -> str:
            return change(text)

    return Made(when)


def lines(change: Callable[[tuple[str, ...]], tuple[str, ...]], when: When = chats) -> Alteration:
    """The lines of an event are others; the blank line that ends it is not among them."""

    class Made(_Made):
        def lines(self, lines: tuple[str, ...]) -> tuple[str, ...]:
            return change(lines)

    return Made(when)


def packets(change: Callable[[Bytes], Bytes], when: When = always) -> Alteration:
    """The bytes of a body, or the moments in which they are sent, are others."""

    class Made(_Made):
        def packets(self, packets: Bytes, asked: Asked) -> Bytes:
            return change(packets)

    return Made(when)


def waiting(seconds: float, when: When = always) -> Alteration:
    """Nothing happens for a while before the request is looked at."""

    class Made(_Made):
        async def wait(self, asked: Asked) -> None:
            await sleep(seconds)

    return Made(when)


def is_completion(document: Any) -> bool:
    """Whether a document is a completion."""
    return isinstance(document, dict) and document.get("object") == "chat.completion"


def each_choice(change: Edit) -> Edit:
    """An edit of every choice of a completion or of a chunk."""

    def edit(holder: Any) -> None:
        holder["choices"] = [edited(choice, change) for choice in holder["choices"]]

    return edit


def each_message(change: Edit) -> Edit:
    """An edit of the message or the delta of every choice."""

    def edit(choice: Any) -> None:
        name = "message" if "message" in choice else "delta"
        choice[name] = edited(choice[name], change)

    return each_choice(edit)


def each_call(change: Edit) -> Edit:
    """An edit of every tool call, or of every fragment of one."""

    def edit(message: Any) -> None:
        if message.get("tool_calls"):
            message["tool_calls"] = [edited(call, change) for call in message["tool_calls"]]

    return each_message(edit)


def setting(**members: Any) -> Edit:
    """An edit that sets members to values."""
    return lambda holder: holder.update(members)


def dropping(*names: str) -> Edit:
    """An edit that removes members."""
    return lambda holder: {name: value for name, value in holder.items() if name not in names}


def edited(value: Any, change: Edit) -> Any:
    """A copy of the value after an edit, or what the edit returned in its place."""
    own = copy.deepcopy(value)
    changed = change(own)
    return own if changed is None else changed
