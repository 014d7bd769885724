"""No body that a target can send breaks a check: it is judged, or it leaves the check inconclusive."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatconform.judging.check import AnyCheck, OfTraffic
from chatconform.judging.judge import judge_plays, judge_traffic
from chatconform.plays.play import Play
from chatconform.running.catalogue import all_checks
from chatconform.tests.support.exchanges import (
    chunks,
    completion,
    error,
    exchange,
    request_body,
    sse,
    usage_chunk,
)
from chatconform.wire.exchange import Exchange

CHECKS = all_checks()
# A little below what Python reads and writes again.
DEPTH = 800
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
LIST = {"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "us"}]}
CALL = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


class Anything(Play):
    """A play in which every step was answered alike, and every note is the same word."""

    def __getitem__(self, step: str) -> Exchange:
        return replace(self.exchanges[0], step=step)

    def note(self, name: str) -> str:
        return f"note of {name}"


@st.composite
def damaged(draw: st.DrawFn, document: Any) -> Any:
    """The document with one place of it replaced by anything."""
    if isinstance(document, dict | list) and document and draw(st.booleans() | st.just(value=True)):
        keys = list(document) if isinstance(document, dict) else range(len(document))
        key = draw(st.sampled_from(list(keys)))
        changed = document.copy()
        changed[key] = draw(damaged(document[key]))
        return changed
    return draw(values)


@st.composite
def hostile(draw: st.DrawFn) -> Exchange:
    """A completion, a list, an error or a stream with one damaged place, under any status."""
    status = draw(st.sampled_from([200, 200, 200, 204, 302, 400, 401, 404, 422, 429, 500, 503]))
    sent = request_body(logprobs=draw(st.booleans()), stream=draw(st.booleans()))
    form = draw(st.sampled_from(["stream", "plain", "bytes"]))
    if form == "bytes":
        return exchange(draw(st.binary(max_size=30)), status=status, sent=sent)
    if form == "stream":
        stream = [*chunks(), usage_chunk()]
        stream[1]["choices"][0]["delta"] = {"content": "Hi", "tool_calls": [CALL]}
        place = draw(st.integers(0, len(stream) - 1))
        stream[place] = draw(damaged(stream[place]))
        return exchange(sse(stream), status=status, sent=sent)
    whole = completion()
    whole["choices"][0] |= {
        "logprobs": {"content": [{"token": "H", "logprob": -1, "bytes": [1], "top_logprobs": []}]}
    }
    document = draw(st.sampled_from([whole, LIST, error(), draw(values)]))
    return exchange(draw(damaged(document)), status=status, sent=sent)


@pytest.mark.parametrize("made", CHECKS, ids=[made.id for made in CHECKS])
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(came=hostile())
def test_no_body_breaks_a_check(made: AnyCheck, came: Exchange) -> None:
    """Whatever comes, the verdict is about the target, never a bug of ours."""
    if isinstance(made, OfTraffic):
        assert judge_traffic(made, [came, came]).bug == ""
        return
    play = Anything(scenario="any", path=made.paths[0], exchanges=(came,))

    assert judge_plays(made, [play.compared_with(play)]).bug == ""


@pytest.mark.parametrize("made", CHECKS, ids=[made.id for made in CHECKS])
def test_no_depth_breaks_a_check(made: AnyCheck) -> None:
    """JSON nested as deeply as the parser reads is judged like any other."""
    pit: Any = []
    for _ in range(DEPTH):
        pit = [pit]
    whole, stream = completion(pit), [*chunks(), usage_chunk()]
    stream[1]["choices"][0]["delta"] = {"content": pit, "tool_calls": pit}
    for came in (exchange(whole), exchange(sse(stream)), exchange(error(pit), status=400), exchange(pit)):
        if isinstance(made, OfTraffic):
            assert judge_traffic(made, [came, came]).bug == ""
            continue
        play = Anything(scenario="any", path=made.paths[0], exchanges=(came,))
        assert judge_plays(made, [play.compared_with(play)]).bug == ""
