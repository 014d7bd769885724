"""Conversations in unusual forms reach the model whole, or are refused for what they are."""

from __future__ import annotations

from chatconform.suite import (
    Observation,
    Play,
    at_status,
    check,
    expect,
    names_any,
    prompt,
    provoked,
)
from chatconform.suites.req.conversations import (
    media_parts,
    messages_without_text,
    roles,
    text_parts,
)
from chatconform.suites.req.refusing import accepted_control, is_refused
from chatconform.suites.usage.counting import prompt_tokens, trust_counts, usage_of
from chatconform.suites.wire import expect_error_object, measured

# The least that any model spends on an image or a second of sound.
FEWEST_MEDIA_TOKENS = 10


@check("CC-REQ-006", roles, feature=("developer", "role"))
def test_the_developer_role_is_accepted(play: Play) -> None:
    """A message with the role `developer` is accepted."""
    accepted_control(play)
    _expect_no_crash(play, "developer")
    play.answer("developer")


@check("CC-REQ-016", roles, feature="name")
def test_a_name_on_a_message_is_accepted(play: Play) -> None:
    """A `name` on a user or system message is accepted."""
    accepted_control(play)
    for step in ("named-user", "named-system"):
        _expect_no_crash(play, step)
        play.answer(step)


@check("CC-REQ-017", roles, feature=("role", "alternat", "system", "assistant", "messages"))
def test_the_order_of_roles_is_free(play: Play) -> None:
    """Users in a row, two system messages, one in the middle, and a last assistant message are accepted."""
    accepted_control(play)
    steps = ("user-user", "system-system-user", "user-system-user", "user-assistant")
    for step in steps:
        _expect_no_crash(play, step)
    for step in steps:
        play.answer(step)


@check("CC-REQ-007", text_parts, feature=("content", "part", "array", "string"))
def test_text_parts_are_accepted(play: Play) -> None:
    """Every message may have its text in one part or in several."""
    provoked(play.response("strings").status == 200, "the conversation is not answered as strings either")
    for step in ("one-part", "two-parts"):
        _expect_no_crash(play, step)
        play.answer(step)


@check("CC-REQ-008", messages_without_text, feature=("tools", "tool_calls", "tool"))
def test_content_may_be_null_beside_calls(play: Play) -> None:
    """An assistant message with tool_calls is accepted with content null and without content."""
    for step in ("null-with-calls", "missing-with-calls"):
        response = measured(play, step)
        # A refusal that names content is about the null, not about tools.
        blamed = is_refused(play, step) and names_any(response, ("content",))
        expect(
            not blamed and response.status != 500, "status 200", came=response.text, at=at_status(play[step])
        )
        play.answer(step)


@check("CC-REQ-009", messages_without_text)
def test_an_empty_assistant_message_is_accepted(play: Play) -> Observation:
    """An assistant message with empty content is accepted; with null and no calls it may be refused."""
    play.answer("empty")
    _expect_no_crash(play, "null")
    return Observation(
        topic="null-without-calls", camp="null-refused" if is_refused(play, "null") else "null-accepted"
    )


@check("CC-REQ-020", media_parts)
def test_an_image_is_used_or_refused(play: Play) -> Observation:
    """An image part raises the prompt's token count, or is refused with a 4xx; it is never dropped."""
    return _expect_used(play, "image")


@check("CC-REQ-020", media_parts)
def test_a_sound_is_used_or_refused(play: Play) -> Observation:
    """A sound part raises the prompt's token count, or is refused with a 4xx; it is never dropped."""
    return _expect_used(play, "sound")


def _expect_used(play: Play, kind: str) -> Observation:
    _expect_no_crash(play, kind)
    if is_refused(play, kind):
        provoked(play.response("text").status == 200, "the text alone, as a part, is refused as well")
        expect_error_object(play[kind])
        return Observation(topic=f"{kind}-part", camp="refused")
    trust_counts(play, short="text", long="longer", words=len(prompt("plain-words").split()))
    used, alone = prompt_tokens(play, kind), prompt_tokens(play, "text")
    expect(
        used - alone >= FEWEST_MEDIA_TOKENS,
        f"a 4xx, or {FEWEST_MEDIA_TOKENS} prompt_tokens more than for the text alone",
        came=f"200 with {used} prompt_tokens beside the {kind}, {alone} without",
        at=(usage_of(play, kind).at, usage_of(play, "text").at),
    )
    return Observation(topic=f"{kind}-part", camp="used")


def _expect_no_crash(play: Play, step: str) -> None:
    status = measured(play, step).status
    expect(status < 500, "an answer or a 4xx", came=str(status), at=at_status(play[step]))
