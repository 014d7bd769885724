"""All faults, by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults import (
    beside,
    chunks,
    completions,
    deltas,
    endings,
    framing,
    identities,
    sequences,
    texts,
)
from chatconform.reference_server.faults.fault import Fault

MODULES = (
    beside,
    chunks,
    completions,
    deltas,
    endings,
    framing,
    identities,
    sequences,
    texts,
)
FAULTS: Mapping[str, Fault] = {fault.id: fault for module in MODULES for fault in module.ALL}
