"""No answer, however broken, makes a check of tools, conversations and gateways break down."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.running.features import UPSTREAM_TRIGGERS
from chatconform.tests.support.gateway.runs import upstream_settings
from chatconform.tests.support.plays import (
    AnyCheck,
    Edit,
    Theatre,
    checks_of,
    document_of,
    with_document,
)
from chatconform.tests.support.theatres import served
from chatconform.wire.exchange import Exchange

AREAS = ("tools", "choice", "cont", "safety", "gate")
# What a target could send in any place, where nobody expects it.
JUNK = (None, True, 0, -1, 1e308, "", "x", [], [None], [[]], {}, {"a": None}, [{"index": {}}])


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    record = tmp_path_factory.mktemp("upstream") / "upstream.jsonl"
    declared = {**UPSTREAM_TRIGGERS, "recording-upstream": str(record), "scrubbing": "email,phone,card"}
    with served(None, upstream_settings(record, stall_seconds=0.1), declared) as opened:
        yield opened


def places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document, the document itself among them."""
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*place, key))


def spoiled(random: Random) -> Edit:
    """An edit that puts something unexpected into one place of every answer."""

    def edit(exchange: Exchange) -> Exchange:
        response = exchange.response
        if response is None or response.status != 200 or not response.complete:
            return exchange
        document = document_of(exchange)
        place, junk = random.choice(list(places(document))), random.choice(JUNK)
        if not place:
            return with_document(exchange, [junk] if exchange.is_stream else {"choices": junk})
        holder = document
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = junk
        return with_document(exchange, document)

    return edit


@pytest.mark.parametrize(("made", "path"), [case for area in AREAS for case in checks_of(area)])
@given(random=st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_a_check_survives_any_answer(theatre: Theatre, made: AnyCheck, path: str, random: Random) -> None:
    """A value of any type in any place leads to a verdict, and never to a bug of ours."""
    used = random.choice(("plain", "streamed")) if path == "all-traffic" else path

    assert theatre.judge(made, used, spoiled(random)).bug == ""
