"""A request that is not served, and the one shape in which clients are told.

`{"error": {"message", "type", "param", "code"}}` is the contract's error object. Every refusal of this
server is raised as a `Refusal`, so that status and body cannot drift apart between the plain and the
streamed form of a request.
"""

from __future__ import annotations

from typing import Any

INVALID_REQUEST = "invalid_request_error"
Document = dict[str, Any]


class Refusal(Exception):
    """Ends the handling of a request with an error response.

    Attributes:
        status: The HTTP status.
        kind: The member `type` of the error object.
        param: The request member at fault, as `messages[0].content`, or None.
        code: The stable machine code, or None.
        headers: Further response headers.
        close: Whether the connection ends with the response, because its body was not read.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = INVALID_REQUEST,
        param: str | None = None,
        code: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        close: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.param = param
        self.code = code
        self.headers = headers
        self.close = close

    def document(self) -> Document:
        """Return the error object of the contract."""
        return error_document(self.message, kind=self.kind, param=self.param, code=self.code)


def error_document(message: str, *, kind: str, param: str | None = None, code: str | None = None) -> Document:
    """Return an error object, for a response body or for an event of a stream that failed."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def invalid(message: str, *, param: str | None, code: str | None = None) -> Refusal:
    """Return the refusal of a request whose content is at fault."""
    return Refusal(400, message, param=param, code=code)


def internal_error(request_id: str) -> Refusal:
    """Return what clients learn of an unexpected failure: that it was ours, and what to quote."""
    message = f"The server failed to process this request. Quote request id {request_id} when you report it."
    return Refusal(500, message, kind="server_error")
