"""Tool rounds that need each other, and histories that are odd or broken."""

from __future__ import annotations

from dataclasses import dataclass

from chatconform.errors import TargetError
from chatconform.suite import (
    BOTH_FORMS,
    Body,
    Exchange,
    Json,
    Play,
    Stage,
    ToolCall,
    prompt,
    read_answer,
    scenario,
    tool,
)
from chatconform.suites.cont.filler import ANSWER_LIMIT, plain
from chatconform.suites.cont.history import (
    called,
    calling,
    is_declined,
    is_legal,
    own_message,
    result,
    user,
)
from chatconform.suites.cont.oddities import HARMLESS, MALFORMED, history
from chatconform.suites.cont.tool_talk import CALLS, JOSE, MARIA, TOOL, tool_talk

# The rounds of the chain: each tool needs what the one before it returned. What they return is fixed, so that
# both forms share the rounds; nobody can guess it.
CHAIN = {"find_customer": "customer_id", "find_order": "order_number", "find_shipment": "tracking_code"}
RETURNED = {"find_customer": "GXKW4TZB", "find_order": "RVPQ7MHD", "find_shipment": "ZTMB8KXW"}
BOOKED = "WQDH9VNR"
ROUNDS = tuple(f"round-{number}" for number in range(1, len(CHAIN) + 1))
ALL_ODDITIES = (*MALFORMED, *HARMLESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a target called, as it came and as it was read, and the results of its calls."""

    message: Body
    calls: tuple[ToolCall, ...]
    results: tuple[Json, ...]

    def messages(self, *, short: bool) -> list[Json]:
        """The messages of the round; shortened to what a client has to keep, or as they came."""
        return [calling(*self.calls) if short else self.message, *self.results]


@scenario(paths=BOTH_FORMS, attempts=3, requests=5)
async def three_rounds(stage: Stage) -> None:
    """A chain of three tools, each of which needs what the one before it returned, and the answer in the end.

    Every message is sent back as it came, and shortened as well where that is declined. A model that does not
    follow the chain is asked for one round instead.
    """
    first, tools = user(prompt("tracking-code")), [tool(name) for name in CHAIN]
    asked = stage.request(messages=[first], temperature=0, tools=list[Json](tools))
    rounds: list[Round] = []
    for step in ROUNDS:
        came = await _go_on(stage, step, plain(asked), rounds)
        made = _round_in(came, {name: f'{{"{CHAIN[name]}": "{RETURNED[name]}"}}' for name in CHAIN})
        if made is None:
            await _one_round(stage)
            return
        rounds.append(made)
    stage.note("code", RETURNED["find_shipment"])
    await _go_on(stage, "answer", asked, rounds)


async def _one_round(stage: Stage) -> None:
    """A question that needs one tool, which has to be called, and the answer that needs its result."""
    asked = stage.request(
        messages=[user(prompt("booking-code"))], temperature=0, tools=[tool("get_booking_code")]
    )
    came = await _go_on(stage, "call", plain({**asked, "tool_choice": "required"}), [])
    made = _round_in(came, {"get_booking_code": f'{{"code": "{BOOKED}"}}'})
    if made is None:
        stage.leave("the model made no call that could be answered")
    stage.note("code", BOOKED)
    await _go_on(stage, "answer", asked, [made])


async def _go_on(stage: Stage, step: str, asked: Body, rounds: list[Round]) -> Exchange:
    """Ask again after these rounds, as they came, and shortened where that is declined."""
    came = await _ask(stage, step, asked, rounds, short=False)
    if rounds and is_declined(came):
        return await _ask(stage, shortened(step), asked, rounds, short=True)
    return came


async def _ask(stage: Stage, step: str, asked: Body, rounds: list[Round], *, short: bool) -> Exchange:
    messages = asked["messages"]
    more = [message for made in rounds for message in made.messages(short=short)]
    body = {**asked, "messages": [*(messages if isinstance(messages, list) else []), *more]}
    # The target's own message may break the contract, which is a rule of its own.
    return await stage.post(step, body, illegal=not is_legal(body))


def shortened(step: str) -> str:
    """The step in which the target's own messages are sent back with what a client has to keep of them."""
    return f"{step}-shortened"


def sent(play: Play, step: str) -> str:
    """The step that counts: with the target's messages as they came, or with less of them."""
    return shortened(step) if play.has(shortened(step)) else step


def _round_in(came: Exchange, told: dict[str, str]) -> Round | None:
    message = own_message(came)
    try:
        calls = read_answer(came).tool_calls
    except TargetError:
        return None
    if message is None or not calls or any(call.name not in told for call in calls):
        return None
    return Round(
        message=message, calls=calls, results=tuple(result(call.id, told[call.name]) for call in calls)
    )


@scenario(requests=1)
async def odd_histories(stage: Stage) -> None:
    """A history with every oddity at once; where that is declined, the doubtful ones one by one.

    Those that ought to offend nobody are first sent together.
    """
    steps: list[tuple[str, tuple[str, ...]]] = [("all", ALL_ODDITIES)]
    if is_declined(await stage.post("all", history(stage, ALL_ODDITIES))):
        steps = [("control", ()), *((name, (name,)) for name in MALFORMED), ("harmless", HARMLESS)]
        for step, oddities in steps:
            came = await stage.post(step, history(stage, oddities))
        if is_declined(came):
            for name in HARMLESS:
                await stage.post(name, history(stage, (name,)))
    if stage.thorough:
        streamed = stage.with_usage({**history(stage, ALL_ODDITIES), "stream": True})
        await stage.post("all-streamed", streamed)


@scenario(requests=3)
async def unpaired_messages(stage: Stage) -> None:
    """Two calls with their results; then a result that answers no call, and a call without a result."""
    await stage.post("control", tool_talk(stage))
    asked, thanks = user(prompt("booking-codes-of-two")), user(prompt("thank-you-ok"))
    calls = called(*((CALLS[guest], TOOL, f'{{"guest": "{guest}"}}') for guest in (MARIA, JOSE)))
    told, other = (result(CALLS[guest], f'{{"code": "{BOOKED}"}}') for guest in (MARIA, JOSE))
    unknown = {**told, "tool_call_id": "call_nobody"}
    broken: dict[str, list[Json]] = {
        "result-of-unknown-call": [asked, calls, told, other, unknown, thanks],
        "call-without-result": [asked, calls, told, thanks],
    }
    if stage.thorough:
        broken["result-without-call"] = [asked, told]
        broken["calls-without-results"] = [asked, calls, thanks]
    tools: list[Json] = [tool(TOOL)]
    for step, messages in broken.items():
        body = stage.request(messages=messages, tokens=ANSWER_LIMIT, temperature=0, tools=tools)
        await stage.post(step, body)
