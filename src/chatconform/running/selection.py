"""Which requirements a run judges: those of its profile that were asked for, or its shard of them."""

from __future__ import annotations

from chatconform.fuzzing.effort import Effort
from chatconform.ledger import Ledger
from chatconform.ledger.profile import Profile
from chatconform.running.run import Run

# The requirements that are about generated requests.
GENERATED = "CC-CONTRACT-"


def selected(run: Run, profile: Profile, ledger: Ledger) -> tuple[str, ...]:
    """The ids of the requirements, in the ledger's order; raises `UsageError` for a shard that has none."""
    wanted = {row.id for row in ledger.select(run.requirements)} if run.requirements else None
    found = tuple(row for row in profile.requirements if _is_selected(row, wanted, run.effort))
    return run.shard.part(found) if run.shard else found


def _is_selected(row: str, wanted: set[str] | None, effort: Effort) -> bool:
    """Whether a requirement was asked for; without generated requests those about them are left out."""
    return (wanted is None or row in wanted) and (effort.requests > 0 or not row.startswith(GENERATED))
