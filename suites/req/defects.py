"""What can be wrong with a request, as tables: each row is one change to a good body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from chatconform.suite import Body, Json

UNKNOWN_MODEL = "<unknown model>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A change to a good body that makes it bad (or, for a bound, just not yet).

    `param` is the member that a refusal names; `members` are set, `removed` is taken out. `coercible` values
    are numbers in quotes, which some servers read as the number.
    """

    name: str
    param: str
    members: Mapping[str, Json] = field(default_factory=dict)
    removed: str = ""
    coercible: bool = False
    illegal: bool = True

    @property
    def told(self) -> str:
        """The change as a person writes it: `stream: "true"`, or its name where it is no one value."""
        return (
            f"{self.param}: {json.dumps(self.members[self.param])}"
            if self.param in self.members
            else self.name
        )

    def applied(self, body: Body, *, unknown_model: str = "") -> Body:
        """The body with the change."""
        changed = {name: value for name, value in {**body, **self.members}.items() if name != self.removed}
        if changed.get("model") == UNKNOWN_MODEL:
            changed["model"] = unknown_model
        return changed


def streamed_step(name: str) -> str:
    """The step in which a bad request was sent with `stream: true`."""
    return f"{name}-streamed"


def _wrong(param: str, value: Json, *, coercible: bool = False, **others: Json) -> Defect:
    members = {param: value, **others}
    return Defect(name=f"{param}={value}", param=param, members=members, coercible=coercible)


_HI: Json = {"role": "user", "content": "hi"}

NO_MESSAGES = Defect(name="no-messages", param="messages", removed="messages")
NO_MODEL = Defect(name="no-model", param="model", removed="model")
EMPTY_MESSAGES = Defect(name="empty-messages", param="messages", members={"messages": []})
INVENTED_ROLE = Defect(
    name="invented-role", param="role", members={"messages": [{"role": "banana", "content": "x"}, _HI]}
)
FOREIGN_PART = Defect(
    name="foreign-part",
    param="content",
    members={
        "messages": [
            {
                "role": "user",
                "content": [{"type": "text", "text": "hi"}, {"type": "hologram", "hologram": {}}],
            }
        ]
    },
)
FOREIGN_MODEL = Defect(name="unknown-model", param="model", members={"model": UNKNOWN_MODEL}, illegal=False)
FOREIGN_FORMAT = Defect(
    name="foreign-format", param="response_format", members={"response_format": {"type": "yaml"}}
)
TEMPERATURE_WORD = _wrong("temperature", "x")
TOO_HOT = _wrong("temperature", 3)
FIVE_STOPS = Defect(name="five-stops", param="stop", members={"stop": ["zq1", "zq2", "zq3", "zq4", "zq5"]})

DEFECTS = (
    NO_MESSAGES,
    NO_MODEL,
    EMPTY_MESSAGES,
    INVENTED_ROLE,
    FOREIGN_PART,
    FOREIGN_MODEL,
    FOREIGN_FORMAT,
    TEMPERATURE_WORD,
    TOO_HOT,
    FIVE_STOPS,
)
WRONG_TYPES = (
    _wrong("temperature", "0.5", coercible=True),
    _wrong("max_tokens", "10", coercible=True),
    _wrong("stream", "true"),
    _wrong("messages", "hi"),
    _wrong("n", 1.5),
    _wrong("stop", 5),
    _wrong("top_logprobs", "3", coercible=True, logprobs=True),
)
OUTSIDE = (
    _wrong("temperature", -0.1),
    _wrong("temperature", 2.1),
    _wrong("top_p", -0.1),
    _wrong("top_p", 1.1),
    _wrong("frequency_penalty", -2.1),
    _wrong("frequency_penalty", 2.1),
    _wrong("presence_penalty", -2.1),
    _wrong("presence_penalty", 2.1),
    _wrong("n", 0),
    _wrong("n", 129),
    _wrong("top_logprobs", -1, logprobs=True),
    _wrong("top_logprobs", 21, logprobs=True),
)
BOUNDS = (
    _wrong("temperature", 0),
    _wrong("temperature", 2),
    _wrong("top_p", 1),
    _wrong("frequency_penalty", -2),
    _wrong("frequency_penalty", 2),
    _wrong("presence_penalty", -2),
    _wrong("presence_penalty", 2),
)
