"""All faults, by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults import badrequests, endings
from chatconform.reference_server.faults.fault import Fault

MODULES = (badrequests, endings)
FAULTS: Mapping[str, Fault] = {fault.id: fault for module in MODULES for fault in module.ALL}
