"""The reference server hands out its contract, and a page to read and try it that needs no other machine."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from openapi_spec_validator import validate

from chatconform.contract import load_contract
from chatconform.reference_server import ModelCard, Settings, create_app
from chatconform.reference_server.threaded import ThreadedServer


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    settings = Settings(keys=("sk-test-0123456789abcdef",), models=(ModelCard(id="my-model"),))
    with (
        ThreadedServer(create_app(load_contract(), settings)) as server,
        httpx2.Client(base_url=server.site) as client,
    ):
        yield client


@pytest.mark.parametrize(("path", "version"), [("/openapi.json", "3.2."), ("/openapi-3.1.json", "3.1.")])
def test_documents(client: httpx2.Client, path: str, version: str) -> None:
    """Both forms of the contract are valid OpenAPI, need no key, and point to this server."""
    response = client.get(path)

    document = response.json()
    validate(document)
    assert response.headers["content-type"] == "application/json"
    assert document["openapi"].startswith(version)
    assert document["servers"][0]["url"] == "/v1"
    assert "x-request-id" in response.headers


def test_examples_are_answered(client: httpx2.Client) -> None:
    """What the page sends when nothing is changed is served."""
    document: dict[str, Any] = client.get("/openapi.json").json()
    examples = document["paths"]["/chat/completions"]["post"]["requestBody"]["content"]["application/json"][
        "examples"
    ]
    headers = {"authorization": "Bearer sk-test-0123456789abcdef"}

    statuses = {
        name: client.post("/v1/chat/completions", json=example["value"], headers=headers).status_code
        for name, example in examples.items()
    }

    assert statuses == dict.fromkeys(examples, 200)


def test_page(client: httpx2.Client) -> None:
    """The page and everything it names come from this server."""
    page = client.get("/", follow_redirects=True)

    named = re.findall(r'(?:src|href|url)[=:] ?"([^"]+)"', page.text)
    assert page.headers["content-type"].startswith("text/html")
    assert len(named) == 4
    assert not [name for name in named if "//" in name]
    assert [client.get(f"/{name}").status_code for name in named] == [200] * 4


@pytest.mark.parametrize("path", ["/docs/assets/nope.js", "/docs/assets/..%2f..%2f__init__.py", "/docs/nope"])
def test_no_such_page(client: httpx2.Client, path: str) -> None:
    """Other paths are a 404 with the error object, and lead nowhere outside."""
    response = client.get(path)

    assert response.status_code == 404
    assert response.json()["error"]["message"]


def test_page_is_read_only(client: httpx2.Client) -> None:
    """The page has no method but reading."""
    response = client.post("/docs")

    assert response.status_code == 405
    assert "GET" in response.headers["allow"]
    assert response.json()["error"]["message"]
