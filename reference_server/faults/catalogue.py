"""All faults, by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults import (
    broken_choices,
    broken_formats,
    call_arguments,
    call_counts,
    call_ends,
    call_fragments,
    call_ids,
    call_indices,
    call_members,
    endings,
    formats,
    json_forms,
    kinds_of_calls,
    late_errors,
    own_tools,
    schema_refusals,
    strict_schemas,
    tool_choices,
    tool_definitions,
)
from chatconform.reference_server.faults.fault import Fault

MODULES = (
    endings,
    call_members,
    call_ids,
    call_arguments,
    call_indices,
    call_fragments,
    call_ends,
    call_counts,
    kinds_of_calls,
    tool_definitions,
    strict_schemas,
    tool_choices,
    broken_choices,
    late_errors,
    own_tools,
    schema_refusals,
    formats,
    json_forms,
    broken_formats,
)
FAULTS: Mapping[str, Fault] = {fault.id: fault for module in MODULES for fault in module.ALL}
