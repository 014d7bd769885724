"""Faults in where a stream says who speaks."""

from __future__ import annotations

from typing import Any

from chatconform.reference_server.faults.alterations.chunkwise import (
    becoming,
    first,
    later,
    never,
    where,
    with_finish,
)
from chatconform.reference_server.faults.alterations.making import Edit, dropping, each_message, setting
from chatconform.reference_server.faults.alterations.members import Place, Row
from chatconform.reference_server.faults.fault import Aspect, Fault, family

fault = family(Aspect.CHUNKS)
_FIRST_DELTA = Place(
    id="first-delta",
    told="the first delta",
    alter=lambda edit: where(first, each_message(edit)),
    declare=fault,
)


def _with_role(role: str) -> Edit:
    """An edit of the deltas that have no role."""

    def edit(delta: Any) -> None:
        delta.setdefault("role", role)

    return edit


ALL: tuple[Fault, ...] = (
    fault(
        "role-chunk-left-out",
        "The opening chunk with the role is left out.",
        becoming(first, never),
        kills="CC-STREAM-007",
        seen_in=("tensorzero/tensorzero#1265", "ggml-org/llama.cpp#13634"),
    ),
    *_FIRST_DELTA.faults(
        (
            Row(members="role", values="missing null", kills="CC-STREAM-007"),
            Row(members="role", values="empty", kills="CC-STREAM-007 CC-STREAM-008"),
            Row(members="role", values="text number", kills="CC-STREAM-007"),
        )
    ),
    fault(
        "role-in-every-delta",
        "Every delta carries the role.",
        where(later, each_message(_with_role("assistant"))),
        kills="CC-STREAM-008",
    ),
    fault(
        "role-empty-in-later-deltas",
        "Deltas after the first carry the role ''.",
        where(later, each_message(_with_role(""))),
        kills="CC-STREAM-008",
        seen_in="MiniMax-AI/MiniMax-M2.5#2",
    ),
    fault(
        "role-only-at-the-end",
        "The role comes in the last delta instead of the first.",
        where(first, each_message(dropping("role"))),
        where(with_finish, each_message(setting(role="assistant"))),
        kills="CC-STREAM-007 CC-STREAM-008",
    ),
    fault(
        "role-of-the-user",
        "The first delta carries the role `user`.",
        where(first, each_message(setting(role="user"))),
        kills="CC-STREAM-007",
    ),
)
