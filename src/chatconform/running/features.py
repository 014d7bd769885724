"""What the embedded reference server has of the features that a target may declare."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# The values are ours to choose: the server takes any.
REFERENCE_FEATURES: Mapping[str, str] = MappingProxyType(
    {"auth": "", "browser-access": "", "filter-trigger": "marzipan volcano"}
)
_OPTIONS = {"filter-trigger": "--filter-trigger"}


def reference_options(declared: Mapping[str, str]) -> tuple[str, ...]:
    """The options of `python -m chatconform.reference_server` that give it the declared features."""
    given = tuple(f"{_OPTIONS[word]}={value}" for word, value in declared.items() if word in _OPTIONS)
    # Comments are legal in every stream, and whether they are told from data can only be seen with some.
    # A limit that no run exceeds, for the headers that tell of it.
    return ("--ping-seconds=0", "--rate-limit=100000/m", *given)
