"""All faults, by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults import (
    aftermath,
    beside,
    breakdowns,
    characters,
    chunks,
    completions,
    counts,
    dates,
    delivery,
    deltas,
    endings,
    eventdata,
    framing,
    identities,
    losses,
    probabilities,
    recounts,
    roles,
    sequences,
    streamed_counts,
    terminators,
    texts,
    tokens,
)
from chatconform.reference_server.faults.fault import Fault

MODULES = (
    aftermath,
    beside,
    breakdowns,
    characters,
    chunks,
    completions,
    counts,
    dates,
    delivery,
    deltas,
    endings,
    eventdata,
    framing,
    identities,
    losses,
    probabilities,
    recounts,
    roles,
    sequences,
    streamed_counts,
    terminators,
    texts,
    tokens,
)
FAULTS: Mapping[str, Fault] = {fault.id: fault for module in MODULES for fault in module.ALL}
