"""Whether each assertion is needed: without it some fault would no longer be killed as it was announced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import AnyCheck
from chatconform.proving.matrix import AnyFault, is_met
from chatconform.proving.sites import SWITCH, Site
from chatconform.proving.trial import Deciding, Trial


def deciding_sites(judge: Callable[[], Judgement], raised: Iterable[Site]) -> frozenset[Site]:
    """The sites, of those that found the rule broken, without which the judgement is no failure."""
    return frozenset(site for site in raised if _verdict_without(judge, site) is not Verdict.FAIL)


def _verdict_without(judge: Callable[[], Judgement], site: Site) -> Verdict:
    with SWITCH.without(site):
        return judge().verdict


def judged_with_sites(
    judge: Callable[[AnyCheck, str], Judgement], made: AnyCheck, path: str
) -> tuple[Judgement, frozenset[Site]]:
    """A judgement, and the assertions that decided it if it is a failure."""
    with SWITCH.without(None):
        judgement = judge(made, path)
    if judgement.verdict is not Verdict.FAIL:
        return judgement, frozenset()
    return judgement, deciding_sites(lambda: judge(made, path), SWITCH.raised)


def needed_sites(faults: Iterable[AnyFault], trials: Iterable[Trial]) -> Mapping[Site, str]:
    """The assertions without which a fault would survive, each with the first such fault."""
    by_fault: dict[str, list[Deciding]] = {}
    for trial in trials:
        by_fault.setdefault(trial.order.fault, []).extend(trial.deciding)
    needed: dict[Site, str] = {}
    for fault in faults:
        for site in _needed_for(fault, by_fault.get(fault.id, [])):
            needed.setdefault(site, fault.id)
    return needed


def _needed_for(fault: AnyFault, deciding: list[Deciding]) -> Iterator[Site]:
    for kill in fault.kills:
        reds = [each.sites for each in deciding if is_met(kill, each.seen)]
        if reds:
            yield from frozenset.intersection(*reds)
