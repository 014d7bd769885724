"""What the model is given: every message of this conversation once, and nothing of another one."""

from chatconform.suite import Play, check, expect, provoked
from chatconform.suites.cont.filler import counted, counts_honestly, growth, reached_the_model
from chatconform.suites.cont.scenarios import early_fact, two_conversations
from chatconform.suites.cont.sizes import WORDS, tool_results, user_messages
from chatconform.suites.tools.outcomes import TOOL_WORDS

# A message that is rendered beside others may cost a few tokens more; one that is sent twice costs twice.
ONCE = 1.3


@check("CC-CONT-002", tool_results, feature=TOOL_WORDS)
def test_tool_results_reach_the_model(play: Play) -> None:
    """A longer tool result is counted among the prompt's tokens, as it is read by the model."""
    counts_honestly(play, "string", "long-question", WORDS)

    reached_the_model(play, "string", "long-result", WORDS)


@check("CC-CONT-002", tool_results, feature=TOOL_WORDS)
def test_tool_calls_of_the_history_reach_the_model(play: Play) -> None:
    """Longer arguments of an earlier call are counted among the prompt's tokens."""
    counts_honestly(play, "string", "long-question", WORDS)

    reached_the_model(play, "string", "long-arguments", WORDS)


@check("CC-CONT-005", user_messages)
def test_earlier_turns_reach_the_model(play: Play) -> None:
    """A longer earlier turn is counted among the prompt's tokens, as it is read by the model."""
    counts_honestly(play, "fresh-short", "fresh-long", WORDS)

    reached_the_model(play, "later-short", "earlier-long", WORDS)


@check("CC-CONT-006", user_messages)
def test_the_last_user_message_is_counted_once_on_a_later_turn(play: Play) -> None:
    """On a later turn the last user message costs what it costs in a fresh chat, and not twice as much."""
    counted_once(play, "later-short", "later-long")


@check("CC-CONT-006", user_messages, feature=TOOL_WORDS)
def test_the_user_message_is_counted_once_after_a_tool_result(play: Play) -> None:
    """After a tool result the user message costs what it costs in a fresh chat, and not twice as much."""
    counted_once(play, "tool-short", "tool-long")


def counted_once(play: Play, shorter: str, longer: str) -> None:
    """The longer message costs about as much as in a fresh chat."""
    counts_honestly(play, "fresh-short", "fresh-long", WORDS)
    cost, came = growth(play, "fresh-short", "fresh-long"), growth(play, shorter, longer)
    usage = play.answer(longer).usage
    if usage is not None:
        expect(came <= ONCE * cost, f"at most {ONCE} times {cost} prompt tokens more", came=came, at=usage.at)


# The first turn has more words than this; no tokeniser makes fewer tokens than words of it.
FIRST_TURN_WORDS = 10


@check("CC-CONT-017", early_fact)
def test_a_fact_of_the_first_turn_is_known_in_the_fifth(play: Play) -> None:
    """A random code that the user told in the first turn is in the answer to the question of the fifth."""
    code, asked, control = play.note("code"), play.answer("asked"), play.answer("control")
    provoked(asked.finish_reason != "length", "the answer was cut by a limit", at=asked.first.at_finish)
    at_once = play.answer("at-once")
    known = code in asked.text
    able = known or code in at_once.text
    provoked(able, "the model does not even repeat a code of the same turn", at=at_once.first.at_text)
    more = asked.usage.prompt_tokens - control.usage.prompt_tokens if asked.usage and control.usage else 0
    told = f"the first turn was counted as {more} prompt tokens, but the model made nothing of it"
    provoked(known or more < FIRST_TURN_WORDS, told, at=asked.first.at_text)

    expect(known, f"an answer with the code {code}", came=asked.text, at=asked.first.at_text)
    leaked = code in control.text
    expect(not leaked, "no code where nobody told it", came=control.text, at=control.first.at_text)


@check("CC-CONT-007", two_conversations, feature="user")
def test_conversations_do_not_leak_into_each_other(play: Play) -> None:
    """What one conversation told is neither known nor counted in another one of the same user and key."""
    before, after, code = play.answer("before"), play.answer("after"), play.note("code")
    play.answer("planted")

    expect(code not in after.text, "an answer without the code", came=after.text, at=after.first.at_text)
    if before.usage is not None and after.usage is not None:
        grown = abs(counted(after) - counted(before))
        expect(grown <= 2, "as many prompt tokens as before", came=f"{grown} off", at=after.usage.at)
