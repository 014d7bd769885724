"""Text weighs the same in whatever form it is sent, and instructions weigh anything at all."""

from __future__ import annotations

from chatconform.suite import Play, at_request, check, expect
from chatconform.suites.basics import LONGER_BY
from chatconform.suites.req.conversations import TALK, instructions, text_parts
from chatconform.suites.usage.counting import prompt_tokens, trust_counts, usage_of

# What a template or a tokenizer may add or save at the border of a message.
BORDER_TOKENS = 2
# Of 160 words; most are one token.
FEWEST_INSTRUCTION_TOKENS = 100


@check("CC-REQ-007", text_parts)
def test_text_parts_mean_the_same_as_the_string(play: Play) -> None:
    """One part costs the same prompt as the string, and two parts do not cost less."""
    trust_counts(play, short="short", long="long", words=LONGER_BY)
    whole, margin = prompt_tokens(play, "strings"), BORDER_TOKENS * len(TALK)
    one, two = prompt_tokens(play, "one-part"), prompt_tokens(play, "two-parts")
    expect(
        abs(one - whole) <= margin,
        f"about {whole} prompt_tokens as for strings",
        came=one,
        at=usage_of(play, "one-part").at,
    )
    expect(
        two >= whole - margin, f"{whole} prompt_tokens or more", came=two, at=usage_of(play, "two-parts").at
    )


@check("CC-REQ-018", instructions, feature=("stream_options", "include_usage"))
def test_system_text_reaches_the_model(play: Play) -> None:
    """Long system text raises the prompt's token count."""
    _expect_instructions(play, "system")


@check("CC-REQ-018", instructions, feature=("developer", "role", "stream_options", "include_usage"))
def test_developer_text_reaches_the_model(play: Play) -> None:
    """Long developer text raises the prompt's token count, where the role is accepted."""
    _expect_instructions(play, "developer")


def _expect_instructions(play: Play, role: str) -> None:
    trust_counts(play, short="alone", long="longer", words=LONGER_BY)
    grown = prompt_tokens(play, role) - prompt_tokens(play, "alone")
    expect(
        grown >= FEWEST_INSTRUCTION_TOKENS,
        f"{FEWEST_INSTRUCTION_TOKENS} prompt_tokens more than without the {role} message",
        came=grown,
        at=(usage_of(play, role).at, at_request(play[role])),
    )
