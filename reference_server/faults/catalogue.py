"""All faults, by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults import (
    doubling,
    endings,
    filtering,
    forgetting,
    histories,
    history,
    later_choices,
    replaying,
    sampling,
    several_choices,
    toolrounds,
)
from chatconform.reference_server.faults.fault import Fault

_MODULES = (
    doubling,
    endings,
    filtering,
    forgetting,
    histories,
    history,
    later_choices,
    replaying,
    sampling,
    several_choices,
    toolrounds,
)
FAULTS: Mapping[str, Fault] = {fault.id: fault for module in _MODULES for fault in module.ALL}
