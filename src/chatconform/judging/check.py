"""Checks: pure functions of what was exchanged, each of which yields a verdict for one requirement.

A check is an ordinary pytest function whose first argument is a `Play` (for an invariant an `Exchange`, for
a survey all exchanges of its form). It returns, and the rule held; or it raises a finding. What it returns
may be an `Observation`: the camp to which the target belongs where vendors may differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path as File
from typing import TypeVar

from chatconform.errors import HarnessError
from chatconform.findings.verdict import Observation
from chatconform.plays.path import EVERYWHERE, Path
from chatconform.plays.play import Play
from chatconform.plays.scenario import Scenario
from chatconform.wire.exchange import Exchange

JudgePlay = Callable[[Play], Observation | None]
JudgeExchange = Callable[[Exchange], Observation | None]
JudgeExchanges = Callable[[tuple[Exchange, ...]], Observation | None]
AnyJudge = TypeVar("AnyJudge", JudgePlay, JudgeExchange, JudgeExchanges)
Form = Callable[[Exchange], bool]

ATTRIBUTE = "chatconform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """An experiment's check: judges the plays of one scenario, path by path.

    `feature` are the words by which a clean refusal may name what the scenario asks for.
    """

    id: str
    requirement: str
    rule: str
    judge: JudgePlay
    scenario: Scenario
    control: Scenario | None
    paths: tuple[Path, ...]
    feature: tuple[str, ...]

    @property
    def path_names(self) -> tuple[str, ...]:
        """The paths that it judges."""
        return tuple(path.name for path in self.paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfTraffic:
    """A check of all the traffic of a run that has a form, whoever provoked it.

    `provoked_by` are scenarios that make sure that there is some.
    """

    id: str
    requirement: str
    rule: str
    form: Form
    provoked_by: tuple[Scenario, ...]

    @property
    def path_names(self) -> tuple[str, ...]:
        """It belongs to no path."""
        return (EVERYWHERE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant(OfTraffic):
    """Must hold for every exchange of the form by itself."""

    judge: JudgeExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey(OfTraffic):
    """Must hold for all exchanges of the form together, such as that each has an id of its own."""

    judge: JudgeExchanges


AnyCheck = Check | Invariant | Survey


def check(
    requirement: str,
    scenario: Scenario,
    *,
    control: Scenario | None = None,
    paths: tuple[Path, ...] | None = None,
    feature: str | tuple[str, ...] = (),
) -> Callable[[JudgePlay], JudgePlay]:
    """Make a test function the check of a requirement on a scenario; its docstring states the rule."""

    def wrap(judge: JudgePlay) -> JudgePlay:
        made = Check(
            id=_id(judge),
            requirement=requirement,
            rule=_rule(judge),
            judge=judge,
            scenario=scenario,
            control=control,
            paths=paths or scenario.paths,
            feature=(feature,) if isinstance(feature, str) else feature,
        )
        return _marked(judge, made)

    return wrap


def invariant(
    requirement: str, form: Form, *, provoked_by: Scenario | tuple[Scenario, ...]
) -> Callable[[JudgeExchange], JudgeExchange]:
    """Make a test function a check of every exchange of a form; its docstring states the rule."""
    return _of_traffic(Invariant, requirement, form, provoked_by)


def survey(
    requirement: str, form: Form, *, provoked_by: Scenario | tuple[Scenario, ...]
) -> Callable[[JudgeExchanges], JudgeExchanges]:
    """Make a test function a check of all exchanges of a form together; its docstring states the rule."""
    return _of_traffic(Survey, requirement, form, provoked_by)


def _of_traffic(
    kind: type[Invariant | Survey],
    requirement: str,
    form: Form,
    provoked_by: Scenario | tuple[Scenario, ...],
) -> Callable[[AnyJudge], AnyJudge]:
    def wrap(judge: AnyJudge) -> AnyJudge:
        made = kind(
            id=_id(judge),
            requirement=requirement,
            rule=_rule(judge),
            judge=judge,  # type: ignore[arg-type]  # the two decorators see to it that it is the kind's own
            form=form,
            provoked_by=provoked_by if isinstance(provoked_by, tuple) else (provoked_by,),
        )
        return _marked(judge, made)

    return wrap


def check_of(function: object) -> AnyCheck | None:
    """The check that a function was made, or nothing for any other function."""
    made = getattr(function, ATTRIBUTE, None)
    return made if isinstance(made, AnyCheck) else None


def _marked(judge: AnyJudge, made: AnyCheck) -> AnyJudge:
    setattr(judge, ATTRIBUTE, made)
    return judge


def _id(judge: JudgePlay | JudgeExchange | JudgeExchanges) -> str:
    # The file's folder, not the module's name: pytest and importlib name one file differently.
    area = File(judge.__code__.co_filename).parent.name
    return f"{area}.{judge.__name__.removeprefix('test_')}"


def _rule(judge: JudgePlay | JudgeExchange | JudgeExchanges) -> str:
    rule = " ".join((judge.__doc__ or "").split())
    if not rule:
        raise HarnessError(f"the check {judge.__name__} has no docstring that states its rule")
    return rule
