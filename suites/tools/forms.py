"""The forms of an exchange that has to do with tools."""

from chatconform.suite import Exchange
from chatconform.suites.forms import answers, streams
from chatconform.suites.tools.calls import endings, legacy_fragments, wire_calls, wire_fragments
from chatconform.suites.tools.definitions import defined_names, requested
from chatconform.suites.wire import as_list, as_object


def with_calls(exchange: Exchange) -> bool:
    """Every answer with a tool call, plain or streamed."""
    return bool(wire_fragments(exchange))


def with_function_call(exchange: Exchange) -> bool:
    """Every answer with a deprecated function call."""
    return bool(legacy_fragments(exchange))


def with_any_call(exchange: Exchange) -> bool:
    """Every answer with a tool call or a deprecated function call."""
    return with_calls(exchange) or with_function_call(exchange)


def with_any_call_beside_tools(exchange: Exchange) -> bool:
    """Every answer with a tool call or a deprecated function call to a request that defines some."""
    return bool(defined_names(exchange)) and with_any_call(exchange)


def with_calls_under_auto(exchange: Exchange) -> bool:
    """Every answer with a tool call that nothing but the model's own choice of the tools brought about."""
    body = requested(exchange)
    return with_calls(exchange) and bool(body.get("tools")) and body.get("tool_choice") in (None, "auto")


def under_required(exchange: Exchange) -> bool:
    """Every answer under `required` on a first turn, to a request with a function tool and no format."""
    body = requested(exchange)
    kinds = [as_object(tool).get("type") for tool in as_list(body.get("tools"))]
    roles = [as_object(message).get("role") for message in as_list(body.get("messages"))]
    # On a later turn, and beside a format, it is a rule of its own.
    plain = "assistant" not in roles and as_object(body.get("response_format")).get("type") in (None, "text")
    return body.get("tool_choice") == "required" and "function" in kinds and plain and answers(exchange)


def with_function_call_under_auto(exchange: Exchange) -> bool:
    """Every answer with a function call, and no tool call, that only the model's choice brought about."""
    chosen = requested(exchange).get("function_call") in (None, "auto") and bool(defined_names(exchange))
    return chosen and with_function_call(exchange) and not with_calls(exchange)


def claims_calls(exchange: Exchange) -> bool:
    """Every answer to a request with tools that says by its finish reason that tools were called."""
    return bool(requested(exchange).get("tools")) and any(
        end.reason == "tool_calls" for end in endings(exchange).values()
    )


def with_streamed_calls(exchange: Exchange) -> bool:
    """Every stream with a tool call."""
    return streams(exchange) and with_calls(exchange)


def with_parallel_streamed_calls(exchange: Exchange) -> bool:
    """Every stream with two calls or more in one choice, told by their indices or by their ids."""
    if not streams(exchange):
        return False
    indices: dict[int, set[int]] = {}
    ids: dict[int, set[str]] = {}
    for call in wire_calls(exchange):
        ids.setdefault(call.choice, set()).update(call.ids)
        if call.index is not None:
            indices.setdefault(call.choice, set()).add(call.index)
    return any(len(found) > 1 for found in indices.values()) or any(len(found) > 1 for found in ids.values())


def with_fragmented_calls(exchange: Exchange) -> bool:
    """Every stream with a call that came in two fragments or more."""
    return streams(exchange) and any(
        call.index is not None and len(call.fragments) > 1 for call in wire_calls(exchange)
    )


def answered_without_tools(exchange: Exchange) -> bool:
    """Every answer to a request that defines no tool."""
    body = requested(exchange)
    return bool(body) and not body.get("tools") and not body.get("functions") and answers(exchange)
