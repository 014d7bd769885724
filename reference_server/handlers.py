"""The behaviour behind each operation of the contract, bound by its `operationId`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatconform.contract import Contract
from chatconform.errors import HarnessError
from chatconform.reference_server.chat import Chat, unknown_model
from chatconform.reference_server.connection import Connection
from chatconform.reference_server.refusal import Document
from chatconform.reference_server.reply import Reply, json_reply
from chatconform.reference_server.seams import Alterations
from chatconform.reference_server.settings import ModelCard, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An accepted call of an operation.

    Attributes:
        parameters: The values of the path's parameters.
        body: The JSON body, which fits the contract; empty where the operation has none.
        alterations: What changes how the model answers.
    """

    parameters: Mapping[str, str]
    body: dict[str, Any]
    connection: Connection
    request_id: str
    alterations: Alterations = ()


Handler = Callable[[Call], Awaitable[Reply]]


def handlers(contract: Contract, settings: Settings, chat: Chat) -> Mapping[str, Handler]:
    """Return the handler of each operation.

    Raises:
        HarnessError: The contract and the table below do not name the same operations.
    """

    async def create_chat_completion(call: Call) -> Reply:
        return await chat.answer(
            call.body, call.connection, request_id=call.request_id, alterations=call.alterations
        )

    async def list_models(_: Call) -> Reply:
        return json_reply({"object": "list", "data": [_model(card) for card in settings.models]})

    async def retrieve_model(call: Call) -> Reply:
        card = settings.model(call.parameters["model"])
        if card is None:
            raise unknown_model(call.parameters["model"])
        return json_reply(_model(card))

    table: dict[str, Handler] = {
        "createChatCompletion": create_chat_completion,
        "listModels": list_models,
        "retrieveModel": retrieve_model,
    }
    asked = {operation.operation_id for operation in contract.operations}
    if asked != table.keys():
        raise HarnessError(f"contract and handlers differ in {sorted(asked ^ table.keys())}")
    return table


def _model(card: ModelCard) -> Document:
    return {"id": card.id, "object": "model", "created": card.created, "owned_by": card.owned_by}
