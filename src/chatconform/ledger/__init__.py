"""The ledger of requirements: rows read, checked and selected."""

from chatconform.ledger.areas import AREAS
from chatconform.ledger.loading import Ledger, load_ledger

__all__ = ["AREAS", "Ledger", "load_ledger"]
