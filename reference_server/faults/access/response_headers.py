"""Faults in the headers of every response: its id, its date, its type, and the end of its connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from chatconform.reference_server.faults.alterations.making import When, always, head
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked, Document, Head, Response

fault = family(Aspect.HEADERS)
_ID, _DATE, _TYPE = "x-request-id", "date", "content-type"
_JSON = "application/json"
Values = Callable[[], tuple[str, ...]]


def _values(name: str, values: Values, when: When = always, *, errors_only: bool = False) -> Alteration:
    """A header has these values instead, each in a line of its own."""

    def change(status: int, headers: Head, _: Document) -> tuple[int, Head]:
        if errors_only and status < 400:
            return status, headers
        others = tuple(pair for pair in headers if pair[0] != name)
        return status, (*others, *((name, value) for value in values()))

    return head(change, when)


def _type(*values: str, of_streams: bool = False) -> Alteration:
    """The type of JSON bodies, or of streams, is another one."""

    def retype(status: int, headers: Head, document: Document) -> tuple[int, Head]:
        if (document is None) != of_streams:
            return status, headers
        others = tuple(pair for pair in headers if pair[0] != _TYPE)
        return status, (*others, *((_TYPE, each) for each in values))

    return head(retype, is_streamed if of_streams else always)


class _HangsUp(Alteration):
    def hangs_up(self, response: Response, asked: Asked) -> bool:
        return asked.is_chat and response.status == 200


def _is_wrong_method(asked: Asked) -> bool:
    return asked.method == "GET" and asked.path.endswith("/chat/completions")


def _now(pattern: str) -> Values:
    return lambda: (datetime.now(UTC).strftime(pattern),)


_IDS: dict[str, tuple[str, Alteration]] = {
    "request-id-constant": (
        "Every response carries the same x-request-id.",
        _values(_ID, lambda: ("req-1",)),
    ),
    "request-id-empty": ("The x-request-id of every response is empty.", _values(_ID, lambda: ("",))),
    "request-id-missing": ("No response has an x-request-id.", _values(_ID, tuple)),
    "request-id-missing-on-errors": (
        "Errors have no x-request-id.",
        _values(_ID, tuple, errors_only=True),
    ),
    "request-id-missing-on-streams": ("Streams have no x-request-id.", _values(_ID, tuple, is_streamed)),
    "request-id-missing-on-405": (
        "The answer to a wrong method has no x-request-id.",
        _values(_ID, tuple, _is_wrong_method),
    ),
    "request-id-constant-on-streams": (
        "All streams have the same x-request-id.",
        _values(_ID, lambda: ("req-1",), is_streamed),
    ),
    "request-id-of-the-minute": (
        "The x-request-id is the time in minutes.",
        _values(_ID, lambda: (f"req-{int(time.time() // 60)}",)),
    ),
}
_DATES: dict[str, tuple[str, Alteration]] = {
    "date-missing": ("Responses have no Date.", _values(_DATE, tuple)),
    "date-missing-on-errors": ("Errors have no Date.", _values(_DATE, tuple, errors_only=True)),
    "date-empty": ("Date is empty.", _values(_DATE, lambda: ("",))),
    "date-iso": ("Date is 2026-11-26T03:37:43Z.", _values(_DATE, _now("%Y-%m-%dT%H:%M:%SZ"))),
    "date-in-seconds": ("Date is a number of Unix seconds.", _values(_DATE, _now("%s"))),
    "date-of-a-zone": ("Date is in a local time zone.", _values(_DATE, _now("%a, %d %b %Y %H:%M:%S +0100"))),
}
_TYPES: dict[str, tuple[str, Alteration]] = {
    "type-missing": ("JSON bodies have no Content-Type.", _type()),
    "type-twice": ("JSON bodies have two headers Content-Type.", _type(_JSON, "text/plain")),
    "charset-latin-1": (
        "Answers are declared as `application/json; charset=iso-8859-1`.",
        _type(f"{_JSON}; charset=iso-8859-1"),
    ),
    "charset-utf-16": (
        "Answers are declared as `application/json;charset=UTF-16`.",
        _type(f"{_JSON};charset=UTF-16"),
    ),
    "stream-charset-windows-1252": (
        "Streams are declared as `text/event-stream; charset=windows-1252`.",
        _type("text/event-stream; charset=windows-1252", of_streams=True),
    ),
}
_KINDS = (("CC-HTTP-007", _IDS), ("CC-HTTP-013", _DATES), ("CC-HTTP-014", _TYPES))

ALL: tuple[Fault, ...] = (
    *(
        fault(name, defect, change, kills=kills)
        for kills, table in _KINDS
        for name, (defect, change) in table.items()
    ),
    fault(
        "connection-closed-after-plain-answer",
        "The connection is closed after a plain answer that did not announce it.",
        _HangsUp(),
        kills="CC-HTTP-010",
        also=(Aspect.CONNECTION,),
    ),
)
