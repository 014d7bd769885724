"""Which models a target offers, read leniently, and which of them can probably chat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from chatconform.errors import TargetError
from chatconform.wire.exchange import Response
from chatconform.wire.jsontext import Json

# Words in the ids of models that do not chat. Only a guess, so it only decides whom we ask first.
_NO_CHAT = re.compile(
    r"embed|tts|whisper|moderation|dall-e|image|rerank|transcri|speech|audio|realtime|sora|video|ocr|guard",
    re.IGNORECASE,
)
_SHOWN = 10


def listed_models(response: Response | None) -> tuple[str, ...]:
    """The model ids in the answer to GET /models, in its order; none where it is no list of models.

    Besides `{"object": "list", "data": [...]}` this takes a list without `object`, a bare array, and
    `{"models": [...]}`, because all of them exist and here we only look for a model to ask.
    """
    if response is None or response.status != 200:
        return ()
    try:
        entries = _entries(response.json)
    except TargetError:
        return ()
    return tuple(dict.fromkeys(_ids(entries)))


def likely_to_chat(models: Iterable[str]) -> tuple[str, ...]:
    """The models, without those whose ids speak of another purpose; all where no other is left."""
    everyone = tuple(models)
    return tuple(model for model in everyone if not _NO_CHAT.search(model)) or everyone


def nearest(wanted: str, models: Iterable[str]) -> str:
    """At most ten of the models, those first whose ids are most like the wanted one, as a phrase."""
    ranked = sorted(models, key=lambda model: -SequenceMatcher(None, wanted.lower(), model.lower()).ratio())
    more = f" and {len(ranked) - _SHOWN} more" if len(ranked) > _SHOWN else ""
    return ", ".join(ranked[:_SHOWN]) + more


def _entries(value: Json) -> list[Json]:
    if isinstance(value, dict):
        value = value.get("data", value.get("models"))
    return value if isinstance(value, list) else []


def _ids(entries: Iterable[Json]) -> Iterator[str]:
    for entry in entries:
        found = entry.get("id", entry.get("name")) if isinstance(entry, dict) else entry
        if isinstance(found, str) and found:
            yield found
