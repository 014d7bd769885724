"""Why a first call brought no completion, in one sentence that says what to do next."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatconform.client.modellist import listed_models, nearest
from chatconform.client.target import Target
from chatconform.errors import ChatconformError, NotMeasured, TargetError, TlsFailure, Unreachable, UsageError
from chatconform.wire.exchange import Exchange, Failure, FailureKind, Response
from chatconform.wire.jsontext import Json
from chatconform.wire.redaction import Redactor

_QUOTED = 200

_ADVICE: dict[FailureKind, tuple[type[TargetError], str]] = {
    FailureKind.CONNECT: (Unreachable, "check the URL, and that the server runs there"),
    FailureKind.TLS: (
        TlsFailure,
        "use a certificate that this machine trusts (SSL_CERT_FILE can name a further authority)",
    ),
    FailureKind.TIMEOUT: (Unreachable, "check the server, or allow it more time"),
    FailureKind.PROTOCOL: (NotMeasured, "check the port, and whether it wants https"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What is known when a first call has failed: the target, the model asked for, the models it offers."""

    target: Target
    model: str
    models: tuple[str, ...] = ()

    def error(self, exchange: Exchange) -> ChatconformError:
        """The error to raise for an exchange that brought no completion."""
        response = exchange.response
        where = self._clean(f"{exchange.request.method} {exchange.request.url}")
        if response is None or (exchange.failure is not None and response.status < 300):
            return self._failed(exchange, where)
        if 300 <= response.status < 400:
            return self._redirected(response, where)
        if response.status < 300:
            return self._unusable(response, where)
        return self._refused(response, where)

    def is_about_model(self, response: Response | None) -> bool:
        """Whether a refusal is about the model, so that another might be accepted."""
        if response is None or not 400 <= response.status < 500:
            return False
        error = _error_object(response)
        named = bool(self.model) and self._names_model(_error_message(response))
        return error.get("code") == "model_not_found" or error.get("param") == "model" or named

    def is_about(self, parameter: str, response: Response | None) -> bool:
        """Whether a request was refused because of a parameter, by its name."""
        if response is None or response.status not in (400, 422):
            return False
        named = re.search(rf"(?<!\w){re.escape(parameter)}(?!\w)", _error_message(response)) is not None
        return named or _error_object(response).get("param") == parameter

    def _names_model(self, message: str) -> bool:
        # As a word of its own: a model may be called "m".
        return re.search(rf"(?<![\w.-]){re.escape(self.model)}(?![\w-])", message) is not None

    def is_wrong_path(self, response: Response | None) -> bool:
        """Whether an answer says that there is no such endpoint."""
        if response is None:
            return False
        gone = response.status in (404, 405) and not self.is_about_model(response)
        return gone or (response.status < 300 and is_html(response))

    def is_api(self, exchange: Exchange) -> bool:
        """Whether an exchange shows an endpoint of the API, though it may refuse us or the model."""
        response = exchange.response
        if response is None or self.is_wrong_path(response):
            return False
        return is_completion(exchange) or bool(listed_models(response)) or bool(_error_object(response))

    def _failed(self, exchange: Exchange, where: str) -> ChatconformError:
        failure = exchange.failure or Failure(kind=FailureKind.CLOSED, message="no answer", at=0.0)
        message = self._clean(failure.message)
        if failure.kind is FailureKind.NOT_SENT:
            return UsageError(f"{where}: {message}", hint="Check the URL and the extra headers.")
        error, advice = _ADVICE.get(failure.kind, (NotMeasured, "look into the server's log"))
        if "WRONG_VERSION" in message:
            advice = "the server speaks no TLS there: should the URL begin with http://?"
        elif failure.kind is FailureKind.TIMEOUT and exchange.response is not None:
            error = NotMeasured
        return error(f"{where}: {message}; {advice}")

    def _redirected(self, response: Response, where: str) -> ChatconformError:
        to = self._clean(response.header("Location") or "nowhere")
        return UsageError(
            f"{where} answered {response.status} and redirects to {to}",
            hint="Give the base URL that the redirect leads to: clients do not repeat a POST elsewhere.",
        )

    def _unusable(self, response: Response, where: str) -> ChatconformError:
        if is_html(response):
            return UsageError(
                f"{where} answered a web page instead of JSON",
                hint="Give the base URL of the API, which often ends with /v1.",
            )
        if not _is_json(response):
            return NotMeasured(f"{where} answered {response.status} with no JSON: {self._quoted(response)}")
        return NotMeasured(f"{where} answered JSON, but no completion: {self._quoted(response)}")

    def _refused(self, response: Response, where: str) -> ChatconformError:
        said = self._said(response)
        match response.status:
            case 401 | 403:
                return self._unauthorized(response, where, said)
            case 429:
                return NotMeasured(f"{where} answered 429, too many requests{said}; try again later")
            case status if status >= 500:
                return NotMeasured(
                    f"{where} answered {status}{said}; look into the server's log{self._offer()}"
                )
        if self.is_about_model(response):
            return self._unknown_model(where, said)
        if response.status in (404, 405):
            return UsageError(
                f"{where} answered {response.status}: there is no such endpoint{said}",
                hint="Give the base URL of the API, which often ends with /v1.",
            )
        return NotMeasured(f"{where} refused the smallest chat request with {response.status}{said}")

    def _unauthorized(self, response: Response, where: str, said: str) -> ChatconformError:
        name = self.target.key_env
        if not self.target.key:
            message = (
                f"{where} answered {response.status}: the target asks for a key, and none was given{said}"
            )
            return UsageError(message, hint=f"export {name}=... with a key of the target.")
        message = f"{where} answered {response.status}: the target does not accept the key{said}"
        return UsageError(message, hint=f"Check the key in the environment variable {name}.")

    def _unknown_model(self, where: str, said: str) -> ChatconformError:
        offered = nearest(self.model, self.models)
        return UsageError(
            f"{where}: the target does not know the model {self.model!r}{said}",
            hint=f"It offers: {offered}." if offered else "It does not say which models it offers.",
        )

    def _offer(self) -> str:
        if not self.models or self.model in self.models:
            return ""
        return f" (it does not list the model {self.model!r}; it offers {nearest(self.model, self.models)})"

    def _said(self, response: Response) -> str:
        message = self._clean(" ".join(_error_message(response).split()))[:_QUOTED]
        return f" ({message})" if message else ""

    def _quoted(self, response: Response) -> str:
        try:
            content = response.text
        except TargetError as error:
            content = str(error)
        return repr(self._clean(content)[:_QUOTED])

    def _clean(self, text: str) -> str:
        """What a target says may hold the key: it never goes on."""
        return Redactor(self.target.all_secrets()).text(text)


def is_completion(exchange: Exchange) -> bool:
    """Whether an exchange brought a chat completion with a choice in it, in whatever other shape."""
    response = exchange.response
    if response is None or exchange.failure is not None or response.status != 200:
        return False
    value = _json(response)
    choices = value.get("choices") if isinstance(value, dict) else None
    return isinstance(choices, list) and bool(choices)


def _error_object(response: Response) -> dict[str, Json]:
    value = _json(response)
    error = value.get("error") if isinstance(value, dict) else None
    return error if isinstance(error, dict) else {}


def _error_message(response: Response) -> str:
    """What a refusal says, in any of the shapes that are met: nested, flat, FastAPI's, a string."""
    value = _json(response)
    if not isinstance(value, dict):
        return ""
    nested = _error_object(response).get("message")
    for candidate in (nested, value.get("error"), value.get("message"), value.get("detail")):
        if isinstance(candidate, str):
            return candidate
    return ""


def _json(response: Response) -> Json:
    try:
        return response.json
    except TargetError:
        return None


def _is_json(response: Response) -> bool:
    try:
        _ = response.json
    except TargetError:
        return False
    return True


def is_html(response: Response) -> bool:
    """Whether a response is a web page, by its type or by how it begins."""
    try:
        start = response.text.lstrip()[:15].lower()
    except TargetError:
        return False
    return response.media_type == "text/html" or start.startswith(("<!doctype html", "<html"))
