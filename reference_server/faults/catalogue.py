"""All faults, by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults import chunks, completions, endings, identities, sequences
from chatconform.reference_server.faults.fault import Fault

MODULES = (chunks, completions, endings, identities, sequences)
FAULTS: Mapping[str, Fault] = {fault.id: fault for module in MODULES for fault in module.ALL}
