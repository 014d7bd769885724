"""What a run says of clients: counts in words, what broke, and what is broken beside it."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from chatconform.findings.reception import Difference, DoorCount, Outcome, Reception, Standing
from chatconform.findings.verdict import Evidence, Judgement, Verdict
from chatconform.ledger import load_ledger
from chatconform.record import Header, Record, TargetInfo
from chatconform.reports.terminal import print_report

HEADER = Header(
    tool="1",
    contract_version="1",
    contract_digest="0" * 64,
    ledger_digest="0" * 64,
    target=TargetInfo(url="http://h/v1", model="m", declared=(), concurrency=8, timeout=60.0, key_env="KEY"),
    profile="standard",
    requirements=(),
    command=(),
    seed="s",
    started="2026-11-22T20:00:00.000Z",
    python="3.11",
    platform="Linux",
)
ROLE = Difference(what="role", outcome=Outcome.WRONG, wire="'assistant'", client="'assistantassistant'")
STANDING = Standing(
    client="openai",
    version="3.57.0",
    doors=(
        DoorCount(door="create", outcomes={Outcome.SAME: 5}),
        DoorCount(door="stream", outcomes={Outcome.WRONG: 2, Outcome.CRASH: 1}),
    ),
)


def reception(exchange: str, *, door: str = "stream", error: str = "", client: str = "openai") -> Reception:
    return Reception(
        exchange=exchange,
        client=client,
        version="3.57.0",
        door=door,
        outcome=Outcome.CRASH if error else Outcome.WRONG,
        differences=() if error else (ROLE,),
        error=error,
    )


def failed(requirement: str, *exchanges: str, verdict: Verdict = Verdict.FAIL) -> Judgement:
    evidence = tuple(Evidence(exchange=each, where="/", quoted="x") for each in exchanges)
    return Judgement(requirement=requirement, check="c", path="plain", verdict=verdict, evidence=evidence)


def printed(
    *receptions: Reception,
    standings: tuple[Standing, ...] = (STANDING,),
    judgements: tuple[Judgement, ...] = (failed("CC-STREAM-008", "x1", "x9"),),
    width: int = 100,
) -> str:
    """The section of the report about clients."""
    record = Record(
        header=HEADER,
        plays=(),
        exchanges=(),
        judgements=judgements,
        footer=None,
        receptions=receptions,
        standings=standings,
    )
    screen = io.StringIO()
    console = Console(file=screen, width=width, highlight=False)
    print_report(record, load_ledger(), path=Path("r.jsonl"), strict=False, console=console)
    return screen.getvalue().partition("clients that read")[2]


def test_each_client_has_a_line_with_its_counts() -> None:
    """A glyph and a word beside each number."""
    assert "openai 3.57.0  ✓ 5 same  ◐ 0 lossy  ✗ 2 wrong  ! 1 crash" in printed()


def test_what_broke_is_told_with_an_exchange_and_what_is_broken_there() -> None:
    """Receptions that show the same are one, across doors and exchanges."""
    text = printed(reception("x1"), reception("x2"), reception("x1", door="stream (async)"))

    assert "✗ openai  wrong  stream, stream (async)" in text
    assert "role 'assistantassistant' instead of 'assistant'" in text
    assert "x1 and 1 more" in text
    assert text.count("CC-STREAM-008") == 1
    assert text.count("instead of") == 1


def test_the_worst_comes_first_and_different_exceptions_are_apart() -> None:
    """A crash stands before what is wrong; the messages of one exception are one group."""
    text = printed(
        reception("x2"),
        reception("x3", error="TypeError: one"),
        reception("x4", error="TypeError: two"),
        reception("x5", error="IndexError: x"),
    )

    assert text.index("TypeError: one") < text.index("IndexError: x") < text.index("instead of")
    assert "TypeError: two" not in text


def test_only_what_failed_in_the_same_exchange_stands_beside() -> None:
    """A requirement that is broken elsewhere, or that holds, has nothing to do with it."""
    text = printed(
        reception("x2"),
        judgements=(failed("CC-STREAM-008", "x1"), failed("CC-STREAM-004", "x2", verdict=Verdict.PASS)),
    )

    assert "CC-STREAM" not in text
    assert "where nothing is broken: the clients' own doing" in text
    assert "✗ wrong  openai  stream: role 'assistantassistant' instead of 'assistant', of x2" in text


def test_what_was_not_replayed_is_said() -> None:
    """With the reason."""
    lost = Standing(client="litellm", version="", unheard=7, reason="its process has died")

    assert "! litellm: 7 not replayed: its process has died" in printed(standings=(lost,))


def test_there_is_no_section_without_clients() -> None:
    """A run that asked for none says nothing of them, and neither does an old record."""
    assert printed(standings=()) == ""


def test_a_targets_words_move_no_cursor() -> None:
    """What a target wrote is printed as escapes."""
    assert "\x1b" not in printed(reception("x1", error="Error: \x1b[2J"))


@pytest.mark.parametrize("width", [80, 100])
def test_the_lines_fit(width: int) -> None:
    """Nothing is wider than the terminal, also in the words of a long crash."""
    text = printed(reception("x1", error="TypeError: " + "word " * 40), reception("x2"), width=width)

    assert max(map(len, text.splitlines())) <= width


def test_a_report_of_many_kinds_is_bounded() -> None:
    """The record has the others."""
    text = printed(*(reception("x1", error=f"Error{n}: x") for n in range(30)))

    assert "and 18 more kinds of difference" in text
