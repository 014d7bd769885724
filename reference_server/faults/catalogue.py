"""All faults, by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults import (
    addresses,
    browsers,
    credentials,
    endings,
    forms,
    keys,
    request_bodies,
    response_headers,
)
from chatconform.reference_server.faults.fault import Fault

_MODULES = (
    addresses,
    browsers,
    credentials,
    endings,
    forms,
    keys,
    request_bodies,
    response_headers,
)
FAULTS: Mapping[str, Fault] = {fault.id: fault for module in _MODULES for fault in module.ALL}
