"""What a record's judgements add up to, by the policy of its run: here is decided whether SHOULD counts."""

from __future__ import annotations

from chatconform.judging.conformance import Conformance, conformance
from chatconform.ledger import Ledger
from chatconform.record.rows import Header, Record


def is_strict(header: Header, *, asked: bool = False) -> bool:
    """Whether requirements of level SHOULD decide: where the run said so, or who asks does."""
    return header.policy.strict or asked


def answer_of(record: Record, ledger: Ledger, *, strict: bool = False) -> Conformance:
    """The answer of a record; with `strict` requirements of level SHOULD decide, whatever its run said."""
    return conformance(record.judgements, ledger, strict=is_strict(record.header, asked=strict))
