"""The run record's schema as a document for people who read records with tools of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chatconform.resources import text

_INTRODUCTION = """\
# The run record

Made by `chatconform docs --record docs/record.md` from `reports/record.schema.json`; not to be edited.

A run record is what a run leaves behind, and all that reports, comparisons and gates are made of. It is a
UTF-8 text file with one JSON object a line (JSON Lines, LF). `kind` says what a row is. Records are an
interface: this page and the JSON Schema describe version {version}.

* **Order.** The first row is the header. Exchanges, plays, judgements and receptions follow as they came
  about; an exchange stands before every play that names it. Standings and the footer close the file.
* **A record without a footer was cut off**: the run was killed, or the disk was full. Its last line may
  be half a row. Readers must not take it for a whole run. `chatconform report` and `compare` refuse it,
  and say how far it goes, unless they are told `--incomplete`.
* **Version.** A reader refuses any other `schema` than those it knows. Members are only added, each with
  a default that stands for older records; whatever removes one, or changes what it means, makes a new
  version.
* **Secrets** are taken out before a row is written: keys in any spelling, in pieces over the events of a
  stream, and the values of headers that carry credentials. `[redacted]` stands where they stood.
* **Bytes.** A body is `{{"text": ...}}` where it is UTF-8, and `{{"base64": ...}}` otherwise. `arrivals`
  are the reads from the connection, so that the body can be cut as it came.

```python
import json

with open("run.jsonl", encoding="utf-8", newline="\\n") as file:
    rows = [json.loads(line) for line in file]
assert rows[0]["schema"] == "{version}", "written by another version"
assert rows[-1]["kind"] == "footer", "the run was cut off"
failed = {{row["requirement"] for row in rows if row["kind"] == "judgement" and row["verdict"] == "fail"}}
```
"""


def record_document() -> str:
    """The document; a test holds it against the schema."""
    schema = json.loads(text("reports/record.schema.json"))
    definitions = schema["$defs"]
    version = definitions["header"]["properties"]["schema"]["const"]
    kinds = [row["$ref"].rpartition("/")[2] for row in schema["oneOf"]]
    others = [name for name, each in definitions.items() if name not in kinds and "properties" in each]
    parts = [_INTRODUCTION.format(version=version).rstrip()]
    parts += [_section(definitions[name], heading=f"`{name}`") for name in kinds]
    parts += [_section(definitions[name], heading=f"within a row: `{name}`") for name in others]
    words = {name: each["enum"] for name, each in definitions.items() if "enum" in each}
    parts += [
        f"## the words of `{name}`\n\n{', '.join(f'`{word}`' for word in words[name])}" for name in words
    ]
    return "\n\n".join(parts) + "\n"


def _section(definition: Mapping[str, Any], *, heading: str) -> str:
    rows = ["| member | type | what |", "|---|---|---|", *_rows(definition, "")]
    return f"## {heading}\n\n{definition.get('description', '')}\n\n" + "\n".join(rows)


def _rows(definition: Mapping[str, Any], before: str) -> Iterator[str]:
    required = definition.get("required", ())
    for name, member in definition["properties"].items():
        if name == "kind" and "const" in member:
            continue
        optional = "" if name in required else " (may be left out)"
        what = member.get("description", "").replace("|", "\\|")
        yield f"| `{before}{name}` | {_type(member)}{optional} | {what} |"
        is_array = isinstance(member.get("items"), dict)
        inner = member["items"] if is_array else member
        if "properties" in inner:
            yield from _rows(inner, f"{before}{name}[]." if is_array else f"{before}{name}.")


def _type(member: Mapping[str, Any]) -> str:
    if "$ref" in member:
        return f"`{member['$ref'].rpartition('/')[2]}`"
    if "oneOf" in member:
        return " or ".join(_type(each) for each in member["oneOf"])
    if "const" in member:
        return f'`"{member["const"]}"`'
    kinds = member.get("type", "any")
    if kinds == "array" and isinstance(member.get("items"), dict):
        return f"array of {_type(member['items'])}"
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
