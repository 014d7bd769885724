"""All faults, by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults import (
    badanswers,
    badrequests,
    contents,
    conversations,
    endings,
    limitreports,
    limits,
    nulls,
    oddlimits,
    optional,
    policies,
    stopping,
    stops,
)
from chatconform.reference_server.faults.fault import Fault

MODULES = (
    badanswers,
    badrequests,
    contents,
    conversations,
    endings,
    limitreports,
    limits,
    nulls,
    oddlimits,
    optional,
    policies,
    stopping,
    stops,
)
FAULTS: Mapping[str, Fault] = {fault.id: fault for module in MODULES for fault in module.ALL}
