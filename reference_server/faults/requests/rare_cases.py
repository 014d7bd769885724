"""Faults that show in the rarest case of a rule alone: what only a run meets that sends every case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from chatconform.reference_server.faults.alterations.asked_for import (
    above,
    below,
    is_number,
    is_text,
    member,
    objects_in,
    refused_without_a_word,
)
from chatconform.reference_server.faults.alterations.asks import both, chooses, offers_function, wants
from chatconform.reference_server.faults.alterations.conditions import credentials, is_list
from chatconform.reference_server.faults.alterations.making import (
    crash,
    dropping,
    header,
    model_body,
    pieces,
    request,
    request_body,
    setting,
    trust,
)
from chatconform.reference_server.faults.alterations.paths import When, is_plain, is_streamed
from chatconform.reference_server.faults.alterations.responses import (
    PAGE,
    answers,
    json,
    status,
    text,
    with_code,
)
from chatconform.reference_server.faults.alterations.responses import both as each_of
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.faults.limits.ignored import NAMES, NEWER, OLDER, TOO_MANY
from chatconform.reference_server.faults.limits.odd import CONTEXT
from chatconform.reference_server.model import Alternative, ChatRequest, Piece, Text, Token
from chatconform.reference_server.seams import Alteration, Asked

_LONGEST_NAME = 64
_WORDS = ("none", "auto", "required")
_OK = json({"status": "ok"})


def _has_no_scheme(asked: Asked) -> bool:
    return bool(credentials(asked)) and " " not in credentials(asked).strip() and not _is_scheme(asked)


def _is_scheme(asked: Asked) -> bool:
    return credentials(asked).strip().lower() in {"bearer", "basic"}


def _shouts_its_scheme(asked: Asked) -> bool:
    return credentials(asked).startswith("BEARER ")


def _unreadable(asked: Asked) -> Asked:
    return replace(asked, headers={**asked.headers, "authorization": "-"})


def _is_deleted(asked: Asked) -> bool:
    return asked.method == "DELETE" and asked.path.endswith("/chat/completions")


def _is_posted_list(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path.endswith("/models")


def _is_far_from_chat(asked: Asked) -> bool:
    return "/chat" not in asked.path and "/models" not in asked.path


def _has_no_type(asked: Asked) -> bool:
    return asked.is_chat and not asked.headers.get("content-type")


def _is_json(text: bytes) -> When:
    return lambda asked: asked.is_chat and asked.content.strip() == text


def _has(pattern: bytes) -> When:
    compiled = re.compile(pattern)
    return lambda asked: asked.is_chat and compiled.search(asked.content) is not None


def _is_json_number(asked: Asked) -> bool:
    return asked.is_chat and asked.content.strip().isdigit()


def _is_no_utf8(asked: Asked) -> bool:
    try:
        asked.content.decode()
    except UnicodeDecodeError:
        return asked.is_chat
    return False


def _limit(test: Callable[[Any], bool]) -> When:
    return lambda asked: any(member(name, test)(asked) for name in NAMES)


def _is_smaller_by_the_older_name(asked: Asked) -> bool:
    older: Any = asked.body.get(OLDER)
    newer: Any = asked.body.get(NEWER)
    return asked.is_chat and is_number(older) and is_number(newer) and older < newer


def _added(body: Any) -> None:
    body[NEWER] = body[OLDER] = body[NEWER] + body[OLDER]


def _is_too_long(asked: Asked) -> bool:
    return asked.is_chat and sum(len(str(each.get("content"))) for each in objects_in(asked)) > 2 * CONTEXT


def _results(asked: Asked) -> bool:
    return any(each.get("role") == "tool" for each in objects_in(asked))


def _calls(asked: Asked) -> bool:
    return any(each.get("tool_calls") for each in objects_in(asked))


def _results_of_nothing(asked: Asked) -> bool:
    return asked.is_chat and _results(asked) and not _calls(asked)


def _calls_for_nothing(asked: Asked) -> bool:
    return asked.is_chat and _calls(asked) and not _results(asked)


def _has_malformed_arguments(asked: Asked) -> bool:
    calls = [call for each in objects_in(asked) for call in each.get("tool_calls") or ()]
    return asked.is_chat and not all(map(_has_arguments, calls))


def _has_arguments(call: Any) -> bool:
    try:
        orjson.loads(call["function"]["arguments"])
    except (KeyError, TypeError, orjson.JSONDecodeError):
        return False
    return True


def _only_the_assistant_speaks(asked: Asked) -> bool:
    roles = {each.get("role") for each in objects_in(asked)}
    return asked.is_chat and roles == {"assistant"}


def _is_silent(asked: Asked) -> bool:
    """An assistant's message has neither a content nor calls."""
    return asked.is_chat and any(
        each.get("role") == "assistant" and each.get("content") is None and not each.get("tool_calls")
        for each in objects_in(asked)
    )


def _without_tools(asked: Asked) -> bool:
    return asked.is_chat and not asked.body.get("tools")


def _names_a_function(asked: Asked) -> bool:
    return asked.is_chat and isinstance(asked.body.get("tool_choice"), dict)


def _is_incomplete(lacking: str) -> When:
    """The format has its object, which lacks a member."""

    def found(asked: Asked) -> bool:
        inner = asked.body.get("response_format", {}).get("json_schema")
        return isinstance(inner, dict) and lacking not in inner

    return both(wants("json_schema"), found)


def _is_flat(asked: Asked) -> bool:
    wanted = asked.body.get("response_format") if asked.is_chat else None
    return isinstance(wanted, dict) and "json_schema" not in wanted and "schema" in wanted


def _strict_schema(asked: Asked) -> Mapping[str, Any]:
    """The strict schema of the format, if it names members; empty otherwise."""
    wanted = asked.body.get("response_format") if asked.is_chat else None
    inner = wanted.get("json_schema") if isinstance(wanted, dict) else None
    schema = inner.get("schema") if isinstance(inner, dict) and inner.get("strict") else None
    return schema if isinstance(schema, dict) and isinstance(schema.get("properties"), dict) else {}


def _is_open(asked: Asked) -> bool:
    """A strict schema allows members that it does not name."""
    schema = _strict_schema(asked)
    return bool(schema) and "additionalProperties" not in schema


def _has_an_option(asked: Asked) -> bool:
    """A strict schema has a member that may be missing."""
    schema = _strict_schema(asked)
    return "additionalProperties" in schema and set(schema["properties"]) > set(schema.get("required", ()))


def _one_at_least(token: Token) -> Token:
    own = Alternative(id=token.id, text=token.text, data=token.data, logprob=token.logprob)
    return replace(token, top=token.top or (own,))


def _with_an_alternative(written: Iterator[Piece], _: ChatRequest) -> Iterator[Piece]:
    for piece in written:
        if isinstance(piece, Text):
            yield replace(piece, tokens=tuple(map(_one_at_least, piece.tokens)))
        else:
            yield piece


_ACCESS = (Aspect.KEYS, Aspect.REFUSALS)
_TAKEN = (Aspect.PARAMETERS, Aspect.REFUSALS)
_Row = tuple[str, str, tuple[Aspect, ...], str, Alteration]
_ROWS: tuple[_Row, ...] = (
    (
        "key-without-a-scheme-served",
        "An Authorization header that is a key alone, without a scheme, is served whatever the key.",
        _ACCESS, "CC-AUTH-003", trust(_has_no_scheme),
    ),
    (
        "scheme-in-capitals-refused",
        "`Authorization: BEARER <key>` answers 401.",
        _ACCESS, "CC-AUTH-004", request(_unreadable, _shouts_its_scheme),
    ),
    (
        "deleted-chat-says-ok",
        "DELETE on the path of chat answers 200.",
        (Aspect.ROUTES,), "CC-HTTP-004", answers(each_of(status(200), _OK), _is_deleted),
    ),
    (
        "posted-models-say-ok",
        "POST on the path of the model list answers 200.",
        (Aspect.ROUTES,), "CC-HTTP-004", answers(each_of(status(200), _OK), _is_posted_list),
    ),
    (
        "far-path-serves-page",
        "A path that is nowhere near the API answers 200 with a page.",
        (Aspect.ROUTES,), "CC-HTTP-005",
        answers(each_of(status(200), text(PAGE, "text/html")), _is_far_from_chat),
    ),
    (
        "missing-content-type-crashes",
        "A request without Content-Type answers 500.",
        _TAKEN, "CC-HTTP-006", crash(_has_no_type),
    ),
    (
        "completion-without-origin",
        "A plain completion has no Access-Control-Allow-Origin.",
        (Aspect.HEADERS,), "CC-CORS-003", header("access-control-allow-origin", None, is_plain),
    ),
    (
        "models-without-origin",
        "The list of models has no Access-Control-Allow-Origin.",
        (Aspect.HEADERS,), "CC-CORS-003", header("access-control-allow-origin", None, is_list),
    ),
    (
        "body-of-a-number-crashes",
        "A body that is a number answers 500.",
        _TAKEN, "CC-REQ-024", crash(_is_json_number),
    ),
    (
        "body-of-null-crashes",
        "A body that is `null` answers 500.",
        _TAKEN, "CC-REQ-024", crash(_is_json(b"null")),
    ),
    (
        "empty-body-crashes",
        "A body without a byte answers 500.",
        _TAKEN,
        "CC-REQ-002",
        crash(_is_json(b"")),
    ),
    (
        "not-a-number-crashes",
        "A body with NaN in it answers 500.",
        _TAKEN,
        "CC-REQ-002",
        crash(_has(rb":\s*NaN")),
    ),
    (
        "body-of-broken-utf-8-crashes",
        "A body that is no UTF-8 answers 500.",
        _TAKEN,
        "CC-REQ-002",
        crash(_is_no_utf8),
    ),
    (
        "deep-nesting-crashes",
        "A body that is nested a hundred times deep answers 500.",
        _TAKEN,
        "CC-REQ-001",
        crash(_has(rb"\[{100}")),
    ),
    (
        "long-integer-crashes",
        "An integer of three hundred digits answers 500.",
        _TAKEN,
        "CC-REQ-001",
        crash(_has(rb"[0-9]{300}")),
    ),
    (
        "half-a-surrogate-crashes",
        "A text with half of a surrogate pair answers 500.",
        _TAKEN,
        "CC-ERR-007",
        crash(_has(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u)")),
    ),
    (
        "temperature-below-its-range-taken",
        "A `temperature` below 0 is read as 0.",
        _TAKEN, "CC-REQ-012", request_body(setting(temperature=0), member("temperature", below(0))),
    ),
    (
        "penalty-above-its-range-taken",
        "A `frequency_penalty` above 2 is read as 2.",
        _TAKEN, "CC-REQ-030",
        request_body(setting(frequency_penalty=2), member("frequency_penalty", above(2))),
    ),
    (
        "top-p-of-0-refused",
        "A `top_p` of 0 is refused, and nothing tells why.",
        _TAKEN,
        "CC-REQ-052",
        refused_without_a_word(member("top_p", lambda value: value == 0)),
    ),
    (
        "frequency-penalty-of-2-refused",
        "A `frequency_penalty` of 2 is refused, and nothing tells why.",
        _TAKEN,
        "CC-REQ-053",
        refused_without_a_word(member("frequency_penalty", lambda value: value == 2)),
    ),
    (
        "seed-below-32-bits-refused",
        "A `seed` below 32 bits is refused, and nothing tells why.",
        _TAKEN,
        "CC-REQ-054",
        refused_without_a_word(member("seed", below(-(2**32)))),
    ),
    (
        "assistant-of-nothing-crashes",
        "A message of the assistant without a content and without calls answers 500.",
        _TAKEN, "CC-REQ-009", crash(_is_silent),
    ),
    (
        "assistant-alone-crashes",
        "A conversation in which the assistant alone speaks answers 500.",
        _TAKEN, "CC-REQ-021", crash(_only_the_assistant_speaks),
    ),
    (
        "results-of-nothing-crash",
        "A result of a tool in a conversation without calls answers 500.",
        _TAKEN, "CC-CONT-012", crash(_results_of_nothing),
    ),
    (
        "calls-without-any-result-crash",
        "A conversation that goes on after calls without a result of any answers 500.",
        _TAKEN, "CC-CONT-013", crash(_calls_for_nothing),
    ),
    (
        "streams-after-malformed-arguments-crash",
        "A stream after a call whose arguments are no JSON answers 500.",
        _TAKEN,
        "CC-CONT-011",
        crash(both(is_streamed, _has_malformed_arguments)),
    ),
    (
        "streams-after-the-assistant-alone-crash",
        "A stream for a conversation in which the assistant alone speaks answers 500.",
        _TAKEN,
        "CC-REQ-021",
        crash(both(is_streamed, _only_the_assistant_speaks)),
    ),
    (
        "choice-auto-without-tools-crashes",
        "`tool_choice: auto` without tools answers 500.",
        _TAKEN, "CC-CHOICE-005", crash(both(chooses("auto"), _without_tools)),
    ),
    (
        "named-choice-without-tools-crashes",
        "A tool_choice that names a function, without tools, answers 500.",
        _TAKEN, "CC-CHOICE-005", crash(both(_names_a_function, _without_tools)),
    ),
    (
        "unknown-word-of-choice-ignored",
        "A tool_choice that is no known word is treated as `auto`.",
        _TAKEN, "CC-CHOICE-006",
        request_body(
            dropping("tool_choice"),
            member("tool_choice", lambda value: is_text(value) and value not in _WORDS),
        ),
    ),
    (
        "format-of-a-word-ignored",
        "A response_format that is a string is ignored.",
        _TAKEN, "CC-FORMAT-006",
        request_body(dropping("response_format"), member("response_format", is_text)),
    ),
    (
        "schema-without-a-name-crashes",
        "A json_schema without a name answers 500.",
        _TAKEN, "CC-FORMAT-004", crash(_is_incomplete("name")),
    ),
    (
        "flat-json-schema-crashes",
        "A response_format whose schema is not nested answers 500.",
        _TAKEN, "CC-FORMAT-004", crash(_is_flat),
    ),
    (
        "open-strict-schema-crashes",
        "A strict schema that allows further members answers 500.",
        _TAKEN, "CC-FORMAT-005", crash(_is_open),
    ),
    (
        "strict-schema-with-an-option-crashes",
        "A strict schema with a member that is not required answers 500.",
        _TAKEN,
        "CC-FORMAT-005",
        crash(_has_an_option),
    ),
    (
        "long-tool-name-crashes",
        "The name of a tool of more than 64 characters answers 500.",
        _TAKEN, "CC-TOOLS-013",
        crash(offers_function(lambda function: len(str(function.get("name"))) > _LONGEST_NAME)),
    ),
    (
        "required-of-no-tools-crashes",
        "`tool_choice: required` beside `tools: []` answers 500.",
        _TAKEN, "CC-TOOLS-012",
        crash(both(chooses("required"), member("tools", lambda value: value == []))),
    ),
    (
        "empty-list-of-stops-crashes",
        "`stop: []` answers 500.",
        _TAKEN, "CC-STOP-003", crash(member("stop", lambda value: value == [])),
    ),
    (
        "empty-stop-string-crashes",
        "An empty stop string answers 500.",
        _TAKEN, "CC-STOP-003", crash(member("stop", lambda value: value == "")),
    ),
    (
        "negative-limit-crashes",
        "A negative limit answers 500.",
        _TAKEN,
        "CC-LIMIT-004",
        crash(_limit(below(0))),
    ),
    (
        "fraction-of-a-limit-crashes",
        "A limit with a fraction answers 500.",
        _TAKEN, "CC-LIMIT-004", crash(_limit(lambda value: isinstance(value, float))),
    ),
    (
        "limit-as-text-ignored",
        "A limit that is a string is ignored.",
        (*_TAKEN, Aspect.FINISH), "CC-LIMIT-004", request_body(dropping(*NAMES), _limit(is_text)),
    ),
    (
        "limits-added-where-the-older-is-smaller",
        "Of two limits the sum applies, where that of the older name is the smaller one.",
        (Aspect.PARAMETERS, Aspect.FINISH, Aspect.TEXT), "CC-LIMIT-006",
        model_body(_added, _is_smaller_by_the_older_name),
    ),
    (
        "long-prompt-crashes-plain",
        "A prompt over the context answers 500 where no stream is asked for.",
        _TAKEN, "CC-LIMIT-007", crash(both(is_plain, _is_too_long)),
    ),
    (
        "filtered-stream-crashes",
        "A prompt that the content filter blocks answers 500 where a stream is asked for.",
        (Aspect.FINISH, Aspect.REFUSALS, Aspect.ERRORS), "CC-SAFETY-003",
        answers(status(500), is_streamed, with_code("content_filter")),
    ),
    (
        "no-alternatives-are-one",
        "`top_logprobs: 0` gives each token an alternative.",
        (Aspect.LOGPROBS,), "CC-LOGPROBS-003",
        pieces(_with_an_alternative, member("top_logprobs", lambda value: value == 0)),
    ),
    (
        "alternatives-beside-no-log-probabilities-crash",
        "`top_logprobs` beside `logprobs: false` answers 500.",
        _TAKEN, "CC-LOGPROBS-004",
        crash(both(member("logprobs", lambda value: value is False), member("top_logprobs", above(0)))),
    ),
)  # fmt: skip

_A_SERVER_FAILS = {
    "CC-ERR-006": "a server failure answers a bad request",
    "CC-ERR-007": "a server failure answers a legal request",
    "CC-REQ-001": "a server failure answers a bad request",
}
_BESIDE: Mapping[str, Mapping[str, str]] = {
    "frequency-penalty-of-2-refused": dict.fromkeys(
        ("CC-CONT-025", "CC-SAMPLE-008"), "the penalty is 2 there as well"
    ),
    "assistant-of-nothing-crashes": dict.fromkeys(
        ("CC-CONT-011", "CC-CONT-048"), "a message of these histories is silent as well"
    ),
    "limits-added-where-the-older-is-smaller": TOO_MANY,
    "long-prompt-crashes-plain": {"CC-HTTP-009": "a body beyond every bound has a long prompt"},
    "filtered-stream-crashes": {
        "CC-ERR-016": "the error is of the client, and its status of the server",
        "CC-STREAM-013": "the stream is refused otherwise than the plain request",
    },
}

ALL: tuple[Fault, ...] = tuple(
    family(*touches)(
        name,
        defect,
        change,
        kills=kills,
        collateral={**(_A_SERVER_FAILS if "crash" in name else {}), **_BESIDE.get(name, {})},
        thorough=True,
    )
    for name, defect, touches, kills, change in _ROWS
)
