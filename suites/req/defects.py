"""What can be wrong with a request, as tables: each row is one change to a good body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from chatconform.suite import Body, Json

UNKNOWN_MODEL = "<unknown model>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A change to a good body that makes it bad.

    `param` is the member that a refusal names; `members` are set, `removed` is taken out. `coercible` values
    are numbers in quotes, which some servers read as the number. `streamed` says in which form it is sent
    where one form has to do.
    """

    name: str
    param: str
    members: Mapping[str, Json] = field(default_factory=dict)
    removed: str = ""
    coercible: bool = False
    illegal: bool = True
    streamed: bool = False

    @property
    def told(self) -> str:
        """The change as a person writes it: `stream: "true"`, or its name where it is no one value."""
        return (
            f"{self.param}: {json.dumps(self.members[self.param])}"
            if self.param in self.members
            else self.name
        )

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps in which it may have been sent: plain, and streamed where the form is not the defect."""
        return (self.name,) if "stream" in self.members else (self.name, streamed_step(self.name))

    @property
    def step(self) -> str:
        """The step in which it is sent where one form has to do."""
        return streamed_step(self.name) if self.streamed else self.name

    def applied(self, body: Body, *, unknown_model: str = "") -> Body:
        """The body with the change."""
        changed = {name: value for name, value in {**body, **self.members}.items() if name != self.removed}
        if changed.get("model") == UNKNOWN_MODEL:
            changed["model"] = unknown_model
        return changed


def streamed_step(name: str) -> str:
    """The step in which a bad request was sent with `stream: true`."""
    return f"{name}-streamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Defects of different members that are sent in one request first, so that a lax server costs no more.

    A server that takes them all has failed them all. Where it refuses, what the refusal names is settled, and
    each of the others is sent alone.
    """

    step: str
    core: tuple[Defect, ...]
    others: tuple[Defect, ...]
    streamed: bool = False

    @property
    def defects(self) -> tuple[Defect, ...]:
        """Those that are sent always, and those that are sent where every case is wanted."""
        return (*self.core, *self.others)

    def applied(self, body: Body) -> Body:
        """The body with all core defects."""
        for defect in self.core:
            body = defect.applied(body)
        return body


def _wrong(param: str, value: Json, *, coercible: bool = False, **others: Json) -> Defect:
    members = {param: value, **others}
    return Defect(name=f"{param}={value}", param=param, members=members, coercible=coercible)


_HI: Json = {"role": "user", "content": "hi"}
_HOLOGRAM: Json = [{"type": "text", "text": "hi"}, {"type": "hologram", "hologram": {}}]

NO_MESSAGES = Defect(name="no-messages", param="messages", removed="messages")
NO_MODEL = Defect(name="no-model", param="model", removed="model")
EMPTY_MESSAGES = Defect(name="empty-messages", param="messages", members={"messages": []}, streamed=True)
INVENTED_ROLE = Defect(
    name="invented-role", param="role", members={"messages": [{"role": "banana", "content": "x"}, _HI]}
)
FOREIGN_PART = Defect(
    name="foreign-part",
    param="content",
    members={"messages": [{"role": "user", "content": _HOLOGRAM}]},
    streamed=True,
)
FOREIGN_MODEL = Defect(name="unknown-model", param="model", members={"model": UNKNOWN_MODEL}, illegal=False)

# These are sent in both forms: whether a server refuses alike in both is judged by them.
DEFECTS = (NO_MESSAGES, FOREIGN_MODEL)
# These in one form each, in turns; in the other one too where every case is wanted.
MEMBERS = (NO_MODEL, EMPTY_MESSAGES, INVENTED_ROLE, FOREIGN_PART)

TEMPERATURE_WORD = _wrong("temperature", "x")
MESSAGES_TEXT = _wrong("messages", "hi")
STREAM_WORD = _wrong("stream", "true")
N_FRACTION = _wrong("n", 1.5)
STOP_NUMBER = _wrong("stop", 5)
WRONG_TYPES = Group(
    step="wrong-types",
    core=(TEMPERATURE_WORD, MESSAGES_TEXT, STREAM_WORD, N_FRACTION, STOP_NUMBER),
    others=(
        _wrong("temperature", "0.5", coercible=True),
        _wrong("max_tokens", "10", coercible=True),
        _wrong("top_logprobs", "3", coercible=True, logprobs=True),
    ),
)

TOO_HOT = _wrong("temperature", 2.1)
OUTSIDE = Group(
    step="outside-ranges",
    core=(
        TOO_HOT,
        _wrong("top_p", 1.1),
        _wrong("frequency_penalty", -2.1),
        _wrong("presence_penalty", 2.1),
        _wrong("n", 0),
        _wrong("top_logprobs", 21, logprobs=True),
    ),
    others=(
        _wrong("temperature", -0.1),
        _wrong("top_p", -0.1),
        _wrong("frequency_penalty", 2.1),
        _wrong("presence_penalty", -2.1),
        _wrong("n", 129),
        _wrong("top_logprobs", -1, logprobs=True),
    ),
    streamed=True,
)
