"""The defects that a review once found behind sixteen permissive scripts, and what a run says of each.

Each is one small change of the reference server's understanding of a request: the server stays fluent,
answers 200 and some text, and every permissive test passes. The ledger names them by number, in
`review_defect`.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from chatconform.contract import load_contract
from chatconform.findings.verdict import Verdict
from chatconform.record import read_record
from chatconform.reference_server import Settings, create_app
from chatconform.reference_server.model import ChatRequest
from chatconform.reference_server.pipeline import Pipeline
from chatconform.reference_server.threaded import ThreadedServer

Body = Mapping[str, Any]
Misunderstand = Callable[[dict[str, Any]], dict[str, Any]]
PARAMETERS = {
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "temperature",
    "response_format",
    "n",
    "logprobs",
}
ASKED = ["CONT", "STOP", "LIMIT", "FORMAT"]
# logprobs, n, temperature, max_tokens and response_format on later turns.
SHAPED = {"CC-CONT-018", "CC-CONT-021", "CC-CONT-022", "CC-CONT-027", "CC-CONT-030"}


def without(*names: str) -> Misunderstand:
    return lambda body: {name: value for name, value in body.items() if name not in names}


def parameters_dropped_after_the_first_turn(body: dict[str, Any]) -> dict[str, Any]:
    later = len(body["messages"]) > 2
    return without(*PARAMETERS)(body) if later else body


def parameters_dropped_after_a_tool_result(body: dict[str, Any]) -> dict[str, Any]:
    after_tool = any(message["role"] == "tool" for message in body["messages"])
    return without(*PARAMETERS)(body) if after_tool else body


def only_the_last_user_message_is_forwarded(body: dict[str, Any]) -> dict[str, Any]:
    users = [message for message in body["messages"] if message["role"] == "user"]
    return {**body, "messages": users[-1:] or body["messages"]}


def the_user_message_is_stored_twice_on_continuation(body: dict[str, Any]) -> dict[str, Any]:
    messages = body["messages"]
    if len(messages) < 3:
        return body
    last = max(n for n, message in enumerate(messages) if message["role"] == "user")
    return {**body, "messages": [*messages[: last + 1], *messages[last:]]}


DEFECTS: list[tuple[Misunderstand, set[str]]] = [
    (parameters_dropped_after_the_first_turn, {"CC-CONT-008", "CC-CONT-009", *SHAPED}),
    (parameters_dropped_after_a_tool_result, {"CC-CONT-008", "CC-CONT-009", *SHAPED}),
    (only_the_last_user_message_is_forwarded, {"CC-CONT-001", "CC-CONT-002", "CC-CONT-005", "CC-CONT-017"}),
    (the_user_message_is_stored_twice_on_continuation, {"CC-CONT-006"}),
    (
        without("max_tokens", "max_completion_tokens"),
        {"CC-LIMIT-001", "CC-LIMIT-002", "CC-CONT-008", "CC-CONT-027"},
    ),
    (without("response_format"), {"CC-FORMAT-001", "CC-FORMAT-003"}),
    (without("stop"), {"CC-STOP-001", "CC-STOP-002", "CC-CONT-009"}),
]


def broken_by(misunderstand: Misunderstand, out: Path) -> set[str]:
    """The requirements that fail when every request is understood in this way."""

    def understand(body: Body) -> ChatRequest:
        return ChatRequest.from_body(misunderstand(dict(body)))

    app = create_app(load_contract(), Settings(), pipeline=Pipeline(understand=understand))
    asked = [option for area in ASKED for option in ("--requirement", area)]
    with ThreadedServer(app) as server:
        subprocess.run(
            [
                sys.executable,
                "-m",
                "chatconform",
                "run",
                f"{server.site}/v1",
                *asked,
                "--clients=none",
                "--out",
                str(out),
            ],
            capture_output=True,
            timeout=120,
            check=False,
        )
    (file,) = out.glob("*.jsonl")
    return {
        judgement.requirement
        for judgement in read_record(file).judgements
        if judgement.verdict is Verdict.FAIL
    }


def test_a_server_without_a_defect_breaks_nothing(tmp_path: Path) -> None:
    """Understood as they are meant, requests break no requirement."""
    assert broken_by(lambda body: body, tmp_path) == set()


@pytest.mark.parametrize(
    ("misunderstand", "requirements"),
    DEFECTS,
    ids=[
        "dropped-later",
        "dropped-after-tools",
        "history-lost",
        "stored-twice",
        "no-limit",
        "no-format",
        "no-stop",
    ],
)
def test_a_reviewed_defect_is_named(
    misunderstand: Misunderstand, requirements: set[str], tmp_path: Path
) -> None:
    """A server with one of the reviewed defects fails the requirements that name it."""
    assert requirements <= broken_by(misunderstand, tmp_path)
