"""Theatres with a server of the test's own: one with a defect, or with options."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from chatconform.client.target import Target
from chatconform.contract import load_contract
from chatconform.plays.conductor import Audience, Conductor
from chatconform.reference_server import Settings, create_app
from chatconform.reference_server.model import ChatRequest
from chatconform.reference_server.pipeline import Pipeline
from chatconform.reference_server.threaded import ThreadedServer
from chatconform.tests.support.plays import Theatre

Body = dict[str, Any]
Misunderstand = Callable[[Body], Body]


@dataclass(slots=True)
class Guest(Theatre):
    """A theatre whose plays are performed on a target that is given."""

    target: Target = field(default_factory=lambda: Target(url="http://127.0.0.1:9/v1"))

    def __enter__(self) -> Self:
        unheard = Audience(on_exchange=lambda _: None, on_play=lambda _: None)
        conductor = Conductor(self.target, seed="tests", audience=unheard)
        self._conductor = self._resources.enter_context(conductor)
        return self


@contextmanager
def served(
    pipeline: Pipeline | None = None,
    settings: Settings | None = None,
    declared: Mapping[str, str] | None = None,
) -> Iterator[Theatre]:
    """A theatre on the reference server with another stage or other settings."""
    app = create_app(load_contract(), settings or Settings(), pipeline=pipeline or Pipeline())
    with ThreadedServer(app) as server:
        target = Target(url=f"{server.site}/v1", model="reference-1", declared=declared or {})
        with Guest(target=target) as theatre:
            yield theatre


def misunderstanding(misunderstand: Misunderstand) -> Pipeline:
    """A pipeline that understands every request after a change of its body."""
    return Pipeline(understand=lambda body: ChatRequest.from_body(misunderstand(dict(body))))
