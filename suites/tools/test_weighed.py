"""Tool definitions reach the model, as its token count tells."""

from __future__ import annotations

from chatconform.suite import Play, check
from chatconform.suites.cont.places import DESCRIPTION, tool_weighing
from chatconform.suites.cont.tool_talk import counts_what_is_called, two_results
from chatconform.suites.tools.outcomes import TOOL_WORDS


@check("CC-TOOLS-011", two_results, feature=TOOL_WORDS)
def test_tool_descriptions_reach_the_model(play: Play) -> None:
    """A longer tool description is counted among the prompt's tokens, as it is read by the model."""
    weighed = tool_weighing(play)
    counts_what_is_called(play, weighed)
    weighed.expect_reached(DESCRIPTION)
