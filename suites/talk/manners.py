"""How a client may go about a conversation: the choices that Hypothesis makes, the simplest first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from hypothesis import strategies as st

from chatconform.suites.talk.asking import Form


class Repeat(Enum):
    """Whether a question is asked once more before the conversation goes on."""

    NEVER = auto()
    AGAIN = auto()
    IN_THE_OTHER_FORM = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """In which form a question is sent, and whether it is asked again."""

    streamed: bool
    repeat: Repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Whether several calls are asked for, and whether the tool is named or any has to be called."""

    several: bool
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """How the results of calls are handed back."""

    reversed: bool
    in_parts: bool


FORMS = st.sampled_from(Form)
MANNERS = st.builds(
    Manner,
    streamed=st.booleans(),
    # Most mistakes are made in one of the forms.
    repeat=st.sampled_from((Repeat.NEVER, Repeat.AGAIN, Repeat.IN_THE_OTHER_FORM, Repeat.IN_THE_OTHER_FORM)),
)
RESULTS = st.builds(Results, reversed=st.booleans(), in_parts=st.booleans())
