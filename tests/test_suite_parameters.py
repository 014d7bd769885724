"""A parameter that a server ignores, refuses or forgets is named, on the paths where it is, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatconform.client.target import Target
from chatconform.contract import load_contract
from chatconform.findings.verdict import Verdict
from chatconform.judging.check import Check
from chatconform.reference_server import Settings, create_app
from chatconform.reference_server.pipeline import Pipeline
from chatconform.reference_server.threaded import ThreadedServer
from chatconform.running.catalogue import all_checks
from chatconform.tests.support.plays import Theatre
from chatconform.tests.support.theatres import Body, Guest, Misunderstand, misunderstanding, served

AREAS = ("STOP", "LIMIT", "SAMPLE", "LOGPROBS")
CONTINUED = {
    "CC-CONT-008",
    "CC-CONT-009",
    "CC-CONT-018",
    *(f"CC-CONT-{n:03}" for n in range(21, 28)),
    "CC-CONT-054",
}
PLAIN, STREAMED, AFTER_TOOLS, LATER = "plain", "streamed", "after-tool-result", "later-turn-streamed"
PATHS = (PLAIN, STREAMED, AFTER_TOOLS, LATER)
# What a target has to declare is judged elsewhere.
DECLARED = {"CC-LIMIT-007", "CC-SAMPLE-007"}
CHECKS = [
    made
    for made in all_checks()
    if isinstance(made, Check)
    and (made.requirement[3:].partition("-")[0] in AREAS or made.requirement in CONTINUED)
    and made.requirement not in DECLARED
]
Found = dict[str, set[str]]


def found(theatre: Theatre, wanted: Verdict = Verdict.FAIL) -> Found:
    """The requirements with a verdict, each with the paths on which it has it."""
    by_requirement: Found = {}
    for made in CHECKS:
        for path in set(made.path_names) & set(PATHS):
            judgement = theatre.judge(made, path)
            assert not judgement.bug, judgement.bug
            if judgement.verdict is wanted:
                by_requirement.setdefault(made.requirement.removeprefix("CC-"), set()).add(path)
    return by_requirement


def without(*names: str) -> Misunderstand:
    return lambda body: {name: value for name, value in body.items() if name not in names}


def after_tools(misunderstand: Misunderstand) -> Misunderstand:
    def change(body: Body) -> Body:
        told = any(message["role"] == "tool" for message in body["messages"])
        return misunderstand(body) if told else body

    return change


def when_streamed(misunderstand: Misunderstand) -> Misunderstand:
    return lambda body: misunderstand(body) if body.get("stream") else body


def with_(**members: object) -> Misunderstand:
    return lambda body: {**body, **members}


BOTH, BEYOND = {PLAIN, STREAMED}, {AFTER_TOOLS, LATER}
IGNORED: dict[str, Found] = {
    "stop": {
        "CONT-009": BEYOND,
        "STOP-001": BOTH,
        "STOP-002": {PLAIN, AFTER_TOOLS},
        "STOP-008": {STREAMED},
    },
    "max_tokens": {"CONT-027": BEYOND, "LIMIT-002": BOTH},
    "max_completion_tokens": {"CONT-008": BEYOND, "LIMIT-001": BOTH},
    "temperature": {"CONT-022": BEYOND, "SAMPLE-001": BOTH},
    "top_p": {"CONT-023": BEYOND, "SAMPLE-003": BOTH},
    "seed": {"CONT-024": BEYOND, "SAMPLE-004": BOTH},
    "frequency_penalty": {"CONT-025": BEYOND, "SAMPLE-008": BOTH},
    "presence_penalty": {"CONT-025": BEYOND, "SAMPLE-010": BOTH},
    "logit_bias": {"CONT-026": BEYOND, "SAMPLE-012": BOTH},
    "n": {"CONT-021": BEYOND, "SAMPLE-005": BOTH},
    "logprobs": {"CONT-018": BEYOND, "LOGPROBS-001": BOTH},
    "top_logprobs": {"CONT-054": BEYOND, "LOGPROBS-003": BOTH},
}


def test_a_server_that_understands_everything_fails_nothing() -> None:
    """Understood as they are meant, the parameters have their effects on every path."""
    with served() as theatre:
        assert found(theatre) == found(theatre, Verdict.INCONCLUSIVE) == {}


@pytest.mark.parametrize("name", IGNORED)
def test_an_ignored_parameter_is_named(name: str) -> None:
    """A parameter that is ignored everywhere fails its own rules, on each path, and no others."""
    with served(misunderstanding(without(name))) as theatre:
        assert found(theatre) == IGNORED[name]


# Where even the limit and the temperature are lost, what bends the likeliest text cannot be told; and without
# any log probabilities nothing tells how many alternatives there would be.
HIDDEN = {"SAMPLE-008", "SAMPLE-010", "SAMPLE-012", "CONT-025", "CONT-026", "LOGPROBS-003", "CONT-054"}


@pytest.mark.parametrize(
    ("forgetting", "paths"),
    [(after_tools, {AFTER_TOOLS}), (when_streamed, {STREAMED, LATER})],
    ids=["after-tools", "streamed"],
)
def test_a_path_that_forgets_all_parameters_fails_for_each(
    forgetting: Callable[[Misunderstand], Misunderstand], paths: set[str]
) -> None:
    """Where one path drops all parameters, each of them is named for that path, and for no other."""
    expected = {
        rule: found_on & paths
        for rules in IGNORED.values()
        for rule, found_on in rules.items()
        if found_on & paths and rule not in HIDDEN
    }

    with served(misunderstanding(forgetting(without(*IGNORED)))) as theatre:
        assert found(theatre) == expected


@pytest.mark.parametrize(
    ("misunderstand", "expected"),
    [
        (with_(temperature=0), {"CONT-022": BEYOND, "SAMPLE-002": BOTH}),
        (with_(seed=0), {"SAMPLE-011": {PLAIN}}),
        # Zero taken for no seed, as by `seed or random`.
        (
            lambda body: body if body.get("seed") else without("seed")(body),
            {"CONT-024": {AFTER_TOOLS}, "SAMPLE-004": {PLAIN}},
        ),
        (
            lambda body: without("n")({**body, "temperature": 0}),
            {"CONT-021": BEYOND, "CONT-022": BEYOND, "SAMPLE-002": BOTH, "SAMPLE-005": BOTH},
        ),
        (
            lambda body: (
                {**body, "stop": (body.get("stop") or [])[:1]} if _is_list(body.get("stop")) else body
            ),
            {"STOP-002": {AFTER_TOOLS}, "CONT-009": {AFTER_TOOLS}},
        ),
        (
            lambda body: without("stop")(body) if isinstance(body.get("stop"), str) else body,
            {"STOP-002": {PLAIN}},
        ),
        (
            lambda body: {**body, "max_tokens": 10**4} if body.get("max_tokens") == 24 else body,
            {},
        ),
    ],
    ids=[
        "always-greedy",
        "one-seed",
        "no-seed-zero",
        "greedy-and-one-choice",
        "first-stop-only",
        "no-stop-string",
        "one-limit",
    ],
)
def test_a_misunderstood_parameter_is_named(misunderstand: Misunderstand, expected: Found) -> None:
    """A server that takes a parameter for something else fails the rule that says what it is."""
    with served(misunderstanding(misunderstand)) as theatre:
        assert found(theatre) == expected


def _is_list(value: object) -> bool:
    return isinstance(value, list)


class Refusing:
    """An application that refuses chats with some parameter by its name, and hands on all others."""

    def __init__(self, refused: Callable[[Body], str | None]) -> None:
        self._app: Any = create_app(load_contract(), Settings(), pipeline=Pipeline())
        self._refused = refused

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", scope["type"] == "http"
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        name = self._refused(json.loads(body)) if body else None
        if name is None:
            waiting = iter([{"type": "http.request", "body": body, "more_body": False}])
            await self._app(scope, lambda: _next(waiting, receive), send)
            return
        error = {"message": f"'{name}' is not supported.", "type": "invalid_request_error", "param": name}
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send(
            {"type": "http.response.body", "body": json.dumps({"error": {**error, "code": None}}).encode()}
        )


async def _next(waiting: Iterator[Any], receive: Any) -> Any:
    message = next(waiting, None)
    return message if message is not None else await receive()


def named(name: str, *defaults: object) -> Callable[[Body], str | None]:
    """Refuses a parameter unless it is left out or has its default."""
    return lambda body: name if body.get(name) not in (None, *defaults) else None


REFUSED: dict[str, tuple[Callable[[Body], str | None], Found]] = {
    "n": (
        named("n", 1),
        {"SAMPLE-005": BOTH, "SAMPLE-006": BOTH, "CONT-021": BEYOND},
    ),
    "stop": (
        named("stop"),
        {
            "CONT-009": BEYOND,
            "STOP-001": BOTH,
            "STOP-002": {PLAIN, AFTER_TOOLS},
            "STOP-004": {STREAMED},
            "STOP-005": {PLAIN},
            "STOP-006": {PLAIN},
            "STOP-007": {STREAMED},
            "STOP-008": {STREAMED},
            "STOP-009": BOTH,
        },
    ),
    "seed": (named("seed"), {"CONT-024": BEYOND, "SAMPLE-004": BOTH, "SAMPLE-011": {PLAIN}}),
    "top_p": (named("top_p", 1), {"CONT-023": BEYOND, "SAMPLE-003": BOTH}),
    "frequency_penalty": (
        named("frequency_penalty", 0),
        {"CONT-025": BEYOND, "SAMPLE-008": BOTH},
    ),
    "logit_bias": (named("logit_bias"), {"CONT-026": BEYOND, "SAMPLE-012": BOTH}),
    "logprobs": (
        named("logprobs", False),
        {
            "CONT-018": BEYOND,
            "CONT-054": BEYOND,
            "LOGPROBS-001": BOTH,
            "LOGPROBS-003": BOTH,
            "LOGPROBS-005": BOTH,
            "LOGPROBS-006": BOTH,
            "LOGPROBS-007": {STREAMED},
        },
    ),
    "max_tokens": (
        named("max_tokens"),
        {"CONT-027": BEYOND, "LIMIT-002": BOTH, "LIMIT-003": BOTH, "LIMIT-006": {PLAIN}},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_parameter_hides_no_other(name: str) -> None:
    """What is refused by name is unsupported, and nothing else fails or is left open for it."""
    refuses, expected = REFUSED[name]
    with (
        ThreadedServer(Refusing(refuses)) as server,
        Guest(target=Target(url=f"{server.site}/v1", model="reference-1")) as theatre,
    ):
        assert found(theatre) == found(theatre, Verdict.INCONCLUSIVE) == {}
        assert found(theatre, Verdict.UNSUPPORTED) == expected


def test_a_refused_temperature_leaves_the_rest_to_be_judged() -> None:
    """Of a model that has one temperature nothing fails, and stop, limits and seed are judged as ever."""
    unsteady = {"CONT-022": BEYOND, "LOGPROBS-006": BOTH, "SAMPLE-001": BOTH, "SAMPLE-002": BOTH}
    refusing = Refusing(named("temperature", 1))
    with ThreadedServer(refusing) as server:
        target = Target(url=f"{server.site}/v1", model="reference-1", steady=False)
        with Guest(target=target) as theatre:
            assert found(theatre) == {}
            assert found(theatre, Verdict.UNSUPPORTED) == unsteady
            assert not {"STOP-001", "LIMIT-001", "SAMPLE-004"} & found(theatre, Verdict.INCONCLUSIVE).keys()
