"""A legal way to differ from the reference server: an alteration that no check may take for a defect."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from chatconform.reference_server.seams import Alteration, Asked, Head
from chatconform.reference_server.settings import Settings
from chatconform.wire.exchange import Exchange

_WORDS = re.compile(r"(?<!^)(?=[A-Z])")


def without_empty_calls(asked: Asked) -> Asked:
    """The request without members `tool_calls` that are null or empty, which the reference server refuses."""
    messages = asked.body.get("messages")
    if not isinstance(messages, list):
        return asked
    kept = [
        {name: value for name, value in message.items() if name != "tool_calls" or value}
        if isinstance(message, dict)
        else message
        for message in messages
    ]
    return asked.with_body({**asked.body, "messages": kept})


class Variant(Alteration, ABC):
    """Changes nothing.

    Attributes:
        base_path: What stands between the variant's own prefix and the paths of the API.
        keyed: Whether the server asks for a key.
        takes_back: Whether it sends messages without calls that say so, and takes them back in a history.
        by_hand: Whether its HTTP is written by hand, see `handwritten`.
        model: The model that a user of such a server would name; none where it is found.
        headers: The headers that a user would add to each request.
        without: The features that a user would declare absent.
        areas: The areas that could notice; all of them by default.
        breaks: The requirements that it breaks, each with the reason why it is here all the same.
        silences: The requirements that can no longer be judged, each with the reason.
        lacks: Why many requirements cannot be judged, where it is a feature that the server does without.
    """

    base_path: ClassVar[str] = "/v1"
    keyed: ClassVar[bool] = True
    takes_back: ClassVar[bool] = False
    by_hand: ClassVar[bool] = False
    model: ClassVar[str] = ""
    headers: ClassVar[Head] = ()
    without: ClassVar[tuple[str, ...]] = ()
    areas: ClassVar[tuple[str, ...]] = ()
    breaks: ClassVar[Mapping[str, str]] = {}
    silences: ClassVar[Mapping[str, str]] = {}
    lacks: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The name of the class, in words."""
        return _WORDS.sub("-", type(self).__name__).lower()

    def settings(self, settings: Settings) -> Settings:
        """The settings of the reference server beneath."""
        return settings

    def request(self, asked: Asked) -> Asked:
        """What the reference server is asked; may raise a `Refusal`."""
        return without_empty_calls(asked) if self.takes_back else asked

    @abstractmethod
    def shows(self, exchange: Exchange) -> bool:
        """Whether an exchange bears the mark of this variant; the reference server's own never do."""


class Reference(Variant):
    """The reference server itself, behind the same gateway: what every variant is compared with."""

    def shows(self, exchange: Exchange) -> bool:
        """It has no mark."""
        return False
