"""An application in this process that answers in the place of a target: requests meet no socket."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Self

import httpx2

from chatconform.client.target import Target
from chatconform.client.transfer import Outgoing, Sent
from chatconform.wire.exchange import Failure, FailureKind, Response
from chatconform.wire.stream import Arrival

App = Callable[[Any, Any, Any], Awaitable[None]]


class _BrokenOff(Exception):
    """The application did not send its response to the end."""


class StandIn:
    """Is a sender that hands requests to an ASGI application instead of a socket."""

    def __init__(self, target: Target, app: App) -> None:
        self.target = target
        transport = httpx2.ASGITransport(_telling_of_cuts(app))
        self._client = httpx2.AsyncClient(transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def send(self, outgoing: Outgoing, *, fresh: bool = False) -> Sent:  # noqa: ARG002 - a sender's
        """The application's answer; `fresh` means nothing where there are no connections."""
        request, started, begin = outgoing.request, time.time(), time.perf_counter()
        response: Response | None = None
        failure: Failure | None = None
        try:
            came = await self._client.request(
                request.method, request.url, headers=list(request.headers), content=request.body
            )
            response = _response(came)
        except (httpx2.HTTPError, _BrokenOff) as error:
            failure = Failure(kind=FailureKind.CLOSED, message=str(error), at=0.0)
        return Sent(
            request=request,
            response=response,
            failure=failure,
            started=started,
            elapsed=time.perf_counter() - begin,
            reused=False,
            unanswered=False,
        )


def _telling_of_cuts(app: App) -> App:
    """The application, whose incomplete responses end with an exception, as on a socket with a closed one."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        is_complete = False

        async def noting(message: Any) -> None:
            nonlocal is_complete
            is_complete = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        await app(scope, receive, noting)
        if not is_complete:
            raise _BrokenOff("the connection was closed before the end of the body")

    return serve


def _response(came: httpx2.Response) -> Response:
    return Response(
        status=came.status_code,
        reason=came.reason_phrase,
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in came.headers.raw),
        raw=came.content,
        arrivals=(Arrival(at=0.0, size=len(came.content)),),
        headers_at=0.0,
    )
