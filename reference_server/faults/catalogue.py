"""All faults, by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults import (
    addresses,
    browsers,
    character_sets,
    credentials,
    endings,
    error_objects,
    error_statuses,
    error_words,
    forms,
    keys,
    limit_headers,
    model_entries,
    model_lists,
    rate_limits,
    request_bodies,
    response_headers,
    single_models,
    unknown_models,
)
from chatconform.reference_server.faults.fault import Fault

MODULES = (
    addresses,
    browsers,
    character_sets,
    credentials,
    endings,
    error_objects,
    error_statuses,
    error_words,
    forms,
    keys,
    limit_headers,
    model_entries,
    model_lists,
    rate_limits,
    request_bodies,
    response_headers,
    single_models,
    unknown_models,
)
FAULTS: Mapping[str, Fault] = {fault.id: fault for module in MODULES for fault in module.ALL}
