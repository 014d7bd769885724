"""`chatconform merge`: shards put together say what one run says, and nothing else is put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatconform.cli import main
from chatconform.findings.verdict import Verdict
from chatconform.ledger import load_ledger
from chatconform.record import Record, read_record
from chatconform.record.writing import lines_of
from chatconform.running.embedded import EmbeddedServer
from chatconform.running.merging import merged
from chatconform.tests.support.plays import document_of, with_document

LEDGER = load_ledger()
AREAS = ("STOP", "RESP", "HTTP", "STREAM", "MODELS")
SHARDS = 5
Verdicts = dict[tuple[str, str], Verdict]


# At full speed a busy machine cannot tell a stream that flows from one that was collected.
PACE = "--seconds-per-token=0.005"


def chatconform(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said of a merge that is refused: exit code 2, and no traceback."""
    capsys.readouterr()
    assert chatconform("merge", *arguments) == 2
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    return " ".join((told.out + told.err).split())


def run(server: EmbeddedServer, out: Path, *arguments: str) -> Path:
    """The record of a run that was just made."""
    before = set(out.glob("*.jsonl"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CHATCONFORM_KEY", server.key)
        areas = [word for area in AREAS for word in ("-r", area)]
        chatconform("run", server.url, "--out", str(out), *areas, *arguments)
    (made,) = set(out.glob("*.jsonl")) - before
    return made


def shards_of(server: EmbeddedServer, out: Path, *arguments: str) -> list[Path]:
    return [run(server, out, "--shard", f"{n}/{SHARDS}", *arguments) for n in range(1, SHARDS + 1)]


def verdicts(record: Record) -> Verdicts:
    return {(each.check, each.path): each.verdict for each in record.judgements}


def written(record: Record, file: Path) -> Path:
    file.write_bytes(b"".join(lines_of(record)))
    return file


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(PACE) as running:
        yield running


@pytest.fixture(scope="module")
def shards(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return shards_of(server, tmp_path_factory.mktemp("shards"))


@pytest.fixture(scope="module")
def together(shards: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shards as one record; they may be given in any order."""
    output = tmp_path_factory.mktemp("merged") / "all.jsonl"
    assert chatconform("merge", *map(str, reversed(shards)), "--output", str(output)) == 0
    return output


def test_shards_say_together_what_one_run_says(
    server: EmbeddedServer, together: Path, tmp_path: Path
) -> None:
    """Every check has on every path the verdict of the run that was not divided."""
    whole = read_record(run(server, tmp_path))

    record = read_record(together)

    assert verdicts(record) == verdicts(whole)
    assert record.header.requirements == whole.header.requirements
    assert record.header.shard == ""


def test_a_defect_is_found_by_shards_as_by_one_run(tmp_path: Path) -> None:
    """A server that gives every answer one id, and one that goes on after the stop."""
    with EmbeddedServer("--fault=answer-id-constant", PACE) as faulty:
        whole = read_record(run(faulty, tmp_path, "--clients", "none"))
        shards = shards_of(faulty, tmp_path, "--clients", "none")
    output = tmp_path / "merged"

    assert chatconform("merge", *map(str, shards), "-o", str(output)) == 0

    record = read_record(output)
    assert verdicts(record) == verdicts(whole)
    assert Verdict.FAIL in verdicts(record).values()
    assert chatconform("report", str(output), "--format", f"summary={tmp_path / 'summary.md'}") == 0
    assert "CC-RESP-002" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_all_that_the_shards_have_is_there_and_refers_to_itself(shards: list[Path], together: Path) -> None:
    """No exchange, play, reception or answer of a client is lost, and each id leads to an exchange."""
    parts, record = [read_record(shard) for shard in shards], read_record(together)

    known = {exchange.id for exchange in record.exchanges}
    assert len(known) == sum(len(part.exchanges) for part in parts)
    assert Counter((play.scenario, play.path, play.attempt) for play in record.plays) == Counter(
        (play.scenario, play.path, play.attempt) for part in parts for play in part.plays
    )
    named = {each for judgement in record.judgements for each in judgement.exchanges}
    named |= {each.exchange for judgement in record.judgements for each in judgement.evidence}
    named |= {exchange.retry_of for exchange in record.exchanges if exchange.retry_of}
    named |= {reception.exchange for reception in record.receptions}
    assert named <= known
    bodies = {exchange.id: exchange.request.body for exchange in record.exchanges}
    for play in record.plays:
        assert all(bodies[exchange.id] == exchange.request.body for exchange in play.exchanges)


def test_what_the_shards_cost_is_added_up(shards: list[Path], together: Path) -> None:
    """Requests, tokens and what clients read are sums; the time is that of the longest."""
    parts, record = [read_record(shard) for shard in shards], read_record(together)
    footers = [part.footer for part in parts if part.footer]

    assert record.footer is not None
    assert record.footer.complete
    assert record.footer.requests == sum(each.requests for each in footers)
    assert record.footer.tokens.prompt == sum(each.tokens.prompt for each in footers)
    assert record.footer.tokens.completion == sum(each.tokens.completion for each in footers)
    assert record.footer.wall == max(each.wall for each in footers)
    assert sum(record.footer.verdicts.values()) == len({each.requirement for each in record.judgements})
    counted = [door.outcomes for part in parts for each in part.standings for door in each.doors]
    summed = [door.outcomes for each in record.standings for door in each.doors]
    assert len(record.standings) == 1
    assert sum(map(sum, (each.values() for each in summed))) == sum(
        map(sum, (each.values() for each in counted))
    )


def test_reports_gates_and_judging_again_take_it(
    shards: list[Path], together: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A merged record is a record like any other."""
    baseline, page = tmp_path / "baseline.yaml", tmp_path / "page.html"

    assert chatconform("report", str(together), "--out", str(page)) == 0
    update = ["--baseline", str(baseline), "--baseline-update", "--reason", "as it is"]
    assert chatconform("gate", str(together), *update) == 0
    assert chatconform("gate", str(together), "--baseline", str(baseline)) == 0
    assert chatconform("compare", str(together), str(shards[0]), "--format", "json") == 0
    capsys.readouterr()
    assert chatconform("judge", str(together)) == 0
    assert "no verdict has changed" in capsys.readouterr().out


def test_an_id_that_comes_once_in_each_of_two_shards_comes_twice(shards: list[Path]) -> None:
    """What no shard could see: rules about traffic are judged of the traffic of all."""
    rule = "CC-RESP-002"
    parts = [read_record(shard) for shard in shards]
    taken = next(each for each in parts[0].exchanges if each.id == first_completion(parts[0]))
    twice = first_completion(parts[2])
    document = {**document_of(next(each for each in parts[2].exchanges if each.id == twice))}
    document["id"] = document_of(taken)["id"]
    parts[2] = replace(
        parts[2],
        exchanges=tuple(
            with_document(each, document) if each.id == twice else each for each in parts[2].exchanges
        ),
    )
    before = [each.verdict for part in parts for each in part.judgements if each.requirement == rule]

    record = merged(parts, LEDGER, command=("chatconform", "merge"))

    assert set(before) == {Verdict.PASS}
    found = [each for each in record.judgements if each.requirement == rule]
    assert {each.verdict for each in found} == {Verdict.FAIL}
    assert {each.exchange for judgement in found for each in judgement.evidence} & {
        f"{twice}@3",
        f"{taken.id}@1",
    }


def first_completion(record: Record) -> str:
    """The id of the first exchange of the run that was answered plainly with a completion."""
    return next(
        each.id
        for each in record.exchanges
        if each.scenario not in {"smoke", "health"}
        and each.response is not None
        and each.response.status == 200
        and each.request.method == "POST"
        and not each.is_stream
    )


def test_nothing_is_overwritten(
    shards: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is there is kept without --force, and a shard in any case."""
    kept = tmp_path / "kept.jsonl"
    kept.write_text("precious", encoding="utf-8")
    names = list(map(str, shards))
    before = shards[0].read_bytes()

    assert f"{kept.name} is there already" in refused(capsys, *names, "-o", str(kept))
    assert kept.read_text(encoding="utf-8") == "precious"
    assert "is one of the shards" in refused(capsys, *names, "-o", names[0], "--force")
    assert shards[0].read_bytes() == before
    assert chatconform("merge", *names, "-o", str(kept), "--force") == 0
    assert read_record(kept).footer is not None


def test_missing_and_doubled_shards_are_named(
    shards: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody learns less than was asked without being told."""
    names, output = list(map(str, shards)), ["-o", str(tmp_path / "out")]
    again = tmp_path / "again.jsonl"
    again.write_bytes(shards[1].read_bytes())

    assert "these shards are missing: 2/5, 4/5" in refused(capsys, names[0], names[2], names[4], *output)
    assert "was given twice" in refused(capsys, *names, names[1], *output)
    assert "are both the shard 2/5" in refused(capsys, *names, str(again), *output)
    assert not (tmp_path / "out").exists()


def changed(record: Record, change: str) -> Record:
    """The record of a shard of another run."""
    header = record.header
    target, policy = header.target, header.policy
    headers = {
        "tool": replace(header, tool="0.0.9"),
        "contract": replace(header, contract_digest="0" * 64),
        "ledger": replace(header, ledger_digest="0" * 64),
        "URL": replace(header, target=replace(target, url="http://elsewhere/v1")),
        "model": replace(header, target=replace(target, model="another")),
        "name": replace(header, target=replace(target, name="prod")),
        "declared": replace(header, target=replace(target, declared=("tools",))),
        "profile": replace(header, profile="full"),
        "strict": replace(header, policy=replace(policy, strict=True)),
        "fuzzing": replace(header, policy=replace(policy, fuzz_requests=7)),
        "seed": replace(header, seed="another"),
        "no shard": replace(header, shard=""),
        "of three": replace(header, shard="2/3"),
        "selection": replace(header, requirements=header.requirements[1:]),
    }
    return replace(record, header=headers[change])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("tool", "chatconform is '0.1.0' in"),
        ("contract", "the contract is"),
        ("ledger", "the ledger is"),
        ("URL", "'http://elsewhere/v1'"),
        ("model", "the model is 'reference-1' in"),
        ("name", "the name of the target is none in"),
        ("declared", "what is declared is"),
        ("profile", "the profile is 'standard"),
        ("strict", "strictness is 'not strict' in"),
        ("fuzzing", "(7 requests"),
        ("seed", "the seed is 'chatconform' in"),
        ("no shard", "is no shard"),
        ("of three", "the shard 2/3: of different runs"),
        ("selection", "other requirements than its part"),
    ],
)
def test_what_does_not_belong_together_is_refused(
    change: str, told: str, shards: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence says what differs, with both values and where they stand; nothing is written."""
    other = written(changed(read_record(shards[1]), change), tmp_path / "other.jsonl")
    names = [str(other) if shard == shards[1] else str(shard) for shard in shards]

    sentence = refused(capsys, *names, "--output", str(tmp_path / "out"))

    assert told in sentence
    assert not (tmp_path / "out").exists()


def test_shards_of_another_version_are_for_that_version(
    shards: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is judged again has to be judged by the same rules, so the tool, ledger and contract are these."""
    for change, told in (
        ("tool", "run by chatconform 0.0.9"),
        ("ledger", "another ledger"),
        ("contract", "--overlay"),
    ):
        others = [
            written(changed(read_record(shard), change), tmp_path / f"{change}-{shard.name}")
            for shard in shards
        ]

        assert told in refused(capsys, *map(str, others), "--output", str(tmp_path / "out"))


def test_what_a_run_went_on_from_is_left_out_and_named(
    shards: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder holds the record of a shard that was cut off beside that of the run which ended it."""
    whole = read_record(shards[1])
    cut = replace(whole, footer=None, header=replace(whole.header, started="2026-11-26T04:55:57.425301Z"))
    after = replace(whole, header=replace(whole.header, resumed=(cut.header.started,)))
    files = written(cut, tmp_path / "cut.jsonl"), written(after, tmp_path / "after.jsonl")
    names = [str(each) for each in (*shards[:1], *files, *shards[2:])]
    output = tmp_path / "all.jsonl"

    assert chatconform("merge", *names, "--output", str(output)) == 0

    told = " ".join(capsys.readouterr().err.split())
    assert f"{files[0]} is left out: {files[1]} went on from it" in told
    assert verdicts(read_record(output)) == verdicts(merged_alone(shards, tmp_path))
    assert "the record was cut off" in refused(
        capsys, *map(str, shards[:1]), str(files[0]), *map(str, shards[2:]), "-o", str(tmp_path / "out")
    )


def merged_alone(shards: list[Path], folder: Path) -> Record:
    """The record of the shards as they were run."""
    assert chatconform("merge", *map(str, shards), "--output", str(folder / "alone.jsonl")) == 0
    return read_record(folder / "alone.jsonl")


def test_what_is_not_whole_is_refused(
    shards: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A shard that was cut off, one that was interrupted, and a file that is no record."""
    part = read_record(shards[1])
    assert part.footer is not None
    interrupted = replace(part, footer=replace(part.footer, complete=False, reason="interrupted"))
    stranger = tmp_path / "stranger"
    stranger.write_text("{}\n", encoding="utf-8")
    for other, told in (
        (written(replace(part, footer=None), tmp_path / "cut.jsonl"), "the record was cut off"),
        (written(interrupted, tmp_path / "interrupted.jsonl"), "the run was not complete: interrupted"),
        (stranger, "not a row of a run record"),
    ):
        names = [str(other) if shard == shards[1] else str(shard) for shard in shards]

        assert told in refused(capsys, *names, "--output", str(tmp_path / "out"))
