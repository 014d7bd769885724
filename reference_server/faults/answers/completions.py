"""Faults of single members of a completion, its choices and its messages."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.making import completion, each_choice, each_message
from chatconform.reference_server.faults.alterations.members import Place, Row
from chatconform.reference_server.faults.alterations.paths import asks_plainly
from chatconform.reference_server.faults.alterations.reach import WHAT_IS_SAID, WHOLE_ANSWER
from chatconform.reference_server.faults.fault import Aspect, family

_TOP = Place(id="completion", told="a completion", alter=completion, declare=family(Aspect.IDENTITY))
_CHOICE = Place(
    id="choice",
    told="a completion's choice",
    alter=lambda edit: completion(each_choice(edit), asks_plainly),
    declare=family(Aspect.SHAPE),
)
_MESSAGE = Place(
    id="message",
    told="a message",
    alter=lambda edit: completion(each_message(edit), asks_plainly),
    declare=family(Aspect.SHAPE),
)
_NO_LIST = {"CC-RESP-012": "the contract wants a choice"}
_NO_CHOICE = {"CC-RESP-003": "there is no choice with index 0", **_NO_LIST}
_NO_MESSAGE = {
    "CC-RESP-005": "the message that is not there has no refusal",
}
_NOT_TAKEN_BACK = {"CC-CONT-015": "such a message is not accepted back"}
_NO_TEXT = {
    **_NOT_TAKEN_BACK,
    "CC-RESP-016": "there is no text",
    "CC-TOOLS-016": "there is no text",
}
_A_CALL = {
    **_NOT_TAKEN_BACK,
    "CC-TOOLS-001": "a call that is a text has no members",
    "CC-TOOLS-004": "a text that ends with stop seems to have a call",
    "CC-TOOLS-005": "a call that is a text has no id",
    "CC-TOOLS-016": "a call comes although no tool was offered",
}
_AN_OLDER_CALL = {
    **_NOT_TAKEN_BACK,
    "CC-TOOLS-027": "the call in the older form has no name and no arguments",
    "CC-TOOLS-028": "a text that ends with stop seems to have a call in the older form",
}
_ONE_COMES = {"CC-LOGPROBS-002": "logprobs that are not null were not asked for"}

ALL = (
    *_TOP.faults(
        (
            Row(members="id", values="missing null number", kills="CC-RESP-001"),
            Row(
                members="object",
                values="missing null text",
                kills="CC-RESP-001",
                collateral={
                    "CC-HTTP-002": "nothing says that it is no stream",
                    "CC-HTTP-003": "nothing says that it is no stream",
                },
            ),
            Row(members="created", values="missing null text fraction boolean", kills="CC-RESP-001"),
            Row(members="model", values="missing null object", kills="CC-RESP-001"),
            Row(
                members="choices",
                values="missing null object text",
                kills="CC-RESP-001",
                collateral=_NO_CHOICE,
                also=WHOLE_ANSWER,
            ),
            Row(
                members="choices",
                values="list",
                kills="CC-RESP-003",
                collateral=_NO_LIST,
                also=WHOLE_ANSWER,
            ),
            Row(
                members="service_tier system_fingerprint",
                values="number list",
                kills="CC-RESP-011",
                everywhere=True,
            ),
            Row(members="metadata", values="list text numbers", kills="CC-RESP-011", everywhere=True),
            Row(members="moderation", values="text list", kills="CC-RESP-011", everywhere=True),
        )
    ),
    *_CHOICE.faults(
        (
            Row(members="index", values="missing null text boolean number", kills="CC-RESP-003"),
            Row(
                members="message",
                values="missing null text list",
                kills="CC-RESP-004",
                collateral=_NO_MESSAGE,
                also=WHOLE_ANSWER,
            ),
            Row(
                members="finish_reason",
                values="missing null empty number boolean list",
                kills="CC-RESP-006",
                also=(Aspect.FINISH, Aspect.PARAMETERS),
            ),
            Row(members="logprobs", values="missing", kills="CC-RESP-005", also=(Aspect.LOGPROBS,)),
            Row(
                members="logprobs",
                values="list text object",
                kills="CC-RESP-012",
                collateral=_ONE_COMES,
                also=(Aspect.LOGPROBS,),
            ),
        )
    ),
    *_MESSAGE.faults(
        (
            Row(
                members="role",
                values="missing null text empty number",
                kills="CC-RESP-004",
                collateral=_NOT_TAKEN_BACK,
            ),
            Row(
                members="content",
                values="missing number texts object boolean",
                kills="CC-RESP-004",
                collateral=_NO_TEXT,
                also=WHAT_IS_SAID,
            ),
            Row(members="refusal", values="missing", kills="CC-RESP-005"),
            Row(
                members="refusal",
                values="boolean list object number",
                kills="CC-RESP-017",
                collateral=_NOT_TAKEN_BACK,
            ),
            Row(
                members="tool_calls",
                values="list",
                kills="CC-RESP-009",
                collateral=_NOT_TAKEN_BACK,
                everywhere=True,
            ),
            Row(
                members="tool_calls",
                values="object text",
                kills="CC-RESP-012",
                collateral=_NOT_TAKEN_BACK,
                everywhere=True,
                also=(Aspect.CALLS,),
            ),
            Row(
                members="tool_calls",
                values="texts",
                kills="CC-RESP-012",
                collateral=_A_CALL,
                everywhere=True,
                also=(Aspect.CALLS,),
            ),
            Row(
                members="function_call",
                values="text list object",
                kills="CC-RESP-012",
                collateral=_AN_OLDER_CALL,
                everywhere=True,
                also=(Aspect.CALLS,),
            ),
            Row(
                members="audio",
                values="text list object",
                kills="CC-RESP-012",
                collateral=_NOT_TAKEN_BACK,
                everywhere=True,
            ),
            Row(
                members="annotations",
                values="object text texts numbers",
                kills="CC-RESP-018",
                everywhere=True,
            ),
            Row(
                members="reasoning_content reasoning",
                values="object list number boolean",
                kills="CC-RESP-013",
                everywhere=True,
            ),
        )
    ),
)
