"""One application for all variants: the first part of a path says which of them answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from chatconform.contract import load_contract
from chatconform.reference_server.altering import Altering, App, Receive, Send
from chatconform.reference_server.app import create_app
from chatconform.reference_server.settings import Settings
from chatconform.reference_server.variants.variant import Variant


def house(variants: Iterable[Variant], settings: Settings) -> App:
    """An application that serves each variant below a path of its own, over reference servers."""
    return _House({variant.name: _room(variant, settings) for variant in variants})


class _House:
    dates_itself: ClassVar[bool] = True

    def __init__(self, rooms: Mapping[str, App]) -> None:
        self._rooms = rooms

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        await self._rooms[scope["path"].split("/")[1]](scope, receive, send)


def _room(variant: Variant, settings: Settings) -> App:
    own = replace(variant.settings(settings), base_path=f"/{variant.name}{variant.base_path}")
    return Altering(create_app(load_contract(), own), lambda _: (variant,))
