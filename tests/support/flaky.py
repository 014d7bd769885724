"""A target that changes its mood from run to run: the reference server behind a door that counts the runs."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from chatconform.tests.support.ill import Illness, IllTarget
from chatconform.tests.support.wire import Received, Wire


def by_turns(*moods: Illness) -> Illness:
    """Each run meets the next mood, after the last the first again; a run begins by listing models."""
    runs = -1

    async def answer(target: IllTarget, request: Received, wire: Wire) -> None:
        nonlocal runs
        runs += request.method == "GET" and request.path.endswith("/models")
        await moods[runs % len(moods)](target, request, wire)

    return answer


async def well(target: IllTarget, request: Received, wire: Wire) -> None:
    """Every request is answered as it should be."""
    await target.pass_on(request, wire)


def with_fault(name: str) -> Illness:
    """The server has a defect."""

    async def answer(target: IllTarget, request: Received, wire: Wire) -> None:
        headers = (*request.headers, ("X-Chatconform-Fault", name))
        await target.pass_on(replace(request, headers=headers), wire)

    return answer


def in_chats(mood: Illness) -> Illness:
    """Only chats meet the mood."""

    async def answer(target: IllTarget, request: Received, wire: Wire) -> None:
        await (mood if request.method == "POST" else well)(target, request, wire)

    return answer


def slowed(mood: Illness, seconds: float) -> Illness:
    """The same after a while."""

    async def answer(target: IllTarget, request: Received, wire: Wire) -> None:
        await asyncio.sleep(seconds)
        await mood(target, request, wire)

    return answer


def after(requests: int, mood: Illness) -> Illness:
    """The first requests of a run are answered as they should be, the others meet the mood."""
    seen = 0

    async def answer(target: IllTarget, request: Received, wire: Wire) -> None:
        nonlocal seen
        seen = 0 if request.method == "GET" else seen + 1
        await (mood if seen > requests else well)(target, request, wire)

    return answer
