"""`chatconform lint`: the verdicts of a live run from what was recorded, and its exit codes."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from chatconform.cli import main
from chatconform.cli.reading import Reading
from chatconform.client.target import Target
from chatconform.contract import load_contract
from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.check import OfTraffic
from chatconform.judging.judge import judge_traffic
from chatconform.ledger import load_ledger
from chatconform.plays.conductor import Audience, Conductor
from chatconform.plays.scenario import keys_of
from chatconform.record import RecordWriter, begin_header
from chatconform.running.catalogue import rules_about_traffic
from chatconform.running.embedded import EmbeddedServer
from chatconform.running.linting import Linted, lint
from chatconform.suites.req.scenarios import defects
from chatconform.suites.resp.scenarios import greeting, limited_greeting
from chatconform.suites.stream.scenarios import one_after_the_other, story
from chatconform.suites.tools.scenarios import three_cities
from chatconform.tests.support.exchanges import KEY, chunks, completion, error, exchange, sse, streamed
from chatconform.traffic.entry_writing import entry_of_exchange
from chatconform.traffic.own import OWN
from chatconform.traffic.source import source_at
from chatconform.wire.exchange import Exchange
from chatconform.wire.redaction import Redactor

LEDGER = load_ledger()
RULES = rules_about_traffic(tuple(LEDGER))
SCENARIOS = (greeting, limited_greeting, defects, one_after_the_other, story, three_cities)
# A HAR of somebody else tells neither when pieces came nor which connections were used again.
NOT_IN_A_HAR = {"CC-HTTP-010", "CC-STREAM-018", "CC-STREAM-020"}
FAULTS = ("", "stream-without-done", "completion-usage-missing", "date-iso", "chunk-obfuscation-number")


@pytest.fixture(scope="module", params=FAULTS, ids=lambda fault: fault or "faultless")
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of some scenarios against the reference server, with the judgements of then."""
    path = tmp_path_factory.mktemp("live") / "run.jsonl"
    fault = (("X-Chatconform-Fault", request.param),) if request.param else ()
    with EmbeddedServer("--ping-seconds=0", "--seconds-per-token=0.001") as server:
        target = Target(url=server.url, key=server.key, model=server.model, headers=fault)
        header = begin_header(
            target=target, contract=load_contract(), ledger=LEDGER, profile="standard",
            requirements=[made.requirement for made in RULES], command=(), seed="lint",
        )  # fmt: skip
        with RecordWriter(path, header, redactor=Redactor([server.key])) as writer:
            audience = Audience(on_exchange=writer.exchange, on_play=writer.play)
            with Conductor(target, seed="lint", audience=audience) as conductor:
                conductor.begin(key for each in SCENARIOS for key in keys_of(each))
                traffic = conductor.traffic()
            for made in RULES:
                writer.judgement(judge_traffic(made, traffic))
    return path


def linted(*paths: Path, rules: tuple[OfTraffic, ...] = RULES, lacks: frozenset[str] = frozenset()) -> Linted:
    return lint([source_at(path) for path in paths], rules, LEDGER, lacks=lacks)


def verdicts(judgements: tuple[Judgement, ...]) -> dict[str, Verdict]:
    return {judgement.check: judgement.verdict for judgement in judgements}


def of_then(path: Path) -> dict[str, Verdict]:
    rows = map(json.loads, path.read_bytes().splitlines())
    return {row["check"]: Verdict(row["verdict"]) for row in rows if row["kind"] == "judgement"}


def exported(path: Path, to: Path, *, own: bool) -> Path:
    """The record as a HAR: as we write it, or as somebody else would."""
    main_ended("export", str(path), "--har", str(to))
    if not own:
        document = json.loads(to.read_bytes())
        for entry in document["log"]["entries"]:
            del entry[OWN]
        to.write_text(json.dumps(document))
    return to


def main_ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_record_gives_the_verdicts_of_the_run(live: Path, tmp_path: Path) -> None:
    """Every invariant and survey says of a record, and of a HAR made of it, what it said in the run."""
    har = exported(live, tmp_path / "run.har", own=True)

    assert verdicts(linted(live).judgements) == of_then(live)
    assert verdicts(linted(har).judgements) == of_then(live)


def test_a_har_of_others_gives_the_verdicts_of_the_run(live: Path, tmp_path: Path) -> None:
    """So does a HAR of somebody else, but for rules about what no HAR tells: those stay open."""
    har = exported(live, tmp_path / "run.har", own=False)
    then, now = of_then(live), linted(har).judgements

    told = {each.check: each.verdict for each in now if each.requirement not in NOT_IN_A_HAR}
    assert told == {name: then[name] for name in told}
    open_ones = {each.verdict for each in now if each.check not in told}
    assert open_ones <= {Verdict.INCONCLUSIVE, then["stream.no_long_stream_is_measured_before_it_is_sent"]}


def written(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}))
    return path


def foreign(came: Exchange) -> dict[str, Any]:
    entry = entry_of_exchange(came)
    del entry[OWN]
    return entry


GOOD = foreign(exchange(completion(), headers=(("date", "Mon, 21 Sep 2026 14:13:20 GMT"),)))
BAD = foreign(exchange(error(), headers=(("date", "Mon, 21 Sep 2026 14:13:20 GMT"),)))


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 where nothing is broken, 1 where something is, 2 for no traffic, 3 for a file that is cut."""
    good = written(tmp_path / "good.har", GOOD)
    bad = written(tmp_path / "bad.har", BAD)
    cut = tmp_path / "cut.har"
    cut.write_bytes(good.read_bytes()[:-3])
    nothing = tmp_path / "picture"
    nothing.write_bytes(b"\x89PNG\x00")
    beside = written(tmp_path / "beside.har", GOOD | {"_fromCache": "disk"})
    packed = tmp_path / "good.har.gz"
    packed.write_bytes(gzip.compress(good.read_bytes()))

    codes = {
        name: main_ended("lint", *(str(file) for file in files))
        for name, files in {
            "good": [good], "bad": [bad], "cut": [cut], "nothing": [nothing], "beside": [beside],
            "packed": [packed], "good and bad": [good, bad], "good and nothing": [good, nothing],
        }.items()
    }  # fmt: skip

    assert codes == {
        "good": 0, "bad": 1, "cut": 3, "nothing": 2, "beside": 3,
        "packed": 0, "good and bad": 1, "good and nothing": 3,
    }  # fmt: skip
    assert "Traceback" not in capsys.readouterr().err


def test_the_report_names_file_and_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure is shown with the entry and a curl line, and what could not be judged with its place."""
    bodiless = json.loads(json.dumps(GOOD))
    del bodiless["response"]["content"]["text"]
    har = written(tmp_path / "t.har", GOOD, BAD, bodiless, {"request": 5})

    code = main_ended("lint", str(har))

    told = " ".join(capsys.readouterr().out.split())
    assert code == 1
    assert "t.har#2" in told
    assert "curl -sSi" in told
    assert "the body of the response was not recorded" in told
    assert "entry 3 (byte" in told
    assert "request is no object" in told
    assert "3 exchanges judged" in told


def test_no_credential_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Keys and cookies that a HAR holds stand neither in evidence nor in curl lines."""
    cookie = "session=tombola-of-the-lighthouse"
    came = exchange(
        error(f"Your key {KEY} is bad; tombola-of-the-lighthouse"),
        status=200,
        sent_headers=(("Authorization", f"Bearer {KEY}"), ("Cookie", cookie)),
    )

    assert main_ended("lint", str(written(tmp_path / "t.har", foreign(came)))) == 1
    told = capsys.readouterr()
    assert "[redacted]" in told.out
    assert KEY not in told.out + told.err
    assert "tombola" not in told.out + told.err


def test_a_feature_that_is_lacking_leaves_its_rules_out(tmp_path: Path) -> None:
    """Rules about tools are not applicable to a target without them, as in a run."""
    found = linted(written(tmp_path / "t.har", GOOD), lacks=frozenset({"tools"}))

    of_tools = {each.verdict for each in found.judgements if each.requirement == "CC-TOOLS-001"}
    assert of_tools == {Verdict.NOT_APPLICABLE}


def test_two_files_are_one_answer(tmp_path: Path) -> None:
    """What two files hold is told apart by number, and not compared with each other."""
    first, second = (written(tmp_path / f"{name}.har", GOOD, BAD) for name in "ab")

    found = linted(first, second)

    assert found.heard == 4
    assert {name.partition(":")[0] for name in found.exhibits} == {"1", "2"}
    ids = next(each for each in found.judgements if each.requirement == "CC-HTTP-007")
    assert ids.verdict is not Verdict.FAIL


def test_a_directory_of_streams_is_judged(tmp_path: Path) -> None:
    """The one that does not end is found by its name."""
    (tmp_path / "good.sse").write_bytes(sse(chunks()))
    (tmp_path / "bad.sse").write_bytes(sse(chunks(id="chatcmpl-other"), done=False))

    found = linted(tmp_path)

    failed = [each for each in found.judgements if each.verdict is Verdict.FAIL]
    assert {each.requirement for each in failed} == {"CC-STREAM-003"}
    assert failed[0].evidence[0].exchange == "bad.sse"


def test_progress_is_shown_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits sees how much has been read; who does not wait, or is no terminal, sees nothing."""
    clock = iter([0.0, 0.5, 2.0, 3.0])
    monkeypatch.setattr("chatconform.cli.reading.time.monotonic", lambda: next(clock, 3.0))

    def shown(*, terminal: bool) -> str:
        written = io.StringIO()
        console = Console(file=written, force_terminal=terminal, width=80)
        with Reading(console, 4_000_000) as reading:
            reading.advance(1_000_000)
            assert not written.getvalue()
            reading.advance(1_000_000)
            reading.advance(1_000_000)
        return written.getvalue()

    assert "3.0/4.0 MB" in shown(terminal=True)
    assert not shown(terminal=False)


def test_reasons_are_bounded(tmp_path: Path) -> None:
    """Of many entries that are bad in their own way each, some are named and the rest is counted."""
    entries = [{"request": {"url": f"http://t/v1/models{n}", "n" * n: 1}} for n in range(3)]
    har = tmp_path / "t.har"
    bad = ",".join(f'{{"a": {"1" * n}x}}' for n in range(1, 400))
    har.write_text(f'{{"log": {{"version": "1.2", "entries": [{bad}, {json.dumps(entries[0])}]}}}}')

    found = linted(har)

    assert sum(gap.count for gap in found.gaps) == 399
    assert len(found.gaps) <= 201
    assert all(len(gap.places) <= 20 for gap in found.gaps)


def test_memory_is_bounded(tmp_path: Path) -> None:
    """A HAR of 100 MB, one entry of which is larger than what is held, takes little more than the program."""
    har = tmp_path / "large.har"
    picture = json.dumps({"request": {"url": "http://t/a.png"}, "text": "x" * 4_000_000})
    with har.open("w") as file:
        file.write('{"log": {"version": "1.2", "entries": [')
        file.writelines(f"{picture},\n" for _ in range(10))
        file.write(f"{json.dumps(foreign(exchange(completion('z' * 15_000_000))))},\n")
        file.write('{"text": "' + "y" * 60_000_000 + '"},\n')
        file.writelines(f"{json.dumps(foreign(streamed()))},\n" for _ in range(20))
        file.write(json.dumps(GOOD) + "]}}")

    measure = (
        # What getrusage tells includes the process that started this one.
        "import re, sys; from pathlib import Path; from chatconform.cli import main\n"
        "status = Path('/proc/self/status')\n"
        "try: main(['lint', sys.argv[1]])\n"
        "finally: print(int(re.search(r'VmHWM:\\s+(\\d+)', status.read_text())[1]) // 1024)"
    )
    ran = subprocess.run([sys.executable, "-c", measure, har], capture_output=True, text=True, check=False)

    *report, peak = ran.stdout.splitlines()
    assert "the entry is larger than 16 MB" in " ".join(" ".join(report).split())
    assert "22 exchanges judged" in ran.stdout
    assert int(peak) < 300, f"{peak} MB"
