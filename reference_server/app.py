"""The ASGI application: what happens to a request, from its head to the last byte of its response.

The order of the gates is part of the behaviour: path, method, key, rate, media type, size, JSON, schema,
rules, model. Each ends a request with a `Refusal`, so a wrong key hides everything that a body could reveal.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any, ClassVar

from starlette.applications import Starlette

from chatconform.contract import Contract, Operation
from chatconform.reference_server import cors, docs
from chatconform.reference_server.access import Access, AccessLog
from chatconform.reference_server.admission import Admission
from chatconform.reference_server.altering import Altering, App
from chatconform.reference_server.body import ClientGone, Receive, decode, require_json, require_uncompressed
from chatconform.reference_server.chat import Chat, fingerprint
from chatconform.reference_server.compression import accepts_gzip, compressed
from chatconform.reference_server.connection import Connection
from chatconform.reference_server.faults import chooser
from chatconform.reference_server.handlers import Call, Handler, handlers
from chatconform.reference_server.interruption import ConnectionCut
from chatconform.reference_server.pipeline import Pipeline
from chatconform.reference_server.ratelimit import RateLimiter
from chatconform.reference_server.recording import Recorder
from chatconform.reference_server.refusal import Refusal, internal_error
from chatconform.reference_server.reply import Headers, Reply, Send, raw, refused, transmit
from chatconform.reference_server.request import Request, read_head
from chatconform.reference_server.responsecheck import ResponseCheck
from chatconform.reference_server.retrying import retrying
from chatconform.reference_server.routing import Router
from chatconform.reference_server.scrubbing import scrubber
from chatconform.reference_server.security import authorise
from chatconform.reference_server.settings import Settings
from chatconform.reference_server.troubles import Troubles

_log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]


def create_app(
    contract: Contract,
    settings: Settings,
    *,
    pipeline: Pipeline | None = None,
    access_log: AccessLog | None = None,
) -> App:
    """Return a server of this contract.

    Routes, methods, security, limits and the shapes of requests come from the contract; each operation is
    bound by its `operationId` to a handler that holds only behaviour. The faults of the settings are on for
    everybody; a request may ask for more with the header `x-chatconform-fault`.

    Raises:
        UnknownFault, IncompatibleFaults: The settings name faults that there are not, or not together.
        HarnessError: The contract has an operation or a rule that nothing here implements, or the reverse.
        UsageError: A setting cannot be used: the file of the record, or a kind of personal data.
    """
    chat = Chat(
        settings=settings,
        pipeline=pipeline or Pipeline(),
        fingerprint=fingerprint(settings),
        troubles=Troubles(settings),
    )
    api = _Api(contract, settings, handlers(contract, settings, chat))
    server = _Server(api, docs.docs_app(contract, settings), settings, access_log)
    served = retrying(server, settings.retries) if settings.retries else server
    return Altering(served, chooser(settings.faults), forwards=settings.record is not None)


class _Api:
    """The operations of the contract: from a request's head to a reply."""

    def __init__(self, contract: Contract, settings: Settings, table: Mapping[str, Handler]) -> None:
        self.router = Router(contract, settings.base_path)
        self._handlers = table
        self._settings = settings
        self._admission = Admission(contract, settings)
        self._recorder = Recorder(settings)
        self._scrub = scrubber(settings.scrub)
        self._check = ResponseCheck(contract) if settings.check_responses else None
        limit = settings.rate_limit
        self._limiter = RateLimiter(limit, time.monotonic) if limit else None

    async def reply(self, request: Request, connection: Connection) -> Reply:
        """Return the response of an operation.

        Raises:
            Refusal: Any of the gates is closed.
        """
        match = self.router.match(request.method, request.path)
        operation = match.operation
        key = self._key(request) if operation.secured else ""
        headers = self._count(operation, key)
        try:
            body = await self._body(operation, request, connection)
            call = Call(
                parameters=match.parameters,
                body=body,
                connection=connection,
                request_id=request.id,
                alterations=request.alterations,
            )
            reply = await self._handlers[operation.operation_id](call)
        except Refusal as refusal:
            reply = refused(refusal)
        if self._check is not None:
            reply = self._check.checked(operation, reply)
        return replace(reply, headers=(*reply.headers, *headers)) if headers else reply

    def _key(self, request: Request) -> str:
        if any(each.trusts(request.asked) for each in request.alterations):
            return ""
        return authorise(request.header("authorization"), self._settings.keys)

    def _count(self, operation: Operation, key: str) -> Headers:
        # Only an operation whose 429 tells clients about the limit has one.
        limited = self._limiter is not None and _announces_limit(operation)
        return self._limiter.admit(key) if self._limiter is not None and limited else ()

    async def _body(self, operation: Operation, request: Request, connection: Connection) -> dict[str, Any]:
        if not operation.request:
            return {}
        require_json(request.header("content-type"))
        require_uncompressed(request.header("content-encoding"))
        content = await connection.body(
            declared=request.header("content-length"), limit=self._settings.body_limit
        )
        with self._recorder.entry(request) as entry:
            body = entry.take(decode(content))
            self._admission.admit(operation, body)
            return entry.take(self._given(body, request))

    def _given(self, body: dict[str, Any], request: Request) -> dict[str, Any]:
        """What the model is given of an accepted body."""
        scrubbed = self._scrub(body)
        asked = replace(request.asked, body=body, is_forwarded=self._settings.record is not None)
        for each in request.alterations:
            scrubbed = each.body(each.scrubbed(scrubbed, body), asked)
        return scrubbed


def _announces_limit(operation: Operation) -> bool:
    response = operation.responses.get("200")
    return response is not None and "x-ratelimit-limit-requests" in response.headers


class _Server:
    """Everything that is the same for every request: identity, date, CORS, failures, compression, the log."""

    dates_itself: ClassVar[bool] = True

    def __init__(self, api: _Api, pages: Starlette, settings: Settings, access_log: AccessLog | None) -> None:
        self._api = api
        self._pages = pages
        self._settings = settings
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = read_head(scope)
        started = time.perf_counter()
        sent = _Sent(send, raw(self._common_headers(request)))
        try:
            if docs.serves(request.path):
                await self._pages(scope, receive, sent)
            else:
                await self._serve_api(request, receive, sent)
        finally:
            self._tell(request, sent, time.perf_counter() - started)

    async def _serve_api(self, request: Request, receive: Receive, send: Send) -> None:
        connection = Connection(receive)
        try:
            reply = await self._reply(request, connection)
            if self._settings.gzip and accepts_gzip(request.header("accept-encoding")):
                reply = compressed(reply)
            await transmit(reply, connection, send)
        except ClientGone:
            _log.debug("%s: the client left", request.id)
        except ConnectionCut:
            # uvicorn closes the connection of a response that was not completed.
            _log.debug("%s: cut on purpose", request.id)
        finally:
            connection.close()

    async def _reply(self, request: Request, connection: Connection) -> Reply:
        try:
            if request.method == "OPTIONS":
                return self._options(request)
            return await self._api.reply(request, connection)
        except Refusal as refusal:
            return refused(refusal)
        except ClientGone:
            raise
        except Exception:  # noqa: BLE001 - whatever fails here is ours, and the client learns no more than that
            _log.exception("%s: %s %s failed", request.id, request.method, request.path)
            return refused(internal_error(request.id))

    def _options(self, request: Request) -> Reply:
        methods = self._api.router.methods(request.path)
        if not methods:
            self._api.router.match(request.method, request.path)
        if self._settings.cors and cors.is_preflight(request):
            return cors.preflight_reply(request, methods)
        return Reply(status=204, headers=(("allow", ", ".join(methods)),), body=b"")

    def _common_headers(self, request: Request) -> Headers:
        # RFC 9110, 6.6.1: a server with a clock "MUST generate a Date header field" in all of these.
        own = (("date", formatdate(usegmt=True)), ("x-request-id", request.id))
        return (*own, *cors.RESPONSE_HEADERS) if self._settings.cors else own

    def _tell(self, request: Request, sent: _Sent, seconds: float) -> None:
        if self._access_log is not None:
            self._access_log(
                Access(
                    method=request.method,
                    path=request.path,
                    status=sent.status,
                    seconds=seconds,
                    complete=sent.complete,
                    request_id=request.id,
                )
            )


class _Sent:
    """Passes messages to the wire, adds the common headers, and remembers what went out."""

    __slots__ = ("_headers", "_send", "complete", "status")

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.status: int | None = None
        self.complete = False

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message["headers"], *self._headers]}
        else:
            self.complete = not message.get("more_body", False)
        await self._send(message)
