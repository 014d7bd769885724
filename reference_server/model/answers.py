from chatconform.reference_server.model.conversation import conversation
from chatconform.reference_server.model.drafts import Draft, fixed, plain
from chatconform.reference_server.model.request import ChatRequest


def answer(request: ChatRequest) -> Draft:
    return fixed("Here is an answer about " + conversation(request.messages).task)


def answer_text(request: ChatRequest) -> str:
    return plain(answer(request))
