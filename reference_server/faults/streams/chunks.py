"""Faults of single members of a chunk, its choices and its deltas."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.chunkwise import first, where, with_finish, with_usage
from chatconform.reference_server.faults.alterations.making import (
    chunk,
    dropping,
    each_choice,
    each_message,
    setting,
)
from chatconform.reference_server.faults.alterations.members import Place, Row
from chatconform.reference_server.faults.alterations.paths import asks_plainly
from chatconform.reference_server.faults.alterations.reach import WHAT_IS_SAID, WHOLE_ANSWER
from chatconform.reference_server.faults.fault import Aspect, family

_TOP = Place(id="chunk", told="a chunk", alter=chunk, declare=family(Aspect.IDENTITY))
_CHOICE = Place(
    id="chunk-choice",
    told="a chunk's choice",
    alter=lambda edit: chunk(each_choice(edit), asks_plainly),
    declare=family(Aspect.CHUNKS),
)
_DELTA = Place(
    id="delta",
    told="a delta",
    alter=lambda edit: chunk(each_message(edit), asks_plainly),
    declare=family(Aspect.CHUNKS),
)
_USAGE_CHUNK = Place(
    id="usage-chunk",
    told="the chunk of the token counts",
    alter=lambda edit: where(with_usage, edit),
    declare=family(Aspect.USAGE, Aspect.CHUNKS),
)
fault = family(Aspect.CHUNKS)
_NO_TEXT = {"CC-RESP-016": "there is no text"}
_NO_CHOICES = {
    "CC-STREAM-011": "without choices no choice ends",
    "CC-USAGE-004": "the chunk of the token counts has no empty list of choices",
}
_AN_OLDER_CALL = {
    "CC-TOOLS-027": "the call in the older form has no name and no arguments",
    "CC-TOOLS-028": "a text that ends with stop seems to have a call in the older form",
}

ALL = (
    *_TOP.faults(
        (
            Row(members="id", values="missing null number", kills="CC-STREAM-004"),
            Row(members="object", values="missing null text", kills="CC-STREAM-004"),
            Row(members="created", values="missing null text fraction boolean", kills="CC-STREAM-004"),
            Row(members="model", values="missing null object", kills="CC-STREAM-004"),
            Row(
                members="choices",
                values="missing null object",
                kills="CC-STREAM-004",
                collateral=_NO_CHOICES,
                also=WHOLE_ANSWER,
            ),
            Row(
                members="service_tier system_fingerprint",
                values="number",
                kills="CC-STREAM-024",
                everywhere=True,
            ),
            Row(
                members="obfuscation",
                values="number",
                kills="CC-STREAM-024",
                collateral={"CC-STREAM-023": "it comes where it was declined, too"},
                everywhere=True,
            ),
            Row(members="moderation", values="text", kills="CC-STREAM-024", everywhere=True),
        )
    ),
    *_CHOICE.faults(
        (
            Row(members="index", values="missing null text boolean fraction", kills="CC-STREAM-010"),
            Row(
                members="delta",
                values="missing null list",
                kills="CC-STREAM-010",
                collateral={**_NO_TEXT, "CC-STREAM-007": "a delta that is not there has no role"},
                also=WHOLE_ANSWER,
            ),
            Row(
                members="finish_reason",
                values="missing empty boolean",
                kills="CC-STREAM-010",
                collateral={
                    "CC-SAFETY-002": "nothing tells that a filter ended the answer",
                    "CC-STREAM-011": "none of them is a finish reason",
                },
                also=WHOLE_ANSWER,
            ),
            Row(
                members="logprobs",
                values="list text object",
                kills="CC-STREAM-024",
                collateral={"CC-LOGPROBS-002": "logprobs that are not null were not asked for"},
                also=(Aspect.LOGPROBS,),
            ),
        )
    ),
    *_DELTA.faults(
        (
            Row(
                members="content",
                values="texts number object",
                kills="CC-STREAM-009",
                collateral=_NO_TEXT,
                also=WHAT_IS_SAID,
            ),
            Row(members="refusal", values="boolean list object", kills="CC-STREAM-027"),
            Row(
                members="tool_calls",
                values="object text",
                kills="CC-STREAM-024",
                everywhere=True,
                also=(Aspect.CALLS,),
            ),
            Row(
                members="function_call",
                values="text list",
                kills="CC-STREAM-024",
                collateral=_AN_OLDER_CALL,
                everywhere=True,
                also=(Aspect.CALLS,),
            ),
            Row(members="audio", values="text list", kills="CC-STREAM-024", everywhere=True),
            Row(
                members="reasoning_content reasoning",
                values="object list",
                kills="CC-RESP-013",
                everywhere=True,
            ),
        )
    ),
    *_USAGE_CHUNK.faults(
        (
            Row(members="id object created model", values="missing", kills="CC-STREAM-004"),
            Row(members="choices", values="missing null", kills="CC-STREAM-004 CC-USAGE-004"),
        )
    ),
    fault(
        "chunk-object-of-a-completion",
        "Chunks carry `object: 'chat.completion'`.",
        chunk(setting(object="chat.completion")),
        kills="CC-STREAM-004",
    ),
    fault(
        "chunk-object-empty-at-first",
        "The first chunk has the object ''.",
        where(first, setting(object="")),
        kills="CC-STREAM-004",
        seen_in="Azure's asynchronous filter sends annotation chunks with object:''",
    ),
    fault(
        "finish-reason-key-only-at-the-end",
        "Choices have the member finish_reason only on the last chunk.",
        where(lambda number, each: not with_finish(number, each), each_choice(dropping("finish_reason"))),
        kills="CC-STREAM-010",
    ),
    fault(
        "finish-reason-empty-until-the-end",
        "The finish_reason of chunks is '' instead of null until the end.",
        where(lambda number, each: not with_finish(number, each), each_choice(setting(finish_reason=""))),
        kills="CC-STREAM-010",
        seen_in="qualcomm/GenieX#1246",
    ),
    fault(
        "padding-although-declined",
        "Chunks have `obfuscation` although it was switched off.",
        chunk(setting(obfuscation="aZ3")),
        kills="CC-STREAM-023",
    ),
)
