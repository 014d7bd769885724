"""Conversations in unusual forms are answered, or refused for what they are."""

from __future__ import annotations

from chatconform.suite import Observation, Play, at_body, at_status, check, expect
from chatconform.suites.req.conversations import LAST_ASSISTANT, no_user_message, oddities
from chatconform.suites.req.refusing import accepted_control, is_refused, names
from chatconform.suites.wire import error_in, measured

# By these words a template says that it cannot have the messages in this order.
ORDER = ("role", "alternat", "system", "assistant", "messages", "template")
TEXT = ("content", "empty", "text", "blank")


@check("CC-REQ-006", oddities, feature=("developer", "role"))
def test_the_developer_role_is_accepted(play: Play) -> None:
    """A message with the role `developer` is accepted."""
    _expect_answer(play, "developer")


@check("CC-REQ-016", oddities, feature="name")
def test_a_name_on_a_message_is_accepted(play: Play) -> None:
    """A `name` on a user message is accepted."""
    _expect_answer(play, "named-user")


@check("CC-REQ-055", oddities, feature="name")
def test_a_name_on_a_system_message_is_accepted(play: Play) -> None:
    """A `name` on a system message is accepted."""
    _expect_answer(play, "named-system")


@check("CC-REQ-017", oddities, feature=ORDER)
def test_the_order_of_roles_is_free(play: Play) -> None:
    """User messages in a row are accepted."""
    _expect_answer(play, "users")


@check("CC-REQ-056", oddities, feature=ORDER)
def test_several_system_messages_are_accepted(play: Play) -> None:
    """Two system messages in a row are accepted."""
    _expect_answer(play, "systems")


@check("CC-REQ-057", oddities, feature=ORDER)
def test_a_late_system_message_is_accepted(play: Play) -> None:
    """A system message between user messages is accepted."""
    _expect_answer(play, "middle-system")


@check("CC-REQ-058", oddities, feature=(*ORDER, "prefill"))
def test_a_last_assistant_message_is_accepted(play: Play) -> None:
    """A conversation that ends with an assistant message is accepted."""
    _expect_answer(play, LAST_ASSISTANT)


@check("CC-REQ-007", oddities, feature=("content", "part", "array", "string"))
def test_text_parts_are_accepted(play: Play) -> None:
    """A system, user or assistant message may have its text in one part or in several."""
    _expect_answer(play, "parts")


@check("CC-REQ-008", oddities, feature=("tools", "tool_calls", "tool"))
def test_content_may_be_null_beside_calls(play: Play) -> None:
    """An assistant message with tool_calls is accepted with content null."""
    _expect_answer_beside_calls(play, "null-with-calls")


@check("CC-REQ-059", oddities, feature=("tools", "tool_calls", "tool"))
def test_content_may_be_missing_beside_calls(play: Play) -> None:
    """An assistant message with tool_calls is accepted without content."""
    _expect_answer_beside_calls(play, "missing-with-calls")


@check("CC-REQ-009", oddities)
def test_an_empty_assistant_message_is_accepted(play: Play) -> Observation | None:
    """An assistant message with empty content is accepted; with null and no calls it may be refused."""
    _expect_answer(play, "empty-assistant")
    if not play.has("null"):
        return None
    _expect_no_crash(play, "null")
    return Observation(
        topic="null-without-calls", camp="null-refused" if is_refused(play, "null") else "null-accepted"
    )


@check("CC-REQ-060", oddities, feature=TEXT)
def test_an_empty_user_message_is_accepted(play: Play) -> None:
    """A user message whose content is the empty string is accepted."""
    _expect_answer(play, "empty-user")


@check("CC-REQ-061", oddities, feature=TEXT)
def test_a_blank_user_message_is_accepted(play: Play) -> None:
    """A user message of nothing but white space is accepted."""
    _expect_answer(play, "blank-user")


@check("CC-REQ-021", no_user_message)
def test_a_conversation_without_a_user_is_answered_or_refused(play: Play) -> Observation:
    """Without any user message a conversation is answered, or refused with a 4xx."""
    accepted_control(play)
    told = ("assistant", "assistant-streamed", "system-assistant", "system-assistant-streamed")
    camps = {_outcome(play, step) for step in ("system", *filter(play.has, told))}
    return Observation(topic="no-user-message", camp=camps.pop() if len(camps) == 1 else "by-roles")


def _outcome(play: Play, step: str) -> str:
    response, exchange = measured(play, step), play[step]
    if is_refused(play, step):
        return "refused"
    expect(response.status == 200, "200 or a 4xx", came=str(response.status), at=at_status(exchange))
    play.answer(step)
    expect(not error_in(exchange), "an answer", came=response.text[:200], at=at_body(exchange))
    return "answered"


def _expect_answer(play: Play, oddity: str) -> None:
    accepted_control(play)
    step = play.part("oddities", oddity)
    _expect_no_crash(play, step)
    play.answer(step)


def _expect_answer_beside_calls(play: Play, oddity: str) -> None:
    """A refusal that names content is about the content, not about tools."""
    step = play.part("oddities", oddity)
    blamed = is_refused(play, step) and names(play[step], "content")
    expect(not blamed, "status 200", came=play.response(step).text, at=at_status(play[step]))
    _expect_answer(play, oddity)


def _expect_no_crash(play: Play, step: str) -> None:
    status = measured(play, step).status
    expect(status < 500, "an answer or a 4xx", came=str(status), at=at_status(play[step]))
