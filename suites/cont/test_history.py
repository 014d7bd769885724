"""What a conversation told is known later in it, said right, and known in no other one."""

from __future__ import annotations

import unicodedata

from chatconform.suite import PLAIN, Play, check, expect, provoked
from chatconform.suites.cont.filler import filler_cost, usage_in
from chatconform.suites.cont.later_turns import LAST_SAID, later_turns
from chatconform.suites.cont.places import EARLIER_QUESTION, later_weighing, told_step
from chatconform.suites.cont.tool_talk import JOSE, two_results
from chatconform.suites.tools.outcomes import TOOL_WORDS, accepted

# The same words may take a token more or less where a server adds the date, and nothing else.
STEADY = 2


@check("CC-CONT-017", later_turns)
def test_a_fact_of_the_first_turn_is_known_in_the_fifth(play: Play) -> None:
    """A random code that the user told in the first turn is in the answer to the question of the fifth."""
    code, asked = play.note("code"), play.answer(told_step(play))
    provoked(asked.finish_reason != "length", "the answer was cut by a limit", at=asked.first.at_finish)
    if code in asked.text:
        return
    at_once = play.answer("at-once")
    able = code in at_once.text
    provoked(able, "the model does not even repeat a code of the same turn", at=at_once.first.at_text)
    counted = later_weighing(play).count(EARLIER_QUESTION)
    told = "the first turn was counted, but the model made nothing of it"
    provoked(not counted, told, at=asked.first.at_text)
    expect(False, f"an answer with the code {code}", came=asked.text, at=asked.first.at_text)


@check("CC-CONT-007", later_turns, paths=(PLAIN,), feature="user")
def test_conversations_do_not_leak_into_each_other(play: Play) -> None:
    """What one conversation told is neither known nor counted in another one of the same user and key."""
    before = play.answer("before-nameless" if play.has("before-nameless") else "before")
    after, code = play.answer("after"), play.note("code")
    told = play.answer(told_step(play))

    expect(code not in after.text, "an answer without the code", came=after.text, at=after.first.at_text)
    if before.usage is not None:
        counted = usage_in(after)
        grown = abs(counted.prompt_tokens - before.usage.prompt_tokens)
        steady = grown <= STEADY
        expect(
            steady, "as many prompt tokens as before", came=f"{grown} off", at=(counted.at, before.usage.at)
        )
    if code not in told.text:
        # A model that does not tell the code where it was told would not tell of a leak: that is counted.
        filler_cost(play)


@check("CC-CONT-015", later_turns, paths=(PLAIN,))
def test_an_assistant_message_of_text_is_accepted_back(play: Play) -> None:
    """The server's own message of text, sent back unchanged in the history, is accepted."""
    play.answer("greeting")
    anyway = play.has("told-plainer") and play.response("told-plainer").status != 200
    provoked(not anyway, "the same history is declined without that message as well")
    accepted(play, "told")


@check("CC-CONT-049", later_turns)
def test_an_answer_does_not_begin_with_the_one_before(play: Play) -> None:
    """The answer on a later turn is a new one: it does not begin with what the assistant said before."""
    answer = play.answer(told_step(play))
    provoked(answer.text, "the answer has no text", at=answer.first.at_text)
    again = answer.text.lstrip().startswith(LAST_SAID)
    # A weak model repeats by itself what it reads; one that goes on with the code answers the question.
    at_a_loss = again and play.note("code") not in answer.text
    provoked(not at_a_loss, "the model may have repeated itself", at=answer.first.at_text)
    expect(not again, f"an answer without {LAST_SAID!r} before it", came=answer.text, at=answer.first.at_text)


@check("CC-CONT-046", two_results, paths=(PLAIN,), feature=TOOL_WORDS)
def test_names_beyond_ascii_survive_in_the_history(play: Play) -> None:
    """A name with letters beyond ASCII, told by the user and in a call, comes back with the same letters."""
    answer = play.answer("answer")
    text = unicodedata.normalize("NFC", answer.text)
    broken = [form for form in mangled(JOSE) if form in text]
    expect(not broken, f"the name {JOSE}", came=answer.text, at=answer.first.at_text)
    provoked(JOSE in text, f"the answer does not name {JOSE}", at=answer.first.at_text)


def mangled(text: str) -> tuple[str, ...]:
    """What becomes of a text that is decoded with the wrong charset, cut to bytes, or left escaped."""
    raw = text.encode()
    forms = {
        raw.decode("latin-1"),
        raw.decode("cp1252", errors="replace"),
        raw.decode("ascii", errors="replace"),
        text.encode("ascii", errors="replace").decode(),
        text.encode("ascii", errors="backslashreplace").decode(),
        text.encode("latin-1").decode("utf-8", errors="replace"),
        "".join(letter if letter.isascii() else f"\\u{ord(letter):04x}" for letter in text),
    }
    return tuple(sorted(unicodedata.normalize("NFC", form) for form in forms - {text}))
