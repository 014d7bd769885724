"""Conversations that go on: tool rounds, their results in several forms, and histories that are broken."""

from chatconform.errors import TargetError
from chatconform.suite import (
    BOTH_FORMS,
    Body,
    Exchange,
    Json,
    Stage,
    at_pointer,
    conversation,
    prompt,
    scenario,
    tool,
)
from chatconform.suites.cont.history import assistant, called, calling, result, user
from chatconform.suites.tools.scenarios import WEATHER
from chatconform.suites.wire import as_list, as_object

BOOKINGS: list[Json] = [tool("get_booking_code")]
MARIA = ("call_booking_maria", "get_booking_code", '{"guest": "Maria Keller"}')
PETER = ("call_booking_peter", "get_booking_code", '{"guest": "Peter Brandt"}')
# The rounds of the chain: each tool needs what the one before it returned.
CHAIN = {"find_customer": "customer_id", "find_order": "order_number", "find_shipment": "tracking_code"}
# What a model that was cut off, or that writes no JSON, leaves behind as arguments.
MALFORMED = {
    "cut-off": '{"city":',
    "prose": "not json",
    "empty": "",
    "list": "[]",
    "string": '"Paris"',
    "null": "null",
}
ROUND = ("call_weather_1", "get_weather", '{"city": "Paris"}')
SUNNY = '{"weather": "sunny", "celsius": 21}'


@scenario(paths=BOTH_FORMS, attempts=3, requests=2)
async def one_round(stage: Stage) -> None:
    """A tool round whose result is a random code, and the request for the answer that needs it."""
    messages: list[Json] = [user(prompt("booking-code"))]
    body = stage.request(messages=messages, tools=BOOKINGS)
    answer = await stage.ask("call", {**body, "tool_choice": "required"})
    if not answer.tool_calls:
        stage.leave("the model made no call")
    results = [result(call.id, f'{{"code": "{stage.code("code")}"}}') for call in answer.tool_calls[:1]]
    results += [result(call.id, '{"code": null}') for call in answer.tool_calls[1:]]
    await stage.post("answer", {**body, "messages": [*messages, calling(*answer.tool_calls), *results]})


@scenario(paths=BOTH_FORMS, attempts=3)
async def results_out_of_order(stage: Stage) -> None:
    """Two calls of one tool, answered in the opposite order with a random code each."""
    marias, peters = stage.code("maria"), stage.code("peter")
    messages: list[Json] = [
        user(prompt("booking-codes-of-two")),
        called(MARIA, PETER),
        result(PETER[0], f'{{"code": "{peters}"}}'),
        result(MARIA[0], f'{{"code": "{marias}"}}'),
    ]
    await stage.post("answer", stage.request(messages=messages, temperature=0, tools=BOOKINGS))


@scenario(paths=BOTH_FORMS, requests=4)
async def three_rounds(stage: Stage) -> None:
    """A chain of three tools, each of which needs what the one before it returned."""
    messages: list[Json] = [user(prompt("tracking-code"))]
    tools: list[Json] = [tool(name) for name in CHAIN]
    codes = {name: stage.code(name) for name in CHAIN}
    for number in range(1, len(CHAIN) + 1):
        body = stage.request(messages=messages, temperature=0, tools=tools)
        answer = await stage.ask(f"round-{number}", body)
        if not answer.tool_calls or any(call.name not in CHAIN for call in answer.tool_calls):
            stage.leave(f"round {number} brought no call of the chain")
        told = {name: f'{{"{key}": "{codes[name]}"}}' for name, key in CHAIN.items()}
        results = [result(call.id, told[call.name]) for call in answer.tool_calls]
        messages = [*messages, calling(*answer.tool_calls), *results]
    await stage.post("answer", stage.request(messages=messages, temperature=0, tools=tools))


@scenario(requests=4)
async def own_messages(stage: Stage) -> None:
    """The target's own assistant messages, of text and of calls, sent back as they came."""
    messages: list[Json] = [user(prompt("greeting"))]
    said = await stage.post("text", stage.request(messages=messages))
    more: list[Json] = [_own_message(stage, said), user(prompt("thank-you-ok"))]
    await stage.post("text-replayed", stage.request(messages=[*messages, *more]))
    messages = [user(prompt("weather-in-paris"))]
    body = stage.request(messages=messages, tools=[WEATHER])
    asked = await stage.post("call", {**body, "tool_choice": "required"})
    message = _own_message(stage, asked)
    ids = [as_object(call).get("id") for call in as_list(as_object(message).get("tool_calls"))]
    results = [result(str(call_id), SUNNY) for call_id in ids]
    if not results:
        stage.leave("the model made no call")
    await stage.post("call-replayed", {**body, "messages": [*messages, message, *results]})


@scenario(paths=BOTH_FORMS, requests=2)
async def history_without_tools(stage: Stage) -> None:
    """A tool round in the history, in a request with the tools, then without."""
    messages: list[Json] = [
        user(prompt("weather-in-paris")),
        called(ROUND),
        result(ROUND[0], SUNNY),
        user(prompt("thank-you-ok")),
    ]
    body = stage.request(messages=messages, temperature=0)
    await stage.post("control", {**body, "tools": [WEATHER]})
    await stage.post("without", body)


@scenario(paths=BOTH_FORMS, requests=1 + len(MALFORMED))
async def malformed_arguments(stage: Stage) -> None:
    """A well-formed tool round, then the same with arguments that are no JSON object."""
    for step, arguments in {"control": ROUND[2], **MALFORMED}.items():
        messages: list[Json] = [
            user(prompt("weather-in-paris")),
            called((ROUND[0], ROUND[1], arguments)),
            result(ROUND[0], SUNNY),
        ]
        await stage.post(step, stage.request(messages=messages, temperature=0, tools=[WEATHER]))


@scenario(requests=5)
async def unpaired_messages(stage: Stage) -> None:
    """Two calls with their results; then results without a call, and calls without a result."""
    asked, thanks = user(prompt("booking-codes-of-two")), user(prompt("thank-you-ok"))
    calls, marias, peters = called(MARIA, PETER), result(MARIA[0], "K7"), result(PETER[0], "B4")
    histories: dict[str, list[Json]] = {
        "control": [asked, calls, marias, peters, thanks],
        "result-without-call": [asked, marias],
        "result-of-unknown-call": [asked, called(MARIA), marias, result("call_unknown", "B4")],
        "call-without-result": [asked, calls, marias, thanks],
        "calls-without-results": [asked, calls, thanks],
    }
    for step, messages in histories.items():
        await stage.post(step, stage.request(messages=messages, temperature=0, tools=BOOKINGS))


@scenario(paths=BOTH_FORMS, attempts=3, requests=3)
async def early_fact(stage: Stage) -> None:
    """A random code in the first turn, asked for in the fifth; without it; and all in one turn."""
    code = stage.code("code")
    told = user(prompt("locker-code-told").format(code=code))
    between: list[Json] = [*conversation("small-questions").before, user(prompt("locker-code-asked"))]
    at_once = user(prompt("locker-code-told-and-asked").format(code=code))
    conversations: dict[str, list[Json]] = {
        "asked": [told, assistant("OK"), *between],
        "control": between,
        "at-once": [at_once],
    }
    for step, messages in conversations.items():
        await stage.post(step, stage.with_usage(stage.request(messages=messages, temperature=0)))


@scenario(paths=BOTH_FORMS, requests=3)
async def two_conversations(stage: Stage) -> None:
    """A question, a conversation with the answer to it for the same `user`, and the question once more."""
    told = user(prompt("locker-code-told").format(code=stage.code("code")))
    who: Body = {"user": f"conformance-{stage.code('user')}", "temperature": 0}
    question = stage.with_usage({**stage.request(messages=[user(prompt("locker-code-asked"))]), **who})
    await stage.post("before", question)
    await stage.post("planted", {**stage.request(messages=[told]), **who})
    await stage.post("after", question, fresh=True)


def _own_message(stage: Stage, exchange: Exchange) -> Json:
    try:
        body = exchange.response.json if exchange.response else None
    except TargetError:
        body = None
    message = at_pointer(body, "/choices/0/message", None)
    if not isinstance(message, dict):
        stage.leave(f"step {exchange.step!r} brought no message")
    return message
