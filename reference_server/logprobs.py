"""Log probabilities of tokens, as completions and chunks carry them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatconform.reference_server.model import Alternative, Token

Document = dict[str, Any]


def logprobs_document(tokens: Sequence[Token], *, of_refusal: bool = False) -> Document:
    """Return the `logprobs` object of a choice for these tokens, of its content or of its refusal."""
    told = [_chosen(token) for token in tokens]
    return {"content": None, "refusal": told} if of_refusal else {"content": told, "refusal": None}


def _chosen(token: Token) -> Document:
    return {**_alternative(token), "top_logprobs": [_alternative(other) for other in token.top]}


def _alternative(token: Token | Alternative) -> Document:
    return {"token": token.text, "logprob": token.logprob, "bytes": list(token.data)}
