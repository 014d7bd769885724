"""Pairs of conversations that differ by a text of known length, for the oracle of the prompt's tokens."""

from chatconform.suite import BOTH_FORMS, Json, Stage, prompt, scenario, tool
from chatconform.suites.cont.filler import filler
from chatconform.suites.cont.history import assistant, called, result, user

WORDS = 300
NOTES: list[Json] = [tool("read_note")]
CALL = ("call_note_1", "read_note", '{"day": "today"}')


@scenario(paths=BOTH_FORMS, requests=7)
async def user_messages(stage: Stage) -> None:
    """One user message, short and long, in a fresh chat, on a later turn and before a tool result."""
    ok, colour = prompt("one-word"), prompt("name-a-colour")
    words = filler(stage, WORDS) + "\n\n"
    chats: dict[str, list[Json]] = {
        "fresh-short": [user(ok)],
        "fresh-long": [user(words + ok)],
        "later-short": [user(colour), assistant("Blue."), user(ok)],
        "later-long": [user(colour), assistant("Blue."), user(words + ok)],
        "earlier-long": [user(words + colour), assistant("Blue."), user(ok)],
    }
    for step, messages in chats.items():
        await stage.post(step, stage.with_usage(stage.request(messages=messages, temperature=0)))
    round_of_tools: list[Json] = [called(CALL), result(CALL[0], "Buy bread.")]
    for step, asked in {"tool-short": ok, "tool-long": words + ok}.items():
        body = stage.request(messages=[user(asked), *round_of_tools], temperature=0, tools=NOTES)
        await stage.post(step, stage.with_usage(body))


@scenario(paths=BOTH_FORMS, requests=6)
async def tool_results(stage: Stage) -> None:
    """A tool round whose result is a string, a text part or empty, and whose parts are of two lengths."""
    words, asked = filler(stage, WORDS), prompt("note-of-today")
    long_call = (CALL[0], CALL[1], f'{{"day": "{words}"}}')
    rounds: dict[str, list[Json]] = {
        "string": [user(asked), called(CALL), result(CALL[0], "bread")],
        "parts": [user(asked), called(CALL), result(CALL[0], [{"type": "text", "text": "bread"}])],
        "empty": [user(asked), called(CALL), result(CALL[0], "")],
        "long-result": [user(asked), called(CALL), result(CALL[0], words)],
        "long-arguments": [user(asked), called(long_call), result(CALL[0], "bread")],
        "long-question": [user(f"{words}\n\n{asked}"), called(CALL), result(CALL[0], "bread")],
    }
    for step, messages in rounds.items():
        body = stage.request(messages=messages, temperature=0, tools=NOTES)
        await stage.post(step, stage.with_usage(body))
