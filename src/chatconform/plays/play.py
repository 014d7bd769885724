"""What one performance of a scenario on one path brought: its exchanges by step, and its notes.

A play is all that a check sees. It can be read back from a run record, so a check may be asked again later,
with no request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chatconform.findings.answer import Answer, read_answer
from chatconform.findings.evidence import at_failure, at_status
from chatconform.findings.finding import NotProvoked, Refused, Unmeasured
from chatconform.plays.path import Path
from chatconform.wire.exchange import Exchange, FailureKind, Response
from chatconform.wire.received import Found, read_found

# What refuses whoever asks, or asks for patience, and so says nothing of what was asked for: no (longer
# valid) key, no money, too slow, in conflict, too early, too many.
OF_THE_MOMENT = frozenset({401, 402, 408, 409, 425, 429})


def alone(step: str, part: str) -> str:
    """The step in which a part of another step's request was sent by itself."""
    return f"{step} ({part} alone)"


def received_note(step: str) -> str:
    """The note that tells what a recording upstream received on account of a step."""
    return f"received of {step}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One attempt of a scenario on a path.

    `notes` are what the scenario chose at random and a check must know (a canary, a secret number). `ended`
    says why the scenario stopped before its last step; it is empty where it did not. `error` is a bug of ours
    in the scenario, as one line. `control` is a play of another scenario that the check compares with.
    """

    scenario: str
    path: Path
    attempt: int = 1
    exchanges: tuple[Exchange, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    ended: str = ""
    error: str = ""
    control: Play | None = None

    def __getitem__(self, step: str) -> Exchange:
        """The last exchange of a step.

        A step that was not reached leaves its checks inconclusive; one that met an ill target measured none.
        """
        if self.error:
            raise Unmeasured(f"the scenario {self.scenario} failed: {self.error}")
        for exchange in reversed(self.exchanges):
            if exchange.step == step:
                if exchange.illness:
                    raise Unmeasured(f"step {step!r}: {exchange.illness}", evidence=(at_status(exchange),))
                return exchange
        raise NotProvoked(f"step {step!r} was not reached: {self.ended or 'the scenario has none'}")

    def has(self, step: str) -> bool:
        """Whether a step was performed."""
        return any(exchange.step == step for exchange in self.exchanges)

    def part(self, step: str, name: str) -> str:
        """The step that tells of one part of a request: the one that has it alone, if that was needed."""
        by_itself = alone(step, name)
        return by_itself if self.has(by_itself) else step

    @property
    def ill(self) -> Exchange | None:
        """The first exchange that met an ill target, here or in the play that it is compared with."""
        met = next((exchange for exchange in self.exchanges if exchange.illness), None)
        return met or (self.control.ill if self.control else None)

    def response(self, step: str) -> Response:
        """The response of a step, whatever its status; raises `Unmeasured` where none came in time."""
        exchange = self[step]
        if exchange.response is None or _is_late(exchange):
            at = at_failure(exchange)
            what = "no response came" if exchange.response is None else "the response did not end"
            raise Unmeasured(f"{what}: {at.quoted}", evidence=(at,))
        return exchange.response

    def answer(self, step: str) -> Answer:
        """The answer of a step that was sent to be answered.

        Raises `Refused` for a 4xx (unsupported if it names the feature, else a failure), `Unmeasured` for a
        4xx of the moment such as 429, a 5xx or a broken connection, and `Unreadable` for an answer of a
        broken shape.
        """
        response, exchange = self.response(step), self[step]
        if response.status == 200:
            return read_answer(exchange)
        at = at_status(exchange)
        if response.status in OF_THE_MOMENT or not 400 <= response.status < 500:
            raise Unmeasured(f"step {step!r} was answered {response.status}", evidence=(at,))
        raise Refused(f"step {step!r} was refused", response=response, at=at)

    def note(self, name: str) -> str:
        """What the scenario noted under a name."""
        if name not in self.notes:
            why = self.ended or "the scenario has none"
            raise NotProvoked(f"the scenario did not get as far as {name!r}: {why}")
        return self.notes[name]

    def received(self, step: str) -> Found:
        """What the target's recording upstream received on account of a step, where the scenario looked."""
        return read_found(self.note(received_note(step)))

    def compared_with(self, control: Play) -> Play:
        """This play beside the one that it is compared with."""
        return replace(self, control=control)

    @property
    def comparison(self) -> Play:
        """The play of the control scenario."""
        if self.control is None:
            raise NotProvoked("there is no control to compare with")
        return self.control


def _is_late(exchange: Exchange) -> bool:
    """Whether the time ran out before all was said; a stream has said all with its terminator."""
    if exchange.failure is None or exchange.failure.kind is not FailureKind.TIMEOUT:
        return False
    return not (exchange.response and exchange.is_stream and exchange.response.stream.is_terminated)
