"""Which aspects a fault spoils that leaves no answer, or no stream, to be read."""

from __future__ import annotations

from chatconform.reference_server.faults.fault import Aspect

# What the checks read from an answer: where nobody can read it, no other fault of it can be seen.
WHOLE_ANSWER: tuple[Aspect, ...] = (
    Aspect.PROMPT,
    Aspect.PARAMETERS,
    Aspect.TEXT,
    Aspect.CALLS,
    Aspect.FINISH,
    Aspect.USAGE,
    Aspect.LOGPROBS,
    Aspect.IDENTITY,
    Aspect.SHAPE,
    Aspect.CHUNKS,
)
# Other requests, or the same as another form, are refused, or nothing comes of them.
WHOLE_EXCHANGE: tuple[Aspect, ...] = (
    *WHOLE_ANSWER,
    Aspect.FRAMING,
    Aspect.HEADERS,
    Aspect.REFUSALS,
    Aspect.ERRORS,
    Aspect.TIME,
    Aspect.CONNECTION,
    Aspect.UPSTREAM,
)
# What a text shows: what was understood, what a parameter did, and the text itself.
WHAT_IS_SAID: tuple[Aspect, ...] = (Aspect.TEXT, Aspect.PROMPT, Aspect.PARAMETERS)
