"""Faults in the headers that tell how much of a rate limit is left."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults.alterations.making import chats, head
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked, Document, Head

fault = family(Aspect.HEADERS)


def _having(what: str, value: str) -> Alteration:
    """A header that tells of the limit has this value wherever requests are counted."""

    def change(came: int, headers: Head, _: Document) -> tuple[int, Head]:
        name = f"x-ratelimit-{what}"
        if not any(pair[0].startswith("x-ratelimit-") for pair in headers):
            return came, headers
        return came, (*(pair for pair in headers if pair[0] != name), (name, value))

    return head(change, chats)


class _Growing(Alteration):
    """What is left grows by one with each request."""

    def __init__(self) -> None:
        self._left = 0

    def applies(self, asked: Asked) -> bool:
        return asked.is_chat

    def head(self, status: int, headers: Head, asked: Asked, document: Document) -> tuple[int, Head]:
        name = "x-ratelimit-remaining-requests"
        if name not in dict(headers):
            return status, headers
        self._left = (self._left + 1) % 1000
        return status, (*(pair for pair in headers if pair[0] != name), (name, str(self._left)))


_COUNTS: Mapping[str, tuple[str, ...]] = {
    "remaining-requests": ("-1", "9.5", "many", "1000000"),
    "limit-requests": ("-1", "60/m", "unlimited"),
    "remaining-tokens": ("-1", "0.5"),
    "limit-tokens": ("10k", ""),
}
_RESETS: Mapping[str, tuple[str, ...]] = {
    "reset-requests": ("soon", "-1s", "2026-11-26T03:37:43Z"),
    "reset-tokens": ("later", "1 minute"),
}


def _table(kills: str, table: Mapping[str, tuple[str, ...]]) -> tuple[Fault, ...]:
    return tuple(
        fault(
            f"{what}-{number}",
            f"The header x-ratelimit-{what} is {value!r}.",
            _having(what, value),
            kills=kills,
            seen_in="openai/openai-dotnet#838" if value == "-1" else (),
        )
        for what, values in table.items()
        for number, value in enumerate(values, start=1)
    )


ALL: tuple[Fault, ...] = (
    *_table("CC-RATE-004", _COUNTS),
    fault(
        "remaining-tokens-over-limit",
        "More tokens are left than the limit has.",
        _having("limit-tokens", "1000"),
        _having("remaining-tokens", "1001"),
        kills="CC-RATE-004",
    ),
    *_table("CC-RATE-005", _RESETS),
    fault(
        "remaining-requests-grow",
        "The header x-ratelimit-remaining-requests grows by one with each request.",
        _Growing(),
        kills="CC-RATE-006",
    ),
)
