"""Whatever conversation is held, its rules hold after each turn."""

from __future__ import annotations

from chatconform.errors import TargetError
from chatconform.suite import Broken, NotProvoked, Play, check
from chatconform.suites.talk.held import talks_of
from chatconform.suites.talk.invariants import INVARIANTS
from chatconform.suites.talk.scenarios import conversations
from chatconform.suites.talk.turns import at_transcript
from chatconform.suites.tools.outcomes import TOOL_WORDS


@check("CC-TALK-001", conversations, feature=TOOL_WORDS)
def test_ids_are_new_in_every_turn(play: Play) -> None:
    """No completion and no tool call of a conversation has an id that came before in it."""
    _expect_always(play, "CC-TALK-001")


@check("CC-TALK-002", conversations, feature=TOOL_WORDS)
def test_calls_of_every_turn_can_be_answered(play: Play) -> None:
    """Every call has an id, the name of an offered tool and a JSON object; answers end as they have to."""
    _expect_always(play, "CC-TALK-002")


@check("CC-TALK-003", conversations, feature=TOOL_WORDS)
def test_every_conversation_goes_on(play: Play) -> None:
    """Whatever a conversation consists of, its next request is answered."""
    _expect_always(play, "CC-TALK-003")


@check("CC-TALK-004", conversations, feature=TOOL_WORDS)
def test_nothing_is_remembered_between_requests(play: Play) -> None:
    """A request that comes again costs the same, and nothing that others said is heard."""
    _expect_always(play, "CC-TALK-004")


@check("CC-TALK-005", conversations, feature=TOOL_WORDS)
def test_usage_grows_with_the_history(play: Play) -> None:
    """A longer history of the same conversation costs more prompt tokens."""
    _expect_always(play, "CC-TALK-005")


@check("CC-TALK-006", conversations, feature=TOOL_WORDS)
def test_both_forms_agree_in_every_turn(play: Play) -> None:
    """The same request is answered alike plain and streamed: calls or text, its end, its prompt tokens."""
    _expect_always(play, "CC-TALK-006")


def _expect_always(play: Play, rule: str) -> None:
    """The rule holds in every conversation, and could be seen in one; the shortest breach is shown."""
    unseen: TargetError | None = None
    seen = False
    for talk in talks_of(play):
        try:
            INVARIANTS[rule](talk)
            seen = True
        except Broken as broken:
            evidence = (*broken.evidence[:2], at_transcript(talk))
            raise Broken(
                broken.reason, evidence=evidence, expected=broken.expected, came=broken.came
            ) from None
        except TargetError as why:
            unseen = unseen or why
    if not seen:
        raise unseen or NotProvoked("no conversation was held")
