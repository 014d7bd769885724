"""Which tools the model calls, and with what arguments.

A tool scores by the task's words that its name, description and parameters share, much higher where the task
names it. `required`, named and allowed choices always call the best permitted tool (ties: the first). `auto`
calls where the score is high enough, the task does not forbid it, and its results are not there yet. A task
in steps ("first ... then ...") gets one call a round, in the order of mention; a tool that refers to another
tool waits for it. Several entities in a list get one call each, unless `parallel_tool_calls` is false.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatconform.reference_server.model.conversation import Conversation, conversation
from chatconform.reference_server.model.entities import counted, listed
from chatconform.reference_server.model.hints import Hints, codes, name_words, names, quoted
from chatconform.reference_server.model.patterns import matching
from chatconform.reference_server.model.pieces import CallKind
from chatconform.reference_server.model.request import ChatRequest, Tool, ToolMode
from chatconform.reference_server.model.schema import schema_value
from chatconform.reference_server.model.words import NUMBER, content_stems, is_function_word, number, stem

_ENOUGH = 2
_NAMED = 20
_FORBIDDEN = re.compile(
    r"\b(?:do not|don't|dont|never|without|avoid|no need to|must not|shouldn't|should not"
    r"|not)\b[^.!?\n]{0,25}?"
    r"\b(?:call|calls|calling|use|using|invoke|invoking|make|making)?\b[^.!?\n]{0,15}?\b(?:any"
    r" |a |the |your |of )*"
    r"(?:tools?|functions?)\b|\bno (?:tools?|functions?|tool calls?|function calls?)\b",
    re.IGNORECASE,
)
_STEPS = re.compile(
    r"\b(?:then|after that|afterwards|next|finally|step \d|followed by|chain|in sequence|one"
    r" after (?:the other|another)"
    r"|(?:with|use|using|pass|from) (?:the|its|that|this|each) (?:\w+ )?(?:result|output|value"
    r"|key|id|code|answer|token)"
    r"|first)\b",
    re.IGNORECASE,
)
_ALL_TOOLS = re.compile(r"\b(?:use|call|using|with|via) (?:all |both |each of )?(?:of )?(?:the |your |these "
    r"|available )*"
                        r"(?:tools|functions)\b", re.IGNORECASE)  # fmt: skip
_ANY_TOOL = re.compile(r"\b(?:use|call|using|invoke|with|via) (?:the |a |your |this )?(?:provided |right"
    r" )?(?:tool|function)\b",
                       re.IGNORECASE)  # fmt: skip
_TIMES = re.compile(
    rf"\b(?:call|invoke|use|run|ping)\b[^.\n]*?\b({NUMBER}) times\b|\b(twice)\b", re.IGNORECASE
)
_KEYS = frozenset({"key", "id", "token", "code", "ref", "reference", "ticket", "handle", "cursor", "secret"})
_MOST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """A call the model is going to write; `arguments` is its whole text."""

    kind: CallKind
    name: str
    arguments: str


def planned_calls(request: ChatRequest) -> tuple[PlannedCall, ...]:
    """Return the calls of this answer; none means that the model writes text."""
    tools = request.permitted
    if not tools:
        return ()
    talk = conversation(request.messages)
    chosen = _Selection(talk, tools).chosen(forced=request.choice.mode is ToolMode.REQUIRED)
    planned = [call for tool in chosen for call in _calls(tool, talk)]
    # The deprecated function_call has room for one call only.
    one = not request.parallel or any(call.kind is CallKind.LEGACY for call in planned)
    return tuple(planned[: 1 if one else _MOST])


class _Selection:
    """Chooses among tools for one state of a conversation."""

    def __init__(self, talk: Conversation, tools: Sequence[Tool]) -> None:
        self._talk = talk
        self._tools = tools
        self._task = content_stems(talk.task)
        self._called = {call.name for call in talk.calls}
        self._scores = {tool.name: self._score(tool) for tool in tools}

    def chosen(self, *, forced: bool) -> list[Tool]:
        """Return the tools to call now."""
        if not forced and _FORBIDDEN.search(self._talk.task):
            return []
        wanted = self._following() if self._talk.calls or self._talk.results else self._opening()
        return wanted or ([self._best()] if forced else [])

    def _score(self, tool: Tool) -> int:
        if self._names(tool):
            return -1 if self._forbids(tool) else _NAMED
        told = set(self._task)
        score = 3 * len(told & _name_stems(tool))
        score += len(told & set(content_stems(tool.description + " " + _parameter_text(tool))))
        if _ALL_TOOLS.search(self._talk.task) or (
            len(self._tools) == 1 and _ANY_TOOL.search(self._talk.task)
        ):
            score += _ENOUGH
        return score

    def _names(self, tool: Tool) -> bool:
        return _position(tool.name, self._talk.task) is not None

    def _forbids(self, tool: Tool) -> bool:
        pattern = rf"\b(?:not|don't|never|without|avoid)\b(?: \w+){{0,4}} [`'\"]?{re.escape(tool.name)}\b"
        return re.search(pattern, self._talk.task, re.IGNORECASE) is not None

    def _best(self) -> Tool:
        fresh = [tool for tool in self._tools if tool.name not in self._called]
        return max(fresh or self._tools, key=lambda tool: self._scores[tool.name])

    def _fitting(self) -> list[Tool]:
        """Return the uncalled tools that fit and need not wait, those the task names first."""
        fitting = [
            tool for tool in self._tools
            if self._scores[tool.name] >= _ENOUGH and tool.name not in self._called and not self._waits(tool)
        ]  # fmt: skip
        return sorted(fitting, key=lambda tool: (self._place(tool), -self._scores[tool.name]))

    def _place(self, tool: Tool) -> int:
        """Return where the task first speaks of a tool: its name, or a word of its name."""
        named = _position(tool.name, self._talk.task)
        if named is not None:
            return named
        stems = _name_stems(tool)
        spoken = (
            match.start()
            for match in re.finditer(r"[^\W_]+", self._talk.task)
            if stem(match.group()) in stems
        )
        return next(spoken, len(self._talk.task))

    def _opening(self) -> list[Tool]:
        fitting = self._fitting()
        if not fitting or self._in_steps():
            return fitting[:1]
        named = [tool for tool in fitting if self._scores[tool.name] >= _NAMED]
        if named:
            return named
        best = max(fitting, key=lambda tool: self._scores[tool.name])
        return [best, *self._distinct(best, fitting)]

    def _distinct(self, best: Tool, fitting: Sequence[Tool]) -> list[Tool]:
        """Return the tools whose names answer to words of the task that no tool before them answered to."""
        covered, more = set(self._task) & _name_stems(best), []
        for tool in fitting:
            hits = set(self._task) & _name_stems(tool)
            if covered and tool is not best and not hits <= covered:
                more.append(tool)
                covered |= hits
        return more if len(more) < 4 else []

    def _following(self) -> list[Tool]:
        """Return the next step, after results have come."""
        steps = self._in_steps()
        told = " ".join(result.text for result in self._talk.results)
        for tool in [*self._fitting(), *self._tools]:
            if tool.name in self._called or self._waits(tool) or self._scores[tool.name] < 0:
                continue
            due = self._names(tool) or (steps and self._scores[tool.name] >= _ENOUGH)
            referred = any(_position(name, _prose(tool)) is not None for name in self._called)
            if due or (referred and self._scores[tool.name] > 0) or _position(tool.name, told) is not None:
                return [tool]
        return []

    def _in_steps(self) -> bool:
        return _STEPS.search(self._talk.task) is not None and len(self._tools) > 1

    def _waits(self, tool: Tool) -> bool:
        """Tell whether a tool needs what another, uncalled one returns."""
        others = [other.name for other in self._tools if other is not tool and other.name not in self._called]
        if any(_position(name, _prose(tool)) is not None for name in others):
            return True
        return (
            bool(others)
            and not self._talk.results
            and self._scores[tool.name] < _NAMED
            and self._lacks_key(tool)
        )

    def _lacks_key(self, tool: Tool) -> bool:
        required = tool.parameters.get("required", ()) if isinstance(tool.parameters, Mapping) else ()
        needs = any(_KEYS & set(name_words(name)) for name in required)
        texts = (self._talk.task, *(message.text for message in self._talk.earlier))
        return needs and not any(codes(text) or quoted(text) or re.search(r"\d", text) for text in texts)


def _position(name: str, text: str) -> int | None:
    found = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE)
    return found.start() if found else None


def _name_stems(tool: Tool) -> set[str]:
    return {stem(word) for word in name_words(tool.name) if not is_function_word(word)}


def _prose(tool: Tool) -> str:
    return tool.description + " " + _parameter_text(tool)


def _parameter_text(tool: Tool) -> str:
    """Return the names, descriptions and enum words of a tool's parameters."""
    properties = tool.parameters.get("properties") if isinstance(tool.parameters, Mapping) else None
    parts: list[str] = []
    for name, schema in (properties or {}).items():
        parts.append(" ".join(name_words(name)))
        if isinstance(schema, Mapping):
            parts.append(str(schema.get("description", "")))
            parts += [each for each in schema.get("enum") or () if isinstance(each, str)]
    return ". ".join(parts)


def _calls(tool: Tool, talk: Conversation) -> list[PlannedCall]:
    focuses: list[str | None] = [*_focuses(tool, talk)] or [None]
    times = _TIMES.search(talk.task)
    if times and len(focuses) == 1 and not talk.calls:
        focuses *= max(1, min(number(times[1] or times[2]) or 1, _MOST))
    return [_call(tool, talk, focus) for focus in focuses]


def _focuses(tool: Tool, talk: Conversation) -> list[str]:
    """Return the entities that get a call each: a list in the task, for a tool that takes one at a time."""
    if tool.kind is CallKind.CUSTOM or not isinstance(tool.parameters, Mapping):
        return []
    described = tool.parameters.get("properties") or {}
    properties = {name: schema for name, schema in described.items() if isinstance(schema, Mapping)}
    kinds = [schema.get("type") for schema in properties.values()]
    required = tool.parameters.get("required") or list(properties)[:1]
    plain = [name for name in required if _is_plain(properties.get(name, {}))]
    if len(plain) != 1 or "array" in kinds:
        return []
    found = listed(talk.task) or ([] if names(talk.task) else counted(talk.task, plain[0]))
    done = {json.dumps(result.arguments, ensure_ascii=False) for result in talk.results}
    return [each for each in found if not any(f'"{each}"' in arguments for arguments in done)]


def _is_plain(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") in ("string", ["string", "null"]) and not {"enum", "const"} & schema.keys()


def _call(tool: Tool, talk: Conversation, focus: str | None) -> PlannedCall:
    return PlannedCall(kind=tool.kind, name=tool.name, arguments=_arguments(tool, talk, focus))


def _arguments(tool: Tool, talk: Conversation, focus: str | None) -> str:
    if tool.kind is CallKind.CUSTOM:
        return _free_text(tool, talk)
    if not isinstance(tool.parameters, Mapping) or not tool.parameters:
        return "{}"
    value = schema_value(tool.parameters, hints_of(talk, focus))
    return json.dumps(value if isinstance(value, dict) else {}, ensure_ascii=False, separators=(",", ":"))


def hints_of(talk: Conversation, focus: str | None = None) -> Hints:
    """Gather the texts and results that values may come from, the nearest first."""
    texts = [talk.task, *(message.text for message in reversed(talk.earlier)), talk.instructions]
    results = [result.text for result in (*talk.past_results, *talk.results)]
    return Hints(texts, results, focus=focus, fresh=bool(talk.results))


def _free_text(tool: Tool, talk: Conversation) -> str:
    form: Mapping[str, Any] = tool.definition.get("format") or {}
    grammar = form.get("grammar") or {}
    if grammar.get("syntax") == "regex":
        made = matching(str(grammar.get("definition", "")))
        if made is not None:
            return made
    return next(iter(quoted(talk.task)), talk.task.partition(": ")[2] or talk.task)
