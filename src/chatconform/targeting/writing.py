"""Writes a `chatconform.toml` for people: what is known of a target, and beside it what else can be said."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

_HEAD = """\
# The targets of `chatconform run NAME`; several names are checked at the same time. Every key is told in
# docs/targets.md of chatconform, and by the JSON Schema that `chatconform init --schema` prints for editors.
# Secrets stay in the environment.
"""

_FURTHER = """\
# headers = { X-Organisation = "blue", X-Signature = { env = "SIGNATURE" } }
# query = { api-version = "2026-01-01" }   # behind every URL
# body = { organisation = "blue" }         # in every body
# profile = "standard"                     # `chatconform profiles` lists them
# strict = true                            # SHOULD decides as well
# timeout = "60 s"
# concurrency = 8
# requests-per-minute = 60
# token-budget = 100000
# proxy = "http://proxy.example.com:3128"
# ca-file = "certificates.pem"
"""

_FEATURES = """\
# body-limit = "1 MiB"
# known-context-size = 8192
# filter-trigger = "a harmless text that the content filter blocks"
# long-conversations = 60
"""


def file_text(
    name: str,
    *,
    url: str,
    model: str,
    key_env: str,
    features: Mapping[str, bool],
    models: tuple[str, ...] = (),
) -> str:
    """The text of a file with one target."""
    lines = [
        _HEAD,
        f"[targets.{name}]",
        f"url = {_quoted(url)}",
        *_models(model, models),
        f"key-env = {_quoted(key_env)}" if key_env else '# key-env = "STAGING_KEY"',
        _FURTHER,
        "# What the target has: the rules about it are judged, and have to hold. What it lacks is false: the",
        "# rules about it are not applicable.",
        f"[targets.{name}.features]",
        *(f"{word} = {str(value).lower()}" for word, value in features.items()),
        _FEATURES,
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _models(model: str, models: tuple[str, ...]) -> Iterator[str]:
    others = [each for each in models if each != model][:5]
    if others:
        yield f"# It also lists {', '.join(map(_quoted, others))}."
    yield f"model = {_quoted(model)}" if model else '# model = "..."   # by default the first that answers'


def _quoted(text: str) -> str:
    """A text as TOML has it: as JSON has it, but for what only JSON lets pass unescaped."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(
        each if each.isprintable() or each == " " else f"\\U{ord(each):08x}"
        for each in json.dumps(sound, ensure_ascii=False)
    )
