"""What holds after each turn of any conversation, as pure functions of a talk.

They return, and the rule holds so far; or they raise a finding. The state machine decides by them which
conversations to shorten, and the checks judge by them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from chatconform.suite import (
    Answer,
    Evidence,
    Exchange,
    NotJson,
    ToolCall,
    Unmeasured,
    at_event,
    at_json,
    at_status,
    expect,
    parse,
    provoked,
)
from chatconform.suites.talk.turns import Talk, Turn, structure, text_of

Invariant = Callable[[Talk], None]

# What asks for patience, or refuses whoever asks, says nothing of the conversation.
OF_THE_MOMENT = frozenset({401, 402, 408, 409, 425, 429, 503})
# A token of the frame may come and go with the form.
TOLERANCE = 1
LEAST_PER_WORD = 0.5
CALLS_END_WITH = frozenset({"tool_calls", "stop"})
TEXTS_END_WITH = frozenset({"stop", "length", "content_filter"})
NOT_COUNTED = "usage is not honest: a longer user message did not add its prompt tokens"


def ids_are_new(talk: Talk) -> None:
    """No completion and no call of a conversation has the id of an earlier one."""
    answers = _answers(talk)
    provoked(len(answers) > 1, "only one turn was answered")
    completions: set[str] = set()
    calls: set[str] = set()
    for turn, answer in answers:
        at = _at_id(turn.exchange)
        expect(
            answer.id not in completions,
            "a completion id that no earlier turn has",
            came=answer.id,
            at=at,
        )
        completions |= {answer.id} - {""}
        for call in answer.tool_calls:
            expect(call.id not in calls, "a call id that no earlier call has", came=call.id, at=call.at)
            calls |= {call.id} - {""}


def calls_can_be_answered(talk: Talk) -> None:
    """Every call has an id, the name of an offered tool and a JSON object; answers end as they have to."""
    answers = _answers(talk, again=True)
    provoked(any(answer.tool_calls for _, answer in answers), "the model called no tool")
    for turn, answer in answers:
        if answer.finish_reason == "length":
            continue
        for call in answer.tool_calls:
            flaw = _flaw(call, turn)
            expect(not flaw, "a call that can be answered", came=flaw, at=call.at)
        fitting = CALLS_END_WITH if answer.tool_calls else TEXTS_END_WITH
        # That there is no finish reason at all is another rule.
        expect(
            answer.finish_reason is None or answer.finish_reason in fitting,
            f"{'calls' if answer.tool_calls else 'a text'} that end with {' or '.join(sorted(fitting))}",
            came=answer.finish_reason,
            at=answer.first.at_finish,
        )


def what_goes_on_is_accepted(talk: Talk) -> None:
    """Once a conversation was taken up, every request that goes on from its answers is answered."""
    provoked(talk.turns and talk.turns[0].answer, "the first turn was not answered")
    provoked(len(talk.turns) > 1, "the conversation has one turn")
    for turn in talk.turns[1:]:
        response = turn.exchange.response
        status = response.status if response else 0
        if not status or status in OF_THE_MOMENT:
            raise Unmeasured("a turn was not answered", evidence=(at_status(turn.exchange),))
        broken_off = _error_in(turn.exchange)
        expect(
            status == 200 and not broken_off,
            "an answer",
            came=f"status {status}" if status != 200 else "an error in the stream",
            at=broken_off or (at_status(turn.exchange),),
        )


def nothing_is_remembered(talk: Talk) -> None:
    """A question that is asked again costs the same prompt, and nobody hears what others have said."""
    for _, answer in _answers(talk, again=True):
        heard = [code for code in talk.others if code in _all_that_was_said(answer)]
        expect(not heard, "nothing of other conversations", came=", ".join(heard), at=answer.first.at_text)
    provoked(talk.is_counted, NOT_COUNTED)
    compared = False
    for turn, answer in _answers(talk, again=True):
        first = turn.repeats
        if first is None or first.streamed != turn.streamed:
            continue
        if first.answer is None or first.answer.usage is None or answer.usage is None:
            continue
        compared = True
        before, after = first.answer.usage, answer.usage
        expect(
            abs(after.prompt_tokens - before.prompt_tokens) <= TOLERANCE,
            f"{before.prompt_tokens} prompt_tokens as for the same request before",
            came=after.prompt_tokens,
            at=(after.at, before.at),
        )
    provoked(compared, "no question was asked again in the same form, with usage in both answers")


def usage_grows(talk: Talk) -> None:
    """A longer history of the same conversation costs more prompt tokens: half a token a word at least."""
    provoked(talk.is_counted, NOT_COUNTED)
    latest: dict[str, tuple[Turn, Answer]] = {}
    compared = False
    for turn, answer in _answers(talk):
        if answer.usage is None:
            continue
        # What has to be called may be told to the model as well, so that only alike requests are compared.
        choice = json.dumps(turn.choice)
        earlier, latest[choice] = latest.get(choice), (turn, answer)
        if earlier is None or earlier[1].usage is None:
            continue
        compared = True
        least, before = _least_growth(earlier[0], turn), earlier[1].usage
        expect(
            answer.usage.prompt_tokens >= before.prompt_tokens + least,
            f"at least {least} prompt_tokens more than in turn {earlier[0].number}",
            came=f"{answer.usage.prompt_tokens} after {before.prompt_tokens}",
            at=(answer.usage.at, before.at),
        )
    provoked(compared, "no two turns bear usage that can be compared")


def both_forms_agree(talk: Talk) -> None:
    """The same request brings an answer of the same kind plain and streamed, with the same end and prompt."""
    compared = False
    for turn, answer in _answers(talk, again=True):
        first = turn.repeats
        if first is None or first.streamed == turn.streamed or first.answer is None:
            continue
        before = first.answer
        if not _is_whole(before) or not _is_whole(answer):
            continue
        compared = True
        expect(
            _kind(answer, turn) == _kind(before, first),
            f"{structure(before)}, as in the other form",
            came=structure(answer),
            at=(answer.first.at_finish, before.first.at_finish),
        )
        if talk.is_counted and answer.usage and before.usage:
            expect(
                abs(answer.usage.prompt_tokens - before.usage.prompt_tokens) <= TOLERANCE,
                f"{before.usage.prompt_tokens} prompt_tokens, as in the other form",
                came=answer.usage.prompt_tokens,
                at=(answer.usage.at, before.usage.at),
            )
    provoked(compared, "no question was answered in both forms")


INVARIANTS: Mapping[str, Invariant] = MappingProxyType(
    {
        "CC-TALK-001": ids_are_new,
        "CC-TALK-002": calls_can_be_answered,
        "CC-TALK-003": what_goes_on_is_accepted,
        "CC-TALK-004": nothing_is_remembered,
        "CC-TALK-005": usage_grows,
        "CC-TALK-006": both_forms_agree,
    }
)


def _answers(talk: Talk, *, again: bool = False) -> list[tuple[Turn, Answer]]:
    """The turns that were answered with their answers; those that were asked `again` where they count too."""
    turns = talk.turns if again else talk.history
    return [(turn, turn.answer) for turn in turns if turn.answer is not None]


def _at_id(exchange: Exchange) -> Evidence:
    if not exchange.is_stream or exchange.response is None:
        return at_json(exchange, "/id")
    return at_event(exchange, exchange.response.stream.chunks[0].index, "/id")


def _flaw(call: ToolCall, turn: Turn) -> str:
    """Why a call cannot be answered; empty where it can."""
    if not call.id:
        return "a call without an id"
    if call.name not in turn.offered:
        return f"a call of {call.name!r}, which is not offered"
    try:
        arguments = parse(call.arguments)
    except NotJson as error:
        return f"arguments that are no JSON: {error}"
    return "" if isinstance(arguments, dict) else "arguments that are no JSON object"


def _error_in(exchange: Exchange) -> tuple[Evidence, ...]:
    """The events of a stream that bear an error."""
    if not exchange.is_stream or exchange.response is None:
        return ()
    chunks = exchange.response.stream.chunks
    return tuple(at_event(exchange, event.index) for event in chunks if (event.chunk or {}).get("error"))


def _all_that_was_said(answer: Answer) -> str:
    choice = answer.first
    return " ".join([choice.text, choice.reasoning, *(call.arguments for call in choice.tool_calls)])


def _least_growth(before: Turn, after: Turn) -> int:
    added = after.messages[len(before.messages) :]
    words = sum(len(text_of(message).split()) for message in added)
    return max(1, int(words * LEAST_PER_WORD))


def _is_whole(answer: Answer) -> bool:
    """Whether an answer ends by itself: one that was cut may be of any kind."""
    return answer.finish_reason in {"stop", "tool_calls"}


def _kind(answer: Answer, turn: Turn) -> tuple[bool, str | None, frozenset[str]]:
    """Calls or text, the end, and the names of the called tools where the model has no choice of them."""
    names = frozenset(call.name for call in answer.tool_calls) if turn.names_a_tool else frozenset()
    return bool(answer.tool_calls), answer.finish_reason, names
