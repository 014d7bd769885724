"""Faults in what answers a chat with a model that there is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatconform.reference_server.faults.alterations.making import When, chats, request_body, setting
from chatconform.reference_server.faults.alterations.paths import is_streamed
from chatconform.reference_server.faults.alterations.responses import Redo, answers, error, status, with_code
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Document, Response

fault = family(Aspect.REFUSALS, Aspect.ERRORS)
_DEFAULT_MODEL = "reference-1"
_RETRIED = (408, 409, 500, 502, 503)


def _unknown_model(change: Redo, when: When = chats) -> Alteration:
    return answers(change, when, with_code("model_not_found"))


def _flat(response: Response) -> Response:
    document: Document = {"object": "error", "message": "The model does not exist.", "type": "NotFoundError"}
    return replace(response, status=200, document=document)


def _by_default(body: Any) -> None:
    if isinstance(body.get("model"), str):
        body["model"] = _DEFAULT_MODEL


ALL: tuple[Fault, ...] = (
    fault(
        "unknown-model-200",
        "An unknown model answers 200 with {error: ...}.",
        _unknown_model(status(200)),
        kills="CC-ERR-002 CC-ERR-003",
        seen_in="runpod-workers/worker-vllm#57",
    ),
    fault(
        "unknown-model-200-flat",
        "An unknown model answers 200 with the object `error`.",
        _unknown_model(_flat),
        kills="CC-ERR-002 CC-ERR-003",
    ),
    fault(
        "unknown-model-served",
        "Any model name is served by the default model.",
        request_body(_by_default),
        kills="CC-ERR-003",
    ),
    fault(
        "unknown-model-served-streamed",
        "A stream is served for any model name.",
        request_body(_by_default, is_streamed),
        kills="CC-ERR-003 CC-ERR-008",
    ),
    *(
        fault(
            f"unknown-model-{code}",
            f"An unknown model answers {code}.",
            _unknown_model(status(code)),
            # 503 alone is no answer to the question which models there are.
            kills="CC-ERR-021" if code == 503 else "CC-ERR-003 CC-ERR-021",
            seen_in={503: "Wei-Shaw/sub2api#1489", 500: "nearai/nearai#127"}.get(code, ()),
        )
        for code in _RETRIED
    ),
    fault(
        "unknown-model-mute",
        "An unknown model answers 404 Not Found, as an unknown path does.",
        _unknown_model(error(setting(message="Not Found", param=None, code=None))),
        kills="CC-ERR-020",
    ),
)
