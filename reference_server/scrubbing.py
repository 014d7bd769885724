"""Masks personal data in all messages of a request, and leaves the protocol around it as it was.

Every text is searched: of every role, as a string or in parts, results of tools, and the strings within the
arguments of calls. Ids, names, roles, order and the form of JSON stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from chatconform.errors import UsageError

Body = dict[str, Any]
Mask = Callable[[str], str]

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# With a country code, or with an area code in brackets: other figures are mostly something else.
_PHONE = re.compile(r"(?<!\w)(?:\+\d{1,3}[ .-]?)(?:\(?\d{1,4}\)?[ .-]?){2,5}\d\b|\(\d{3}\) ?\d{3}-\d{4}\b")
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")


def scrubber(kinds: Sequence[str]) -> Callable[[Body], Body]:
    """Return what masks these kinds of personal data (`email`, `phone`, `card`) in a request's messages.

    Raises:
        UsageError: There is no such kind.
    """
    for kind in kinds:
        if kind not in _MASKS:
            raise UsageError(
                f"there is no kind of personal data {kind!r}", hint=f"Kinds: {', '.join(_MASKS)}."
            )
    if not kinds:
        return lambda body: body

    def mask(text: str) -> str:
        for kind in kinds:
            text = _MASKS[kind](text)
        return text

    return lambda body: {**body, "messages": [_message(each, mask) for each in body["messages"]]}


def _message(message: Body, mask: Mask) -> Body:
    scrubbed = dict(message)
    if "content" in message:
        scrubbed["content"] = _content(message["content"], mask)
    if isinstance(message.get("refusal"), str):
        scrubbed["refusal"] = mask(message["refusal"])
    if message.get("tool_calls"):
        scrubbed["tool_calls"] = [_call(call, mask) for call in message["tool_calls"]]
    if message.get("function_call"):
        scrubbed["function_call"] = _with_arguments(message["function_call"], mask)
    return scrubbed


def _content(content: Any, mask: Mask) -> Any:
    if isinstance(content, str):
        return mask(content)
    if isinstance(content, list):
        return [_part(part, mask) for part in content]
    return content


def _part(part: Body, mask: Mask) -> Body:
    return {
        name: mask(value) if name in {"text", "refusal"} and isinstance(value, str) else value
        for name, value in part.items()
    }


def _call(call: Body, mask: Mask) -> Body:
    if "custom" in call:
        return {**call, "custom": {**call["custom"], "input": mask(call["custom"]["input"])}}
    return {**call, "function": _with_arguments(call["function"], mask)}


def _with_arguments(function: Body, mask: Mask) -> Body:
    """Mask the strings within the arguments; text that is no JSON is masked as it stands."""
    arguments = function["arguments"]
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return {**function, "arguments": mask(arguments)}
    masked = _values(value, mask)
    return function if masked == value else {**function, "arguments": orjson.dumps(masked).decode()}


def _values(value: Any, mask: Mask) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_values(each, mask) for each in value]
    if isinstance(value, dict):
        return {name: _values(each, mask) for name, each in value.items()}
    return value


def _card(text: str) -> str:
    return _CARD.sub(lambda found: "[card]" if _is_card(found[0]) else found[0], text)


def _is_card(text: str) -> bool:
    """Tell whether the digits have the check sum of ISO/IEC 7812 (Luhn)."""
    digits = [int(each) for each in reversed(text) if each.isdecimal()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


_MASKS: Mapping[str, Mask] = {
    "email": lambda text: _EMAIL.sub("[email]", text),
    "card": _card,
    "phone": lambda text: _PHONE.sub("[phone]", text),
}
