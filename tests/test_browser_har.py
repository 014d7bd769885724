"""A HAR that Chromium recorded of a page is judged as the same requests are when we send them ourselves."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatconform.client.dispatcher import Dispatcher
from chatconform.client.probe import Outgoing, Probe
from chatconform.client.target import Target
from chatconform.findings.verdict import Verdict
from chatconform.judging.judge import judge_traffic
from chatconform.ledger import load_ledger
from chatconform.running.catalogue import rules_about_traffic
from chatconform.running.embedded import EmbeddedServer
from chatconform.running.linting import Linted, lint
from chatconform.traffic.source import source_at
from chatconform.wire.exchange import Exchange, Request

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium is installed (apt-get install chromium)"
)

LEDGER = load_ledger()
RULES = rules_about_traffic(tuple(LEDGER))
# What a HAR does not tell, so that these rules are left open: which connections were used again, and when the
# pieces of a body arrived.
LEFT_OPEN = {
    "http.a_connection_is_reusable_after_a_plain_answer",
    "stream.output_arrives_while_it_is_generated",
    "stream.the_body_ends_soon_after_the_terminator",
}
CITIES = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
STORY = "Write a story of 100 words about a lighthouse."
WEATHER = "What is the weather in Paris and in Rome? Use the tool."
FAULTS = ("", "stream-without-done", "completion-usage-missing", "error-type-missing", "request-id-constant")


def bodies() -> Iterator[dict[str, Any]]:
    """Plain, streamed, with usage, with tools, with several choices, in JSON mode, and wrong."""
    for stream in (False, True):
        form: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
        yield {"messages": [_user(STORY)], "temperature": 0, **form}
        yield {"messages": [_user(WEATHER)], "tools": [CITIES], "tool_choice": "required", **form}
        yield {"messages": [_user(STORY)], "n": 2, "max_completion_tokens": 20, **form}
        yield {"messages": [_user("Say a word.")], "logprobs": True, "top_logprobs": 2, **form}
        yield {"messages": [_user("Answer in JSON.")], "response_format": {"type": "json_object"}, **form}
        yield {"messages": [_user(STORY)], "model": "no-such-model", **form}
        yield {"messages": 5, **form}
    yield {"messages": [_user(STORY)], "temperature": 0, "stream": True}


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def requests_to(server: EmbeddedServer, fault: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    headers |= {"X-Chatconform-Fault": fault} if fault else {}
    chat, models = f"{server.url}/chat/completions", f"{server.url}/models"
    asked = [{"model": server.model, **body} for body in bodies()]
    return [
        {
            "method": "GET",
            "url": models,
            "headers": {"Authorization": headers["Authorization"]},
            "body": None,
        },
        *({"method": "POST", "url": chat, "headers": headers, "body": json.dumps(body)} for body in asked),
    ]


def sent_by_us(server: EmbeddedServer, requests: list[dict[str, Any]]) -> list[Exchange]:
    async def send() -> list[Exchange]:
        target = Target(url=server.url, key=server.key, model=server.model)
        async with Probe(target) as probe:
            dispatcher = Dispatcher(probe, on_exchange=lambda _: None)
            outgoing = (
                Outgoing(
                    request=Request(
                        method=each["method"],
                        url=each["url"],
                        headers=tuple(each["headers"].items()),
                        body=(each["body"] or "").encode(),
                    )
                )
                for each in requests
            )
            return [await dispatcher.exchange(each, scenario="browsed", path="plain") for each in outgoing]

    return asyncio.run(send())


def sent_by_a_page(server: EmbeddedServer, requests: list[dict[str, Any]], har: Path) -> list[list[int]]:
    site = server.url.rpartition("/")[0]
    command = [sys.executable, "-m", "chatconform.tests.support.browsing", str(CHROMIUM), site, str(har)]
    ran = subprocess.run(
        command, input=json.dumps(requests), capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    came: list[list[int]] = json.loads(ran.stdout)
    return came


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault or "faultless")
def test_a_har_of_chromium_is_judged_as_the_live_exchanges(fault: str, tmp_path: Path) -> None:
    """All rules give the verdict of the live exchanges, but for those about what a HAR does not tell."""
    har = tmp_path / "page.har"
    with EmbeddedServer("--ping-seconds=0", "--rate-limit=100000/24h") as server:
        requests = requests_to(server, fault)
        live = sent_by_us(server, requests)
        seen = sent_by_a_page(server, requests, har)
    found: Linted = lint([source_at(har)], RULES, LEDGER)

    statuses = [each.response.status if each.response else 0 for each in live]
    assert [status for status, _ in seen] == statuses
    assert found.heard == len(requests)
    assert found.beside >= 3  # the page, its style and its program
    assert found.unread == 0
    then = {made.id: judge_traffic(made, live).verdict for made in RULES}
    now = {judgement.check: judgement.verdict for judgement in found.judgements}
    assert {name: now[name] for name in now if name not in LEFT_OPEN} == {
        name: then[name] for name in then if name not in LEFT_OPEN
    }
    assert {now[name] for name in LEFT_OPEN} == {Verdict.INCONCLUSIVE}
    assert (Verdict.FAIL in now.values()) is bool(fault)
