"""What tests of streams have in common."""

from typing import Any

from chatconform.findings.verdict import Verdict
from chatconform.suites.stream import (
    test_framing,
    test_sequence,
    test_text,
)
from chatconform.tests.support.exchanges import (
    chunks,
    exchange,
)
from chatconform.wire.exchange import Exchange

PASS, FAIL, INCONCLUSIVE, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR


one_object = test_framing.test_every_event_is_one_json_object


terminated = test_framing.test_a_stream_ends_with_exactly_one_terminator


keep_alive = test_framing.test_keep_alives_are_no_events


ends = test_framing.test_the_body_ends_soon_after_the_terminator


unsplit = test_text.test_no_character_is_split


one_finish = test_sequence.test_each_choice_gets_one_finish_reason


ROLE = {"role": "assistant", "content": ""}


LONG_TEXT = "the keeper climbed the narrow stairs, lit the lamp, and looked out over the dark sea " * 2


def raw(text: str | bytes) -> Exchange:
    return exchange(text.encode() if isinstance(text, str) else text)


def at(position: int, **members: Any) -> list[Any]:
    """A sound stream of which one chunk has other members."""
    changed = chunks()
    changed[position] = {**changed[position], **members}
    return changed
