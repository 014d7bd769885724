"""The line on which conversations are held: from a thread, one request after the other, within its bounds.

What was asked once is not asked again: whoever repeats a conversation, as Hypothesis does while it shortens
one, hears the same answers at no cost.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import math
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass

from chatconform.errors import TargetError
from chatconform.suite import Body, Broken, Exchange, Stage
from chatconform.suites.cont.history import is_legal
from chatconform.suites.talk.held import talk_step
from chatconform.suites.talk.invariants import INVARIANTS
from chatconform.suites.talk.turns import Talk, Turn, turn_of

# How often the thread looks whether the run has ended meanwhile.
_GLANCE = 0.25
# A target that does not answer so many first turns answers no other one.
_MOST_UNANSWERED = 6


class HungUp(BaseException):
    """No more is asked; no failure of a conversation, so that nothing that shortens those may catch it."""


class TooLong(Exception):
    """The conversation is longer than one that is known to break the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What conversations may cost: requests to find what breaks, more to shorten it, and seconds for both."""

    requests: int
    shortening: int
    seconds: float


class Line:
    """Holds conversations on a stage, and keeps the shortest that breaks each rule.

    Its methods are called from one thread, which is not that of the event loop.
    """

    def __init__(
        self,
        stage: Stage,
        loop: asyncio.AbstractEventLoop,
        *,
        bounds: Bounds,
        codes: Sequence[str],
        is_counted: bool,
    ) -> None:
        self.stage = stage
        self.codes = tuple(codes)
        self.broken: dict[str, tuple[Exchange, ...]] = {}
        self.ended = ""
        self.sent = 0
        self._loop = loop
        self._bounds = bounds
        self._until = time.monotonic() + bounds.seconds
        self._left = bounds.requests
        self._left_to_shorten = bounds.shortening
        self._is_counted = is_counted
        self._shortens, self._is_fresh = "", True
        self._known: dict[tuple[str, int], Exchange] = {}
        self._talks = 0
        self._talk: list[Exchange] = []
        self._turns: list[Turn] = []
        self._done: set[str] = set()
        self._cut: set[str] = set()
        self._too_long: set[tuple[str, ...]] = set()
        self._asked: list[str] = []
        self._kept = 0
        self._unanswered: float = 0

    @property
    def has_more(self) -> bool:
        """Whether more may be asked to find what breaks."""
        return not self.ended and self._left > 0

    @property
    def shortens(self) -> bool:
        """Whether a broken rule was found since it was looked for more, and is being shortened."""
        return bool(self._shortens)

    def look_for_more(self) -> None:
        """Turn to the rules that are not known to be broken, or not shortened."""
        self._shortens, self._is_fresh = "", True

    def begin_game(self) -> bool:
        """Whether the conversation is the first of a game, which is the least that there may be."""
        is_first, self._is_fresh = self._is_fresh, False
        return is_first

    def begin(self) -> None:
        """Begin a conversation."""
        self._talk, self._turns, self._asked, self._kept = [], [], [], 0

    def is_to_be_cut(self, rule: str) -> bool:
        """Whether a rule was just found to be broken: once for each, the last moves are tried alone."""
        is_new = rule not in self._cut
        self._cut.add(rule)
        return is_new

    def ask(self, body: Body) -> Exchange:
        """Send the next request of the conversation, unless it is known what comes of it.

        Raises:
            HungUp: Nothing more may be sent.
            TooLong: The conversation is longer than it may be while another one is shortened.
        """
        text = json.dumps(body, sort_keys=True)
        # What was too long once is so for ever: who repeats a conversation must find it as it was.
        if (*self._asked, text) in self._too_long:
            raise TooLong
        times = self._asked.count(text)
        exchange = self._known.get((text, times))
        if exchange is None:
            self._expect_short((*self._asked, text))
            exchange = self._known[text, times] = self._send(body, again=times > 0)
        self._asked.append(text)
        self._talk.append(exchange)
        self._turns.append(turn_of(exchange, self._turns))
        return exchange

    def broken_rule(self) -> str:
        """The rule that the conversation breaks, of those that are looked for; empty where it breaks none."""
        talk = Talk(turns=tuple(self._turns), codes=self.codes, is_counted=self._is_counted)
        found = [rule for rule in INVARIANTS if _breaks(rule, talk)]
        for rule in found:
            if rule not in self.broken or _cost(self._talk) < _cost(self.broken[rule]):
                self.broken[rule] = tuple(self._talk)
        if not self._shortens:
            self._shortens = next((rule for rule in found if rule not in self._done), "")
            self._done.add(self._shortens)
        return self._shortens if self._shortens in found else ""

    def hang_up(self, why: str) -> None:
        """Ask nothing more, for a reason; may be called from any thread."""
        self.ended = self.ended or why

    def _send(self, body: Body, *, again: bool) -> Exchange:
        self._pay()
        if not self._kept:
            self._talks += 1
        at, known = len(self._talk) + 1, tuple(enumerate(self._talk, 1))[self._kept :]
        self._kept = at
        number = self._talks

        async def send() -> Exchange:
            # Turns that are known from another conversation belong to this one as well.
            for turn, exchange in known:
                self.stage.keep(talk_step(number, turn), exchange)
            return await self.stage.post(talk_step(number, at), body, fresh=again, illegal=not is_legal(body))

        exchange = self._await(send())
        self.sent += 1
        if exchange.illness:
            self._end(exchange.illness)
        self._expect_an_answer(exchange, at)
        return exchange

    def _expect_an_answer(self, exchange: Exchange, turn: int) -> None:
        """Give up a target that has answered no first turn yet."""
        if exchange.response is not None and exchange.response.status == 200:
            self._unanswered = -math.inf
        elif turn == 1:
            self._unanswered += 1
        if self._unanswered >= _MOST_UNANSWERED:
            self._end(f"none of {_MOST_UNANSWERED} first turns was answered")

    def _pay(self) -> None:
        """Take a request from what is left of the bounds."""
        if self.ended:
            raise HungUp
        if time.monotonic() > self._until:
            self._end(f"{self._bounds.seconds:g} s were over")
        if not self._shortens:
            if self._left <= 0:
                raise HungUp
            self._left -= 1
            return
        if self._left_to_shorten <= 0:
            raise HungUp
        self._left_to_shorten -= 1

    def _expect_short(self, asked: tuple[str, ...]) -> None:
        """Send nothing for a conversation that is longer than the shortest known to break the rule."""
        if self._shortens and len(asked) > len(self.broken[self._shortens]):
            self._too_long.add(asked)
            raise TooLong

    def _end(self, why: str) -> None:
        self.hang_up(why)
        raise HungUp

    def _await(self, work: Coroutine[object, object, Exchange]) -> Exchange:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        while True:
            try:
                return future.result(timeout=_GLANCE)
            except concurrent.futures.CancelledError:
                self._end("the run has ended")
            except TimeoutError:
                # Neither may a thread outlive the run that it asks for.
                if self.ended:
                    raise HungUp from None


def _cost(talk: Sequence[Exchange]) -> tuple[int, int]:
    """What makes a conversation simple: few turns, and then little that is sent."""
    return len(talk), sum(len(exchange.request.content) for exchange in talk)


def _breaks(rule: str, talk: Talk) -> bool:
    try:
        INVARIANTS[rule](talk)
    except Broken:
        return True
    except TargetError:
        return False
    return False
