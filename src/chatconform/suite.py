"""Everything that a suite is written with, under one import.

`scenarios.py` of a suite defines what is sent, its `test_*.py` how that is judged.
"""

from chatconform.findings.answer import Answer, Choice, ToolCall, Unreadable, Usage, read_answer
from chatconform.findings.evidence import (
    at_body,
    at_event,
    at_failure,
    at_header,
    at_json,
    at_received,
    at_request,
    at_status,
)
from chatconform.findings.finding import (
    Broken,
    NotApplicable,
    NotProvoked,
    Refused,
    Unmeasured,
    expect,
    provoked,
)
from chatconform.findings.verdict import Evidence, Observation
from chatconform.judging.check import check, invariant, survey
from chatconform.judging.expectations import expect_finish, expect_no_server_failure, expect_refused
from chatconform.judging.judge import names_any
from chatconform.plays.material import conversation, prompt, schema, tool
from chatconform.plays.path import (
    AFTER_TOOL_RESULT,
    AFTER_TOOL_RESULT_STREAMED,
    ALL_PATHS,
    BOTH_FORMS,
    LATER_TURN,
    LATER_TURN_STREAMED,
    PLAIN,
    STREAMED,
    Path,
    Turn,
)
from chatconform.plays.play import Play
from chatconform.plays.scenario import Scenario, scenario
from chatconform.plays.stage import USUAL_LIMIT, Body, Stage
from chatconform.wire.exchange import Exchange, FailureKind, Response
from chatconform.wire.jsontext import Json, NotJson, at_pointer, parse, repeated_keys
from chatconform.wire.received import Found, Received
from chatconform.wire.stream import DONE, Stream, StreamEvent

__all__ = [
    "AFTER_TOOL_RESULT",
    "AFTER_TOOL_RESULT_STREAMED",
    "ALL_PATHS",
    "BOTH_FORMS",
    "DONE",
    "LATER_TURN",
    "LATER_TURN_STREAMED",
    "PLAIN",
    "STREAMED",
    "USUAL_LIMIT",
    "Answer",
    "Body",
    "Broken",
    "Choice",
    "Evidence",
    "Exchange",
    "FailureKind",
    "Found",
    "Json",
    "NotApplicable",
    "NotJson",
    "NotProvoked",
    "Observation",
    "Path",
    "Play",
    "Received",
    "Refused",
    "Response",
    "Scenario",
    "Stage",
    "Stream",
    "StreamEvent",
    "ToolCall",
    "Turn",
    "Unmeasured",
    "Unreadable",
    "Usage",
    "at_body",
    "at_event",
    "at_failure",
    "at_header",
    "at_json",
    "at_pointer",
    "at_received",
    "at_request",
    "at_status",
    "check",
    "conversation",
    "expect",
    "expect_finish",
    "expect_no_server_failure",
    "expect_refused",
    "invariant",
    "names_any",
    "parse",
    "prompt",
    "provoked",
    "read_answer",
    "repeated_keys",
    "scenario",
    "schema",
    "survey",
    "tool",
]
