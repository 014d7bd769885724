"""A conversation with two calls whose results came in the opposite order: asked, and weighed."""

from __future__ import annotations

import json
import re
import unicodedata

from chatconform.suite import BOTH_FORMS, Body, Json, Path, Play, Stage, prompt, provoked, scenario, tool
from chatconform.suites.cont.filler import ANSWER_LIMIT, calibrate, plain, weighted
from chatconform.suites.cont.history import called, parts, result, user
from chatconform.suites.cont.places import (
    ARGUMENTS,
    DESCRIPTION,
    QUESTION,
    RESULT,
    TOOL_PLACES,
    Weighing,
    asked_step,
    is_in_doubt,
)
from chatconform.suites.story import first_text
from chatconform.suites.wire import as_list, as_object

TOOL = "get_booking_code"
# Guests with the codes of their bookings. The codes are fixed, so that both forms share their requests;
# nobody can guess them. One name has letters beyond ASCII, as names have.
MARIA, JOSE = "Maria Keller", "José Núñez"
CODES = {MARIA: "TKWX7RBP", JOSE: "HZ4MQVGD"}
CALLS = {MARIA: "call_booking_maria", JOSE: "call_booking_jose"}
NOTE = "Late arrival."


@scenario(paths=BOTH_FORMS, requests=6)
async def two_results(stage: Stage) -> None:
    """Two calls of one tool, answered in the opposite order; the same with weights on its places.

    And the same with instructions, which are weighed by themselves.

    The weighted result is a string in the plain form, a text part in the streamed one. Where the latter does
    not weigh what it ought to, it is compared with a stream without weights, and sent as a string. Where the
    results are mixed up, they are told in the order of their calls as well.
    """
    await calibrate(stage)
    asked = tool_talk(stage)
    answer = await stage.post("answer", asked)
    instructed = _instructed(stage, asked)
    await stage.post("instructed", stage.with_usage(instructed))
    if not stage.path.stream:
        if mistaken(first_text(answer)):
            await stage.post("in-order", _in_order(asked))
        await stage.post("weighed", _weighted(stage, in_parts=False))
        return
    await stage.post("weighed", stage.with_usage(_weighted(stage, in_parts=True)))
    if not is_in_doubt(stage, "answer", "weighed", TOOL_PLACES):
        return
    await stage.post("answer-streamed", stage.with_usage({**asked, "stream": True}))
    if is_in_doubt(stage, "answer-streamed", "weighed", TOOL_PLACES):
        await stage.post("weighed-strings", stage.with_usage(_weighted(stage, in_parts=False)))


def tool_talk(stage: Stage) -> Body:
    """An ordinary conversation with calls and results, answered in one piece: the control of odd ones."""
    told: dict[str, Json] = {guest: _told(guest) for guest in CODES}
    messages = _messages(MARIA, told, prompt("booking-codes-of-two"))
    return plain(stage.request(messages=messages, temperature=0, tools=[tool(TOOL)]))


def counts_what_is_called(play: Play, weighed: Weighing) -> None:
    """A count that leaves out all that belongs to tools tells nothing, where the calls were plainly read.

    Only the calls tell whose code is whose. A target that drops the definitions alone counts the calls.
    """
    counted = weighed.count(DESCRIPTION) or weighed.count(ARGUMENTS)
    text = play.answer(asked_step(play)).text
    read = all(codes_of(guest, text) == [code] for guest, code in CODES.items())
    told = "neither definitions nor calls are counted, but the model knows what the calls told"
    provoked(counted or not read, told, at=weighed.at)


def loaded_guest(path: Path) -> str:
    """The guest whose result bears the weight."""
    return JOSE if path.stream else MARIA


def codes_of(guest: str, text: str) -> list[str]:
    """The codes that an answer tells of one guest."""
    return [code for code in CODES.values() if code in line_about(guest, text)]


def mistaken(text: str) -> bool:
    """Whether an answer tells another code of a guest than the guest's own."""
    return any(codes_of(guest, text) not in ([], [code]) for guest, code in CODES.items())


def line_about(guest: str, text: str) -> str:
    """What an answer says of one guest and of no other, whatever became of letters beyond ASCII."""
    name, other = (_key(each) for each in (guest, MARIA if guest == JOSE else JOSE))
    lines = re.split(r"[\n;]", text)
    return "\n".join(line for line in lines if name in line.lower() and other not in line.lower())


def _in_order(asked: Body) -> Body:
    *before, first, second = as_list(asked["messages"])
    return {**asked, "messages": [*before, second, first]}


def _weighted(stage: Stage, *, in_parts: bool) -> Body:
    """The weights on the places; that of the results on the last one plain, and on the first one streamed."""
    heavy = loaded_guest(stage.path)
    told: dict[str, Json] = {guest: _told(guest) for guest in CODES}
    told[heavy] = _told(heavy, weighted(NOTE, _place(RESULT)))
    if in_parts:
        told[heavy] = _parted(str(told[heavy]))
    question = weighted(prompt("booking-codes-of-two"), _place(QUESTION))
    messages = _messages(weighted(MARIA, _place(ARGUMENTS)), told, question)
    tools: list[Json] = [_described_at_length()]
    return stage.request(messages=messages, tokens=ANSWER_LIMIT, temperature=0, tools=tools)


def _instructed(stage: Stage, asked: Body) -> Body:
    """The same with instructions that have the weight of the results, in the form of the path."""
    instructions: Json = {"role": "system", "content": weighted("You are a kind assistant.", _place(RESULT))}
    return stage.request(
        messages=[instructions, *as_list(asked["messages"])],
        tokens=ANSWER_LIMIT,
        temperature=0,
        tools=as_list(asked["tools"]),
    )


def _parted(text: str) -> Json:
    """A result in two text parts, the weight in the second."""
    before, note, after = text.partition(NOTE)
    return parts(before + note, after)


def _messages(guest: str, told: dict[str, Json], question: str) -> list[Json]:
    return [
        user(question),
        called((CALLS[MARIA], TOOL, _arguments(guest)), (CALLS[JOSE], TOOL, _arguments(JOSE))),
        result(CALLS[JOSE], told[JOSE]),
        result(CALLS[MARIA], told[MARIA]),
    ]


def _described_at_length() -> Body:
    defined = tool(TOOL)
    function = as_object(defined["function"])
    description = weighted(str(function["description"]), _place(DESCRIPTION))
    return {**defined, "function": {**function, "description": description}}


def _arguments(guest: str) -> str:
    return json.dumps({"guest": guest}, ensure_ascii=False)


def _told(guest: str, note: str = NOTE) -> str:
    return json.dumps({"code": CODES[guest], "note": note})


def _place(name: str) -> int:
    return TOOL_PLACES.index(name)


def _key(guest: str) -> str:
    """The plain letters that a name begins with: enough to know the guest by."""
    return re.split(r"[^a-z]", unicodedata.normalize("NFC", guest).lower())[0]
