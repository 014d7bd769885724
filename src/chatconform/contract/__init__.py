"""The contract: what must hold, read from one OpenAPI document and asked by everybody else.

    contract = load_contract()
    operation = contract.operation("createChatCompletion")
    for violation in contract.validator(operation.request_schema).violations(body):
        print(violation.param, violation.message)

`document` reads and resolves, `operations` gives the routes as typed values, `validation` compiles schemas,
and `violations` finds the one member to blame. `elements` lists what there is to speak for, and `reach` says
what a pointer speaks for. `overlay` reads what a vendor adds.
"""

from chatconform.contract.contract import Contract, contract_in_force, load_contract, overlaid
from chatconform.contract.document import Document
from chatconform.contract.elements import Element, ElementKind
from chatconform.contract.operations import (
    Header,
    MediaType,
    Operation,
    Parameter,
    ProseRule,
    Response,
    StreamRule,
)
from chatconform.contract.validation import Validator
from chatconform.contract.violations import Violation, param_name

__all__ = [
    "Contract",
    "Document",
    "Element",
    "ElementKind",
    "Header",
    "MediaType",
    "Operation",
    "Parameter",
    "ProseRule",
    "Response",
    "StreamRule",
    "Validator",
    "Violation",
    "contract_in_force",
    "load_contract",
    "overlaid",
    "param_name",
]
