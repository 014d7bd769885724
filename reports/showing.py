"""What shows a finding: the judgements of each check together, the exchanges, and how to send them again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from chatconform.findings.verdict import Judgement
from chatconform.judging.conformance import Result
from chatconform.plays.path import EVERYWHERE
from chatconform.printable import printable
from chatconform.wire.curl import curl_command
from chatconform.wire.exchange import Request

# How the reason of an invariant begins that many exchanges broke, or were too little for.
_COUNTED = re.compile(r"\d+ of \d+ exchanges: ")


def by_check(judgements: Iterable[Judgement]) -> list[tuple[Judgement, list[str]]]:
    """The first judgement of each check, with all paths on which it has this verdict."""
    grouped: dict[str, tuple[Judgement, list[str]]] = {}
    for judgement in judgements:
        grouped.setdefault(judgement.check, (judgement, []))[1].append(judgement.path)
    return list(grouped.values())


def reproductions(result: Result, sent: Mapping[str, Request], key_env: str) -> list[str]:
    """How to send again what each check's first finding points at; each command once."""
    wanted = (sent.get(each) for judgement, _ in by_check(result.decisive) for each in pointed_at(judgement))
    return list(dict.fromkeys(printable(curl_command(each, key_env, ours=True)) for each in wanted if each))


def pointed_at(judgement: Judgement) -> list[str]:
    """The exchanges that show a finding: both where it compares two, else one of those that show the same."""
    pointed_at = list(dict.fromkeys(evidence.exchange for evidence in judgement.evidence))
    of_many = judgement.path == EVERYWHERE and _COUNTED.match(judgement.reason)
    return pointed_at[: 1 if of_many else 2] or list(judgement.exchanges[-1:])
