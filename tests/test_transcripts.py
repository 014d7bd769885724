"""Every invariant judges every transcript of a stream, and finds what its index says: no less, no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatconform.findings.verdict import Verdict
from chatconform.judging.check import Invariant, Survey
from chatconform.judging.judge import judge_traffic
from chatconform.running.catalogue import all_checks
from chatconform.tests.support.exchanges import Body, exchange, request_body
from chatconform.wire.exchange import Exchange

STREAMS = Path(__file__).parents[1] / "fixtures" / "streams"
INDEX: list[dict[str, Any]] = yaml.safe_load((STREAMS / "index.yaml").read_text(encoding="utf-8"))
# Of the rules about all traffic together, those that may be broken by one stream alone.
OF_ONE_STREAM = frozenset({"CC-USAGE-013"})
INVARIANTS = [
    made
    for made in all_checks()
    if isinstance(made, Invariant) or (isinstance(made, Survey) and made.requirement in OF_ONE_STREAM)
]
JUDGED = {made.requirement for made in INVARIANTS}

# What the contract says of calls and of usage is judged by rules about them as well: a member of the wrong
# type breaks one of those and, as a matter of course, this one.
CONTRACT = "CC-STREAM-024"
TYPED = frozenset({"CC-TOOLS-006", "CC-TOOLS-027", "CC-USAGE-005"})
# No stream tells these by itself: they take several answers, a refused control, or a target made to fail.
EXPERIMENTS = frozenset({"CC-FORMAT-019", "CC-STREAM-013", "CC-STREAM-014"})
# When the transcripts were written, as their chunks tell it: 2025-11-22.
WRITTEN = 1_763_846_400.0
OF_STREAM_OPTIONS = ("include_usage", "include_obfuscation")

good = pytest.mark.parametrize(
    "row", [row for row in INDEX if not row["breaks"]], ids=lambda row: row["file"]
)
broken = pytest.mark.parametrize("row", [row for row in INDEX if row["breaks"]], ids=lambda row: row["file"])


def _request(asks: dict[str, Any]) -> Body:
    """A streamed request that asks for exactly this."""
    options = {name: asks[name] for name in OF_STREAM_OPTIONS if name in asks}
    tools = [{"type": "function", "function": {"name": name}} for name in asks.get("tools", ())]
    own = {name: value for name, value in asks.items() if name not in (*OF_STREAM_OPTIONS, "tools")}
    offered = {"tools": tools} if tools else {}
    return request_body(stream=True, **({"stream_options": options} if options else {}), **offered) | own


def _exchange(row: dict[str, Any]) -> Exchange:
    came = exchange(
        (STREAMS / row["file"]).read_bytes(),
        status=row.get("status", 200),
        media_type=row.get("content_type", ""),
        sent=_request(row.get("asks", {})),
        headers=(("Date", "Sat, 22 Nov 2025 21:20:00 GMT"),),
    )
    return replace(came, started=WRITTEN)


def _broken_by(row: dict[str, Any]) -> dict[str, str]:
    """The requirements that fail, each with its reason; nothing may be an error."""
    came = _exchange(row)
    found: dict[str, str] = {}
    for made in INVARIANTS:
        judgement = judge_traffic(made, [came])
        assert not judgement.bug, judgement.bug
        assert judgement.verdict is not Verdict.ERROR, (made.id, judgement.reason)
        if judgement.verdict is Verdict.FAIL:
            assert judgement.evidence, made.id
            found[made.requirement] = judgement.reason
    return found


@good
def test_a_legal_stream_fails_nothing(row: dict[str, Any]) -> None:
    """No invariant holds a legal oddity against a target."""
    assert _broken_by(row) == {}


@broken
def test_a_broken_stream_fails_what_it_breaks(row: dict[str, Any]) -> None:
    """What the index names fails, and nothing else but what it declares as a consequence."""
    found = _broken_by(row)
    named = (set(row["breaks"]) & JUDGED) | set(row.get("also", {}))
    tolerated = {CONTRACT} if TYPED & set(row["breaks"]) else set()

    assert found.keys() - tolerated == named - tolerated, found


@good
def test_a_legal_stream_is_measured(row: dict[str, Any]) -> None:
    """A legal stream is no blank: its framing and its chunks are found right, not merely left unjudged."""
    came = _exchange(row)
    passed = {made.requirement for made in INVARIANTS if judge_traffic(made, [came]).verdict is Verdict.PASS}

    assert passed >= {"CC-STREAM-001", "CC-STREAM-002", "CC-STREAM-004", "CC-STREAM-010", CONTRACT}


def test_whatever_a_transcript_breaks_has_an_invariant_or_needs_an_experiment() -> None:
    """No invariant goes unnoticed: what the transcripts break is judged, but for the rules named here."""
    named = {requirement for row in INDEX for requirement in row["breaks"]}

    assert named - JUDGED == EXPERIMENTS


def test_consequences_are_declared_with_a_reason() -> None:
    """A consequence is no breach that the transcript was written for, and says why it follows."""
    for row in INDEX:
        also = row.get("also", {})
        assert not set(also) & set(row["breaks"]), row["file"]
        assert all(len(reason) > 20 for reason in also.values()), row["file"]
