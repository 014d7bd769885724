"""Judges checks on what a conductor performs: which plays each needs, and one more only in doubt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from chatconform.errors import ProfileError, Unrecorded
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import AnyCheck, Check, OfTraffic
from chatconform.judging.judge import is_decided, judge_plays, judge_traffic
from chatconform.ledger import Ledger
from chatconform.ledger.profile import Profile, load_profile
from chatconform.plays.conductor import Plays
from chatconform.plays.path import ALL_PATHS
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey, Scenario, keys_of

# What a feature is called in a request, where it is not its own name.
_AS_A_MEMBER = {"several-choices": "n"}
_USUAL = "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Where checks are judged: the plays, what the target is known to have and to lack, and the paths."""

    plays: Plays
    ledger: Ledger
    declared: Mapping[str, str]
    lacks: Collection[str]
    paths: Collection[str]

    def keys(self, made: AnyCheck, path: str) -> list[PlayKey]:
        """What has to be played before a check is judged; further attempts are made only in doubt."""
        if self.missing(made):
            return []
        if isinstance(made, OfTraffic):
            return [key for scenario in made.provoked_by for key in self._first_attempts(scenario)]
        return [_keys_on(each, path)[0] for each in (made.scenario, made.control) if each is not None]

    def judge(self, made: AnyCheck, path: str) -> Judgement:
        """The judgement of a check on a path; for an invariant or a survey, of all traffic."""
        missing = self.missing(made)
        if missing:
            return unheard(made, path, Verdict.NOT_APPLICABLE, self._not_there(missing))
        if isinstance(made, Check):
            try:
                return self._as_declared(made, judge_plays(made, self._attempts(made, path)))
            except Unrecorded as missed:
                return unheard(made, path, Verdict.INCONCLUSIVE, str(missed))
        return self._as_declared(made, judge_traffic(made, self.plays.traffic()))

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

    def _attempts(self, made: Check, path: str) -> list[Play]:
        """The plays of a check on a path, one more only as long as those before it leave it undecided.

        Where no more can be sent, as with a record, those that there are decide; there has to be one.
        """
        plays: list[Play] = []
        for key in _keys_on(made.scenario, path):
            try:
                plays.append(self._play(made, key))
            except Unrecorded:
                if not plays:
                    raise
                break
            if is_decided(made, plays):
                break
        return plays

    def _play(self, made: Check, key: PlayKey) -> Play:
        performed = self.plays.play(key)
        if made.control is None:
            return performed
        controls = _keys_on(made.control, key.path)
        return performed.compared_with(self.plays.play(controls[min(key.attempt, len(controls)) - 1]))

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


def _keys_on(scenario: Scenario, path: str) -> list[PlayKey]:
    """The plays of a scenario on a path; a scenario that has it not is played on its first one."""
    names = [known.name for known in scenario.paths]
    used = path if path in names else names[0]
    return [key for key in keys_of(scenario) if key.path == used]
