"""The circuit tells an ill target from a bad request, and its patience ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.client.circuit import Circuit, Health
from chatconform.client.trouble import Trouble

FAILED = Trouble(words="500 Internal Server Error")
LATE = Trouble(words="no answer came within 10 s", is_late=True)
REFUSED = Trouble(words="429 Too Many Requests", is_refusal=True)
TIMEOUT = 10.0


@dataclass
class Clinic:
    """A target in simulated time, whose controls take `latency` and come out as `control` says."""

    control: Callable[[float], Trouble | None]
    latency: float = 0.0
    now: float = 100.0
    circuit: Circuit = field(default_factory=lambda: Circuit(timeout=TIMEOUT))
    controls: list[float] = field(default_factory=list)

    def examine(self) -> Health:
        """What is found of a request that has come to nothing just now."""
        ended = self.now
        for _ in range(1000):
            health = self.circuit.health(began=ended, ended=ended)
            if health is not None:
                return health
            self.circuit.doubt(ended)
            pause = self.circuit.next_control(self.now)
            if pause is not None:
                self._send(pause)
        pytest.fail("the examination does not end")

    def _send(self, pause: float) -> None:
        self.now += pause
        began = self.now
        self.controls.append(began)
        trouble = self.control(began)
        self.now += self.latency
        if trouble is None:
            self.circuit.served(began=began, now=self.now)
        else:
            self.circuit.control_failed(trouble, began=began, now=self.now)


def always(trouble: Trouble | None) -> Callable[[float], Trouble | None]:
    return lambda _: trouble


def until(moment: float, trouble: Trouble) -> Callable[[float], Trouble | None]:
    return lambda now: trouble if now < moment else None


def test_control_that_is_served_shows_a_well_target() -> None:
    """One control is enough, and it is sent at once."""
    clinic = Clinic(always(None))

    assert clinic.examine() is Health.WELL
    assert clinic.controls == [100.0]
    assert (clinic.circuit.given_up, clinic.circuit.illness) == ("", "")


def test_failing_target_gets_five_controls() -> None:
    """The pauses double, and the reason names how often was asked, how long, and what came last."""
    clinic = Clinic(always(FAILED))

    assert clinic.examine() is Health.GIVEN_UP
    assert [each - 100.0 for each in clinic.controls] == [0.0, 0.5, 1.5, 3.5, 7.5]
    assert clinic.circuit.given_up == (
        "the target was given up: no control request was served in 7.5 s "
        "(5 sent, the last ended with: 500 Internal Server Error)"
    )


def test_hanging_target_gets_one_control() -> None:
    """A control that took the whole time-out is the last one."""
    clinic = Clinic(always(LATE), latency=TIMEOUT)

    assert clinic.examine() is Health.GIVEN_UP
    assert clinic.controls == [100.0]


def test_refusing_target_gets_two_time_outs() -> None:
    """As long as a target says when to come back, it is asked again, until the patience is over."""
    clinic = Clinic(always(REFUSED))

    assert clinic.examine() is Health.GIVEN_UP
    assert len(clinic.controls) > 5
    assert clinic.controls[-1] == 100.0 + 2 * TIMEOUT


def test_patience_with_refusals_began_with_the_first() -> None:
    """What was waited for before the first control counts, and so does what the target asks for."""
    clinic = Clinic(always(Trouble(words="429", is_refusal=True, asked_pause=3.0)))
    assert clinic.circuit.patience(clinic.now) == 2 * TIMEOUT
    clinic.now += TIMEOUT
    assert clinic.circuit.patience(clinic.now) == TIMEOUT

    clinic.examine()

    assert [each - 100.0 for each in clinic.controls] == [10.0, 13.0, 16.0, 19.0, 20.0]


def test_patience_with_refusals_is_renewed_by_an_answer() -> None:
    """Whoever serves a chat that was begun after the first refusal may refuse again as long as before."""
    circuit = Circuit(timeout=TIMEOUT)
    circuit.patience(100.0)

    circuit.served(began=99.0, now=105.0)
    assert circuit.patience(110.0) == TIMEOUT
    circuit.served(began=101.0, now=111.0)

    assert circuit.patience(112.0) == 2 * TIMEOUT


def test_recovery_ends_the_illness_and_tells_of_it() -> None:
    """What came to nothing meanwhile met an ill target; what comes to nothing later is looked at anew."""
    clinic = Clinic(until(103.0, FAILED))

    assert clinic.examine() is Health.ILL_FOR_A_TIME
    assert "ill for a time: no control request was served in 3.5 s (3 sent" in clinic.circuit.illness
    clinic.now += 1.0
    assert clinic.examine() is Health.WELL


def test_request_that_spanned_an_illness_met_it() -> None:
    """A request that was begun before a target recovered may have failed for that, however late it ended."""
    clinic = Clinic(until(103.0, FAILED))
    clinic.examine()
    clinic.circuit.served(began=120.0, now=120.0)

    assert clinic.circuit.health(began=99.0, ended=110.0) is Health.ILL_FOR_A_TIME
    assert clinic.circuit.health(began=103.6, ended=110.0) is Health.WELL
    assert clinic.circuit.health(began=90.0, ended=99.9) is Health.WELL


def test_target_that_falls_ill_again_and_again_is_given_up() -> None:
    """The sixth illness is the last, though each of them was short."""
    clinic = Clinic(always(None))
    found = []
    for _ in range(6):
        clinic.now += 100.0
        clinic.control = until(clinic.now + 0.1, FAILED)
        found.append(clinic.examine())

    assert found == [Health.ILL_FOR_A_TIME] * 5 + [Health.GIVEN_UP]


def test_target_that_refuses_again_and_again_is_not() -> None:
    """To limit the rate is no illness that wears patience out."""
    clinic = Clinic(always(None))
    for _ in range(20):
        clinic.now += 100.0
        clinic.control = until(clinic.now + 5.0, REFUSED)
        assert clinic.examine() is Health.ILL_FOR_A_TIME


def test_slow_target_that_serves_others_is_well() -> None:
    """A control that comes too late says nothing where another request was served meanwhile."""
    clinic = Clinic(always(LATE), latency=TIMEOUT)
    clinic.circuit.doubt(100.0)
    clinic.circuit.served(began=95.0, now=104.0)

    assert clinic.examine() is Health.WELL


def test_failing_target_that_finishes_others_is_ill() -> None:
    """What was begun before the trouble may still be served, which is no sign of health."""
    clinic = Clinic(always(FAILED))
    clinic.circuit.doubt(100.0)
    clinic.circuit.served(began=95.0, now=104.0)

    assert clinic.examine() is Health.GIVEN_UP


def test_time_outs_in_a_row_give_up() -> None:
    """Ten requests in a row that do not end in time are enough, and one that does begins the count anew."""
    circuit = Circuit(timeout=TIMEOUT, name="streaming")
    for in_time in [False] * 9 + [True] + [False] * 9:
        circuit.ended(in_time=in_time)
        assert not circuit.given_up
    circuit.ended(in_time=False)

    assert circuit.given_up == "streaming was given up: 10 requests in a row did not end within 10 s"


@given(
    troubles=st.lists(st.sampled_from([FAILED, LATE, REFUSED]), min_size=1, max_size=40),
    latency=st.floats(0.0, TIMEOUT),
)
def test_examination_of_an_ill_target_is_bounded(troubles: list[Trouble], latency: float) -> None:
    """However a target fails, it is given up within three time-outs after the first failure."""
    turns = iter(troubles)
    clinic = Clinic(lambda _: next(turns, troubles[-1]), latency=latency)

    assert clinic.examine() is Health.GIVEN_UP
    assert clinic.now - 100.0 <= 3 * TIMEOUT + 1e-6
