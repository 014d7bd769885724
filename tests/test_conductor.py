"""The conductor: every play once, all at once, and nothing that a scenario does ends the run."""

import sys
import types
from collections.abc import Iterator
from dataclasses import replace

import pytest

from chatconform.client.target import Target
from chatconform.findings.answer import read_answer
from chatconform.plays.broker import Broker, RemotePlays
from chatconform.plays.conductor import Audience, Conductor
from chatconform.plays.path import BOTH_FORMS, LATER_TURN, PLAIN
from chatconform.plays.play import Play
from chatconform.plays.scenario import PlayKey, Scenario, find_scenario, keys_of, scenario
from chatconform.plays.stage import Stage
from chatconform.running.embedded import EmbeddedServer
from chatconform.wire.exchange import Exchange


@scenario(paths=BOTH_FORMS, requests=2)
async def two_steps(stage: Stage) -> None:
    """Two requests, the second with a code that nobody can guess."""
    first = await stage.ask("first", stage.chat("Say hello."))
    await stage.post("second", stage.chat(f"Repeat: {stage.code('code')} {first.text}"))


@scenario()
async def leaving(stage: Stage) -> None:
    """Leaves after one step."""
    await stage.post("first", stage.chat("Say hello."))
    stage.leave("there was nothing to go on with")


@scenario()
async def reading(stage: Stage) -> None:
    """Reads what the target did not send."""
    exchange = await stage.post("only", {**stage.chat("Say hello."), "model": "nope"})
    read_answer(exchange)


@scenario()
async def breaking(stage: Stage) -> None:
    """Breaks down."""
    raise ZeroDivisionError(stage.path.name)


@scenario(last=True)
async def dangerous(stage: Stage) -> None:
    """Goes last."""
    await stage.post("only", stage.chat("Say goodbye."))


@scenario(paths=BOTH_FORMS, attempts=2, requests=3)
async def asking_alike(stage: Stage) -> None:
    """The same question for everybody, the same once more, and one of its own."""
    body = stage.chat("Say hello.", stream=False)
    await stage.post("shared", body)
    await stage.post("again", body, fresh=True)
    await stage.post("own", stage.chat(f"Repeat: {stage.code('code')}"))


@scenario()
async def asking_the_same(stage: Stage) -> None:
    """The question that another scenario has asked, under another name."""
    await stage.post("control", stage.chat("Say hello.", stream=False))


@scenario(requests=4)
async def together(stage: Stage) -> None:
    """Parts that are all taken, parts of which one is refused, and a single part that is refused."""
    body = stage.chat("Say hello.")
    await stage.together("taken", body, {"seed": {"seed": 1}, "user": {"user": "u"}})
    await stage.together("mixed", body, {"seed": {"seed": 1}, "unknown": {"x_unknown": 1}})
    await stage.together("single", body, {"unknown": {"x_unknown": 2}})


@scenario()
async def malformed_by_mistake(stage: Stage) -> None:
    """Sends what the contract forbids, and does not say so."""
    await stage.post("only", {**stage.chat("Say hello."), "temperature": 9})


@scenario()
async def malformed_in_vain(stage: Stage) -> None:
    """Announces an illegal body that the contract allows."""
    await stage.post("only", stage.chat("Say hello."), illegal=True)


@scenario()
async def malformed_on_purpose(stage: Stage) -> None:
    """Sends what the contract forbids, as announced."""
    await stage.post("value", {**stage.chat("Say hello."), "temperature": 9}, illegal=True)
    await stage.post("text", b"{", illegal=True)


@scenario(last=True)
async def greedy(stage: Stage) -> None:
    """Needs the target alone."""
    await stage.post("only", stage.chat("Count from 1 to 20."))


SCENARIOS = (
    greedy,
    two_steps,
    leaving,
    reading,
    breaking,
    dangerous,
    asking_alike,
    asking_the_same,
    together,
    malformed_by_mistake,
    malformed_in_vain,
    malformed_on_purpose,
)


def named(played: Scenario) -> Scenario:
    """The scenario under a name by which any process would find it in the suites."""
    return replace(played, name=f"rehearsal.scenarios.{played.perform.__name__}")


@pytest.fixture
def stage_of(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("chatconform.suites.rehearsal.scenarios")
    for played in SCENARIOS:
        setattr(module, played.perform.__name__, named(played))
    monkeypatch.setitem(sys.modules, "chatconform.suites.rehearsal", types.ModuleType("rehearsal"))
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture
def told() -> list[Exchange | Play]:
    return []


@pytest.fixture
def conductor(server: EmbeddedServer, stage_of: None, told: list[Exchange | Play]) -> Iterator[Conductor]:
    target = Target(url=server.url, key=server.key, model=server.model)
    audience = Audience(on_exchange=told.append, on_play=told.append)
    with Conductor(target, seed="test", audience=audience) as running:
        yield running


def test_a_play_holds_its_exchanges_and_notes(conductor: Conductor) -> None:
    """A play brings back each step in order, and what the scenario noted."""
    (plain, streamed) = (conductor.play(key) for key in keys_of(named(two_steps)))

    assert [exchange.step for exchange in plain.exchanges] == ["first", "second"]
    assert plain.path is PLAIN
    assert plain.note("code") in plain.exchanges[1].request.body.decode()
    assert plain.note("code") != streamed.note("code")
    assert streamed["second"].is_stream


def test_a_play_is_performed_once(conductor: Conductor, told: list[Exchange | Play]) -> None:
    """However often a play is begun and asked for, it is performed once."""
    keys = keys_of(named(two_steps))
    conductor.begin(keys)
    conductor.begin(keys)

    assert conductor.play(keys[0]) is conductor.play(keys[0])
    assert len(conductor.traffic()) == 4
    assert sum(isinstance(one, Play) for one in told) == 2


def test_the_codes_of_a_seed_are_the_same_again(server: EmbeddedServer, stage_of: None) -> None:
    """The same seed chooses the same codes, another seed others."""

    def code(seed: str) -> str:
        target = Target(url=server.url, key=server.key, model=server.model)
        silent = Audience(on_exchange=lambda _: None, on_play=lambda _: None)
        with Conductor(target, seed=seed, audience=silent) as conductor:
            return conductor.play(keys_of(named(two_steps))[0]).note("code")

    assert code("a") == code("a")
    assert code("a") != code("b")


def test_a_scenario_that_leaves_says_why(conductor: Conductor) -> None:
    """A scenario that cannot go on keeps what it has, and its reason."""
    play = conductor.play(keys_of(named(leaving))[0])

    assert play.ended == "there was nothing to go on with"
    assert [exchange.step for exchange in play.exchanges] == ["first"]


def test_what_a_target_sends_is_no_bug_of_the_scenario(conductor: Conductor) -> None:
    """A scenario that cannot read an answer ends there, for a reason that lies in the target."""
    play = conductor.play(keys_of(named(reading))[0])

    assert play.error == ""
    assert "no choices" in play.ended
    assert play.has("only")


def test_a_scenario_that_breaks_down_ends_nothing_else(conductor: Conductor) -> None:
    """A bug in one scenario is kept in its play; the others are performed."""
    broken = conductor.play(keys_of(named(breaking))[0])
    fine = conductor.play(keys_of(named(leaving))[0])

    assert "ZeroDivisionError: plain" in broken.error
    assert not fine.error


def test_what_may_do_harm_goes_last(conductor: Conductor) -> None:
    """A scenario marked `last` begins when all others of the run have ended."""
    conductor.begin([*keys_of(named(dangerous)), *keys_of(named(two_steps)), *keys_of(named(leaving))])

    traffic = conductor.traffic()
    last = next(exchange for exchange in traffic if exchange.step == "only")
    assert all(other.started + other.elapsed <= last.started for other in traffic if other is not last)


def test_what_may_do_harm_goes_one_by_one(conductor: Conductor) -> None:
    """Of several scenarios marked `last` none begins before another has ended."""
    conductor.begin([*keys_of(named(dangerous)), *keys_of(named(greedy))])

    first, second = (each for each in conductor.traffic() if each.step == "only")
    assert first.started + first.elapsed <= second.started


def test_another_process_gets_the_same_plays(conductor: Conductor) -> None:
    """Through the broker a worker begins, waits for and reads plays as if they were its own."""
    broker = Broker(conductor)
    try:
        remote = RemotePlays(broker.address)
        key = keys_of(named(two_steps))[0]
        remote.begin([key])
        assert remote.play(key) == conductor.play(key)
        assert remote.traffic() == conductor.traffic()
    finally:
        broker.close()


def test_a_path_decides_where_the_prompt_stands(server: EmbeddedServer) -> None:
    """On a later turn earlier messages stand before the prompt."""
    stage = Stage(target=Target(url=server.url, model="m"), path=LATER_TURN, attempt=1, seed="s", send=None)  # type: ignore[arg-type]  # nothing is sent

    body = stage.chat("Say hello.")

    messages = body["messages"]
    assert isinstance(messages, list)
    assert len(messages) == 5
    assert messages[-1] == {"role": "user", "content": "Say hello."}


def test_temperature_zero_is_left_out_where_it_is_refused() -> None:
    """A target that takes no temperature 0 is asked only for others, where a rule is about them."""
    target = Target(url="http://h/v1", model="m", steady=False)
    stage = Stage(target=target, path=PLAIN, attempt=1, seed="s", send=None)  # type: ignore[arg-type]  # nothing is sent

    assert "temperature" not in stage.chat("Say hello.", temperature=0)
    assert stage.chat("Say hello.", temperature=1.5)["temperature"] == 1.5


def test_every_scenario_of_the_suites_is_found_by_its_name() -> None:
    """The name of a scenario leads back to it."""
    found = find_scenario("resp.scenarios.greeting")

    assert found.name == "resp.scenarios.greeting"
    assert PlayKey(found.name, "plain", 1) in keys_of(found)


def test_equal_requests_are_sent_once(conductor: Conductor, told: list[Exchange | Play]) -> None:
    """An equal request of any scenario on any path gives the same exchange, under each step's own name."""
    first = [key for key in keys_of(named(asking_alike)) if key.attempt == 1]
    other = keys_of(named(asking_the_same))[0]
    conductor.begin([*first, other])
    plain, streamed = (conductor.play(key) for key in first)
    control = conductor.play(other)["control"]

    assert plain["shared"].id == streamed["shared"].id == control.id
    assert (control.scenario, control.step, control.path) == (other.scenario, "control", "plain")
    assert (streamed["shared"].step, streamed["shared"].path) == ("shared", "streamed")
    assert len({exchange.id for exchange in conductor.traffic()}) == len(conductor.traffic())
    assert sum(isinstance(one, Exchange) for one in told) == 1 + 2 * 2


def test_what_has_to_be_fresh_is_sent_again(conductor: Conductor) -> None:
    """A step that repeats a request on purpose, and a further attempt, have exchanges of their own."""
    first, second = (key for key in keys_of(named(asking_alike)) if key.path == "plain")

    ids = [conductor.play(key)[step].id for key in (first, second) for step in ("shared", "again")]

    assert len(set(ids)) == 4


def test_parts_are_sent_alone_only_where_they_are_refused_together(conductor: Conductor) -> None:
    """What is accepted together costs one request; where a part is refused, each is sent by itself."""
    play = conductor.play(keys_of(named(together))[0])

    assert [exchange.step for exchange in play.exchanges] == [
        "taken",
        "mixed",
        "mixed (seed alone)",
        "mixed (unknown alone)",
        "single",
    ]
    assert play.part("taken", "seed") == "taken"
    assert play.answer(play.part("mixed", "seed")).text
    assert play.response(play.part("mixed", "unknown")).status == 400
    assert not play.has("single (unknown alone)")


@pytest.mark.parametrize(
    ("scenario_", "told_"),
    [(malformed_by_mistake, "temperature"), (malformed_in_vain, "the contract allows it")],
)
def test_a_malformed_request_of_ours_is_our_bug(
    conductor: Conductor, scenario_: Scenario, told_: str
) -> None:
    """Nothing leaves that the contract forbids without being announced, nor the reverse."""
    play = conductor.play(keys_of(named(scenario_))[0])

    assert "HarnessError" in play.error
    assert told_ in play.error
    assert play.exchanges == ()


def test_a_malformed_request_can_be_announced(conductor: Conductor) -> None:
    """What is illegal on purpose is sent as it is."""
    play = conductor.play(keys_of(named(malformed_on_purpose))[0])

    assert [exchange.response and exchange.response.status for exchange in play.exchanges] == [400, 400]
    assert play["text"].request.body == b"{"
