"""Holds this server's own responses against the contract: a switch for tests, off in normal service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson

from chatconform.contract import Contract, MediaType, Operation, Response
from chatconform.errors import HarnessError
from chatconform.reference_server.events import DONE
from chatconform.reference_server.reply import Reply


class ResponseCheck:
    """Raises where a response is not what the contract says about its operation and status."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def checked(self, operation: Operation, reply: Reply) -> Reply:
        """Return the reply, a stream of which each event is checked when it is sent.

        Raises:
            HarnessError: The status, a header or the body is not described.
        """
        response = operation.response(reply.status)
        if response is None:
            raise HarnessError(f"{operation.operation_id} has no response {reply.status}")
        self._check_headers(response, reply)
        form = self._form(response, reply)
        if isinstance(reply.body, bytes):
            self._check(form.schema, orjson.loads(reply.body))
            return reply
        return replace(reply, body=self._checked_frames(reply.body))

    def _check_headers(self, response: Response, reply: Reply) -> None:
        sent = {name for name, _ in reply.headers}
        missing = [
            header.name for header in response.headers.values() if header.required and header.name not in sent
        ]
        if missing:
            raise HarnessError(f"the response {reply.status} lacks the header {missing[0]}")

    def _form(self, response: Response, reply: Reply) -> MediaType:
        name = dict(reply.headers).get("content-type", "").partition(";")[0]
        if name not in response.content:
            raise HarnessError(f"the response {reply.status} has no form {name!r}")
        return response.content[name]

    async def _checked_frames(self, frames: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for frame in frames:
            data = frame.removeprefix(b"data: ").rstrip(b"\n")
            if data != DONE.data and not frame.startswith(b":"):
                document = orjson.loads(data)
                self._check("ErrorResponse" if "error" in document else "Chunk", document)
            yield frame

    def _check(self, schema: str | None, document: Any) -> None:
        violations = self._contract.validator(schema).violations(document) if schema else ()
        if violations:
            raise HarnessError(
                f"a response breaks the contract at {violations[0].param}: {violations[0].message}"
            )
