"""The forms of an exchange over which invariants hold."""

from chatconform.suite import Exchange, NotJson


def answered(exchange: Exchange) -> bool:
    """Every exchange that has a response at all."""
    return exchange.response is not None and exchange.response.complete


def on_chat(exchange: Exchange) -> bool:
    """Every response of the chat endpoint to a POST."""
    return (
        answered(exchange)
        and exchange.request.method == "POST"
        and "/chat/completions" in exchange.request.url
    )


def completions(exchange: Exchange) -> bool:
    """Every 200 of the chat endpoint that is not an event stream."""
    return on_chat(exchange) and _status(exchange) == 200 and not exchange.is_stream


def streams(exchange: Exchange) -> bool:
    """Every 200 of the chat endpoint that is an event stream."""
    return on_chat(exchange) and _status(exchange) == 200 and exchange.is_stream


def refusals(exchange: Exchange) -> bool:
    """Every 4xx, wherever it came from."""
    return answered(exchange) and 400 <= _status(exchange) < 500 and exchange.request.method != "HEAD"


def model_lists(exchange: Exchange) -> bool:
    """Every 200 of the model list."""
    path = exchange.request.url.partition("?")[0]
    return answered(exchange) and _status(exchange) == 200 and path.endswith("/models")


def json_objects(exchange: Exchange) -> bool:
    """Every response whose body is a JSON object."""
    try:
        return (
            answered(exchange) and exchange.response is not None and isinstance(exchange.response.json, dict)
        )
    except NotJson:
        return False


def _status(exchange: Exchange) -> int:
    return exchange.response.status if exchange.response else 0
