"""Making a generated request one that a real server can meet, and that costs next to nothing.

What the contract allows is more than any server serves: a name without a letter, a picture at no address,
128 choices. A request that is to be answered keeps to sensible texts and sizes, and each to a tiny limit.
"""

from __future__ import annotations

from dataclasses import replace

from chatconform.client.target import Role, Target
from chatconform.fuzzing.case import Case
from chatconform.fuzzing.generation import is_allowed
from chatconform.wire.jsontext import Json

# Tokens that a completion may cost.
TINY = 8
_LIMITS = frozenset({"max_tokens", "max_completion_tokens"})
_ROLES = frozenset({"system", "user", "assistant"})
# What a server may do only with means of its own, so that nobody can say whether it has to accept it.
_MEANS = frozenset(
    {"audio", "logit_bias", "moderation", "web_search_options", "function_call", "service_tier"}
)
_WORD = "example"
_MOST_CHOICES = 2
_MOST_TOOLS = 4


def aimed(case: Case, target: Target) -> Case | None:
    """The case with the target's model and a tiny limit, unless it is about one of these.

    Nothing where this mends what the contract forbids.
    """
    if not isinstance(case.body, dict):
        return case
    body = dict(case.body)
    if case.member != "model" and "model" in body:
        body["model"] = target.model_for(Role.SMALL)
    if case.member not in _LIMITS and target.limit:
        body = {name: value for name, value in body.items() if name not in _LIMITS}
        body[target.limit] = TINY
    return replace(case, body=body) if is_allowed(body) is case.allowed else None


def sensible(case: Case, target: Target) -> Case | None:
    """An allowed case with words where texts are empty; nothing where a real server may have to refuse it."""
    aiming = aimed(case, target)
    body = _filled(aiming.body) if aiming else None
    if not isinstance(body, dict):
        return None
    body["model"] = target.model_for(Role.SMALL)
    return replace(case, body=body) if is_allowed(body) and _is_answerable(body) else None


def _filled(value: Json) -> Json:
    match value:
        case "":
            return _WORD
        case dict():
            return {name or _WORD: _filled(each) for name, each in value.items()}
        case list():
            return [_filled(each) for each in value]
    return value


def _is_answerable(body: dict[str, Json]) -> bool:
    return (
        not _MEANS & body.keys()
        and _is_talk(body.get("messages"))
        and _are_plain_tools(body)
        and body.get("modalities") in (None, ["text"])
        and body.get("response_format") in (None, {"type": "text"})
        and _is_small(body)
    )


def _is_small(body: dict[str, Json]) -> bool:
    """Whether it asks for few choices and, where it is about a limit, for few tokens."""
    choices = body.get("n")
    limits = [body[name] for name in _LIMITS if name in body]
    return (choices is None or choices in range(1, _MOST_CHOICES + 1)) and all(
        isinstance(limit, int) and limit <= TINY for limit in limits
    )


def _is_talk(messages: Json) -> bool:
    """Whether messages are texts, and the last one is the user's."""
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        return False
    talk = [each for each in messages if isinstance(each, dict)]
    return all(map(_is_text, talk)) and bool(talk) and talk[-1].get("role") == "user"


def _is_text(message: dict[str, Json]) -> bool:
    content = message.get("content")
    texts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    return (
        message.get("role") in _ROLES
        and message.keys() <= {"role", "content", "name"}
        and all(isinstance(each, dict) and each.keys() == {"type", "text"} for each in texts)
    )


def _are_plain_tools(body: dict[str, Json]) -> bool:
    """Whether tools are a few functions of different names, and the choice among them is a word."""
    tools = body.get("tools", [])
    functions = body.get("functions", [])
    if not isinstance(tools, list) or not isinstance(functions, list):
        return False
    told = [each.get("function") if isinstance(each, dict) else None for each in tools] + functions
    names = [each.get("name") for each in told if isinstance(each, dict)]
    return (
        all(map(_is_plain_function, told))
        and len(names) == len({str(name) for name in names}) <= _MOST_TOOLS
        and isinstance(body.get("tool_choice", ""), str)
    )


def _is_plain_function(told: Json) -> bool:
    if not isinstance(told, dict):
        return False
    parameters = told.get("parameters", {"type": "object"})
    return isinstance(parameters, dict) and parameters.get("type") == "object" and not told.get("strict")
