"""What a request defines as tools, read back from its body."""

from __future__ import annotations

from chatconform.suite import Exchange, Json
from chatconform.suites.forms import request_body
from chatconform.suites.wire import as_list, as_object

Object = dict[str, Json]


def requested(exchange: Exchange) -> Object:
    """The body of the request; empty where it is no JSON object."""
    return request_body(exchange)


def defined_names(exchange: Exchange) -> set[str]:
    """The names of the tools and of the deprecated functions that the request defines."""
    body = requested(exchange)
    tools = [as_object(tool) for tool in as_list(body.get("tools"))]
    described = [as_object(tool.get("function")) or as_object(tool.get("custom")) for tool in tools]
    described += [as_object(function) for function in as_list(body.get("functions"))]
    return {str(each["name"]) for each in described if isinstance(each.get("name"), str)}


def defines_custom_tools(exchange: Exchange) -> bool:
    """Whether the request defines a tool whose calls have free text instead of arguments."""
    return any(as_object(tool).get("type") == "custom" for tool in as_list(requested(exchange).get("tools")))


def loose_schemas(exchange: Exchange) -> dict[str, Object]:
    """The schemas of the function tools that are not strict, by name; a strict one has rules of its own."""
    found: dict[str, Object] = {}
    for tool in as_list(requested(exchange).get("tools")):
        function = as_object(as_object(tool).get("function"))
        name, parameters = function.get("name"), as_object(function.get("parameters"))
        if isinstance(name, str) and parameters and function.get("strict") is not True:
            found[name] = parameters
    return found
