"""Rules about a model's mood: a sequential test decides, with the error rates that it states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.cli import main
from chatconform.client.target import Target
from chatconform.errors import Unrecorded, UsageError
from chatconform.findings.proportion import Proportion, difference
from chatconform.findings.verdict import Evidence, Judgement, Verdict
from chatconform.judging.characteristics import characteristics, fixed_attempts
from chatconform.judging.check import Invariant
from chatconform.judging.sampling import RELIABLE, SAMPLINGS, SWIFT, Sampling, sampling_named
from chatconform.ledger import load_ledger
from chatconform.plays.conductor import Audience, Conductor
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey
from chatconform.record import Record, read_record
from chatconform.reports.formats import format_named
from chatconform.reports.report import report_of
from chatconform.running.catalogue import all_checks
from chatconform.running.embedded import EmbeddedServer
from chatconform.running.hearing import Hearing
from chatconform.suites.choice.scenarios import required_against_the_prompt
from chatconform.tests.support.exchanges import completion, exchange, request_body, with_message
from chatconform.tests.support.reports import judgement as report_judgement
from chatconform.tests.support.reports import record_of
from chatconform.wire.exchange import Exchange

each_sampling = pytest.mark.parametrize("sampling", SAMPLINGS, ids=[each.name for each in SAMPLINGS])


@each_sampling
@given(data=st.data())
def test_the_stated_error_rates_hold(sampling: Sampling, data: st.DataObject) -> None:
    """Exactly, for every probability of which something is stated, and however often is tried in any case."""
    tried = sampling.repeated(data.draw(st.sampled_from([1, 2, 5, 40])))
    good = data.draw(st.floats(sampling.good, 1.0))
    bad = data.draw(st.floats(0.0, sampling.bad))

    assert 1 - characteristics(tried, good).passes <= sampling.alpha
    assert characteristics(tried, bad).passes <= sampling.beta


@each_sampling
def test_clear_cases_take_fewer_attempts_than_a_fixed_number(sampling: Sampling) -> None:
    """What always keeps the rule, or never, is known early; what is in doubt costs no more on average."""
    fixed = fixed_attempts(sampling)

    assert characteristics(sampling, 1.0).attempts == sampling.fewest < fixed
    assert characteristics(sampling, 0.0).attempts < fixed
    assert max(characteristics(sampling, number / 100).attempts for number in range(101)) < fixed


@each_sampling
@given(breaks=st.lists(st.booleans(), max_size=200))
def test_it_always_ends(sampling: Sampling, breaks: list[bool]) -> None:
    """Whatever comes, after the most attempts something is decided."""
    kept, broken = breaks.count(False), breaks.count(True)

    assert kept + broken < sampling.most or sampling.decision(kept, broken) is not None


@pytest.mark.parametrize(("name", "repeat"), [("swfit", None), ("reliable", 0)])
def test_what_cannot_be_sampled_is_refused(name: str, repeat: int | None) -> None:
    """With the remedy."""
    with pytest.raises(UsageError) as refused:
        sampling_named(name, repeat)

    assert refused.value.hint


def test_an_interval_holds_what_was_seen() -> None:
    """Clopper-Pearson, as the tables have it, and closed where nothing speaks for less or for more."""
    low, high = Proportion(successes=8, attempts=10).interval

    assert (round(low, 4), round(high, 4)) == (0.4439, 0.9748)
    assert Proportion(successes=0, attempts=5).interval[0] == 0
    assert Proportion(successes=5, attempts=5).interval[1] == 1


def test_a_difference_is_told_from_noise() -> None:
    """One failure of two is chance; thirty of thirty against fifteen is not."""
    assert difference(Proportion(successes=2, attempts=2), Proportion(successes=1, attempts=2)) == 1
    assert difference(Proportion(successes=30, attempts=30), Proportion(successes=15, attempts=30)) < 0.001


# Rules about traffic: what broke one is sent again.

CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Bern"}'},
}
CALLED = with_message(content=None, tool_calls=[CALL])
SPOILED = completion("It is sunny in Bern.")
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]
REQUIRED = "choice.required_gives_a_call_whatever_is_asked"


class Answers:
    """Plays of which the traffic is known, and the answers to what is sent again."""

    def __init__(self, traffic: Iterable[Exchange], again: Iterable[object]) -> None:
        self._traffic = list(traffic)
        self._again = iter(again)
        self.sent = 0

    def begin(self, keys: Iterable[PlayKey]) -> None:
        """Everything is there."""

    def play(self, key: PlayKey) -> Play:
        raise Unrecorded(f"nobody plays {key}")

    def traffic(self) -> tuple[Exchange, ...]:
        return tuple(self._traffic)

    def again(self, exchange: str, number: int) -> Exchange:
        first = next(each for each in self._traffic if each.id == exchange)
        self.sent += 1
        self._traffic.append(answered(next(self._again), f"{exchange}/{number}", prompt=prompt_of(first)))
        return self._traffic[-1]


def answered(body: object, name: str, *, prompt: str) -> Exchange:
    """An answer to a question that has to be answered with a tool."""
    messages = [{"role": "user", "content": prompt}]
    asked = request_body(tools=TOOLS, tool_choice="required", messages=messages)
    return replace(exchange(body, sent=asked), id=name)


def prompt_of(asked: Exchange) -> str:
    body = asked.request.json
    assert isinstance(body, dict)
    return str(body["messages"][0]["content"])


def weathers(*bodies: object) -> Iterator[Exchange]:
    """Answers to different questions."""
    for number, body in zip(count(1), bodies):
        yield answered(body, f"x{number}", prompt=f"question {number}")


def heard(plays: Answers, sampling: Sampling = SWIFT) -> Judgement:
    made = next(each for each in all_checks() if each.id == REQUIRED)
    assert isinstance(made, Invariant)
    hearing = Hearing(
        plays=plays,
        ledger=load_ledger(),
        declared=MappingProxyType({}),
        lacks=(),
        paths=("plain",),
        sampling=sampling,
    )
    return hearing.judge(made, "all-traffic")


def test_what_breaks_each_time_is_broken() -> None:
    """One more request is enough to see that."""
    plays = Answers(weathers(CALLED, SPOILED, CALLED), again=[SPOILED])

    judgement = heard(plays)

    assert judgement.verdict is Verdict.FAIL
    assert plays.sent == 1


def test_an_accident_passes_and_is_told() -> None:
    """The evidence of the breach stays, with how often the rule was kept."""
    plays = Answers(weathers(CALLED, SPOILED, CALLED), again=[CALLED] * 4)

    judgement = heard(plays)

    assert judgement.verdict is Verdict.PASS
    assert judgement.evidence[0].exchange == "x2"
    assert "kept in 6 of 7 attempts (95 % interval 42 to 100 %)" in judgement.reason


def test_too_many_accidents_are_a_defect() -> None:
    """Each by itself would pass; together they are more than a reliable target has."""
    questions = [SPOILED, *[CALLED] * 9] * 3
    plays = Answers(weathers(*questions), again=[CALLED] * 12)

    assert heard(plays).verdict is Verdict.PASS
    assert heard(Answers(weathers(*questions), again=[CALLED] * 12), RELIABLE).verdict is Verdict.FAIL


def test_nobody_can_send_again_what_was_recorded() -> None:
    """Then the breach stands, unless equal requests show that it was an accident."""

    class Recorded(Answers):
        def again(self, exchange: str, number: int) -> Exchange:
            raise Unrecorded(f"{exchange} was sent once, not {number} times more")

    alone = Recorded(weathers(CALLED, SPOILED), again=())
    bodies = (SPOILED, CALLED, CALLED, CALLED, CALLED)
    alike = Recorded((answered(body, f"x{n}", prompt="the same") for n, body in enumerate(bodies)), again=())

    assert heard(alone).verdict is Verdict.FAIL
    assert heard(alike).verdict is Verdict.PASS


def test_a_request_is_sent_again_once_for_all_who_ask() -> None:
    """Several processes judge, one sends; what it sent again belongs to the traffic."""
    unheard = Audience(on_exchange=lambda _: None, on_play=lambda _: None)
    with EmbeddedServer() as server:
        target = Target(url=server.url, key=server.key, model=server.model)
        with Conductor(target, seed="tests", audience=unheard) as conductor:
            conductor.play(PlayKey(required_against_the_prompt.name, "plain", 1))
            first = conductor.traffic()[-1]
            again = [conductor.again(first.id, 1) for _ in range(2)]
            traffic = conductor.traffic()

    assert again[0] is again[1]
    assert again[0].request == first.request
    assert [each.id for each in traffic].count(again[0].id) == 1


# From outside.


def run(out: Path, *options: str, url: str = "") -> tuple[int, Record]:
    """The exit code and the record of a run."""
    with pytest.raises(SystemExit) as ended:
        main(["run", *([url] if url else []), "--out", str(out), "--clients", "none", *options])
    assert isinstance(ended.value.code, int)
    return ended.value.code, read_record(next(out.glob("*.jsonl")))


def test_attempts_are_repeated_as_often_as_the_user_wants(tmp_path: Path) -> None:
    """Those of rules about a model's mood, and no others; the record says so."""
    code, record = run(tmp_path, "--repeat", "4", "-r", "CC-CHOICE-001", "-r", "CC-CHOICE-004")
    attempts = {each.requirement: len(each.attempts) for each in record.judgements}

    assert code == 0
    assert attempts == {"CC-CHOICE-001": 4, "CC-CHOICE-004": 0}
    assert record.header.policy.sampling.least == 4


def test_the_plan_of_a_reliable_sampling_is_what_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Thirty attempts on end pass; all of them are counted before the first."""
    code, record = run(tmp_path, "--sampling", "reliable", "-r", "CC-CHOICE-003")

    assert code == 0
    assert {len(each.attempts) for each in record.judgements} == {30}
    assert record.footer is not None
    assert f"about {record.footer.requests} requests" in " ".join(capsys.readouterr().err.split())


def test_a_defect_is_found_with_one_attempt_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice is no accident, and the report says how often it was, with an interval."""
    with EmbeddedServer("--fault=tool-choice-required-ignored-plain") as server:
        monkeypatch.setenv("CHATCONFORM_KEY", server.key)
        code, record = run(tmp_path, "-r", "CC-CHOICE-002", url=server.url)
    failed = next(each for each in record.judgements if each.path == "plain")

    assert code == 1
    assert failed.attempts == (Verdict.FAIL, Verdict.FAIL)
    assert "kept in 0 of 2 attempts (95 % interval 0 to 84 %)" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("form", ["html", "summary"])
def test_every_report_for_people_says_what_was_kept_only_mostly(form: str) -> None:
    """A pass with a breach in it stands apart from those without, and its text is a stranger's."""
    wavering = replace(
        report_judgement("CC-STOP-001", Verdict.PASS),
        reason="it went <b>on</b>",
        evidence=(Evidence(exchange="x0001", where="/choices/0", quoted="on"),),
        attempts=(Verdict.FAIL, *[Verdict.PASS] * 4),
    )
    text, steady = (
        format_named(form).text(
            report_of(record_of((each,)), load_ledger(), source=Path("run.jsonl"), strict=False)
        )
        for each in (wavering, report_judgement("CC-STOP-001", Verdict.PASS))
    )

    assert "but not always" in text
    assert "kept in 4 of 5 attempts (95 % interval 28 to 99 %)" in text
    assert ("<b>on</b>" in text) is (form == "summary"), "Markdown has it as code"
    assert "but not always" not in steady
