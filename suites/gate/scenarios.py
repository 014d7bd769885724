"""What a gateway forwards: everything at once on each path, nothing but a question, and a round of tools."""

from __future__ import annotations

from chatconform.suite import (
    ALL_PATHS,
    BOTH_FORMS,
    Body,
    Exchange,
    Json,
    Stage,
    prompt,
    scenario,
)
from chatconform.suites.cont.history import assistant, calling, is_legal, own_message, result, user
from chatconform.suites.gate.conversations import TOOL, TOOLS, asking
from chatconform.suites.gate.parameters import LABELS, OTHERS, SAMPLING
from chatconform.suites.gate.sending import forward, forward_together
from chatconform.suites.story import first_text
from chatconform.suites.tools.offers import calls_of, can_be_replayed

KEPT: Body = {"temperature": 0.43, "seed": 70937, "stop": ["QXJ"]}


@scenario(paths=ALL_PATHS, requests=2)
async def forwarded(stage: Stage) -> None:
    """A request with every parameter that can stand beside the others, and one with what cannot."""

    def with_parameters(code: str, parameters: Body) -> Body:
        return asking(stage, code, prompt("greeting-as-json"), parameters, limited=False)

    await forward_together(stage, "sampling", with_parameters, SAMPLING)
    await forward_together(stage, "others", with_parameters, {**OTHERS, **LABELS})


@scenario(paths=BOTH_FORMS)
async def bare(stage: Stage) -> None:
    """A question with nothing beside it."""
    await forward(stage, "bare", lambda code: asking(stage, code, prompt("one-word"), {}, limited=False))


@scenario(paths=BOTH_FORMS, requests=3)
async def continued(stage: Stage) -> None:
    """A call that the target makes, its result, and a further question, with the same parameters each time.

    Each request has the messages of the one before it, the target's own as they came.
    """
    code = stage.code("code of the conversation")
    messages: list[Json] = [_asked("booking-code", code)]

    async def ask(step: str, **more: Json) -> Exchange:
        body = {**stage.request(messages=list(messages), tools=[*TOOLS]), **KEPT, **more}
        exchange = await stage.post(step, body)
        await stage.note_received(step, code)
        return exchange

    came = await ask("call", tool_choice={"type": "function", "function": {"name": TOOL}})
    calls = calls_of(came)
    if not can_be_replayed(calls):
        stage.leave("the model made no call that can be answered")
    told = f'{{"code": "WQDH9VNR", "reference": "{code}"}}'
    messages += [_own_or_made(came), *(result(call.id, told) for call in calls)]
    came = await ask("answer")
    messages += [_own_or_made(came), _asked("thank-you-ok", code)]
    await ask("later")


def _asked(question: str, code: str) -> Json:
    return user(f"{prompt(question)}\n(Reference {code}.)")


def _own_or_made(came: Exchange) -> Body:
    """The target's message as it came, where a client may send it back; otherwise what it has to keep."""
    message = own_message(came) if not came.is_stream else None
    if message is not None and is_legal({"model": "any", "messages": [message]}):
        return message
    calls = calls_of(came)
    return calling(*calls) if calls else assistant(first_text(came) or "WQDH9VNR")
