"""Writes a POSIX shell script that can send the requests of a record again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TextIO

from chatconform.client.target import DEFAULT_KEY_ENV
from chatconform.wire.curl import curl_command
from chatconform.wire.exchange import Exchange

_NAME = re.compile(r"[^A-Za-z0-9_]")
_USUAL = re.compile(r"x[0-9]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_HEAD = """\
#!/bin/sh
# Requests of a chatconform run record. Without an argument it lists them; names send those, `all` sends all.
# The key is taken from ${key_env}; a target that asks for none ignores it.
set -u
: "${{{key_env}:=}}"
"""
_TAIL = """
[ "$#" -gt 0 ] || {{ printf '%s\\n' "$listed"; exit 0; }}
[ "$1" != all ] || set -- {names}
for name in "$@"; do
  case " {names} " in
    *" $name "*) "$name" ;;
    *) printf 'no request is called %s\\n' "$name" >&2; exit 2 ;;
  esac
done
"""


def write_script(exchanges: Iterable[Exchange], file: TextIO, *, key_env: str) -> int:
    """Write the script, which takes the key from this variable, and say how many requests it has.

    A record may come from anybody: whatever it says becomes a quoted word, a safe name or a comment.
    """
    key_env = key_env if _VARIABLE.fullmatch(key_env) else DEFAULT_KEY_ENV
    file.write(_HEAD.format(key_env=key_env))
    names: list[str] = []
    lines: list[str] = []
    for exchange in exchanges:
        function = _function(exchange.id)
        names.append(function)
        lines.append(f"{function}  {_told(exchange)}")
        command = curl_command(exchange.request, key_env, ours=True)
        file.write(f"\n# {_told(exchange)}\n{function}() {{\n{command}\n}}\n")
    listed = "\n".join(lines).replace("'", "'\\''")
    file.write(f"\nlisted='{listed}'\n" + _TAIL.format(names=" ".join(names)))
    return len(names)


def _function(name: str) -> str:
    # Another name might be that of a command.
    return name if _USUAL.fullmatch(name) else f"x_{_NAME.sub('_', name)}"


def _told(exchange: Exchange) -> str:
    """One line about an exchange: where it belongs, and what came."""
    came = str(exchange.response.status) if exchange.response else "no response"
    place = " ".join(part for part in (exchange.scenario, exchange.path, exchange.step) if part)
    return "".join(c if c.isprintable() else "?" for c in f"{place}: {came}")
