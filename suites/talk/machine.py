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
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from chatconform.suites.talk.asking import CODES, Form
from chatconform.suites.talk.client import Client, RuleBroken
from chatconform.suites.talk.line import HungUp, Line, TooLong
from chatconform.suites.talk.manners import FORMS, MANNERS, RESULTS, Manner, Results, Tools

# One that opens the conversation, and those that go on.
STEPS = 1 + 4
# With ten or more Hypothesis would spend a tenth of them on conversations that are next to nothing.
_TALKS_A_GAME = 9
# Whatever a target answers, so many games come to an end.
_MOST_GAMES = 100


Move = Callable[[Client], None]


class Conversation(RuleBasedStateMachine):
    """One conversation, in which Hypothesis chooses what the client does next."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line
        self._moves: list[Move] = []
        self._is_nothing = line.begin_game()

    @initialize(role=st.sampled_from(("", "system", "developer")), code=st.sampled_from(range(CODES)))
    def is_opened(self, role: str, code: int) -> None:
        """The client has instructions, or none, and a code of its own."""
        if self._is_nothing:
            reject()
        self._role, self._code = role, code
        self._client = self._new_client()

    @rule(form=FORMS, manner=MANNERS)
    def says_something(self, form: Form, manner: Manner) -> None:
        """The user says something that is answered in text."""
        self._do(lambda client: client.says(form, manner))

    @rule(form=FORMS, named=st.booleans(), manner=MANNERS, results=RESULTS, then=MANNERS)
    def has_a_tool_called(
        self, form: Form, named: bool, manner: Manner, results: Results, then: Manner
    ) -> None:
        """The user asks for what a tool tells once, and its result is handed back."""
        tools = Tools(several=False, named=named)
        self._do(lambda client: client.has_called(tools, form, manner, results, then))

    @rule(form=FORMS, named=st.booleans(), manner=MANNERS, results=RESULTS, then=MANNERS)
    def has_tools_called_at_once(
        self, form: Form, named: bool, manner: Manner, results: Results, then: Manner
    ) -> None:
        """The user asks for what takes several calls, and the results of all are handed back."""
        tools = Tools(several=True, named=named)
        self._do(lambda client: client.has_called(tools, form, manner, results, then))

    def _new_client(self) -> Client:
        self._line.begin()
        return Client(self._line, role=self._role, code=self._code)

    def _do(self, move: Move) -> None:
        self._moves.append(move)
        try:
            move(self._client)
        except TooLong:
            reject()
        except RuleBroken as broken:
            if self._line.is_to_be_cut(str(broken)):
                self._cut()
            raise

    def _cut(self) -> None:
        """Try the last moves alone, as few as break the rule: a good step down for little money."""
        for length in range(1, len(self._moves)):
            client = self._new_client()
            try:
                for move in self._moves[-length:]:
                    move(client)
            except (RuleBroken, TooLong):
                return


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
    # Where a repetition went otherwise, what was found before stands all the same.
    with suppress(RuleBroken, HungUp, Flaky):
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
