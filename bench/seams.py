"""What the seams of the reference server cost: nothing where no fault is asked for, little where one is.

    uv run python bench/seams.py

Prints ratios of CPU time within one process, between rounds that take turns: a request that names no fault,
one with a fault that only the model meets, and one whose every chunk is written anew, each to the server
without seams.
"""

import asyncio
import time
from collections.abc import Mapping
from statistics import median
from typing import Any

import httpx2

from chatconform.contract import load_contract
from chatconform.reference_server import Settings, create_app
from chatconform.reference_server.altering import Altering
from chatconform.reference_server.faults.alterations import making

BODY = {
    "model": "reference-1",
    "messages": [{"role": "user", "content": "Count from 1 to 40 in digits, separated by spaces."}],
    "stream": True,
}
ROUNDS, REQUESTS = 15, 12


async def spent(client: httpx2.AsyncClient) -> float:
    """The CPU seconds of some requests."""
    begun = time.process_time()
    for _ in range(REQUESTS):
        response = await client.post("/v1/chat/completions", json=BODY)
        assert response.status_code == 200
    return time.process_time() - begun


async def main() -> None:
    """Measure all servers in turn and print their ratios."""
    app = create_app(load_contract(), Settings())
    assert isinstance(app, Altering)
    model = making.model_body(making.setting(seed=1))
    chunks = making.chunk(making.setting(system_fingerprint="fp"))
    apps: Mapping[str, Any] = {
        "without seams": app.inner,
        "no fault asked for": app,
        "a fault of the model": Altering(app.inner, lambda _: (model,)),
        "a fault of every chunk": Altering(app.inner, lambda _: (chunks,)),
    }
    clients = {
        name: httpx2.AsyncClient(transport=httpx2.ASGITransport(each), base_url="http://bench.invalid")
        for name, each in apps.items()
    }
    rounds = [{name: await spent(client) for name, client in clients.items()} for _ in range(ROUNDS)]
    for name in apps:
        ratio = median(each[name] / each["without seams"] for each in rounds)
        print(f"{ratio:.2f} x  {name}")


if __name__ == "__main__":
    asyncio.run(main())
