"""What every client makes of every transcript of fixtures/streams, as a table of docs/clients.md.

    python -m chatconform.oracles.transcripts docs/clients.md openai litellm

`scripts/clients` installs all clients in a temporary place and runs this there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chatconform.findings.reception import Outcome
from chatconform.oracles.booth import Booth
from chatconform.resources import folder, text
from chatconform.wire.exchange import Exchange, Request, Response
from chatconform.wire.stream import Arrival

BEGIN, END = "<!-- the table begins -->\n", "<!-- the table ends -->\n"
_WORDS = {outcome: outcome.value for outcome in Outcome} | {Outcome.SAME: "·"}
_ASYNC = {"acompletion": "completion", "astream": "stream"}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A client at one of its doors: its outcome for each transcript, by file."""

    client: str
    version: str
    door: str
    outcomes: Mapping[str, Outcome]


def transcripts() -> tuple[Row, ...]:
    """The rows of the index of all transcripts."""
    return tuple(yaml.safe_load(text("fixtures/streams/index.yaml")))


def exchange_of(row: Row) -> Exchange:
    """A transcript as the answer to a streamed request, which offers the tools that it was asked with."""
    raw = (folder("fixtures") / "streams" / row["file"]).read_bytes()
    tools = [
        {"type": "function", "function": {"name": name}} for name in row.get("asks", {}).get("tools", ())
    ]
    asked = {"model": "m", "messages": [], "stream": True, **({"tools": tools} if tools else {})}
    return Exchange(
        id=row["file"],
        scenario="transcripts",
        path="streamed",
        attempt=1,
        step="asked",
        request=Request(
            method="POST",
            url="http://target/v1/chat/completions",
            headers=(),
            body=json.dumps(asked).encode(),
        ),
        response=Response(
            status=row.get("status", 200),
            reason="",
            headers=(("content-type", row.get("content_type", "text/event-stream")),),
            raw=raw,
            arrivals=(Arrival(at=0.1, size=len(raw)),),
            headers_at=0.1,
        ),
        failure=None,
        started=0.0,
        elapsed=0.1,
    )


def columns(client: str, rows: Iterable[Row]) -> Iterator[Column]:
    """What a client makes of the transcripts, door by door; an async door that does the same is left out."""
    made: dict[str, dict[str, Outcome]] = {}
    with Booth(client) as booth:
        for row in rows:
            for reception in booth.ask(exchange_of(row)):
                made.setdefault(reception.door, {})[row["file"]] = reception.outcome
    for door, outcomes in made.items():
        twin = _ASYNC.get(door, door.removesuffix(" (async)"))
        if twin == door or made[twin] != outcomes:
            yield Column(client=client, version=booth.version, door=door, outcomes=outcomes)


def table(found: Sequence[Column], rows: Sequence[Row]) -> str:
    """The table in Markdown: a line for each transcript that some client does not take as it was meant."""
    odd = [row for row in rows if any(column.outcomes[row["file"]] is not Outcome.SAME for column in found)]
    lines = [
        _line(["transcript", "breaks", *(f"{column.client} `{column.door}`" for column in found)]),
        _line(["---"] * (len(found) + 2)),
    ]
    for row in odd:
        words = [_WORDS[column.outcomes[row["file"]]] for column in found]
        lines.append(
            _line([f"{row['file'].removesuffix('.sse')}", " ".join(row["breaks"]) or "nothing", *words])
        )
    versions = ", ".join(
        f"{column.client} {column.version}" for column in {c.client: c for c in found}.values()
    )
    return (
        f"Made with {versions}.\nOf {len(rows)} transcripts {len(rows) - len(odd)} come out the same;"
        " everywhere; these are the others, with `·` for the same:\n\n" + "".join(lines)
    )


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def main(document: Path, clients: Sequence[str]) -> None:
    """Put the table into the document."""
    rows = transcripts()
    found = [column for client in clients for column in columns(client, rows)]
    before, _, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n{table(found, rows)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
