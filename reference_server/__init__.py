"""A server that speaks the contract exactly, generated from the contract at start."""

from chatconform.reference_server.app import create_app
from chatconform.reference_server.settings import (
    BlockedPrompts,
    ModelCard,
    Pace,
    RateLimit,
    Settings,
    UnknownParameters,
)

__all__ = ["BlockedPrompts", "ModelCard", "Pace", "RateLimit", "Settings", "UnknownParameters", "create_app"]
