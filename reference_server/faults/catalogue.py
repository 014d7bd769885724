"""All faults, by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults import (
    beside,
    chunks,
    completions,
    counts,
    deltas,
    endings,
    framing,
    identities,
    recounts,
    sequences,
    streamed_counts,
    texts,
)
from chatconform.reference_server.faults.fault import Fault

MODULES = (
    beside,
    chunks,
    completions,
    counts,
    deltas,
    endings,
    framing,
    identities,
    recounts,
    sequences,
    streamed_counts,
    texts,
)
FAULTS: Mapping[str, Fault] = {fault.id: fault for module in MODULES for fault in module.ALL}
