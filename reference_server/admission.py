"""Whether a body may be served: the contract's schema, its prose rules, and members that it does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chatconform.contract import Contract, Operation, Violation
from chatconform.errors import HarnessError
from chatconform.reference_server.history import every_call_answered, every_result_expected
from chatconform.reference_server.refusal import Refusal, invalid
from chatconform.reference_server.rules import (
    json_object_mentions_json,
    named_tools_exist,
    tool_names_unique,
)
from chatconform.reference_server.schemas import schemas_usable, strict_schemas_closed
from chatconform.reference_server.settings import Settings, UnknownParameters
from chatconform.reference_server.violationcode import violation_code

Body = Mapping[str, Any]
Rule = Callable[[Body], None]

# Rules of the contract's `x-rules`, by id. `prompt-fits-context` needs the model, and stands in `chat`.
_RULES: Mapping[str, Rule | None] = {
    "tool-message-answers-call": every_result_expected,
    "tool-call-is-answered": every_call_answered,
    "named-tool-exists": named_tools_exist,
    "tool-names-are-unique": tool_names_unique,
    "json-object-mentions-json": json_object_mentions_json,
    "strict-schema-is-closed": strict_schemas_closed,
    "prompt-fits-context": None,
}
# What the contract leaves to the server, and this one's model cannot do without.
_OUR_RULES: tuple[Rule, ...] = (schemas_usable,)
# How much of a long list of faults is told.
_MOST_NAMED = 8
_LONGEST_NAMED = 40


class Admission:
    """Refuses bodies that break the contract."""

    def __init__(self, contract: Contract, settings: Settings) -> None:
        self._contract = contract
        self._refuse_unknown = settings.unknown_parameters is UnknownParameters.REFUSE
        self._gates = {
            operation.operation_id: self._gate(operation)
            for operation in contract.operations
            if operation.request
        }

    def admit(self, operation: Operation, body: Body) -> None:
        """Return if the operation may be run with this body.

        Raises:
            Refusal: 400, for the first thing that is wrong; the schema comes before the rules.
        """
        self._gates[operation.operation_id](body)

    def _gate(self, operation: Operation) -> Rule:
        validator = self._contract.validator(operation.request_schema)
        known = frozenset(self._contract.resolve(operation.request_schema).get("properties", ()))
        rules = _rules(operation)

        def gate(body: Body) -> None:
            violations = validator.violations(body)
            if violations:
                raise self._violated(violations[0], [each.param for each in violations[1:]])
            unknown = body.keys() - known
            if unknown and self._refuse_unknown:
                name = min(unknown)
                shown = name[:100]
                raise invalid(f"Unknown parameter: {shown!r}.", param=shown, code="unknown_parameter")
            for rule in rules:
                rule(body)

        return gate

    def _violated(self, violation: Violation, others: list[str]) -> Refusal:
        if violation.keyword == "required":
            message = f"Missing required parameter: {violation.param!r}."
        elif violation.rule is not None:
            message = violation.message
        else:
            message = f"Invalid {violation.param!r}: {violation.message}."
        message += _also(name for name in dict.fromkeys(others) if name not in ("", violation.param))
        return invalid(message, param=violation.param or None, code=violation_code(self._contract, violation))


def _also(names: Iterable[str]) -> str:
    """Return a sentence that names what else is wrong, so that a caller mends all of it at once."""
    told = [name for name in names if len(name) <= _LONGEST_NAMED][:_MOST_NAMED]
    return f" Also wrong: {', '.join(map(repr, told))}." if told else ""


def _rules(operation: Operation) -> tuple[Rule, ...]:
    asked = {rule.id for rule in operation.request_rules}
    if asked != _RULES.keys():
        raise HarnessError(f"the contract's x-rules and the server differ in {sorted(asked ^ _RULES.keys())}")
    # Schemas come first: a rule about a schema may rely on it being one.
    return (*_OUR_RULES, *(rule for rule in _RULES.values() if rule is not None))
