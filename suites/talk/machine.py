"""The state machine that holds conversations: Hypothesis chooses what is said, and shortens what breaks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from hypothesis import HealthCheck, Phase, Verbosity, reject, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from chatconform.suite import Answer, Body, Exchange, Json, prompt, read_answer
from chatconform.suites.cont.history import assistant, calling
from chatconform.suites.pairs import if_readable
from chatconform.suites.talk.asking import (
    ANY_CALL,
    CODES,
    NAMED_CALL,
    NO_CALL,
    ONE_CALL,
    QUESTIONS,
    SEVERAL_CALLS,
    Form,
    in_form,
    instructed,
    opening,
    request,
    returned,
    said,
)
from chatconform.suites.talk.line import HungUp, Line, TooLong
from chatconform.suites.talk.manners import FORMS, MANNERS, RESULTS, Manner, Repeat, Results

# One that opens the conversation, and those that go on.
STEPS = 1 + 4
# With ten or more Hypothesis would spend a tenth of them on conversations that are next to nothing.
_TALKS_A_GAME = 9
# Whatever a target answers, so many games come to an end.
_MOST_GAMES = 100


class RuleBroken(Exception):
    """A conversation broke a rule; Hypothesis looks for a shorter one that breaks it too."""


class Conversation(RuleBasedStateMachine):
    """One conversation: a client that talks, has tools called, and hands their results back."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line
        self._messages: list[Json] = []
        self._code = ""
        self._is_over = False
        self._said = 0
        self._is_nothing = line.begin()

    @initialize(role=st.sampled_from(("", "system", "developer")), code=st.sampled_from(range(CODES)))
    def is_opened(self, role: str, code: int) -> None:
        """The client has instructions, or none, and a code of its own."""
        if self._is_nothing:
            reject()
        self._messages = instructed(role)
        self._code = self._line.codes[code]

    @rule(form=FORMS, manner=MANNERS)
    def says_something(self, form: Form, manner: Manner) -> None:
        """The user says something that is answered in text."""
        self._go_on([self._user(QUESTIONS[self._said % len(QUESTIONS)], form)], NO_CALL, manner)

    @rule(form=FORMS, named=st.booleans(), manner=MANNERS, results=RESULTS, then=MANNERS)
    def has_a_tool_called(
        self, form: Form, named: bool, manner: Manner, results: Results, then: Manner
    ) -> None:
        """The user asks for what a tool tells once, and its result is handed back."""
        self._have_called(self._user(ONE_CALL, form), named, manner, results, then)

    @rule(form=FORMS, named=st.booleans(), manner=MANNERS, results=RESULTS, then=MANNERS)
    def has_tools_called_at_once(
        self, form: Form, named: bool, manner: Manner, results: Results, then: Manner
    ) -> None:
        """The user asks for what takes several calls, and the results of all are handed back."""
        self._have_called(self._user(SEVERAL_CALLS, form), named, manner, results, then)

    def _have_called(self, asked: Json, named: bool, manner: Manner, results: Results, then: Manner) -> None:
        answer = self._go_on([asked], NAMED_CALL if named else ANY_CALL, manner)
        if answer is None or not answer.tool_calls:
            return
        told = [returned(call.id, call.name, in_parts=results.in_parts) for call in answer.tool_calls]
        self._go_on(told[::-1] if results.reversed else told, NO_CALL, then)

    def _user(self, name: str, form: Form) -> Json:
        text = prompt(name)
        self._said += 1
        return said(text if self._said > 1 else opening(self._code, text), form)

    def _go_on(self, more: list[Json], choice: Json, manner: Manner) -> Answer | None:
        """Send what was said until now and this, and keep the answer; nothing where there is none."""
        if self._is_over:
            return None
        self._messages += more
        body = request(self._line.stage, [*self._messages], choice=choice, streamed=manner.streamed)
        answer = self._kept(self._ask(body))
        if answer is not None and manner.repeat is not Repeat.NEVER:
            streamed = manner.streamed is (manner.repeat is Repeat.AGAIN)
            self._ask(in_form(self._line.stage, body, streamed=streamed))
        return answer

    def _ask(self, body: Body) -> Exchange:
        try:
            exchange = self._line.ask(body)
        except TooLong:
            reject()
        broken = self._line.broken_rule()
        if broken:
            raise RuleBroken(broken)
        return exchange

    def _kept(self, exchange: Exchange) -> Answer | None:
        answered = exchange.response is not None and exchange.response.status == 200
        answer = if_readable(read_answer, exchange) if answered else None
        self._is_over = answer is None or not (answer.tool_calls or answer.text)
        if answer is not None and not self._is_over:
            self._messages.append(
                calling(*answer.tool_calls) if answer.tool_calls else assistant(answer.text)
            )
        return answer


def converse(line: Line, number: int) -> None:
    """Hold conversations until the line's bounds are reached, and shorten one for each rule that breaks."""

    def factory() -> Conversation:
        return Conversation(line)

    with _nothing_left_behind():
        for game in range(_MOST_GAMES):
            # Played again, what is known costs nothing, and leads to the rules that are not shortened yet.
            while _breaks(line, seed(number + game)(factory)):
                pass
            if not line.has_more:
                return


@contextmanager
def _nothing_left_behind() -> Iterator[None]:
    """Hypothesis keeps what it knows of a program in the folder that it runs in, or here in one that goes."""
    if Path(".hypothesis").is_dir() or os.environ.get("HYPOTHESIS_STORAGE_DIRECTORY"):
        yield
        return
    with TemporaryDirectory(prefix="chatconform-") as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _breaks(line: Line, machine: Callable[[], Conversation]) -> bool:
    """Whether conversations of a game broke a rule that is new; the shortest that was found is kept."""
    line.look_for_more()
    with suppress(RuleBroken, HungUp):
        # It is given what makes a machine, which is all that it asks of a class.
        run_state_machine_as_test(cast("type[Conversation]", machine), settings=_settings())
    return line.shortens


def _settings() -> settings:
    return settings(
        max_examples=_TALKS_A_GAME,
        stateful_step_count=STEPS,
        # A target is slow and costs money: the line has bounds of its own, and nothing is kept between runs.
        deadline=None,
        database=None,
        derandomize=False,
        # A target decides how much of a conversation can be held, so that no measure of health applies.
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
        # One rule at a time is shortened; those that are not known yet are looked for afterwards.
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
    )
