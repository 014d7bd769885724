"""Judges checks on what a conductor performs: which plays each needs, and one more only in doubt.

What is in doubt depends on the rule. Where a model's mood may break it, a sequential test says how many
attempts it takes, and what broke it in the traffic is sent again. Any other rule is broken once and for all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count

from chatconform.errors import ProfileError, Unrecorded
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.attempts import Attempts
from chatconform.judging.check import AnyCheck, Check, Invariant, OfTraffic
from chatconform.judging.doubt import Doubt, doubts_of, judged_in_doubt
from chatconform.judging.judge import judge_traffic
from chatconform.judging.sampling import SINGLE, SWIFT, Sampling
from chatconform.ledger import Ledger
from chatconform.ledger.profile import Profile, load_profile
from chatconform.ledger.requirement import Kind
from chatconform.plays.conductor import Plays
from chatconform.plays.path import ALL_PATHS
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey, Scenario, keys_of

# What a feature is called in a request, where it is not its own name.
_AS_A_MEMBER = {"several-choices": "n"}
_USUAL = "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Where checks are judged: the plays, what the target is known to have and to lack, and the paths.

    `sampling` is the test for rules about a model's mood.
    """

    plays: Plays
    ledger: Ledger
    declared: Mapping[str, str]
    lacks: Collection[str]
    paths: Collection[str]
    sampling: Sampling = SWIFT

    def keys(self, made: AnyCheck, path: str) -> list[PlayKey]:
        """What is played before a check is judged: the attempts that are made in any case."""
        least = self.sampling_of(made).least
        return [key for number in range(1, least + 1) for key in self.keys_of_attempt(made, path, number)]

    def keys_of_attempt(self, made: AnyCheck, path: str, attempt: int) -> list[PlayKey]:
        """What has to be played for one attempt; rules about traffic provoke only a first one."""
        if self.missing(made):
            return []
        if isinstance(made, OfTraffic):
            first = [key for scenario in made.provoked_by for key in self._first_attempts(scenario)]
            return first if attempt == 1 else []
        return [_key_on(each, path, attempt) for each in (made.scenario, made.control) if each is not None]

    def sampling_of(self, made: AnyCheck | OfTraffic) -> Sampling:
        """How a rule is tried: by the test, if it is about a model's mood."""
        return self.sampling if self.ledger[made.requirement].kind is Kind.MODEL else SINGLE

    def judge(self, made: AnyCheck, path: str) -> Judgement:
        """The judgement of a check on a path; for an invariant or a survey, of all traffic."""
        missing = self.missing(made)
        if missing:
            return unheard(made, path, Verdict.NOT_APPLICABLE, self._not_there(missing))
        if isinstance(made, Check):
            try:
                return self._as_declared(made, self._attempts(made, path).judgement())
            except Unrecorded as missed:
                return unheard(made, path, Verdict.INCONCLUSIVE, str(missed))
        return self._as_declared(made, self._of_traffic(made))

    def _as_declared(self, made: AnyCheck, judgement: Judgement) -> Judgement:
        """A failure says that what failed was declared; to refuse what was declared is to fail."""
        row = self.ledger[judgement.requirement]
        declared = [need for need in (*row.declared_needs, *row.assumed_needs) if need in self.declared]
        fails = judgement.verdict is Verdict.FAIL and bool(declared)
        if not fails and not (judgement.verdict is Verdict.UNSUPPORTED and self._promises(made)):
            return judgement
        said = f"declared ({', '.join(declared)})"
        return replace(
            judgement,
            verdict=Verdict.FAIL,
            reason=f"{said}: {judgement.reason}",
            expected=f"{said}: {judgement.expected}" if judgement.expected else "",
        )

    def _promises(self, made: AnyCheck) -> bool:
        """Whether what a check may be refused for is just what the target is declared to have."""
        needed = self.ledger[made.requirement].assumed_needs
        words = made.feature if isinstance(made, Check) else ()
        asked = [need for need in needed if _AS_A_MEMBER.get(need, need) in words]
        return bool(asked) and all(need in self.declared for need in needed)

    def missing(self, made: AnyCheck) -> tuple[str, ...]:
        """The features that a check needs and that the target has not."""
        row = self.ledger[made.requirement]
        missing = [need for need in row.declared_needs if need not in self.declared]
        return (*missing, *(need for need in row.assumed_needs if need in self.lacks))

    def _first_attempts(self, scenario: Scenario) -> list[PlayKey]:
        wanted = [key for key in keys_of(scenario) if key.attempt == 1]
        return [key for key in wanted if key.path in self.paths] or wanted[:1]

    def _attempts(self, made: Check, path: str) -> Attempts:
        """The attempts of a check on a path, one more only as long as those before it leave it undecided.

        Where no more can be sent, as with a record, those that there are decide; there has to be one.
        """
        attempts = Attempts(made, self.sampling_of(made))
        for number in count(1):
            try:
                attempts.take(self._play(made, path, number))
            except Unrecorded:
                if number == 1:
                    raise
                break
            if attempts.is_decided:
                break
        return attempts

    def _play(self, made: Check, path: str, attempt: int) -> Play:
        key, *control = self.keys_of_attempt(made, path, attempt)
        performed = self.plays.play(key)
        return performed.compared_with(self.plays.play(control[0])) if control else performed

    def _of_traffic(self, made: OfTraffic) -> Judgement:
        traffic = self.plays.traffic()
        sampling = self.sampling_of(made)
        if not isinstance(made, Invariant) or sampling is SINGLE:
            return judge_traffic(made, traffic)
        doubts = doubts_of(made, traffic)
        for doubt in doubts:
            self._resolve(doubt)
            if doubt.is_defect:
                # One is enough, and each costs requests.
                break
        return judged_in_doubt(made, self.plays.traffic(), doubts, sampling)

    def _resolve(self, doubt: Doubt) -> None:
        """Send again what broke a rule, until it is clear whether that was an accident."""
        for number in count(1):
            if doubt.is_decided:
                break
            try:
                doubt.take(self.plays.again(doubt.exchange.id, number))
            except Unrecorded:
                break

    def _not_there(self, missing: tuple[str, ...]) -> str:
        absent = [word for word in missing if word in self.lacks]
        if absent:
            return lacking(absent)
        return f"the target does not declare {', '.join(missing)}"


def lacking(words: Iterable[str]) -> str:
    """Why a check is not applicable to a target without these features."""
    return f"the target is declared to lack {', '.join(words)}"


def unheard(made: AnyCheck | OfTraffic, path: str, verdict: Verdict, reason: str) -> Judgement:
    """The judgement of a check that could not be asked, for a reason that lies outside of it."""
    return Judgement(requirement=made.requirement, check=made.id, path=path, verdict=verdict, reason=reason)


def paths_of(profile: Profile) -> frozenset[str]:
    """The names of the paths on which a profile judges."""
    known = [path.name for path in ALL_PATHS]
    unknown = [name for name in profile.paths if name not in known]
    if unknown:
        raise ProfileError(
            f"the profile {profile.name} names the path {unknown[0]!r}", hint=f"Paths: {', '.join(known)}"
        )
    return frozenset(profile.paths or known)


def paths_judged(profile: str, ledger: Ledger) -> frozenset[str]:
    """The names of the paths of a profile by its name; of one that is no longer known, the usual ones."""
    try:
        return paths_of(load_profile(profile, ledger))
    except ProfileError:  # a profile of then
        return paths_of(load_profile(_USUAL, ledger))


def _key_on(scenario: Scenario, path: str, attempt: int) -> PlayKey:
    """An attempt of a scenario on a path; a scenario that has it not is played on its first one."""
    names = [known.name for known in scenario.paths]
    return PlayKey(scenario.name, path if path in names else names[0], attempt)
