"""A server that misunderstands one thing about tools, choices or formats fails the rules of that thing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from chatconform.client.target import Target
from chatconform.contract import load_contract
from chatconform.findings.verdict import Verdict
from chatconform.plays.conductor import Audience, Conductor
from chatconform.reference_server import Settings, create_app
from chatconform.reference_server.model import ChatRequest
from chatconform.reference_server.pipeline import Pipeline
from chatconform.reference_server.threaded import ThreadedServer
from chatconform.running.catalogue import all_checks
from chatconform.tests.support.plays import AnyCheck, Theatre

Body = dict[str, Any]
Misunderstand = Callable[[Body], Body]
AREAS = ("CC-TOOLS", "CC-CHOICE", "CC-FORMAT")
CONTINUED = tuple(f"CC-CONT-{number:03}" for number in (*range(30, 35), 55, 56, 57))
# One needs a declaration that the reference server cannot make good.
DECLARED = "CC-FORMAT-009"
PATHS = frozenset({"plain", "streamed", "after-tool-result", "later-turn-streamed", "all-traffic"})


def without(*names: str) -> Misunderstand:
    """The parameters are dropped."""
    return lambda body: {name: value for name, value in body.items() if name not in names}


def after_a_tool_result(misunderstand: Misunderstand) -> Misunderstand:
    """It happens only where the conversation has a tool's result."""
    return lambda body: (
        misunderstand(body) if any(message["role"] == "tool" for message in body["messages"]) else body
    )


def on_later_turns(misunderstand: Misunderstand) -> Misunderstand:
    """It happens only where more than two messages came before."""
    return lambda body: misunderstand(body) if len(body["messages"]) > 2 else body


def in_streams(misunderstand: Misunderstand) -> Misunderstand:
    """It happens only in streams."""
    return lambda body: misunderstand(body) if body.get("stream") else body


def choices_as_auto(*choices: object) -> Misunderstand:
    """These words, or choices that are objects, mean the model's own choice."""

    def misunderstand(body: Body) -> Body:
        choice = body.get("tool_choice")
        dropped = choice in choices or (dict in choices and isinstance(choice, dict))
        return without("tool_choice")(body) if dropped else body

    return misunderstand


def schemas_without(keyword: str) -> Misunderstand:
    """A keyword of every schema is overlooked."""

    def cleared(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: cleared(each) for name, each in value.items() if name != keyword}
        return [cleared(each) for each in value] if isinstance(value, list) else value

    return lambda body: (
        body
        | {name: cleared(copy.deepcopy(body[name])) for name in ("tools", "response_format") if name in body}
    )


def any_object_for_a_schema(body: Body) -> Body:
    """A schema means no more than an object."""
    wanted = body.get("response_format") or {}
    return (
        body | {"response_format": {"type": "json_object"}} if wanted.get("type") == "json_schema" else body
    )


def formats_before_calls(body: Body) -> Body:
    """Beside json_object no tool is called."""
    wanted = body.get("response_format") or {}
    return without("tools", "tool_choice")(body) if wanted.get("type") == "json_object" else body


MISUNDERSTOOD: list[tuple[Misunderstand, set[str]]] = [
    (lambda body: body, set()),
    (choices_as_auto("none"), {"CC-CHOICE-001"}),
    (choices_as_auto("required"), {"CC-CHOICE-002"}),
    (choices_as_auto(dict), {"CC-CHOICE-003", "CC-CHOICE-008"}),
    (without("parallel_tool_calls"), {"CC-CHOICE-007"}),
    (after_a_tool_result(without("parallel_tool_calls")), {"CC-CONT-034"}),
    (after_a_tool_result(without("tool_choice")), {"CC-CONT-032", "CC-CONT-033", "CC-CONT-055"}),
    (
        on_later_turns(without("tool_choice")),
        {"CC-CONT-032", "CC-CONT-033", "CC-CONT-055", "CC-CONT-056"},
    ),
    (on_later_turns(without("parallel_tool_calls")), {"CC-CONT-034"}),
    (without("response_format"), {"CC-FORMAT-001", "CC-FORMAT-003", "CC-FORMAT-008"}),
    (
        in_streams(without("response_format")),
        {"CC-CONT-031", "CC-CONT-057", "CC-FORMAT-001", "CC-FORMAT-008"},
    ),
    (after_a_tool_result(without("response_format")), {"CC-CONT-030", "CC-CONT-057"}),
    (after_a_tool_result(any_object_for_a_schema), {"CC-CONT-057"}),
    (on_later_turns(any_object_for_a_schema), {"CC-CONT-057"}),
    (any_object_for_a_schema, {"CC-FORMAT-003", "CC-FORMAT-008"}),
    (schemas_without("enum"), {"CC-FORMAT-012", "CC-TOOLS-029"}),
    (formats_before_calls, {"CC-FORMAT-010"}),
    (without("functions"), {"CC-TOOLS-026"}),
    (
        without("tools", "tool_choice"),
        {"CC-CHOICE-002", "CC-CHOICE-003", "CC-CHOICE-008", "CC-TOOLS-011"},
    ),
]


@pytest.mark.parametrize(("misunderstand", "requirements"), MISUNDERSTOOD)
def test_one_defect_fails_its_own_rules(misunderstand: Misunderstand, requirements: set[str]) -> None:
    """What fails is what the defect breaks; rules that it keeps from being seen are left inconclusive."""
    pipeline = Pipeline(understand=lambda body: ChatRequest.from_body(misunderstand(dict(body))))
    unheard = Audience(on_exchange=lambda _: None, on_play=lambda _: None)
    with ThreadedServer(create_app(load_contract(), Settings(), pipeline=pipeline)) as server:
        target = Target(url=f"{server.site}/v1", model="reference-1")
        with Conductor(target, seed="tests", audience=unheard) as conductor:
            theatre = Theatre(_conductor=conductor)
            judgements = [theatre.judge(made, path) for made in OWN for path in paths_of(made)]

    assert {each.requirement for each in judgements if each.verdict is Verdict.FAIL} == requirements
    assert not [each for each in judgements if each.bug or each.verdict is Verdict.ERROR]


def is_own(requirement: str) -> bool:
    return requirement != DECLARED and (requirement.startswith(AREAS) or requirement in CONTINUED)


def paths_of(made: AnyCheck) -> list[str]:
    return [path for path in made.path_names if path in PATHS]


OWN = [made for made in all_checks() if is_own(made.requirement)]
