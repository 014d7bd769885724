"""The seams of the server: the places where what it does can be changed without a branch in its code.

    request -> gates -> body -> the model -> pieces -> reply -> head, plain -> written ---------> packets
                                                             -> head, chunks -> events -> lines -> packets

An `Alteration` overrides the seams that it is about and leaves the others alone, so that several can be
combined. Legal ones are variants, illegal ones are faults.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import orjson

from chatconform.reference_server.model import ChatRequest, Piece

# Documents of a server: any JSON object, and where a server is odd enough any JSON at all.
Document = Any
Body = dict[str, Any]
Chunks: TypeAlias = AsyncIterator[dict[str, Any]]
Texts: TypeAlias = AsyncIterator[str]
Bytes: TypeAlias = AsyncIterator[bytes]
Head = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came; `body` is empty where it is no JSON object, `content` are its bytes.

    `headers` are by their names in lower case; `raw_path` is the path with its percent-encoding. `attempt` is
    2 where a gateway hands it on again. `is_forwarded` tells that what the model is given is recorded: the
    server stands for a gateway and its upstream.
    """

    method: str
    path: str
    raw_path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    content: bytes = b""
    attempt: int = 1
    is_forwarded: bool = False

    @property
    def is_chat(self) -> bool:
        """Whether it asks for a completion."""
        return self.method == "POST" and self.path.endswith("/chat/completions")

    def with_body(self, body: Mapping[str, Any]) -> Asked:
        """The same request with another body."""
        return self if body == self.body else replace(self, body=body, content=orjson.dumps(body))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response of the server before it is written: one document, or the chunks of a stream.

    `document` is nothing where the body is no JSON; `content` then holds its bytes. A stream that failed ends
    with a chunk that has `error`, and without the terminator.
    """

    status: int
    headers: Head
    document: Document = None
    content: bytes = b""
    chunks: Chunks | None = None


class Alteration:
    """Changes nothing."""

    def applies(self, asked: Asked) -> bool:
        """Whether this request is altered at all."""
        return True

    async def wait(self, asked: Asked) -> None:
        """Time that passes before the request is looked at."""

    def request(self, asked: Asked) -> Asked:
        """What the server is asked; may raise a `Refusal`."""
        return asked

    def trusts(self, asked: Asked) -> bool:
        """Whether the key is not looked at."""
        return False

    def scrubbed(self, scrubbed: Body, body: Body) -> Body:
        """What scrubbing leaves of an accepted body."""
        return scrubbed

    def body(self, body: Body, asked: Asked) -> Body:
        """What the model is given of an accepted body; may raise a `Refusal`."""
        return body

    def pieces(self, pieces: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:
        """What the model writes for one choice."""
        return pieces

    def reply(self, response: Response, asked: Asked) -> Response:
        """The whole response, which may become a stream or cease to be one."""
        return response

    def broken_off(self, response: Response, asked: Asked) -> Response | None:
        """What becomes of a plain response that breaks off; nothing where it breaks off as well."""
        return None

    def head(self, status: int, headers: Head, asked: Asked, document: Document) -> tuple[int, Head]:
        """Status and headers, whose names are in lower case; the document is nothing for a stream."""
        return status, headers

    def plain(self, document: Document, asked: Asked) -> Document:
        """The document of an answer that is no stream: a completion, a list, a model, an error."""
        return document

    def chunks(self, chunks: Chunks, asked: Asked) -> Chunks:
        """The chunks of a stream, in order."""
        return chunks

    def written(self, text: str) -> str:
        """The JSON text of a plain answer."""
        return text

    def events(self, texts: Texts, asked: Asked) -> Texts:
        """The data of all events of a stream, the terminator among them."""
        return texts

    def data(self, text: str) -> str:
        """The data of one event: the JSON text of a chunk, or the terminator."""
        return text

    def opening(self) -> tuple[str, ...]:
        """Lines ahead of a stream's first event."""
        return ()

    def lines(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """The lines of an event with the blank one that ends it."""
        return lines

    def closing(self) -> tuple[str, ...]:
        """Lines after a stream's last event."""
        return ()

    def line_end(self) -> str:
        """What ends every line of a stream."""
        return ""

    def mark(self) -> bytes:
        """Bytes ahead of the first line of a stream."""
        return b""

    def hangs_up(self, response: Response, asked: Asked) -> bool:
        """Whether the connection is closed after an answer that is no stream, which did not say so."""
        return False

    def packets(self, packets: Bytes, asked: Asked) -> Bytes:
        """The body as it is handed to the network, piece by piece."""
        return packets


Alterations = tuple[Alteration, ...]
