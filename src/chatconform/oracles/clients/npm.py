"""Clients of npm: the AI SDK and the official `openai` package, in a node that asks a replay server."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from chatconform.errors import ChatconformError
from chatconform.oracles.asking import Asked
from chatconform.oracles.assembly import Assembly, Delta, Fragment
from chatconform.oracles.catalogue import KINDS, node_modules
from chatconform.oracles.reading import Made, Raised, Reading, Report, Tokens
from chatconform.oracles.replay_server import ReplayServer
from chatconform.oracles.wire import number
from chatconform.wire.exchange import Response

_SCRIPT = Path(__file__).parent / "node" / "replay.cjs"


class _NodeClient:
    """One process of node for all replays; what it says is read as the script beside this writes it."""

    name: str
    role_is_told: bool
    usage_is_guessed = False

    def __init__(self) -> None:
        self._server = ReplayServer().__enter__()
        self._node = subprocess.Popen(  # noqa: S603 - our own script, no shell
            ["node", str(_SCRIPT), self.name],  # noqa: S607 - whichever node the user has
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=node_modules(KINDS[self.name].packages[0]).parent,
            env={**os.environ, "NODE_NO_WARNINGS": "1"},
        )
        self.version = str(self._answer()["version"])

    def made(self, door: str, asked: Asked, response: Response) -> Made:
        """What the client hands over, or what it raises."""
        assert self._node.stdin is not None
        with self._server.serving(response) as url:
            question = {"url": url, "door": door, "stream": asked.stream, "tools": asked.tools}
            self._node.stdin.write(json.dumps(question).encode() + b"\n")
            self._node.stdin.flush()
            answer = self._answer()
        if "raised" in answer:
            raised = answer["raised"]
            return Raised(report=Report[raised["report"]], text=raised["text"], status=raised["status"])
        return _reading(answer["made"])

    def close(self) -> None:
        """End node and the server."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.close()
        self._node.wait()
        self._node.stdout.close()
        self._server.__exit__(None, None, None)

    def _answer(self) -> dict[str, Any]:
        assert self._node.stdout is not None
        line = self._node.stdout.readline()
        if not line:
            raise ChatconformError(f"node ended with {self._node.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


class OpenAINode(_NodeClient):
    """The official client of npm: `create`, `stream` and `parse`."""

    name = "openai-node"
    role_is_told = True

    def doors(self, asked: Asked) -> tuple[str, ...]:
        """`create` for all, and the helper that fits."""
        return "create", "stream" if asked.stream else "parse"


class AiSdk(_NodeClient):
    """The package `ai` with `@ai-sdk/openai-compatible`: `generateText` and `streamText`."""

    name = "ai-sdk"
    # What it hands over has no place for one.
    role_is_told = False

    def doors(self, asked: Asked) -> tuple[str, ...]:
        """The one that fits."""
        return ("streamText",) if asked.stream else ("generateText",)


def _reading(made: dict[str, Any]) -> Reading:
    assembly = Assembly()
    for piece in made["pieces"]:
        function = piece["function"]
        assembly.add(
            Delta(
                index=number(piece.get("index")) or 0,
                role=piece["role"],
                text=piece["text"],
                refusal=piece["refusal"],
                calls=tuple(_fragment(call) for call in piece["calls"]),
                function=Fragment(name=function["name"], arguments=function["arguments"])
                if function
                else None,
                finish_reason=piece["finish_reason"],
            )
        )
    for usage in made["usages"]:
        assembly.count(
            Tokens(
                prompt=number(usage.get("prompt_tokens")),
                completion=number(usage.get("completion_tokens")),
                total=number(usage.get("total_tokens")),
            )
        )
    return assembly.reading()


def _fragment(call: dict[str, Any]) -> Fragment:
    return Fragment(
        index=number(call.get("index")), id=call["id"], name=call["name"], arguments=call["arguments"]
    )
