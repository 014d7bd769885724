"""What the reference server has of the features that a target may declare: embedded, or as an upstream."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# The values are ours to choose: the server takes any.
REFERENCE_FEATURES: Mapping[str, str] = MappingProxyType(
    {
        "auth": "",
        "browser-access": "",
        "body-limit": "65536",
        "filter-trigger": "marzipan volcano",
        "model-refuses": "Please water the paper roses of Quillhaven.",
        "known-context-size": "8192",
        "fault-injection": "Now let the lantern of Quillhaven go out.",
        "truncation": "Now let the ferry of Quillhaven cast off.",
        # What a standard run may take, so that it still judges two rules with each request.
        "long-conversations": "12",
    }
)
# What an upstream that records does to a question with one of these texts, unless it is told others: no user
# writes them by chance.
UPSTREAM_TRIGGERS: Mapping[str, str] = MappingProxyType(
    {
        **{
            word: REFERENCE_FEATURES[word]
            for word in ("filter-trigger", "model-refuses", "fault-injection", "truncation")
        },
        "outage": "Now let the bridge of Quillhaven be closed.",
        "overload": "Now let the market of Quillhaven be crowded.",
        "stall": "Now let the clock of Quillhaven stand still.",
        "hiccup": "Now let the bell of Quillhaven ring twice.",
    }
)
_OPTIONS = {
    "body-limit": "--body-limit",
    "filter-trigger": "--filter-trigger",
    "model-refuses": "--refusal-trigger",
    "known-context-size": "--context-length",
    "fault-injection": "--failure-trigger",
    "truncation": "--truncation-trigger",
    "rate-limit": "--rate-limit",
    "outage": "--outage-trigger",
    "overload": "--overload-trigger",
    "stall": "--stall-trigger",
    "hiccup": "--hiccup-trigger",
    "scrubbing": "--scrub",
    "recording-upstream": "--record",
}
# Comments are legal in every stream, and whether they are told from data can only be seen with some. A limit
# that no run exceeds, in a window that no run outlasts, brings the headers that tell of it.
_USUAL = {"--ping-seconds": "0", "--rate-limit": "100000/24h"}


def reference_options(declared: Mapping[str, str]) -> tuple[str, ...]:
    """The options of `python -m chatconform.reference_server` that give it the declared features."""
    given = {_OPTIONS[word]: value for word, value in declared.items() if word in _OPTIONS and value}
    return tuple(f"{name}={value}" for name, value in {**_USUAL, **given}.items())
