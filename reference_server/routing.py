"""From a method and a path to an operation of the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatconform.contract import Contract, Operation
from chatconform.reference_server.refusal import Refusal

_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An operation and the values of its path parameters."""

    operation: Operation
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Route:
    pattern: re.Pattern[str]
    operations: Mapping[str, Operation]

    @property
    def methods(self) -> tuple[str, ...]:
        # RFC 9110, 9.1: "All general-purpose servers MUST support the methods GET and HEAD"; what answers GET
        # answers HEAD as well, and every path answers OPTIONS.
        head = ("HEAD",) if "GET" in self.operations else ()
        return (*self.operations, *head, "OPTIONS")


class Router:
    """The paths of a contract below one base path."""

    def __init__(self, contract: Contract, base_path: str) -> None:
        paths: dict[str, dict[str, Operation]] = {}
        for operation in contract.operations:
            paths.setdefault(operation.path, {})[operation.method] = operation
        self._routes = [
            _Route(_pattern(base_path + path, operations), operations) for path, operations in paths.items()
        ]

    def methods(self, path: str) -> Sequence[str]:
        """Return the methods that a path has; none for a path that does not exist."""
        route, _ = self._find(path)
        return route.methods if route else ()

    def match(self, method: str, path: str) -> Match:
        """Return the operation behind a method and a path.

        Raises:
            Refusal: 404 for an unknown path; 405 for a known one with another method.
        """
        route, parameters = self._find(path)
        if route is None:
            raise Refusal(404, f"Unknown path: {method} {path[:200]}", code="unknown_url")
        operation = route.operations.get("GET" if method == "HEAD" else method)
        if operation is None:
            # RFC 9110, 15.5.6: "The origin server MUST generate an Allow header field in a 405 response".
            allow = ", ".join(route.methods)
            raise Refusal(
                405,
                f"This path does not support {method}; it supports {allow}.",
                code="method_not_allowed",
                headers=(("allow", allow),),
            )
        return Match(operation=operation, parameters=parameters)

    def _find(self, path: str) -> tuple[_Route | None, Mapping[str, str]]:
        for route in self._routes:
            found = route.pattern.fullmatch(path)
            if found is not None:
                return route, found.groupdict()
        return None, {}


def _pattern(path: str, operations: Mapping[str, Operation]) -> re.Pattern[str]:
    """Compile a path template; a parameter with `x-multi-segment` takes slashes too."""
    several = {
        parameter.name
        for operation in operations.values()
        for parameter in operation.parameters
        if parameter.multi_segment
    }
    parts = _PARAMETER.split(path)
    pattern = "".join(
        f"(?P<{part}>{'.+' if part in several else '[^/]+'})" if index % 2 else re.escape(part)
        for index, part in enumerate(parts)
    )
    return re.compile(pattern, re.DOTALL)
