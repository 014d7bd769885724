"""The first calls find a model to ask, or say in one sentence what is wrong and what to do."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from chatconform.client.modellist import likely_to_chat, nearest
from chatconform.client.smoke import Smoke, smoke
from chatconform.client.target import Target
from chatconform.errors import ChatconformError, NotMeasured, TlsFailure, Unreachable, UsageError
from chatconform.tests.support.wire import Received, Wire, WireServer
from chatconform.wire.jsontext import parse

KEY = "sk-0123456789abcdef"
COMPLETION = {
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 16, "total_tokens": 25},
}

Route = Callable[[Received, Wire], Awaitable[None]]


def error(message: str, **more: object) -> dict[str, object]:
    return {
        "error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **more}
    }


def gives(status: int, value: object, *headers: str) -> Route:
    async def route(_: Received, wire: Wire) -> None:
        if isinstance(value, bytes):
            await wire.answer(status, value, *headers)
        else:
            await wire.answer_json(status, value, *headers)

    return route


def models(*ids: str) -> Route:
    return gives(200, {"object": "list", "data": [{"id": each, "object": "model"} for each in ids]})


def chats_as(*known: str) -> Route:
    """A chat endpoint that knows these models."""

    async def route(request: Received, wire: Wire) -> None:
        body = parse(request.body)
        assert isinstance(body, dict)
        if body["model"] in known:
            await wire.answer_json(200, COMPLETION)
        else:
            message = f"The model `{body['model']}` does not exist"
            await wire.answer_json(404, error(message, code="model_not_found"))

    return route


def server(chat: Route | None = None, listing: Route | None = None, base: str = "/v1") -> WireServer:
    """A target with these endpoints below its base; everything else is nginx' own 404."""
    routes = {("POST", f"{base}/chat/completions"): chat, ("GET", f"{base}/models"): listing}
    missing = gives(404, b"<html><title>404</title></html>", "Content-Type: text/html")

    async def handler(request: Received, wire: Wire) -> bool:
        await (routes.get((request.method, request.path)) or missing)(request, wire)
        return True

    return WireServer(handler)


def look(target: WireServer, base: str = "/v1", **options: Any) -> Smoke:
    return asyncio.run(smoke(Target(url=target.url + base, **{"timeout": 5.0, **options})))


def trouble(target: WireServer, base: str = "/v1", **options: Any) -> ChatconformError:
    with pytest.raises(ChatconformError) as raised:
        look(target, base, **options)
    message = str(raised.value) + str(getattr(raised.value, "hint", ""))
    assert KEY not in message
    assert "\n" not in message
    return raised.value


def hint(raised: ChatconformError) -> str:
    assert isinstance(raised, UsageError)
    return raised.hint or ""


def test_given_model_that_chats() -> None:
    """A target that answers is found fit, with the model that was asked for and all that it lists."""
    with server(chats_as("b"), models("a", "b")) as target:
        found = look(target, model="b", key=KEY, declared=frozenset({"auth"}))

    assert (found.model, found.models, found.declared) == ("b", ("a", "b"), frozenset({"auth"}))
    assert [exchange.step for exchange in found.exchanges] == ["models", "chat with max_completion_tokens"]
    assert [request.header("Authorization") for request in target.received] == [f"Bearer {KEY}"] * 2


def test_own_headers_are_sent() -> None:
    """Headers of the target go with every call, and may replace the key's."""
    with server(chats_as("m"), models("m")) as target:
        look(target, key=KEY, headers=(("authorization", "Custom x"), ("X-Team", "1")))

    assert {request.header("Authorization") for request in target.received} == {"Custom x"}
    assert {request.header("X-Team") for request in target.received} == {"1"}


def test_first_listed_model_that_chats_is_chosen() -> None:
    """Without a model, those that do not sound like chat are passed over, and those that refuse too."""
    ids = ("text-embedding-3-small", "whisper-1", "tts-1", "broken", "good", "better")
    with server(chats_as("good", "better"), models(*ids)) as target:
        found = look(target)

    assert found.model == "good"


@pytest.mark.parametrize(
    "listing",
    [
        [{"id": "m"}],
        ["m"],
        {"data": [{"id": "m"}]},
        {"models": [{"name": "m"}]},
        {"object": "list", "data": [{"id": 7}, None, {}, {"id": "m"}, {"id": "m"}]},
    ],
)
def test_odd_lists_of_models_are_read(listing: object) -> None:
    """Bare arrays, lists without `object` and other shapes that exist still name the models."""
    with server(chats_as("m"), gives(200, listing)) as target:
        assert look(target).models == ("m",)


def test_target_without_a_list_of_models() -> None:
    """Whoever gives a model needs no list."""
    with server(chats_as("m")) as target:
        found = look(target, model="m")

    assert (found.model, found.models) == ("m", ())


def refusing(*names: bytes) -> Route:
    """A target that refuses these parameters and cuts by any other limit."""

    async def route(request: Received, wire: Wire) -> None:
        refused = next((name.decode() for name in names if b'"' + name + b'"' in request.body), None)
        if refused:
            await wire.answer_json(400, error("Unknown parameter", param=refused))
        else:
            await wire.answer_json(200, COMPLETION)

    return route


@pytest.mark.parametrize(
    ("refused", "limit"),
    [
        ((), "max_completion_tokens"),
        ((b"max_completion_tokens",), "max_tokens"),
        ((b"max_tokens",), "max_completion_tokens"),
        ((b"max_completion_tokens", b"max_tokens"), ""),
    ],
)
def test_the_limit_that_a_target_knows_is_found(refused: tuple[bytes, ...], limit: str) -> None:
    """The documented name is tried first, then the old one, then none."""
    with server(refusing(*refused), models("m")) as target:
        assert look(target).limit == limit


@pytest.mark.parametrize(
    ("refused", "steady", "limit"),
    [
        ((), True, "max_completion_tokens"),
        ((b"temperature",), False, "max_completion_tokens"),
        ((b"temperature", b"max_completion_tokens"), False, "max_tokens"),
        ((b"max_tokens",), True, "max_completion_tokens"),
    ],
)
def test_a_target_that_takes_no_temperature_is_found_out(
    refused: tuple[bytes, ...], steady: bool, limit: str
) -> None:
    """Where temperature is refused by name, it is left out, and the limit is found all the same."""
    with server(refusing(*refused), models("m")) as target:
        found = look(target)

    assert (found.steady, found.limit) == (steady, limit)


@pytest.mark.parametrize("honoured", ["max_completion_tokens", "max_tokens", "neither"])
def test_a_limit_that_is_ignored_is_not_relied_on(honoured: str) -> None:
    """A target that ignores one name silently is bounded by the other; by the old one if it ignores both."""
    long = {**COMPLETION, "usage": {"prompt_tokens": 9, "completion_tokens": 79, "total_tokens": 88}}

    async def route(request: Received, wire: Wire) -> None:
        await wire.answer_json(200, COMPLETION if honoured.encode() in request.body else long)

    with server(route, models("m")) as target:
        assert look(target).limit == (honoured if honoured != "neither" else "max_tokens")


def test_rate_limit_is_waited_out_once() -> None:
    """A 429 that passes is no reason to give up."""
    left = [429]

    async def route(request: Received, wire: Wire) -> None:
        if left:
            await wire.answer_json(left.pop(), error("slow down"), "Retry-After: 0")
        else:
            await wire.answer_json(200, COMPLETION)

    with server(route, models("m")) as target:
        assert look(target).model == "m"


def test_nobody_listens() -> None:
    """A refused connection is the target's fault, and names the place."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(Unreachable, match=r"Connection refused; check the URL, and that the server runs"):
            asyncio.run(smoke(Target(url=url, model="m", timeout=5)))


def test_unknown_host() -> None:
    """A name that does not resolve is shown."""
    with pytest.raises(Unreachable, match=r"'nobody\.invalid' cannot be resolved"):
        asyncio.run(smoke(Target(url="http://nobody.invalid/v1", model="m", timeout=5)))


def test_untrusted_certificate(tmp_path: Path) -> None:
    """A self-signed certificate is named as the reason, with what to do about it."""
    if which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
    arguments = [*command.split(), "-subj", "/CN=localhost", "-keyout", "k", "-out", "c"]
    subprocess.run(arguments, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c", tmp_path / "k")
    plain = server(chats_as("m"), models("m"))
    with WireServer(plain.handler, tls=context) as secure:
        raised = trouble(secure, model="m")

    assert isinstance(raised, TlsFailure)
    assert "self-signed certificate; use a certificate that this machine trusts (SSL_CERT_FILE" in str(raised)


def test_time_out() -> None:
    """A target that never answers is unreachable, and says after how long."""

    async def stall(_: Received, wire: Wire) -> None:
        await wire.stall()

    with server(stall, models("m")) as target:
        raised = trouble(target, timeout=0.3)

    assert isinstance(raised, Unreachable)
    assert "no answer came within 0.3 s" in str(raised)


def test_stalled_answer_is_not_measured() -> None:
    """A target that begins an answer and stops is there, but cannot be judged."""

    async def stall(_: Received, wire: Wire) -> None:
        await wire.send(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"choices"')
        await wire.stall()

    with server(stall, models("m")) as target:
        raised = trouble(target, timeout=0.3)

    assert isinstance(raised, NotMeasured)
    assert "did not end within 0.3 s" in str(raised)


def test_redirect() -> None:
    """A redirect tells the URL to give instead."""
    moved = gives(308, b"", "Location: https://api.example.com/v1/chat/completions")
    with server(moved, moved) as target:
        for model in ("m", ""):
            raised = trouble(target, model=model)
            assert isinstance(raised, UsageError)
            assert "redirects to https://api.example.com/v1/chat/completions" in str(raised)


def test_web_page() -> None:
    """A web page instead of JSON means that the URL is not that of the API."""
    page = gives(200, b"<!DOCTYPE html><title>UI</title>", "Content-Type: text/html")
    with server(page, page) as target:
        raised = trouble(target, model="m")

    assert isinstance(raised, UsageError)
    assert "a web page instead of JSON" in str(raised)


@pytest.mark.parametrize("model", ["m", ""])
def test_forgotten_v1(model: str) -> None:
    """Where /v1 was forgotten, the API is looked for there, and the right URL told."""
    with server(chats_as("m"), models("m")) as target:
        raised = trouble(target, "", model=model)

    assert isinstance(raised, UsageError)
    assert "did you forget /v1?" in str(raised)
    assert hint(raised) == f"Use {target.url}/v1"


def test_forgotten_v1_where_a_key_is_missing() -> None:
    """An API that refuses us below /v1 is an API."""
    refusal = gives(401, error("no key"))
    with server(refusal, refusal) as target:
        assert "did you forget /v1?" in str(trouble(target, "", model="m"))


def test_wrong_path_without_an_api_below_v1() -> None:
    """Nothing is suggested that was not seen to answer."""
    with server() as target:
        raised = trouble(target, "/api", model="m")

    assert isinstance(raised, UsageError)
    assert "there is no such endpoint" in str(raised)
    assert "did you forget" not in str(raised)
    assert any(request.path == "/api/v1/models" for request in target.received)


def test_wrong_path_at_an_api_that_speaks_json() -> None:
    """A 404 in the API's own words is still no endpoint."""

    async def handler(_: Received, wire: Wire) -> bool:
        await wire.answer_json(404, error("Unknown request URL"))
        return True

    with WireServer(handler) as target:
        raised = trouble(target, "/v1/x", model="m")

    assert "there is no such endpoint (Unknown request URL)" in str(raised)


def test_forgotten_v1_where_the_model_is_unknown_too() -> None:
    """A 404 about the model shows that the endpoint is there."""
    with server(chats_as()) as target:
        assert "did you forget /v1?" in str(trouble(target, "", model="m"))


@pytest.mark.parametrize("status", [401, 403])
def test_missing_key(status: int) -> None:
    """Without a key, the variable to set is named."""
    refusal = gives(status, error("You didn't provide an API key"))
    with server(refusal, refusal) as target:
        for model in ("m", ""):
            raised = trouble(target, model=model, key_env="MY_KEY")
            assert isinstance(raised, UsageError)
            assert "asks for a key, and none was given" in str(raised)
            assert "MY_KEY" in hint(raised)


def test_wrong_key() -> None:
    """A refused key is named by its variable, even where the target repeats the key itself."""
    refusal = gives(401, error(f"Incorrect API key provided: {KEY}"))
    with server(refusal, refusal) as target:
        raised = trouble(target, model="m", key=KEY, key_env="MY_KEY")

    assert "does not accept the key (Incorrect API key provided: [redacted])" in str(raised)
    assert "MY_KEY" in hint(raised)


def test_unknown_model() -> None:
    """The models that the target offers are told, the nearest first, ten at most."""
    ids = [f"other-{n}" for n in range(12)] + ["gpt-4o-mini"]
    with server(chats_as(), models(*ids)) as target:
        raised = trouble(target, model="gpt4o-mini")

    assert isinstance(raised, UsageError)
    assert "does not know the model 'gpt4o-mini'" in str(raised)
    assert hint(raised).startswith("It offers: gpt-4o-mini, other-")
    assert hint(raised).endswith("and 3 more.")


def test_no_listed_model_chats() -> None:
    """Three models are tried at most; then the user has to say which."""
    with server(chats_as(), models("a", "b", "c", "d")) as target:
        raised = trouble(target)

    assert isinstance(raised, UsageError)
    assert "none of the models a, b, c" in str(raised)
    assert "such as d" in hint(raised)
    assert sum(request.method == "POST" for request in target.received) == 3


def test_no_model_to_be_found() -> None:
    """Without a model and without a list, the user has to give one."""
    for listing, said in ((models(), "lists none"), (gives(500, error("down")), "answered 500")):
        with server(chats_as("m"), listing) as target:
            raised = trouble(target)
        assert isinstance(raised, UsageError)
        assert said in str(raised)
        assert "--model" in hint(raised)


@pytest.mark.parametrize(
    ("route", "said"),
    [
        (
            gives(429, error("quota exceeded"), "Retry-After: 0"),
            "answered 429, too many requests (quota exceeded)",
        ),
        (gives(500, error("out of memory")), "answered 500 (out of memory); look into the server's log"),
        (gives(502, b"<html>bad gateway</html>", "Content-Type: text/html"), "answered 502;"),
        (gives(400, error("messages too short")), "refused the smallest chat request with 400 (messages too"),
        (gives(422, {"detail": "no"}), "with 422 (no)"),
        (gives(200, b"hello"), "answered 200 with no JSON: 'hello'"),
        (gives(200, {"id": 1}), "answered JSON, but no completion: '{\"id\": 1}'"),
        (gives(200, {"choices": []}), "no completion"),
        (gives(200, b"\x1f\x8bnope", "Content-Encoding: gzip"), "with no JSON"),
    ],
)
def test_answers_that_cannot_be_judged(route: Route, said: str) -> None:
    """A target that answers, but not with a completion, is not measured, and its words are told."""
    with server(route, models("m")) as target:
        raised = trouble(target, model="m")

    assert isinstance(raised, NotMeasured)
    assert said in str(raised)


def test_failing_gateway_may_mean_an_unlisted_model() -> None:
    """Gateways answer 503 for models that they do not have: then the offer is told as well."""
    with server(gives(503, error("no channel")), models("a", "b")) as target:
        raised = trouble(target, model="x")

    assert "it does not list the model 'x'; it offers a, b" in str(raised)


def test_hang_up_is_not_measured() -> None:
    """A target that closes the connection without a word was reached, but said nothing."""

    async def hang_up(_: Received, wire: Wire) -> None:
        wire.writer.close()

    with server(hang_up, hang_up) as target:
        assert isinstance(trouble(target, model="m"), NotMeasured)


def test_key_that_no_header_can_hold() -> None:
    """A key with a line break in it is the user's mistake, and is not shown."""
    with server(chats_as("m"), models("m")) as target, pytest.raises(UsageError) as raised:
        look(target, model="m", key=f"{KEY}\n")

    assert KEY not in str(raised.value)


def test_likely_models_are_only_a_guess() -> None:
    """If nothing sounds like chat, everything is tried."""
    assert likely_to_chat(["text-embedding-3", "gpt"]) == ("gpt",)
    assert likely_to_chat(["tts-1"]) == ("tts-1",)


def test_nearest_first() -> None:
    """Names are ranked by likeness, whatever their case."""
    assert nearest("LLAMA", ["qwen", "llama-3"]) == "llama-3, qwen"


def test_a_web_page_where_no_model_was_given_is_told_as_one() -> None:
    """A site that answers pages to everything is told as that, also where a model would have to be found."""

    async def page(_: Received, wire: Wire) -> None:
        await wire.answer(200, b"<html><body>Welcome</body></html>", "Content-Type: text/html")

    with server(page, page) as target, pytest.raises(UsageError, match="web page"):
        look(target)
