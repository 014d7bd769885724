"""All oddities, by name."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.tests.support.oddities import (
    access,
    calls,
    framing,
    handwritten,
    members,
    models,
    openings,
    reasoning,
    refusals,
    speech,
    transport,
    unsupported,
)
from chatconform.tests.support.oddities.oddity import Oddity, Reference

_MODULES = (
    *(framing, transport, handwritten, members, openings, calls, speech),
    *(models, access, refusals, reasoning, unsupported),
)
REFERENCE = Reference()
ODDITIES: Mapping[str, Oddity] = {oddity.name: oddity for module in _MODULES for oddity in module.ALL}
