"""All variants, by name."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.variants import (
    access,
    calls,
    framing,
    members,
    models,
    openings,
    reasoning,
    refusals,
    speech,
    transport,
    unsupported,
)
from chatconform.reference_server.variants.variant import Reference, Variant

_MODULES = (
    *(framing, transport, members, openings, calls, speech),
    *(models, access, refusals, reasoning, unsupported),
)
REFERENCE = Reference()
VARIANTS: Mapping[str, Variant] = {variant.name: variant for module in _MODULES for variant in module.ALL}
