"""Run records made by hand, to be told in every form, and the tools of others that read what comes."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from chatconform.cli import main
from chatconform.findings.verdict import Evidence, Judgement, Observation, Verdict
from chatconform.ledger import load_ledger
from chatconform.record import Footer, Header, Record, TargetInfo, Tokens
from chatconform.record.encode import to_line
from chatconform.reports.report import Report, report_of
from chatconform.tests.support.exchanges import completion, exchange, streamed
from chatconform.wire.exchange import Exchange

TOOLS = Path(__file__).parents[1] / "format_tools"

HEADER = Header(
    tool="0.1.0",
    contract_version="1.0.0",
    contract_digest="0" * 64,
    ledger_digest="f" * 64,
    target=TargetInfo(
        url="http://target/v1", model="m", declared=(), concurrency=8, timeout=60.0, key_env="MY_KEY"
    ),
    profile="standard",
    requirements=(),
    command=("chatconform", "run"),
    seed="seed",
    started="2026-11-22T20:00:00.000Z",
    python="3.11.7",
    platform="Linux",
)
PLAIN = replace(exchange(completion()), id="x0001")
STREAM = replace(streamed(), id="x0002")
FAIL, PASS, ERROR = Verdict.FAIL, Verdict.PASS, Verdict.ERROR


def judgement(
    requirement: str,
    verdict: Verdict = FAIL,
    *,
    text: str = "it said so",
    path: str = "plain",
    check: str = "",
    shown: str = "x0001",
) -> Judgement:
    """A judgement whose every text is the given one."""
    broken = verdict is not PASS
    return Judgement(
        requirement=requirement,
        check=check or f"stop.check_of_{requirement.lower().replace('-', '_')}",
        path=path,
        verdict=verdict,
        reason=text if broken else "",
        expected=text if verdict is FAIL else "",
        came=text if verdict is FAIL else "",
        evidence=(Evidence(exchange=shown, where=text, quoted=text),) if broken else (),
        observations=(Observation(topic="a topic", camp=text),),
        attempts=(Verdict.FAIL, verdict),
        exchanges=("x0001", "x0002"),
    )


# One of each verdict; CC-STOP-001 is broken on two paths by one check.
JUDGEMENTS = (
    judgement("CC-STREAM-001", PASS, path="streamed"),
    judgement("CC-STOP-001"),
    judgement("CC-STOP-001", path="streamed", shown="x0002"),
    judgement("CC-STOP-002", ERROR, text="no answer within 60 s"),
    judgement("CC-STOP-003", FAIL, text="cut to four"),
    judgement("CC-STOP-004", Verdict.INCONCLUSIVE),
    judgement("CC-STOP-005", Verdict.UNSUPPORTED),
    judgement("CC-STOP-006", Verdict.NOT_APPLICABLE),
)


# Everything that means something to one of the formats, or to whoever shows it.
HOSTILE = (
    "\x1b[31m\x07\x00\x85\u202e\u2066\u2028\ufffe\ufdd0\U0001ffff\r\n::error title=x::y\n::stop-commands::z\n"
    "]]> <!-- <script>alert(1)</script> <img src=x onerror=alert(1)> &amp; </details> @octocat #1 {0} {x}\n"
    "[a](javascript:b) ```"
    " ```` `a` | b | **c** | \\\n# heading\n> quote\n\t%0A%25 \ud800 \U0001f980 $(touch x)"
)


def hostile(text: str = HOSTILE) -> Record:
    """A record in which every text of the target is the given one, and there is one of each verdict."""
    verdicts = [(f"CC-STOP-{number:03}", verdict) for number, verdict in enumerate(Verdict, 1)]
    header = replace(HEADER, target=replace(HEADER.target, model=text, url=f"http://h/{text}"))
    made = [judgement(row, verdict, text=text, check=f"{row} {text}") for row, verdict in verdicts]
    return record_of(
        [replace(each, bug=text) if each.verdict is ERROR else each for each in made], header=header
    )


def record_of(
    judgements: Iterable[Judgement] = JUDGEMENTS,
    *,
    exchanges: tuple[Exchange, ...] = (PLAIN, STREAM),
    header: Header = HEADER,
    complete: bool = True,
) -> Record:
    """A record of a run that ended in order."""
    found = tuple(judgements)
    footer = Footer(
        finished="2026-11-22T20:00:04.000Z",
        wall=4.0,
        requests=len(exchanges),
        tokens=Tokens(prompt=9, completion=3),
        verdicts=Counter(each.verdict for each in found),
        complete=complete,
        reason="" if complete else "KeyboardInterrupt",
    )
    return Record(header=header, plays=(), exchanges=exchanges, judgements=found, footer=footer)


def told(record: Record | None = None, *, source: Path = Path("run.jsonl"), strict: bool = False) -> Report:
    """The report of a record."""
    return report_of(record or record_of(), load_ledger(), source=source, strict=strict)


def write(record: Record, file: Path) -> Path:
    """The record as a file; without its footer it is one that was cut off."""
    rows = (
        record.header,
        *record.exchanges,
        *record.judgements,
        *((record.footer,) if record.footer else ()),
    )
    file.write_bytes(b"".join(map(to_line, rows)))
    return file


def ended(*arguments: object) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as exit_:
        main([str(each) for each in arguments])
    return int(exit_.value.code or 0)


def tool(*arguments: object, cwd: Path = TOOLS, text: str = "") -> subprocess.CompletedProcess[str]:
    """What a program says; a package of npm is run where it is installed."""
    return subprocess.run(
        [str(each) for each in arguments],
        cwd=cwd,
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def installed(name: str) -> Path:
    """A file below the tools; the test is skipped where they are not installed."""
    file = TOOLS / name
    if not file.exists():
        pytest.skip(f"{name} is missing: run scripts/formats")
    return file


def schema_of(name: str) -> object:
    """A JSON Schema that an installed package publishes."""
    return json.loads(installed(name).read_text(encoding="utf-8-sig"))
