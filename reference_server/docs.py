"""The contract as documents and as a page to read and try out; everything is served from this machine.

The page is Swagger UI. Its files come with the package `flask-swagger-ui`, whose newest releases follow the
releases of Swagger UI closely; only the files are used, Flask is never imported.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from chatconform.contract import Contract
from chatconform.errors import HarnessError
from chatconform.reference_server.refusal import INVALID_REQUEST, error_document
from chatconform.reference_server.settings import Settings

PAGE = "/docs"
DOCUMENT = "/openapi.json"
DOCUMENT_3_1 = "/openapi-3.1.json"
_PACKAGE = "flask_swagger_ui"
Endpoint = Callable[[Request], Awaitable[Response]]

_HTML = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
<link rel="icon" type="image/png" sizes="32x32" href="docs/assets/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({{
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
}});
</script>
</body>
</html>
"""


def docs_app(contract: Contract, settings: Settings) -> Starlette:
    """Return the app behind the paths that are not the API's."""
    page = _HTML.format(title=contract.document["info"]["title"])
    documents = {
        DOCUMENT: _served(contract.copy(), settings),
        DOCUMENT_3_1: _served(contract.view_3_1(), settings),
    }
    return Starlette(
        routes=[
            *(Route(path, _constant(content, "application/json")) for path, content in documents.items()),
            Mount(f"{PAGE}/assets", StaticFiles(directory=assets())),
            Route(PAGE, _constant(page.encode(), "text/html")),
            Route("/", _home),
        ],
        exception_handlers={HTTPException: _error},
    )


def serves(path: str) -> bool:
    """Tell whether a path belongs to the documents and their page."""
    return path in ("/", PAGE, DOCUMENT, DOCUMENT_3_1) or path.startswith(f"{PAGE}/assets/")


def _served(document: dict[str, Any], settings: Settings) -> bytes:
    """Return the document of this very server, so that what the page sends by default is answered here."""
    # A relative URL makes the page call the server that it came from.
    document["servers"] = [{"url": settings.base_path, "description": "This server."}]
    for body in _examples(document):
        body["model"] = settings.models[0].id
    return orjson.dumps(document)


def _examples(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the example bodies of all operations."""
    for item in document["paths"].values():
        for operation in item.values():
            content = operation.get("requestBody", {}).get("content", {})
            for form in content.values():
                yield from (example["value"] for example in form.get("examples", {}).values())


def _constant(content: bytes, media_type: str) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        return Response(content, media_type=media_type)

    return endpoint


async def _home(_: Request) -> Response:
    return RedirectResponse(PAGE)


async def _error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    document = error_document(error.detail, kind=INVALID_REQUEST)
    return Response(
        orjson.dumps(document),
        status_code=error.status_code,
        media_type="application/json",
        headers=error.headers,
    )


def assets() -> Path:
    """The folder of Swagger UI's files."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise HarnessError(f"the package {_PACKAGE!r} is missing from this installation; reinstall it")
    return Path(spec.submodule_search_locations[0]) / "dist"
