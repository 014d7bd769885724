"""One application for all variants: the first part of a path says which of them answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from chatconform.contract import load_contract
from chatconform.reference_server.altering import Altering, App, Receive, Send
from chatconform.reference_server.app import create_app
from chatconform.reference_server.settings import Settings
from chatconform.reference_server.variants.variant import Variant


def house(variants: Iterable[Variant], settings: Settings) -> App:
    """An application that serves each variant below a path of its own, over reference servers."""
    rooms: Mapping[str, App] = {variant.name: _room(variant, settings) for variant in variants}

    async def serve(scope: Any, receive: Receive, send: Send) -> None:
        await rooms[scope["path"].split("/")[1]](scope, receive, send)

    return serve


def _room(variant: Variant, settings: Settings) -> App:
    own = replace(variant.settings(settings), base_path=f"/{variant.name}{variant.base_path}")
    return Altering(create_app(load_contract(), own), lambda _: (variant,))
