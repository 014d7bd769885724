"""What is told of a run as such: of which target it was, by what it decides, when it was, what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chatconform.fuzzing.effort import EFFORTS
from chatconform.judging.sampling import SAMPLINGS, Sampling
from chatconform.record import Header, Policy, Record, TargetInfo


def target_told(target: TargetInfo) -> str:
    """Where the target is, behind what the user calls it, if anything; a stranger's text."""
    return f"{target.name} ({target.url})" if target.name else target.url


def decided_by(header: Header, *, strict: bool) -> str:
    """Which profile a run had, and by which policy it is judged; `strict` is whether SHOULD decides.

    A record of before says neither the profile's version nor the rest of the policy. A stranger's text.
    """
    profile = " ".join(filter(None, ("profile", header.profile, header.profile_version)))
    profile += f", shard {header.shard}" if header.shard else ""
    decides = "SHOULD decides" if strict else "SHOULD does not decide"
    if not header.profile_version:
        return f"{profile}, {decides}"
    policy = header.policy
    return f"{profile}, {decides}, sampling {_sampling(policy.sampling)}, fuzzing {_fuzzing(policy)}"


def _sampling(sampling: Sampling) -> str:
    """Its name, with the attempts that were made in any case where they are others than usual."""
    if sampling in SAMPLINGS:
        return sampling.name
    return f"{sampling.name} (at least {sampling.least:,} attempts)"


def _fuzzing(policy: Policy) -> str:
    """The name of the effort, with its bounds where they are others than usual."""
    usual = {(effort.name, effort.requests, effort.seconds) for effort in EFFORTS}
    bounds = policy.fuzz_requests, policy.fuzz_seconds
    if (policy.fuzzing, *bounds) in usual:
        return policy.fuzzing
    return f"{policy.fuzzing} (at most {bounds[0]:,} requests, {bounds[1]:g} s)"


def facts(record: Record, rules: int) -> Iterator[tuple[str, str]]:
    """Names and values of a run that judged so many rules."""
    header, footer = record.header, record.footer
    yield "Run", moment(header.started)
    if footer is not None:
        yield "Took", f"{footer.wall:.1f} s"
        yield "Requests", f"{footer.requests:,}"
        yield "Tokens", f"{footer.tokens.prompt + footer.tokens.completion:,}"
    else:
        yield "Requests", f"{len(record.exchanges):,}"
    if header.shard:
        yield "Shard", header.shard
    if header.resumed:
        yield "Goes on from", ", ".join(map(moment, header.resumed))
    yield "Rules", f"{rules}"
    yield "Seed", header.seed
    yield "chatconform", header.tool


def moment(iso: str) -> str:
    """A moment of a record as people write it; whatever else stands there as it is."""
    try:
        return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return iso
