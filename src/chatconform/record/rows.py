"""The rows of a run record, as values.

A record is a text file of JSON objects, one a line: a header, then exchanges, plays, judgements and
receptions (those that are not `same`) in the order in which they came about, how each client did, and a
footer. A record without a footer was cut off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from chatconform.findings.reception import Reception, Standing
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.fuzzing.effort import QUICK
from chatconform.judging.sampling import SWIFT, Sampling
from chatconform.plays.play import Play
from chatconform.wire.exchange import Exchange

SCHEMA_VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetInfo:
    """What a record says of the target: no key, no headers, and no user name in the URL.

    `key_env` is the environment variable that a reader may put the key into, to send a request again. `lacks`
    are the features that the target is declared not to have. `name` is what the user calls it, if anything.
    """

    url: str
    model: str
    declared: tuple[str, ...]
    concurrency: int
    timeout: float
    key_env: str
    lacks: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """By what a run decides: whether SHOULD counts, how moods are sampled, what is spent on generation.

    `fuzzing` is the name of the effort, `fuzz_requests` and `fuzz_seconds` are its bounds.
    """

    strict: bool = False
    sampling: Sampling = SWIFT
    fuzzing: str = QUICK.name
    fuzz_requests: int = QUICK.requests
    fuzz_seconds: float = QUICK.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where a record comes from: which tool asked which target about which requirements.

    Digests are SHA-256 in hexadecimal, `started` is a moment in ISO 8601 (UTC), `command` the redacted
    command line. `shard` is `2/5` where the run was the second of five that share the requirements, and
    `resumed` has the beginning of each run whose record this one goes on from.
    """

    tool: str
    contract_version: str
    contract_digest: str
    ledger_digest: str
    target: TargetInfo
    profile: str
    requirements: tuple[str, ...]
    command: tuple[str, ...]
    seed: str
    started: str
    python: str
    platform: str
    profile_version: str = ""
    policy: Policy = field(default_factory=Policy)
    shard: str = ""
    resumed: tuple[str, ...] = ()
    schema: str = SCHEMA_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayRow:
    """A play as it is written: the name of each step, and the id of its exchange, which stands before it.

    Plays share exchanges: an equal request is sent once.
    """

    scenario: str
    path: str
    attempt: int
    steps: tuple[tuple[str, str], ...]
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ended: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What the target said it used, summed over all answers that said anything."""

    prompt: int = 0
    completion: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """The end of a run: `wall` in seconds, `requests` that were sent, and requirements by verdict.

    A requirement counts once, with the worst of its verdicts. `reason` says why a run is not `complete`.
    """

    finished: str
    wall: float
    requests: int
    tokens: Tokens
    verdicts: Mapping[Verdict, int]
    complete: bool
    reason: str = ""


Row = Header | Exchange | PlayRow | Judgement | Reception | Standing | Footer


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A whole run record, with how clients did. `footer` is nothing where the record was cut off."""

    header: Header
    plays: tuple[Play, ...]
    exchanges: tuple[Exchange, ...]
    judgements: tuple[Judgement, ...]
    footer: Footer | None
    receptions: tuple[Reception, ...] = ()
    standings: tuple[Standing, ...] = ()
