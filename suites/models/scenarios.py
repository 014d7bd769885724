"""The model list, single models, and the chat that the listed ids must work in."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from chatconform.suite import Exchange, Stage, Unreadable, read_answer, scenario
from chatconform.suites import basics
from chatconform.suites.models.listing import Entry, entries_of

# `created` counts whole seconds, so a moving one differs after more than one.
PAUSE_SECONDS = 1.5


@scenario(requests=6)
async def listed(stage: Stage) -> None:
    """The list, one of its models, an id that it cannot have, a chat with a listed id, and the list again."""
    stage.note("model", stage.target.model)
    entries = entries_of(await stage.get("list", "/models"))
    chat = await stage.post("chat", basics.greeting(stage))
    await stage.get("unknown", f"/models/nope-{stage.code('unknown')}")
    await _fetch_with_slash(stage, entries)
    await _fetch_one(stage, entries)
    await _chat_under_listed_id(stage, entries, chat)
    await stage.pause(PAUSE_SECONDS)
    await stage.get("list-again", "/models", fresh=True)


async def _fetch_one(stage: Stage, entries: Sequence[Entry]) -> None:
    ids = [entry.id for entry in entries if entry.id]
    if ids and not _has_fetched_one(stage):
        chosen = stage.note("single", stage.target.model if stage.target.model in ids else ids[0])
        await stage.get("single", f"/models/{quote(chosen, safe='')}")


def _has_fetched_one(stage: Stage) -> bool:
    """Whether a model with a slash was served, which shows single models as well as any other."""
    fetched = (each.response for each in stage.exchanges if each.step == "slash-encoded")
    return any(response is not None and response.status == 200 for response in fetched)


async def _fetch_with_slash(stage: Stage, entries: Sequence[Entry]) -> None:
    with_slash = next((entry.id for entry in entries if "/" in entry.id.strip("/")), "")
    if with_slash:
        stage.note("with-slash", with_slash)
        await stage.get("slash-raw", f"/models/{quote(with_slash, safe='/')}")
        await stage.get("slash-encoded", f"/models/{quote(with_slash, safe='')}")


async def _chat_under_listed_id(stage: Stage, entries: Sequence[Entry], chat: Exchange) -> None:
    """Where the configured name is an alias, chat also under the listed id that it seems to stand for."""
    ids = [entry.id for entry in entries if entry.id]
    if stage.target.model in ids:
        return
    alias_of = next((each for each in ids if _related(each, stage.target.model, _model_of(chat))), "")
    if alias_of:
        stage.note("alias-of", alias_of)
        await stage.post("chat-as-listed", {**basics.greeting(stage), "model": alias_of})


def _related(listed_id: str, configured: str, told: str) -> bool:
    return listed_id == told or configured in listed_id or listed_id in configured


def _model_of(chat: Exchange) -> str:
    try:
        return read_answer(chat).model
    except Unreadable:
        return ""
